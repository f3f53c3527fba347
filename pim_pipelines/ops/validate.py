"""validate: check every row, stage the keys, plan what each row does, and stop where the job's limits say so."""

from collections.abc import Iterator
from typing import Any

from dagster import In, Nothing, OpExecutionContext, Out, Output, op

from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.options import too_many_errors
from pim_pipelines.loading.refusal import refuse
from pim_pipelines.ops import voog_rows
from pim_pipelines.ops.border import border, claim, run_id_of
from pim_pipelines.ops.checking import check_and_plan, checked_key, errors_key, spec_of, work_of
from pim_pipelines.resources import Catalogue, FileStore, ImportJob
from pim_pipelines.store.jobs import Job


@op(
    description=(
        "Applies the mapping and the rules to every row, decides which product each row means, and plans what happens "
        "to it. Nothing in the catalogue is touched; an import with more errors than it allows ends here."
    ),
    ins={"go_on": In(Nothing)},
    out={"checked": Out(Nothing, is_required=False, description="every row is checked and has its place in the plan")},
    tags={"dagster/compute_kind": "polars"},
)
def validate(
    context: OpExecutionContext, import_job: ImportJob, catalogue: Catalogue, file_store: FileStore
) -> Iterator[Output[None]]:
    """Take the job where this run begins here, check it and plan it."""
    shown: dict[str, Any] | None = None
    with border(context, catalogue, import_job):
        if job := claim(context, catalogue, import_job, JobStatus.PROCESSING):
            check = checked if job.voog_id is None else voog_rows.checked
            shown = check(context, job, catalogue, file_store)
    if shown is not None:
        yield Output(None, "checked", metadata=shown)


def checked(context: OpExecutionContext, job: Job, catalogue: Catalogue, file_store: FileStore) -> dict[str, Any]:
    """Check and plan the job's rows; raises ImportFailed where too many are bad."""
    run_id, files = run_id_of(context), file_store.open()
    if not job.analysis or not job.column_mapping or not files.exists(job.rows_key):
        raise ImportFailed("The rows of this import are no longer in the file store. Retry it, or upload it again.")
    spec = spec_of(job, job.analysis["columns"], job.column_mapping)
    work = work_of(job, spec, run_id)
    with (
        files.local(job.rows_key) as rows,
        files.create(checked_key(job, run_id)) as good,
        files.create(errors_key(job, run_id)) as bad,
    ):
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
        if reason := too_many_errors(job.import_options, found.total_rows, found.failed_rows):
            refuse(catalogue.connect, work, good, bad)
            raise ImportFailed(f"{reason} Nothing was loaded.")
    return found.described()
