"""Import tasks: detail."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from psycopg import Connection

from api.services import Services
from api.voog.auth import ECOMMERCE, TasksReader
from api.voog.errors import errors, not_found
from api.voog.models import TaskShown
from pim_pipelines.store import voog_tasks
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.voog_tasks import Task

router = APIRouter(prefix=f"{ECOMMERCE}/products_imports", tags=["products imports"])

MOST_ID = 2**31 - 1


def _number(task_id: Annotated[str, Path(description="The task's id.", examples=["1"])]) -> int:
    number = int(task_id) if re.fullmatch(r"[0-9]{1,10}", task_id) else 0
    if not 0 < number <= MOST_ID:
        raise not_found()
    return number


TaskId = Annotated[int, Depends(_number)]
"""The integer of a path; 404 for what cannot be one."""


def find(conn: Connection[Any], key: ApiKey, task_id: int) -> Task:
    """Return a task of the token's tenant; raises VoogProblem (404)."""
    task = voog_tasks.get(conn, key.tenant_id, task_id)
    if task is None:
        raise not_found()
    return task


@router.get("/{task_id}", responses=errors(404), summary="Get a task")
def get_task(task_id: TaskId, key: TasksReader, services: Services) -> TaskShown:
    """Return a task whole, with its progress: the counts are those of the rows that are committed."""
    with services.connection() as conn:
        return TaskShown.of(find(conn, key, task_id))
