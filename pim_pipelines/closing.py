"""Closing what Dagster says is over and the catalogue still shows at work.

An op writes the end of its job itself (ops/border.py). What cannot is a process that was killed, a run that was
terminated before its process began, or one that lost the database: those are found here, by the run's status.
"""

from collections.abc import Iterable
from uuid import UUID

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from pim_pipelines.database import Connection
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.failures import INTERRUPTED
from pim_pipelines.store import jobs, moves, previews

DIED = (
    "The process that worked on this import ended without a word (it was killed, or the machine ran out of memory). "
    "Rows that were committed stay as they are; retry the import."
)
UNFINISHED = "The Dagster run of this import ended without finishing it. Retry the import."
DELETED = "The Dagster run of this import was deleted while it was at work. Retry the import."
PREVIEW_LOST = "The dry run ended before its result was there. Ask for it again."

GOING_ON = frozenset(
    {
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.MANAGED,
        DagsterRunStatus.QUEUED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    }
)
RUNS_AT_ONCE = 500


def close_jobs(conn: Connection, instance: DagsterInstance) -> list[str]:
    """Close the jobs whose run is over; returns a line for each.

    The rows are read before the runs: an op moves its job before its run ends, so a row that still names a finished
    run when it is moved was left behind by it.
    """
    waiting = jobs.at_work(conn)
    conn.commit()
    ended = _ended(instance, [job.run_id for job in waiting if job.run_id])
    closed = []
    for job in waiting:
        if job.run_id is None or job.run_id not in ended:
            continue
        status, sentence = _end_of(ended[job.run_id])
        why = INTERRUPTED if sentence else None
        if moves.move(conn, job.uuid, status, run_id=job.run_id, frm=[job.status], last_error=sentence, failure=why):
            closed.append(f"import {job.uuid} is {status}: its run {job.run_id} is over")
        conn.commit()
    return closed


def close_previews(conn: Connection, instance: DagsterInstance) -> list[str]:
    """Fail the dry runs whose run is over without a result; returns a line for each."""
    waiting = previews.at_work(conn)
    conn.commit()
    ended = _ended(instance, [preview.run_id for preview in waiting if preview.run_id])
    closed = []
    for preview in waiting:
        if preview.run_id in ended and preview.run_id is not None:
            if previews.fail(conn, preview.import_id, preview.run_id, PREVIEW_LOST, "IMPORT_FAILED"):
                closed.append(f"dry run of import {preview.import_id} failed: its run {preview.run_id} is over")
            conn.commit()
    return closed


def _ended(instance: DagsterInstance, run_ids: Iterable[UUID]) -> dict[UUID, DagsterRunStatus | None]:
    """Return the runs that do not go on, with how they ended; None: Dagster knows no such run."""
    wanted = [str(run_id) for run_id in run_ids]
    found: dict[str, DagsterRunStatus] = {}
    for start in range(0, len(wanted), RUNS_AT_ONCE):
        some = wanted[start : start + RUNS_AT_ONCE]
        found |= {run.run_id: run.status for run in instance.get_runs(RunsFilter(run_ids=some))}
    return {UUID(run_id): found.get(run_id) for run_id in wanted if found.get(run_id) not in GOING_ON}


def _end_of(run: DagsterRunStatus | None) -> tuple[JobStatus, str | None]:
    match run:
        case DagsterRunStatus.CANCELED:
            return JobStatus.CANCELLED, None
        case DagsterRunStatus.FAILURE:
            return JobStatus.FAILED, DIED
        case None:
            return JobStatus.FAILED, DELETED
        case _:
            return JobStatus.FAILED, UNFINISHED
