"""The runs of import jobs: launched and noted in their rows, and asked to stop."""

import logging
from uuid import UUID

import psycopg

from api.runs import DagsterAway, RunRefused
from api.services import ApiServices
from pim_pipelines.runs import RunSpec, of_import
from pim_pipelines.store import moves, staging
from pim_pipelines.store.jobs import Job

log = logging.getLogger(__name__)


def launch_import(services: ApiServices, job: Job) -> bool:
    """Launch the run of a pending job; False where that did not work now: the sensor does it later."""
    return launch_or_leave(services, job, of_import(job))


def launch_or_leave(services: ApiServices, job: Job, spec: RunSpec) -> bool:
    """Launch a run for a job; False where that did not work now: the sensor does it later."""
    try:
        launch(services, job, spec)
    except (DagsterAway, RunRefused) as error:
        log.warning("import %s waits for its run: %s", job.uuid, error)
        return False
    return True


def launch(services: ApiServices, job: Job, spec: RunSpec) -> None:
    """Launch a run for a job and note it in its row; raises DagsterAway or RunRefused."""
    run_id = services.runs.launch(spec)
    try:
        with services.connection() as conn:
            moves.launched(conn, job.uuid, job.attempt, run_id)
    except psycopg.Error:  # the run's own claim does the same
        log.warning("import %s: its run %s could not be noted", job.uuid, run_id)


def terminate(services: ApiServices, run_id: UUID) -> None:
    """Ask a run to stop, as well as it can be done: the job's row has already ended it."""
    try:
        services.runs.terminate(run_id)
    except (DagsterAway, RunRefused) as error:
        log.warning("run %s could not be terminated: %s", run_id, error)


def sweep(services: ApiServices) -> None:
    """Drop the staging tables of jobs that are no more; one that a dying run still reads waits for the next time."""
    try:
        with services.connection() as conn:
            staging.sweep(conn)
    except psycopg.Error as error:
        log.warning("staging could not be swept: %s", type(error).__name__)
