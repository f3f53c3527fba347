"""preview: a dry run, which shows what an import would do and changes nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dagster import Nothing, OpExecutionContext, Out, Output, op

from pim_pipelines.errors import ImportFailed, InvalidField, MappingRequired, PimError
from pim_pipelines.files import FileStore as Files
from pim_pipelines.importing.analysis import ColumnMapping, analyse
from pim_pipelines.importing.options import check_mapping
from pim_pipelines.importing.pipeline import CheckSpec
from pim_pipelines.loading import preview as previewing
from pim_pipelines.loading import stage
from pim_pipelines.ops.border import UNEXPECTED, failure, left_to_sensor, run_id_of
from pim_pipelines.ops.checking import check_and_plan, checked_key, errors_key, spec_of, work_of
from pim_pipelines.resources import Catalogue, FileStore, ImportJob
from pim_pipelines.settings import settings
from pim_pipelines.store import jobs, previews, templates
from pim_pipelines.store.jobs import Job

NO_MAPPING = (
    "There is no mapping to preview with, and none could be suggested with an identifier (ean or sku) in it: "
    "save-mapping first."
)


@op(
    description=(
        "Checks every row of an import's file and plans what it would do, with the mapping that was saved, else the "
        "suggested one. The result is what the API's dry-run answers; neither the import nor the catalogue changes."
    ),
    out={"previewed": Out(Nothing, is_required=False, description="the result is there for the API")},
    tags={"dagster/compute_kind": "polars"},
)
def preview(
    context: OpExecutionContext, import_job: ImportJob, catalogue: Catalogue, file_store: FileStore
) -> Iterator[Output[None]]:
    """Claim the dry run, carry it out, and keep its result."""
    with catalogue.connect() as conn:
        job = jobs.get(conn, import_job.uuid)
        is_ours = job is not None and previews.claim(conn, job.id, run_id_of(context))
    if job is None or not is_ours:
        context.log.warning("The import is gone, or another run previews it: nothing to do.")
        return
    with _border(context, catalogue, job):
        result, shown = previewed(context, job, catalogue, file_store.open())
        with catalogue.connect() as conn:
            previews.finish(conn, job.id, run_id_of(context), result)
    yield Output(None, "previewed", metadata=shown)


def previewed(
    context: OpExecutionContext, job: Job, catalogue: Catalogue, files: Files
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the documented answer and what the run's page shows; leaves nothing behind."""
    run_id = run_id_of(context)
    with ExitStack() as stack:
        stack.callback(files.delete, f"{job.folder}/{run_id}")
        rows, spec = _rows(job, catalogue, files, stack, f"{job.folder}/{run_id}/rows.parquet")
        good = stack.enter_context(files.create(checked_key(job, run_id)))
        bad = stack.enter_context(files.create(errors_key(job, run_id)))
        work = work_of(job, spec, run_id)
        stack.callback(stage.drop, catalogue.connect, work)
        found = check_and_plan(
            context,
            catalogue,
            work,
            spec,
            rows_path=rows,
            checked_path=good,
            errors_path=bad,
            total_rows=job.total_rows,
        )
        return previewing.preview(catalogue.connect, work, good, bad), found.described()


def _rows(job: Job, catalogue: Catalogue, files: Files, stack: ExitStack, own_key: str) -> tuple[Path, CheckSpec]:
    """Return the job's rows and what to check them by; a job that nobody has analysed yet is read for this run only."""
    if job.analysis and files.exists(job.rows_key):
        columns: list[str] = job.analysis["columns"]
        suggested = {name: found["field"] for name, found in (job.suggested_mapping or {}).items()}
        rows = stack.enter_context(files.local(job.rows_key))
        return rows, spec_of(job, columns, _mapping(job.column_mapping or suggested, columns))
    if not files.exists(job.source_key):
        raise ImportFailed("The file of this import is no longer in the file store. Upload it again as a new import.")
    with catalogue.connect() as conn:
        template = templates.by_id(conn, job.template_id) if job.template_id else None
    rows = stack.enter_context(files.create(own_key))
    source = stack.enter_context(files.local(job.source_key))
    found = analyse(
        source,
        job.file_name or "",
        rows,
        import_options=job.import_options,
        max_bytes=settings().max_file_bytes,
        own_mapping=job.column_mapping,
        template=template.column_mapping if template else None,
    )
    suggested = {name: suggestion.field for name, suggestion in found.suggestions.items()}
    return rows, spec_of(job, found.table.columns, _mapping(found.column_mapping or suggested, found.table.columns))


def _mapping(wanted: ColumnMapping, columns: list[str]) -> ColumnMapping:
    try:
        return check_mapping(wanted, columns)
    except InvalidField as error:
        raise MappingRequired(NO_MAPPING) from error


@contextmanager
def _border(context: OpExecutionContext, catalogue: Catalogue, job: Job) -> Iterator[None]:
    """Keep why a dry run failed; one that was interrupted is closed by the sensor."""
    try:
        yield
    except PimError as error:
        _fail(context, catalogue, job, str(error), error.code)
        raise failure(context, error) from None
    except Exception:
        _fail(context, catalogue, job, UNEXPECTED.format(run_id=context.run_id), "INTERNAL_ERROR")
        raise


def _fail(context: OpExecutionContext, catalogue: Catalogue, job: Job, sentence: str, code: str) -> None:
    with left_to_sensor(context, "The dry run could not be marked failed now"), catalogue.connect() as conn:
        previews.fail(conn, job.id, run_id_of(context), sentence, code)
