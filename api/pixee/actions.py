"""What is done to an import job: save-mapping, start-processing, cancel, retry, archive, unarchive.

Each is one guarded UPDATE, so that of two clicks one wins and the other is answered 409.
"""

import logging

import psycopg
from fastapi import APIRouter, BackgroundTasks, Response

from api.answers import LOCATION, problems
from api.auth import PREFIX, ImportsWriter
from api.pixee.imports import terminate
from api.pixee.jobs import ImportId, find, launch, launch_import, location, refusal, refuse
from api.pixee.models import ArchiveChanged, MappingSaved, MappingToSave, ProcessingStarted, StatusChanged
from api.problems import unavailable
from api.runs import DagsterAway, RunRefused
from api.services import ApiServices, Services
from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.lifecycle import (
    CAN_ARCHIVE,
    CAN_CANCEL,
    CAN_RETRY,
    CAN_SAVE_MAPPING,
    CAN_START,
    JobStatus,
)
from pim_pipelines.importing.options import check_columns, check_mapping, check_options, check_rules
from pim_pipelines.importing.readers.sheets import sheet_named
from pim_pipelines.runs import of_start
from pim_pipelines.store import jobs, moves, previews
from pim_pipelines.store.jobs import Job

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["imports"])

READING_OPTIONS = ("skip_header_rows", "sheet")
"""How the file was read; they stay when other options are saved, because a retry reads the file again."""


@router.post("/imports/{import_id:uuid}/save-mapping", responses=problems(404, 409, 415), summary="Save column mapping")
def save_mapping(import_id: ImportId, body: MappingToSave, key: ImportsWriter, services: Services) -> MappingSaved:
    """Save the column mapping of a job in `awaiting_mapping` or `ready`, which is `ready` then."""
    with services.connection() as conn:
        job = find(conn, key, import_id)
        if job.status not in CAN_SAVE_MAPPING:
            raise refusal(job, "given a mapping", CAN_SAVE_MAPPING)
        mapping, rules, options = _checked(job, body)
        saved = moves.save_mapping(
            conn, job.uuid, column_mapping=mapping, validation_rules=rules, import_options=options
        )
        if not saved:
            raise refuse(conn, key, import_id, "given a mapping", CAN_SAVE_MAPPING)
        previews.forget(conn, job.id)
    return MappingSaved(
        id=job.uuid,
        status=JobStatus.READY,
        column_mapping=mapping,
        validation_rules=job.validation_rules if rules is None else rules,
        import_options=job.import_options if options is None else options,
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
        job = find(conn, key, import_id)
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
        job = find(conn, key, import_id)
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
        job = find(conn, key, import_id)
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
        job = find(conn, key, import_id)
        if not jobs.set_archived(conn, job.uuid, True):
            raise refuse(conn, key, import_id, "archived", CAN_ARCHIVE)
        return ArchiveChanged.of(find(conn, key, import_id))


@router.post("/imports/{import_id:uuid}/unarchive", responses=problems(404), summary="Unarchive a job")
def unarchive(import_id: ImportId, key: ImportsWriter, services: Services) -> ArchiveChanged:
    """Show an archived job in the default list again; one that is not archived stays as it is."""
    with services.connection() as conn:
        job = find(conn, key, import_id)
        jobs.set_archived(conn, job.uuid, False)
        return ArchiveChanged.of(find(conn, key, import_id))


def _checked(
    job: Job, body: MappingToSave
) -> tuple[dict[str, str | None], dict[str, object] | None, dict[str, object] | None]:
    """Return mapping, rules and options in their normal form; raises InvalidField with every problem of the three."""
    found: list[tuple[str, str, str]] = []
    mapping: dict[str, str | None] = {}
    rules: dict[str, object] | None = None
    options: dict[str, object] | None = None
    columns = list((job.analysis or {}).get("columns", []))
    try:
        mapping = check_mapping(body.column_mapping, columns)
    except InvalidField as error:
        found += error.problems
    try:
        rules = None if body.validation_rules is None else dict(check_rules(body.validation_rules))
    except InvalidField as error:
        found += error.problems
    try:
        if body.import_options is not None:
            kept = {name: job.import_options[name] for name in READING_OPTIONS if name in job.import_options}
            options = kept | check_options(body.import_options, job.supplier_id is not None)
            found += _too_late(job, options)
            check_columns(options, columns)
    except InvalidField as error:
        found += error.problems
    if found:
        raise InvalidField(found)
    return mapping, rules, options


def _too_late(job: Job, options: dict[str, object]) -> list[tuple[str, str, str]]:
    """Return what is wrong with options that would have the file read in another way than it was."""
    found = []
    was, wanted = job.import_options.get("skip_header_rows", 0), options.get("skip_header_rows", 0)
    if was != wanted:
        message = f"The file was read with skip_header_rows {was}: upload it again with {wanted}."
        found.append(("import_options.skip_header_rows", message, "too_late"))
    analysis = job.analysis or {}
    read, sheets = analysis.get("sheet"), analysis.get("sheets", [])
    if read is not None and options.get("sheet") is not None:
        sheet = sheet_named(str(options["sheet"]), sheets)
        if sheet is None:
            named = ", ".join(f'"{name}"' for name in sheets[:10])
            message = f'The workbook has no sheet "{options["sheet"]}"; it has {named}.'
            found.append(("import_options.sheet", message, "unknown_sheet"))
        elif sheet != read:
            message = f'The sheet "{read}" was read: upload the file again with sheet "{sheet}".'
            found.append(("import_options.sheet", message, "too_late"))
    return found


def _is_taken_back(services: ApiServices, job: Job) -> bool:
    """Take a start back that could not be launched; False where a run has the job all the same."""
    try:
        with services.connection() as conn:
            return moves.unstart(conn, job.uuid)
    except psycopg.Error:  # it stays started, and the sensor launches it
        log.warning("the start of import %s could not be taken back", job.uuid)
        return False
