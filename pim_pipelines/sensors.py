"""The sensor that nothing escapes: jobs without a run get one, jobs whose run is over are closed."""

import time
from collections import defaultdict
from uuid import UUID

from dagster import (
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SensorResult,
    sensor,
)

from pim_pipelines import runs
from pim_pipelines.closing import GOING_ON, close_jobs, close_previews
from pim_pipelines.database import Connection
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.jobs import import_products
from pim_pipelines.loading import stage
from pim_pipelines.resources import Catalogue
from pim_pipelines.store import jobs, moves
from pim_pipelines.store.jobs import Job

EVERY_SECONDS = 5
GRACE_SECONDS = 3.0
"""An upload launches its own run; only what has none after this is launched here."""

SWEEP_EVERY_SECONDS = 60
MOST_LAUNCHES = 3
NOT_STARTED = "The import could not be started: {tries} Dagster runs ended before they began. See them, then retry."


@sensor(
    job=import_products,
    minimum_interval_seconds=EVERY_SECONDS,
    default_status=DefaultSensorStatus.RUNNING,
    description=(
        "Every 5 seconds: launches imports that have no run (Dagster was away when they were uploaded), and closes "
        "imports and dry runs whose run is over although they still look at work (a worker that died, a run that was "
        "terminated in this UI)."
    ),
)
def launch_pending_imports(context: SensorEvaluationContext, catalogue: Catalogue) -> SensorResult:
    """Ask the catalogue what is left over, and Dagster what has become of it."""
    with catalogue.connect() as conn:
        closed = [*close_jobs(conn, context.instance), *close_previews(conn, context.instance)]
        requests = launch_waiting(conn, context.instance)
    for line in closed:
        context.log.info(line)
    cursor = sweep_now_and_then(catalogue, context.cursor)
    if requests:
        return SensorResult(run_requests=requests, cursor=cursor)
    reason = "; ".join(closed) or "Every import that waits has its run, and no run has left one behind."
    return SensorResult(skip_reason=reason, cursor=cursor)


def sweep_now_and_then(catalogue: Catalogue, swept_at: str | None) -> str:
    """Drop what killed runs left staged, once a minute; the cursor is when it was done last (epoch seconds)."""
    now = time.time()
    if swept_at and now - float(swept_at) < SWEEP_EVERY_SECONDS:
        return swept_at
    stage.sweep(catalogue.connect)
    return f"{now:.0f}"


def launch_waiting(conn: Connection, instance: DagsterInstance) -> list[RunRequest]:
    """Return runs for the jobs that have none; a run that was launched and not noted is noted instead."""
    waiting = jobs.without_run(conn, GRACE_SECONDS)
    conn.commit()
    launched = _launched(instance, waiting)
    requests = []
    for job in waiting:
        tried = launched[job.uuid]
        going_on = [run for run in tried if run.status in GOING_ON]
        if going_on:
            moves.launched(conn, job.uuid, job.attempt, UUID(going_on[0].run_id))
        elif any(run.status is DagsterRunStatus.CANCELED for run in tried):
            moves.move(conn, job.uuid, JobStatus.CANCELLED, frm=[job.status])
        elif len(tried) >= MOST_LAUNCHES:
            moves.move(
                conn, job.uuid, JobStatus.FAILED, frm=[job.status], last_error=NOT_STARTED.format(tries=len(tried))
            )
        else:
            spec = runs.of_import(job)
            requests.append(RunRequest(run_config=spec.run_config, tags=spec.tags))
        conn.commit()
    return requests


def _launched(instance: DagsterInstance, waiting: list[Job]) -> dict[UUID, list[DagsterRun]]:
    """Return the runs launched for this attempt of each job, newest first, but for the one that analysed it."""
    by_job: dict[UUID, list[DagsterRun]] = defaultdict(list)
    if not waiting:
        return by_job
    attempts = {str(job.uuid): job for job in waiting}
    found = instance.get_runs(RunsFilter(job_name=runs.IMPORT_JOB, tags={runs.TAG_IMPORT: list(attempts)}))
    for run in found:
        job = attempts[run.tags[runs.TAG_IMPORT]]
        if run.tags.get(runs.TAG_ATTEMPT) == str(job.attempt) and run.run_id != str(job.parent_run_id):
            by_job[job.uuid].append(run)
    return by_job
