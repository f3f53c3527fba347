"""Where an op meets the job's row: it takes the job, and whatever ends it before its time is written there.

| what ends the op | the job | the run |
|---|---|---|
| trouble on the network, while the op may be tried again | as it is | goes on |
| a PimError: a file, a source, an import that must stop | failed, with its sentence | failed, with its sentence |
| a termination in Dagster's UI or by the API | cancelled | canceled |
| another interrupt: the system goes down | failed, can be retried | failed |
| the job is no longer this run's | as it is | canceled |
| anything else | failed, without internals | failed, with the stack trace |
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from dagster import (
    DagsterExecutionInterruptedError,
    DagsterRunStatus,
    Failure,
    MetadataValue,
    OpExecutionContext,
)

from pim_pipelines.database import Connection
from pim_pipelines.errors import PimError
from pim_pipelines.importing.lifecycle import AT_WORK, JobStatus
from pim_pipelines.importing.voog import failures
from pim_pipelines.loading.work import LoadStopped
from pim_pipelines.resources import Catalogue, ImportJob
from pim_pipelines.sources.egress import NetworkTrouble
from pim_pipelines.store import jobs, moves
from pim_pipelines.store.jobs import Job

STOPPED = "The system was stopped while this import was at work. Retry it: rows that were committed stay as they are."
UNEXPECTED = (
    "An unexpected error stopped this import; rows that were committed stay. Retry it, and if it happens again, show "
    "the Dagster run {run_id} to whoever runs this system."
)


class JobGone(PimError):
    """The job is no longer this run's: it was cancelled, deleted, or another run has it."""


def run_id_of(context: OpExecutionContext) -> UUID:
    """Return the run's id as the store takes it."""
    return UUID(context.run_id)


def claim(context: OpExecutionContext, catalogue: Catalogue, import_job: ImportJob, *phases: JobStatus) -> Job | None:
    """Take the job for this run in the first phase that it is in; None: it is not ours, and the rest is skipped."""
    if context.retry_number and _is_terminated(
        context
    ):  # Dagster tries an op with a retry policy again even when it was terminated
        raise DagsterExecutionInterruptedError("The run was terminated.")
    with catalogue.connect() as conn:
        for phase in phases:
            if job := moves.claim(conn, import_job.uuid, import_job.attempt, run_id_of(context), phase):
                return job
        job = jobs.get(conn, import_job.uuid)
    context.log.warning(_why_not(job, import_job))
    return None


def current(catalogue: Catalogue, import_job: ImportJob, run_id: UUID) -> Job:
    """Return the job, which must still be this run's; raises JobGone."""
    with catalogue.connect() as conn:
        job = jobs.get(conn, import_job.uuid)
    if job is None or job.run_id != run_id or job.status not in AT_WORK:
        raise JobGone(_why_not(job, import_job))
    return job


def advance(conn: Connection, job: Job, way: list[JobStatus]) -> JobStatus:
    """Move the job through these states, one after the other, and return the last one; raises JobGone."""
    status = job.status
    for target in way:
        if not moves.move(conn, job.uuid, target, run_id=job.run_id, frm=[status]):
            raise JobGone("The import was changed by somebody else while this run worked on it: nothing was written.")
        status = target
    return status


@contextmanager
def border(
    context: OpExecutionContext, catalogue: Catalogue, import_job: ImportJob, *, retries: int = 0
) -> Iterator[None]:
    """Write the end of the job to its row when the op does not reach its own; see the module's table.

    `retries`: how often Dagster tries this op again; until then an error outside our control fails nothing.
    """
    try:
        yield
    except (JobGone, LoadStopped) as error:
        raise _canceled(context, str(error)) from None
    except DagsterExecutionInterruptedError:
        _end_interrupted(context, catalogue, import_job)
        raise
    except NetworkTrouble as error:
        if context.retry_number >= retries:
            _end_failed(context, catalogue, import_job, error)
        raise Failure(str(error), metadata={"error_code": MetadataValue.text(error.code)}) from None
    except PimError as error:
        _end_failed(context, catalogue, import_job, error)
        raise failure(context, error) from None
    except Exception:
        if context.retry_number >= retries:
            sentence = UNEXPECTED.format(run_id=context.run_id)
            _fail(context, catalogue, import_job, sentence, failures.unexpected(context.run_id))
        raise


