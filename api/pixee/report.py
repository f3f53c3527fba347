"""The whole report of an import job: its errors as CSV, or the rows of its file with the errors beside them."""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import IO, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api import report_workbooks
from api.answers import problems
from api.auth import PREFIX, ImportsReader
from api.pixee.jobs import ImportId, find
from api.services import ApiServices, Services
from pim_pipelines.file_names import attachment
from pim_pipelines.store import error_reads
from pim_pipelines.store.error_reads import RowError
from pim_pipelines.store.jobs import Job

router = APIRouter(prefix=PREFIX, tags=["imports"])

REPORT_COLUMNS = ("row_number", "severity", "error_type", "field", "message", "raw_value")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BLOCK_BYTES = 1 << 18


class ReportFormat(StrEnum):
    """What a report can be."""

    CSV = "csv"
    XLSX = "xlsx"


class Rows(StrEnum):
    """Which rows of the file a workbook has."""

    FAILED = "failed"
    ALL = "all"


@router.get(
    "/imports/{import_id:uuid}/report",
    response_class=StreamingResponse,
    responses=problems(404, 409)
    | {
        200: {
            "description": "The report.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
    summary="Error report",
)
def report(
    import_id: ImportId,
    key: ImportsReader,
    services: Services,
    format_: Annotated[
        ReportFormat, Query(alias="format", description="`csv`: a line each; `xlsx`: the file's rows, to be corrected.")
    ] = ReportFormat.CSV,
    rows: Annotated[Rows | None, Query(description="Which rows of the file the workbook has; see below.")] = None,
) -> StreamingResponse:
    """Download all errors and warnings.

    **csv** (UTF-8 with BOM) has a line each. Cells that a spreadsheet would take for a formula begin with an
    apostrophe.

    **xlsx** has the rows of the file that failed, as they were read, all cells as text; behind its columns stand
    `import_errors`, `import_warnings` (what was found in the row) and `import_row` (its number). The cells concerned
    are coloured. Correct them and upload the workbook, with the same template or mapping and options: only its rows
    are imported, and our three columns are ignored. All rows come with `rows=all`, and without `rows` where the others
    have not been loaded either (the job is not completed) or would be missed (`deactivate_missing`), unless they are
    more than a workbook can hold. While the job's file has not been read there is nothing to give back: 409
    `FILE_NOT_READ`.
    """
    with services.connection() as conn:
        job = find(conn, key, import_id)
    if format_ is ReportFormat.XLSX:
        return _workbook(services, job, rows)
    return StreamingResponse(
        _lines(services, job.id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": attachment(f"{job.file_name or 'import'}-errors.csv")},
    )


def _workbook(services: ApiServices, job: Job, rows: Rows | None) -> StreamingResponse:
    file = report_workbooks.make(services, job, only_failed=None if rows is None else rows is Rows.FAILED)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return StreamingResponse(
        _bytes(file),
        media_type=XLSX,
        headers={
            "Content-Disposition": attachment(f"{job.file_name or 'import'}-errors.xlsx"),
            "Content-Length": str(size),
        },
    )


def _bytes(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _lines(services: ApiServices, import_id: int) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _csv([REPORT_COLUMNS])
    for block in error_reads.blocks(services.connection, import_id):
        yield _csv([_cells(item) for item in block])


def _cells(item: RowError) -> tuple[str, ...]:
    values = (getattr(item, name) for name in REPORT_COLUMNS)
    return tuple(_harmless("" if value is None else str(value)) for value in values)


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
