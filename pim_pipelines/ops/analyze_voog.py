"""What analyze does for a task of the second API: nothing is guessed, and it always ends ready, or goes on.

Whoever queues the task while its file is read only sets `go_through`; that is asked in the transaction that makes it
ready, so that neither is lost.
"""

from typing import Any

from dagster import MetadataValue

from pim_pipelines import metadata
from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.analysis import VoogAnalysis, analyse
from pim_pipelines.importing.voog.attributes import check_fit
from pim_pipelines.ops.border import advance
from pim_pipelines.resources import Catalogue, FileStore
from pim_pipelines.settings import settings
from pim_pipelines.store import moves
from pim_pipelines.store.jobs import Job


def read(job: Job, file_store: FileStore) -> VoogAnalysis:
    """Read the task's file into its `rows.parquet`; raises the FileError tree."""
    files = file_store.open()
    with files.local(job.source_key) as source, files.create(job.rows_key) as rows:
        return analyse(
            source, job.file_name or "", rows, max_bytes=settings().max_file_bytes, mapping=job.column_mapping
        )


def save(catalogue: Catalogue, job: Job, found: VoogAnalysis) -> JobStatus:
    """Write what was found, and move the task on; raises JobGone, and InvalidField where the mapping does not fit.

    What was found is kept then too: the API says every reason from it.
    """
    assert job.run_id is not None  # noqa: S101 - the job is this run's
    with catalogue.connect() as conn:
        goes_on = moves.save_analysis(
            conn,
            job.uuid,
            job.run_id,
            analysis=found.described(),
            suggested_mapping=None,
            total_rows=found.table.total_rows,
            file_type=str(found.table.file_type),
            column_mapping=found.column_mapping,
        )
        misfit = _misfit(job, found)
        if misfit is None:
            way = [JobStatus.READY, JobStatus.PROCESSING] if goes_on else [JobStatus.READY]
            return advance(conn, job, way)
    raise misfit


def _misfit(job: Job, found: VoogAnalysis) -> InvalidField | None:
    if job.import_options.get("validate_mapping"):
        try:
            check_fit(found.column_mapping, found.table.columns, job.import_options["match_key"])
        except InvalidField as error:
            return error
    return None


def described(found: VoogAnalysis, status: str, seconds: float) -> dict[str, Any]:
    """Give what the run's page shows of an analysis."""
    table = found.table
    rows = [
        {
            "column": name,
            "attribute": found.column_mapping.get(str(place)) or "",
            "first value": next((str(row[place]) for row in table.first_cells if row[place] not in (None, "")), ""),
        }
        for place, name in enumerate(table.columns[: metadata.MOST_COLUMNS])
    ]
    return {
        "status": MetadataValue.text(status),
        "rows": table.total_rows,
        "rows per second": metadata.rate(table.total_rows, seconds),
        "format": ", ".join(str(part) for part in (table.file_type, table.encoding, table.delimiter) if part),
        "columns": metadata.columns(rows),
        "first rows": metadata.preview(table.sample),
        "warnings": metadata.bullets(table.warnings),
    }
