"""What the endpoints of one import job share: finding it, and refusing a move."""

from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from psycopg import Connection

from api.auth import PREFIX
from api.pixee.models import ID
from api.problems import Problem, not_found
from pim_pipelines.errors import InvalidStatus
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import jobs
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.keys import ApiKey

VOOG_TASKS = "/admin/api/ecommerce/v1/products_imports"


ImportId = Annotated[UUID, Path(description="The import job's UUID.", examples=[ID])]
"""Routes say `{import_id:uuid}`, so that a malformed one is no route at all: 404."""


def location(uuid: UUID) -> str:
    """Return the path of a job."""
    return f"{PREFIX}/imports/{uuid}"


def find(conn: Connection[Any], key: ApiKey, uuid: UUID) -> Job:
    """Return a job of the key's tenant; raises Problem (404)."""
    job = jobs.get(conn, uuid, key.tenant_id)
    if job is None:
        raise not_found()
    return job


def find_for_change(conn: Connection[Any], key: ApiKey, uuid: UUID) -> Job:
    """Return a job of the key's tenant that this API may change; raises Problem, 409 where it is the Voog API's."""
    job = find(conn, key, uuid)
    if job.voog_id is not None:
        task = f"{VOOG_TASKS}/{job.voog_id}"
        message = (
            f"The import job is task {job.voog_id} of the Voog API and is only shown here. There, PUT {task}/queue "
            f"starts it, DELETE {task} cancels or removes it, and POST {VOOG_TASKS} makes another one."
        )
        raise Problem(409, "VOOG_TASK", message)
    return job


def refuse(
    conn: Connection[Any], key: ApiKey, uuid: UUID, action: str, allowed: Collection[JobStatus]
) -> InvalidStatus:
    """Return why a job cannot do what was asked, by its status now; raises Problem where it is gone."""
    return refusal(find(conn, key, uuid), action, allowed)


def refusal(job: Job, action: str, allowed: Collection[JobStatus]) -> InvalidStatus:
    """Return why a job cannot do what was asked."""
    names = [str(status) for status in JobStatus if status in allowed]
    wanted = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    message = f"The import job is {job.status}; it can be {action} only when it is {wanted}."
    return InvalidStatus(message, current=str(job.status), allowed=names)
