"""Import jobs: list, detail, delete."""

import logging
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query

from api.answers import problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.job_runs import sweep, terminate
from api.paging import Page, PageNumber, offset
from api.pixee.jobs import ImportId, find, find_for_change, refuse
from api.pixee.models import Deleted, ImportDetail, ImportListed
from api.services import Services
from api.texts import Text
from pim_pipelines.importing.lifecycle import CAN_DELETE, JobStatus
from pim_pipelines.store import jobs, previews

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["imports"])


class Archived(StrEnum):
    """Which jobs a list shows."""

    YES = "true"
    NO = "false"
    ALL = "all"

    @property
    def wanted(self) -> bool | None:
        """What `is_archived` must be; None: either."""
        return {"true": True, "false": False}.get(self.value)


@router.get("/imports", include_in_schema=False)
@router.get("/imports/", responses=problems(), summary="List jobs")
def list_imports(
    *,
    key: ImportsReader,
    services: Services,
    status: Annotated[JobStatus | None, Query(description="Filter by job status.")] = None,
    supplier_code: Annotated[Text | None, Query(description="Filter by supplier code.")] = None,
    config_id: Annotated[UUID | None, Query(description="Filter by the automated config that made them.")] = None,
    archived: Annotated[Archived, Query(description="`true` lists only archived jobs, `all` both.")] = Archived.NO,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[ImportListed]:
    """List the tenant's import jobs, most recent first."""
    with services.connection() as conn:
        found, total = jobs.list_page(
            conn,
            key.tenant_id,
            status=status,
            supplier_code=supplier_code,
            config_uuid=config_id,
            archived=archived.wanted,
            limit=per_page,
            offset=offset(page, per_page),
        )
    return Page[ImportListed].of((ImportListed.of(job, services) for job in found), total, page, per_page)


@router.get("/imports/{import_id:uuid}", responses=problems(404), summary="Get a job")
def get_import(import_id: ImportId, key: ImportsReader, services: Services) -> ImportDetail:
    """Return a job whole, with its progress: the counters are those of the last committed chunk."""
    with services.connection() as conn:
        return ImportDetail.of(find(conn, key, import_id), services)


@router.delete("/imports/{import_id:uuid}", responses=problems(404, 409), summary="Delete a job")
def delete_import(import_id: ImportId, key: ImportsWriter, services: Services, afterwards: BackgroundTasks) -> Deleted:
    """Remove a job with its errors, its file and its staging data for good; products stay.

    Refused (409) while a run is at work: cancel it first.
    """
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        preview = previews.get(conn, job.id)
        if not jobs.delete(conn, job.uuid):
            raise refuse(conn, key, import_id, "deleted", CAN_DELETE)
    if preview and preview.state == "running" and preview.run_id:
        afterwards.add_task(terminate, services, preview.run_id)
    afterwards.add_task(sweep, services)
    try:
        services.files.delete(job.folder)
    except OSError:
        log.exception("the files of the deleted import %s are still there: %s", job.uuid, job.folder)
    return Deleted(deleted=True, id=job.uuid)