def failure(context: OpExecutionContext, error: PimError) -> Failure:
    """Return what ends an op with an error's sentence; what caused it is for the log, not for the user."""
    if error.__cause__ is not None:
        context.log.error(f"Caused by {type(error.__cause__).__name__}: {error.__cause__}")
    return Failure(str(error), metadata={"error_code": MetadataValue.text(error.code)}, allow_retries=False)


def _end_failed(context: OpExecutionContext, catalogue: Catalogue, import_job: ImportJob, error: PimError) -> None:
    """Fail the job with the error's sentence; raises what ends the run as canceled where the job is not its own."""
    if not _fail(context, catalogue, import_job, str(error), failures.of_task(error)):
        raise _canceled(context, f"The import is no longer this run's, which ended with: {error}") from None


def _fail(
    context: OpExecutionContext,
    catalogue: Catalogue,
    import_job: ImportJob,
    sentence: str,
    why: failures.Failure,
) -> bool:
    return _move(context, catalogue, import_job, JobStatus.FAILED, sentence=sentence, why=why)


def _end_interrupted(context: OpExecutionContext, catalogue: Catalogue, import_job: ImportJob) -> None:
    if _is_terminated(context):
        _move(context, catalogue, import_job, JobStatus.CANCELLED)
    else:
        _fail(context, catalogue, import_job, STOPPED, failures.INTERRUPTED)


def _move(
    context: OpExecutionContext,
    catalogue: Catalogue,
    import_job: ImportJob,
    target: JobStatus,
    *,
    sentence: str | None = None,
    why: failures.Failure | None = None,
) -> bool:
    """Move the job; False where it is not this run's."""
    with left_to_sensor(context, f"The job could not be marked {target} now"), catalogue.connect() as conn:
        return moves.move(conn, import_job.uuid, target, run_id=run_id_of(context), last_error=sentence, failure=why)
    return True


@contextmanager
def left_to_sensor(context: OpExecutionContext, what: str) -> Iterator[None]:
    """Log what could not be written while an op ends, because the database is away: the sensor does it later."""
    try:
        yield
    except Exception:
        context.log.exception(f"{what}; launch_pending_imports will do it.")


def _is_terminated(context: OpExecutionContext) -> bool:
    run = context.instance.get_run_by_id(context.run_id)
    return run is not None and run.status is DagsterRunStatus.CANCELING


def _canceled(context: OpExecutionContext, why: str) -> BaseException:
    """Return what ends the run as canceled, as if somebody had terminated it in Dagster too."""
    context.log.warning(why)
    run = context.instance.get_run_by_id(context.run_id)
    if run is not None and run.status is DagsterRunStatus.STARTED:
        context.instance.report_run_canceling(run, message=why)
    return DagsterExecutionInterruptedError(why)


def _why_not(job: Job | None, import_job: ImportJob) -> str:
    if job is None:
        return f"There is no import {import_job.import_id} (it may have been deleted): nothing to do."
    if job.attempt != import_job.attempt:
        return f"This run is for attempt {import_job.attempt}, the import is at attempt {job.attempt}: nothing to do."
    if job.status in AT_WORK:
        return f"The import is being worked on by run {job.run_id}: nothing to do here."
    can_retry = job.status in {JobStatus.FAILED, JobStatus.CANCELLED} and job.voog_id is None
    hint = " POST …/retry starts it again." if can_retry else ""
    return f"The import is {job.status}, not waiting for a run: nothing to do.{hint}"
