"""What validate and load do with the rows of a task of the second API: checked and planned; carried out."""

import time
from collections import Counter
from typing import Any
from uuid import UUID

from dagster import OpExecutionContext

from pim_pipelines import metadata
from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.memory import give_back
from pim_pipelines.importing.voog.attributes import check_fit
from pim_pipelines.importing.voog.rows import check
from pim_pipelines.loading.voog import loader, plan, stage
from pim_pipelines.loading.voog.task import Task, task_of
from pim_pipelines.loading.work import Outcome, Work
from pim_pipelines.ops.border import run_id_of
from pim_pipelines.ops.checking import MANY_ROWS, Progress
from pim_pipelines.resources import Catalogue, FileStore
from pim_pipelines.store.jobs import Job


def checked(context: OpExecutionContext, job: Job, catalogue: Catalogue, file_store: FileStore) -> dict[str, Any]:
    """Check, stage and plan the task's rows; raises InvalidField where its mapping does not fit the file."""
    started, files = time.monotonic(), file_store.open()
    if not job.analysis or not job.column_mapping or not files.exists(job.rows_key):
        raise ImportFailed("The rows of this task are no longer in the file store. Make a new task of the file.")
    columns: list[str] = job.analysis["columns"]
    task = _task(catalogue, job, run_id_of(context))
    check_fit(job.column_mapping, columns, task.matched_by)
    progress = Progress(context, "checked", job.total_rows, started)
    with files.local(job.rows_key) as rows:
        staged = stage.stage(
            catalogue.connect,
            task.work,
            check(rows, columns, job.column_mapping),
            on_block=lambda sums: progress.so_far(sums.total_rows),
        )
    if staged.total_rows >= MANY_ROWS:
        give_back()
    planned = plan.build(catalogue.connect, task)
    problems = Counter(planned.problems)
    del problems["failed"]  # those are checking's, by their own types
    by_type = Counter(staged.errors_by_type) + problems
    return {
        "rows": staged.total_rows,
        "failed rows": planned.tally.failed,
        "rows per second": metadata.rate(staged.total_rows, time.monotonic() - started),
        "errors and warnings by type": metadata.counted(by_type, "error_type"),
        "plan": metadata.counted({"create": planned.tally.created, "update": planned.tally.updated}, "action"),
    }


def loaded(context: OpExecutionContext, job: Job, catalogue: Catalogue) -> Outcome:
    """Carry the task's plan out."""
    progress = Progress(context, "loaded", job.total_rows, time.monotonic())
    task = _task(catalogue, job, run_id_of(context))
    return loader.load(catalogue.connect, task, on_chunk=lambda sums: progress.so_far(sums.rows))


def _task(catalogue: Catalogue, job: Job, run_id: UUID) -> Task:
    work = Work(
        job_id=job.id,
        uuid=job.uuid,
        tenant_id=job.tenant_id,
        supplier_id=None,
        run_id=run_id,
        attempt=job.attempt,
        fields=[],
        options=job.import_options,
    )
    with catalogue.connect() as conn:
        return task_of(conn, work)
