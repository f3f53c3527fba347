"""The sensors: one that no import escapes, and one that watches places for new files."""

import time
from collections import defaultdict
from contextlib import suppress
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
from pim_pipelines.automation.watching import BUDGET_SECONDS, EVERY, Sight, Watcher
from pim_pipelines.closing import GOING_ON, close_jobs, close_previews
from pim_pipelines.database import Connection
from pim_pipelines.files import FileStore as Files
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.failures import INTERRUPTED
from pim_pipelines.jobs import import_products, look_for_new_files
from pim_pipelines.loading import stage
from pim_pipelines.look_runs import launch_lost, requests_for
from pim_pipelines.resources import Catalogue, Clock, FileStore, SecretBox
from pim_pipelines.settings import settings
from pim_pipelines.store import configs, import_files, jobs, moves
from pim_pipelines.store.jobs import Job

EVERY_SECONDS = 5
GRACE_SECONDS = 3.0
"""An upload launches its own run; only what has none after this is launched here."""

SWEEP_EVERY_SECONDS = 60
HALF_WRITTEN_SECONDS = 3600
"""A file that nobody has written to for so long is never finished."""

MOST_LAUNCHES = 3
SHOWN = 10
"""How many places a tick's reason for starting nothing names."""

NOT_STARTED = "The import could not be started: {tries} Dagster runs ended before they began. See them, then retry."


@sensor(
    jobs=[import_products, look_for_new_files],
    minimum_interval_seconds=EVERY_SECONDS,
    default_status=DefaultSensorStatus.RUNNING,
    description=(
        "Every 5 seconds: launches imports that have no run (Dagster was away when they were uploaded), and closes "
        "imports and dry runs whose run is over although they still look at work (a worker that died, a run that was "
        "terminated in this UI). The same for looks for new files whose run was lost."
    ),
)
def launch_pending_imports(
    context: SensorEvaluationContext, catalogue: Catalogue, file_store: FileStore, clock: Clock
) -> SensorResult:
    """Ask the catalogue what is left over, and Dagster what has become of it."""
    with catalogue.connect() as conn:
        closed = [*close_jobs(conn, context.instance), *close_previews(conn, context.instance)]
        requests = launch_waiting(conn, context.instance)
        requests += launch_lost(conn, context.instance, clock.now())
    for line in closed:
        context.log.info(line)
    cursor = sweep_now_and_then(catalogue, file_store, context.cursor)
    if requests:
        return SensorResult(run_requests=requests, cursor=cursor)
    reason = "; ".join(closed) or "Every import that waits has its run, and no run has left one behind."
    return SensorResult(skip_reason=reason, cursor=cursor)


def sweep_now_and_then(catalogue: Catalogue, file_store: FileStore, swept_at: str | None) -> str:
    """Drop what killed runs left staged, once a minute; the cursor is when it was done last (epoch seconds).

    So do import files that have expired. Half-written files, which a killed API or run has left in the file store, go
    once an hour.
    """
    now = time.time()
    if swept_at and now - float(swept_at) < SWEEP_EVERY_SECONDS:
        return swept_at
    stage.sweep(catalogue.connect)
    files = file_store.open()
    sweep_import_files(catalogue, files)
    if not swept_at or now // HALF_WRITTEN_SECONDS != float(swept_at) // HALF_WRITTEN_SECONDS:
        files.sweep(HALF_WRITTEN_SECONDS)
    return f"{now:.0f}"


def sweep_import_files(catalogue: Catalogue, files: Files) -> None:
    """Remove import files that have expired: first the bytes, then the row, so that a killed sweep is done again."""
    with catalogue.connect() as conn:
        gone = []
        for each in import_files.expired(conn):
            with suppress(OSError):  # the next sweep tries again
                files.delete(each.folder)
                gone.append(each)
        import_files.forget(conn, gone)


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
            why = NOT_STARTED.format(tries=len(tried))
            moves.move(conn, job.uuid, JobStatus.FAILED, frm=[job.status], last_error=why, failure=INTERRUPTED)
        else:
            spec = runs.of_import(job)
            requests.append(RunRequest(job_name=spec.job_name, run_config=spec.run_config, tags=spec.tags))
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


watcher = Watcher()


@sensor(
    job=look_for_new_files,
    minimum_interval_seconds=int(EVERY.total_seconds()),
    default_status=DefaultSensorStatus.RUNNING,
    description=(
        "Every minute: lists the places of the automated import configs whose file_source says on_new_file, and starts "
        "look_for_new_files for each that has a new file: one that was not imported before (the ledger is the table "
        "pim.remote_files, by name, size and time) and is no longer being written (it looked the same a tick before). "
        f"Places are listed side by side; a tick waits {BUDGET_SECONDS:.0f} s for them at most. A tick that starts "
        "nothing says what it saw in each place. The cursor only says what was seen last; nothing depends on it."
    ),
)
def on_new_file(
    context: SensorEvaluationContext, catalogue: Catalogue, secret_box: SecretBox, clock: Clock
) -> SensorResult:
    """Look at the places whose turn it is, and say what is there."""
    now = clock.now()
    sights = sorted(watcher.watch(catalogue.connect, secret_box.box, settings(), now), key=_named)
    for sight in sights:
        context.log.info(f"{_named(sight)}: {sight.said}.")
    begun = [sight.look for sight in sights if sight.look is not None]
    cursor = f"{now:%Y-%m-%d %H:%M:%S} UTC: {len(sights)} places looked at, {len(begun)} with new files"
    if begun:
        return SensorResult(run_requests=requests_for(begun), cursor=cursor)
    return SensorResult(skip_reason=_why_nothing(sights, catalogue), cursor=cursor)


def _why_nothing(sights: list[Sight], catalogue: Catalogue) -> str:
    if sights:
        more = f"; and {len(sights) - SHOWN} more places, see the log of this tick" if len(sights) > SHOWN else ""
        return "; ".join(f"{_named(sight)}: {sight.said}" for sight in sights[:SHOWN]) + more
    with catalogue.connect() as conn:
        total = configs.watched_count(conn)
    if not total:
        return 'No active import config is watched: set `"on_new_file": true` in a config\'s `file_source`.'
    return (
        f"{total} places are watched; each was looked at less than a minute ago, is being looked at, or failed lately."
    )


def _named(sight: Sight) -> str:
    return f"{sight.config.name!r} of tenant {sight.config.tenant_code}"
