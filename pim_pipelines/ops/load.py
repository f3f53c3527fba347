"""load: carry the plan out, chunk by chunk, and say what came of it."""

import time
from collections.abc import Iterator
from typing import Any, cast

from dagster import AssetMaterialization, In, Nothing, OpExecutionContext, Out, Output, op

from pim_pipelines import checks, metadata, runs
from pim_pipelines.assets import products
from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.loading import loader
from pim_pipelines.loading.work import Outcome
from pim_pipelines.ops import voog_rows
from pim_pipelines.ops.border import JobGone, border, current, run_id_of
from pim_pipelines.ops.checking import Progress, checked_key, errors_key, spec_of, work_of
from pim_pipelines.resources import Catalogue, FileStore, ImportJob
from pim_pipelines.store import jobs, moves
from pim_pipelines.store.jobs import Job

HELD = "none: a row that failed may mean any product that the file seems not to have"


@op(
    description=(
        "Writes products, offers, history and errors in chunks, each committed with its own counts; a cancelled import "
        "writes nothing more. Materialises `products` and evaluates its checks."
    ),
    ins={"checked": In(Nothing)},
    out={"loaded": Out(Nothing, description="every row of the file is accounted for")},
    tags={"dagster/compute_kind": "postgres"},
)
def load(
    context: OpExecutionContext, import_job: ImportJob, catalogue: Catalogue, file_store: FileStore
) -> Iterator[Output[None]]:
    """Load the job and complete it."""
    started = time.monotonic()
    shown: dict[str, Any] = {}
    with border(context, catalogue, import_job):
        job = current(catalogue, import_job, run_id_of(context))
        outcome = loaded(context, job, catalogue, file_store)
        done = finish(job, outcome, catalogue)
        shown = described(done, time.monotonic() - started)
        if done.import_options.get("deactivate_missing"):
            shown["products made inactive"] = HELD if outcome.deactivated is None else outcome.deactivated
        materialise(context, done, shown)
    yield Output(None, "loaded", metadata=shown)


def loaded(context: OpExecutionContext, job: Job, catalogue: Catalogue, file_store: FileStore) -> Outcome:
    """Carry the job's plan out; what only this run needed is removed at its end."""
    run_id, files = run_id_of(context), file_store.open()
    if job.voog_id is not None:
        return voog_rows.loaded(context, job, catalogue)
    assert job.analysis and job.column_mapping  # noqa: S101 - validate had them
    work = work_of(job, spec_of(job, job.analysis["columns"], job.column_mapping), run_id)
    progress = Progress(context, "loaded", job.total_rows, time.monotonic())
    with files.local(checked_key(job, run_id)) as good, files.local(errors_key(job, run_id)) as bad:
        outcome = loader.load(catalogue.connect, work, good, bad, on_chunk=lambda sums: progress.so_far(sums.rows))
    for folder in {run_id, job.parent_run_id} - {None}:
        files.delete(f"{job.folder}/{folder}")
    return outcome


def finish(job: Job, outcome: Outcome, catalogue: Catalogue) -> Job:
    """Complete the job and return it as it stands; raises ImportFailed where every row failed."""
    if outcome.all_failed:
        reason = f" The commonest reason: {outcome.commonest_error}" if outcome.commonest_error else ""
        raise ImportFailed(f"Not one of the {outcome.total_rows:,} rows could be loaded.{reason}")
    with catalogue.connect() as conn:
        if not moves.move(conn, job.uuid, JobStatus.COMPLETED, run_id=job.run_id):
            raise JobGone("The import was cancelled or retried when it was all but done; what was committed stays.")
        done = jobs.get(conn, job.uuid)
    assert done is not None  # noqa: S101 - it was moved in this transaction
    return done


def described(done: Job, seconds: float) -> dict[str, Any]:
    """Give what the run's page and the asset's page show of a load."""
    return {
        "rows": done.total_rows or 0,
        "products created": done.products_created,
        "products updated": done.products_updated,
        "rows skipped": done.products_skipped,
        "rows failed": done.failed_rows,
        "errors and warnings": done.error_count,
        "rows per second": metadata.rate(done.total_rows or 0, seconds),
        "file": done.file_name or "-",
        "import": str(done.uuid),
    }


def materialise(context: OpExecutionContext, done: Job, shown: dict[str, Any]) -> None:
    """Tell Dagster of the products, and only then of the checks: evaluated before, they would look never run."""
    partition = runs.partition_of(done)
    context.log_event(
        AssetMaterialization(
            products.key,
            description=f"{done.file_name} of {partition}: {done.products_created:,} created, "
            f"{done.products_updated:,} updated, {done.failed_rows:,} rows failed",
            partition=partition,
            metadata=shown,
        )
    )
    for evaluation in checks.evaluations(done):
        context.log_event(cast("Any", evaluation))  # taken, though its type does not say so
