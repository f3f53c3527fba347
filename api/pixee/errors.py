"""The errors and warnings of an import job: a page of them, and the whole report."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, ImportsReader
from api.paging import Page, PageNumber, offset
from api.pixee.jobs import ImportId, find
from api.problems import invalid
from api.services import ApiServices, Services
from api.texts import Search
from api.times import Seconds
from pim_pipelines.file_names import attachment
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.store import error_reads
from pim_pipelines.store.error_reads import RowError

router = APIRouter(prefix=PREFIX, tags=["imports"])

REPORT_COLUMNS = ("row_number", "severity", "error_type", "field", "message", "raw_value")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ErrorShown(BaseModel):
    """What is wrong with a row; with severity `warning` the row was loaded all the same."""

    row_number: int = Field(description="1-based, data rows only", examples=[42])
    severity: Severity = Field(examples=["error"])
    error_type: ErrorType = Field(examples=["ean_invalid"])
    field: str | None = Field(examples=["ean"])
    message: str = Field(examples=["EAN checksum invalid (expected 13 digits)"])
    raw_value: str | None = Field(examples=["123ABC7890"])
    created_at: Seconds


@router.get("/imports/{import_id:uuid}/errors", responses=problems(404), summary="Job errors")
def list_errors(
    *,
    import_id: ImportId,
    key: ImportsReader,
    services: Services,
    error_type: Annotated[ErrorType | None, Query(description="Filter by error type.")] = None,
    severity: Annotated[Severity | None, Query(description="Filter by severity.")] = None,
    search: Annotated[Search | None, Query(description="Search within the messages, without regard to case.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=200, description="Items per page, max 200.")] = 50,
) -> Page[ErrorShown]:
    """List the errors and warnings of a job by row. Before processing the list is empty.

    A job keeps up to a million of them; the whole list in one file is at `…/report`.
    """
    with services.connection() as conn:
        job = find(conn, key, import_id)
        found, total = error_reads.list_page(
            conn,
            job.id,
            error_type=error_type,
            severity=severity,
            search=search,
            limit=per_page,
            offset=offset(page, per_page),
        )
    shown = (ErrorShown.model_validate(item, from_attributes=True) for item in found)
    return Page[ErrorShown].of(shown, total, page, per_page)


@router.get(
    "/imports/{import_id:uuid}/report",
    response_class=StreamingResponse,
    responses=problems(404)
    | {200: {"description": "The report.", "content": {"text/csv": {"schema": {"type": "string"}}}}},
    summary="Error report",
)
def report(
    import_id: ImportId,
    key: ImportsReader,
    services: Services,
    format_: Annotated[str, Query(alias="format", description="`csv`; `xlsx` comes with a later version.")] = "csv",
) -> StreamingResponse:
    """Download all errors and warnings as CSV (UTF-8 with BOM), a line each.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    if format_ != "csv":
        raise invalid("format", "The report comes as csv in this version: leave `format` out.", "unsupported")
    with services.connection() as conn:
        job = find(conn, key, import_id)
    return StreamingResponse(
        _lines(services, job.id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": attachment(f"{job.file_name or 'import'}-errors.csv")},
    )


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
