"""analyze: read the file once, find out what its columns are, and decide how far the job goes by itself."""

import time
from collections.abc import Iterator
from typing import Any

from dagster import In, MetadataValue, Nothing, OpExecutionContext, Out, Output, op
from psycopg import Connection

from pim_pipelines import metadata
from pim_pipelines.importing.analysis import Analysis, analyse
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.analysis import VoogAnalysis
from pim_pipelines.ops import analyze_voog
from pim_pipelines.ops.border import advance, border, current, run_id_of
from pim_pipelines.resources import Catalogue, FileStore, ImportJob
from pim_pipelines.settings import settings
from pim_pipelines.store import moves, templates
from pim_pipelines.store.jobs import Job

NEXT = {
    JobStatus.AWAITING_MAPPING: "a mapping is wanted: save-mapping, then start-processing",
    JobStatus.READY: "start-processing checks and loads it",
    JobStatus.PROCESSING: "it goes on to be checked and loaded",
}


VOOG_NEXT = NEXT | {JobStatus.READY: "PUT …/queue imports it"}


@op(
    description=(
        "Reads the file into `rows.parquet`, profiles its columns and suggests a mapping. The run ends here, green, "
        "where a mapping is still wanted or nobody has asked to go on."
    ),
    ins={"received": In(Nothing)},
    out={
        "analysis": Out(Nothing, description="what was found in the file"),
        "go_on": Out(Nothing, is_required=False, description="the import is to be checked and loaded now"),
    },
    tags={"dagster/compute_kind": "pandas"},
)
def analyze(
    context: OpExecutionContext, import_job: ImportJob, catalogue: Catalogue, file_store: FileStore
) -> Iterator[Output[None]]:
    """Write the analysis to the job and move it on."""
    found: Analysis | VoogAnalysis | None = None
    with border(context, catalogue, import_job):
        job = current(catalogue, import_job, run_id_of(context))
        status, started = job.status, time.monotonic()
        if status is JobStatus.ANALYZING:
            if job.voog_id is None:
                found = read(job, catalogue, file_store)
                with catalogue.connect() as conn:
                    status = save(conn, job, found)
            else:
                found = analyze_voog.read(job, file_store)
                status = analyze_voog.save(catalogue, job, found)
            context.log.info(
                f"{found.table.total_rows:,} rows of {len(found.table.columns)} columns, {found.table.file_type}; "
                f"the import is {status}: {next_of(found, status)}."
            )
    yield Output(None, "analysis", metadata=shown(found, status, time.monotonic() - started))
    if status is JobStatus.PROCESSING:
        yield Output(None, "go_on")


def read(job: Job, catalogue: Catalogue, file_store: FileStore) -> Analysis:
    """Read the job's file into its `rows.parquet`; raises the FileError tree."""
    with catalogue.connect() as conn:
        template = templates.by_id(conn, job.template_id) if job.template_id else None
    files = file_store.open()
    with files.local(job.source_key) as source, files.create(job.rows_key) as rows:
        return analyse(
            source,
            job.file_name or "",
            rows,
            import_options=job.import_options,
            max_bytes=settings().max_file_bytes,
            own_mapping=job.column_mapping,
            template=template.column_mapping if template else None,
        )


def save(conn: Connection[Any], job: Job, found: Analysis) -> JobStatus:
    """Write what was found, and move the job as far as it may go by itself; raises JobGone."""
    assert job.run_id is not None  # noqa: S101 - the job is this run's
    goes_through = moves.save_analysis(
        conn,
        job.uuid,
        job.run_id,
        analysis=found.described(),
        suggested_mapping=found.suggested_mapping(),
        total_rows=found.table.total_rows,
        file_type=str(found.table.file_type),
        column_mapping=found.column_mapping,
    )
    way = [JobStatus.READY if found.column_mapping else JobStatus.AWAITING_MAPPING]
    # A config's own mapping or template decides; where it no longer fits the file, a person does.
    is_decided = job.column_mapping is not None or job.template_id is None
    if found.column_mapping and ((goes_through and is_decided) or (job.auto_process and found.fits_template)):
        way.append(JobStatus.PROCESSING)
    return advance(conn, job, way)


def next_of(found: Analysis | VoogAnalysis, status: JobStatus) -> str:
    """Say what comes after a status, of an import or of a task of the second API."""
    return (VOOG_NEXT if isinstance(found, VoogAnalysis) else NEXT)[status]


def shown(found: Analysis | VoogAnalysis | None, status: JobStatus, seconds: float) -> dict[str, Any]:
    """Give what the run's page shows."""
    match found:
        case None:
            return {"analysed": "by an earlier run"}
        case VoogAnalysis():
            return analyze_voog.described(found, f"{status}: {next_of(found, status)}", seconds)
        case _:
            return described(found, status, seconds)


def described(found: Analysis, status: JobStatus, seconds: float) -> dict[str, Any]:
    """Give what the run's page shows of an analysis."""
    table = found.table
    rows = [
        {
            "column": column.name,
            "field": found.suggestions[column.name].field or "",
            "confidence": float(found.suggestions[column.name].confidence),
            "reason": found.suggestions[column.name].reason,
            "type": column.type,
            "filled": f"{column.fill:.0%}",
            "example": column.examples[0] if column.examples else "",
        }
        for column in found.profile.columns[: metadata.MOST_COLUMNS]
    ]
    return {
        "status": MetadataValue.text(f"{status}: {NEXT[status]}"),
        "rows": table.total_rows,
        "rows per second": metadata.rate(table.total_rows, seconds),
        "format": ", ".join(str(part) for part in (table.file_type, table.encoding, table.delimiter) if part),
        "detected columns": metadata.columns(rows),
        "first rows": metadata.preview(table.sample),
        "warnings": metadata.bullets(found.warnings),
    }
