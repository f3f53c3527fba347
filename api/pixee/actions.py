"""What is done to an import job: save-mapping, start-processing, cancel, retry, archive, unarchive.

Each is one guarded UPDATE, so that of two clicks one wins and the other is answered 409.
"""

import logging

import psycopg
from fastapi import APIRouter, BackgroundTasks, Response

from api.answers import LOCATION, problems
from api.auth import PREFIX, ImportsWriter
from api.job_runs import launch, launch_import, terminate
from api.pixee.jobs import ImportId, find, find_for_change, location, refusal, refuse
from api.pixee.mapping_form import check, store
from api.pixee.models import ArchiveChanged, MappingSaved, MappingToSave, ProcessingStarted, StatusChanged
from api.problems import unavailable
from api.runs import DagsterAway, RunRefused
from api.services import ApiServices, Services
from api.waiting import waited_for
from pim_pipelines.importing.lifecycle import (
    CAN_ARCHIVE,
    CAN_CANCEL,
    CAN_RETRY,
    CAN_SAVE_MAPPING,
    CAN_START,
    NOT_READ_YET,
    JobStatus,
)
from pim_pipelines.runs import of_start
from pim_pipelines.store import jobs, moves, previews
from pim_pipelines.store.jobs import Job

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["imports"])


@router.post("/imports/{import_id:uuid}/save-mapping", responses=problems(404, 409, 415), summary="Save column mapping")
def save_mapping(import_id: ImportId, body: MappingToSave, key: ImportsWriter, services: Services) -> MappingSaved:
    """Save the column mapping of a job in `awaiting_mapping` or `ready`, which is `ready` then.

    With another `sheet` or `skip_header_rows` than the file was read with, it is read again first, and is `ready` then
    where the mapping fits the columns found, else `awaiting_mapping`. The answer waits 10 seconds for that; where it
    takes longer, or Dagster is away, it says how far the job is (`analyzing`, `pending`): poll it.
    """
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        if job.status not in CAN_SAVE_MAPPING:
            raise refusal(job, "given a mapping", CAN_SAVE_MAPPING)
        asked = check(job, body)
        if not store(conn, job, asked):
            raise refuse(conn, key, import_id, "given a mapping", CAN_SAVE_MAPPING)
        previews.forget(conn, job.id)
        job = find(conn, key, import_id)
    if asked.is_reading and launch_import(services, job):
        job = waited_for(services, job, _is_read, lambda conn: jobs.get(conn, import_id))
    return MappingSaved(
        id=job.uuid,
        status=job.status,
        column_mapping=job.column_mapping or asked.mapping,
        validation_rules=job.validation_rules,
        import_options=job.import_options,
    )


@router.post(
    "/imports/{import_id:uuid}/start-processing",
    status_code=202,
    responses=problems(404, 409) | LOCATION,
    summary="Start processing",
)
def start_processing(
    import_id: ImportId, response: Response, key: ImportsWriter, services: Services
) -> ProcessingStarted:
    """Load the rows of a `ready` job into the catalogue. Where Dagster is away: 503, and the job stays `ready`."""
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        if not moves.start(conn, job.uuid):
            raise refuse(conn, key, import_id, "started", CAN_START)
        job = find(conn, key, import_id)
    try:
        launch(services, job, of_start(job))
    except (DagsterAway, RunRefused) as error:
        if _is_taken_back(services, job):
            raise unavailable(f"{error} The job is still ready.", error.code) from error
    response.headers["Location"] = location(job.uuid)
    assert job.started_at is not None  # noqa: S101 - set by the start
    return ProcessingStarted(id=job.uuid, status=JobStatus.PROCESSING, started_at=job.started_at)


@router.post("/imports/{import_id:uuid}/cancel", responses=problems(404, 409), summary="Cancel a job")
def cancel(import_id: ImportId, key: ImportsWriter, services: Services, afterwards: BackgroundTasks) -> StatusChanged:
    """Cancel a `pending` or `processing` job. Nothing is committed after the answer; what was before, stays."""
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        if not moves.cancel(conn, job.uuid):
            raise refuse(conn, key, import_id, "cancelled", CAN_CANCEL)
        job = find(conn, key, import_id)
    if job.run_id:
        afterwards.add_task(terminate, services, job.run_id)
    return StatusChanged(id=job.uuid, status=JobStatus.CANCELLED)


@router.post(
    "/imports/{import_id:uuid}/retry", status_code=202, responses=problems(404, 409) | LOCATION, summary="Retry a job"
)
def retry(import_id: ImportId, response: Response, key: ImportsWriter, services: Services) -> StatusChanged:
    """Put a `failed` or `cancelled` job back to `pending`, with the same file and mapping, counting from zero.

    A job that had reached processing goes through to the end without another start. An archived one is shown again.
    """
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        if not moves.retry(conn, job.uuid):
            raise refuse(conn, key, import_id, "retried", CAN_RETRY)
        job = find(conn, key, import_id)
    launch_import(services, job)
    response.headers["Location"] = location(job.uuid)
    return StatusChanged(id=job.uuid, status=JobStatus.PENDING)


@router.post("/imports/{import_id:uuid}/archive", responses=problems(404, 409), summary="Archive a job")
def archive(import_id: ImportId, key: ImportsWriter, services: Services) -> ArchiveChanged:
    """Hide a `completed`, `failed` or `cancelled` job from the default list. Archived twice is archived."""
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        if not jobs.set_archived(conn, job.uuid, True):
            raise refuse(conn, key, import_id, "archived", CAN_ARCHIVE)
        return ArchiveChanged.of(find(conn, key, import_id))


@router.post("/imports/{import_id:uuid}/unarchive", responses=problems(404, 409), summary="Unarchive a job")
def unarchive(import_id: ImportId, key: ImportsWriter, services: Services) -> ArchiveChanged:
    """Show an archived job in the default list again; one that is not archived stays as it is."""
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        jobs.set_archived(conn, job.uuid, False)
        return ArchiveChanged.of(find(conn, key, import_id))


def _is_read(job: Job) -> bool:
    return job.status not in NOT_READ_YET


def _is_taken_back(services: ApiServices, job: Job) -> bool:
    """Take a start back that could not be launched; False where a run has the job all the same."""
    try:
        with services.connection() as conn:
            return moves.unstart(conn, job.uuid)
    except psycopg.Error:  # it stays started, and the sensor launches it
        log.warning("the start of import %s could not be taken back", job.uuid)
        return False
