"""Import tasks: create, detail, queue, delete."""

import re
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, BackgroundTasks, Depends, Path, Request, Response
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from api.job_runs import launch_or_leave, sweep, terminate
from api.runs import FINAL_STATES, DagsterAway, RunRefused
from api.services import ApiServices, Services
from api.voog import creating
from api.voog.auth import ECOMMERCE, TasksReader, TasksWriter
from api.voog.errors import VoogProblem, errors, not_found
from api.voog.import_files import base_of
from api.voog.models import TaskShown
from api.voog.task_form import TaskToCreate
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.runs import of_start
from pim_pipelines.store import jobs, voog_tasks
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.voog_tasks import Task

router = APIRouter(prefix=f"{ECOMMERCE}/products_imports", tags=["products imports"])

MOST_ID = 2**31 - 1
LOOKS = 40
PAUSE_SECONDS = 0.5


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


@router.post("", status_code=201, responses=errors(400, 413, 415), summary="Create a task")
async def create_task(
    body: TaskToCreate, request: Request, response: Response, key: TasksWriter, services: Services
) -> TaskShown:
    """Make a task: its file is fetched and read, and nothing is imported before the task is queued.

    The answer waits 20 seconds for the file. Where it takes longer, what is read from it is null, and comes with the
    task's detail; a file that cannot be fetched or read makes a task that is `failed`. The body may be wrapped in
    `{"products_import": {…}}`.
    """
    task = await creating.create(body, key, services, base_of(request))
    response.headers["Location"] = f"{ECOMMERCE}/products_imports/{task.id}"
    return TaskShown.of(task)


@router.get("/{task_id}", responses=errors(404), summary="Get a task")
def get_task(task_id: TaskId, key: TasksReader, services: Services) -> TaskShown:
    """Return a task whole, with its progress: the counts are those of the rows that are committed."""
    with services.connection() as conn:
        return TaskShown.of(find(conn, key, task_id))


@router.put("/{task_id}/queue", responses=errors(404), summary="Queue a task")
def queue_task(task_id: TaskId, key: TasksWriter, services: Services) -> TaskShown:
    """Have a `created` task imported. One whose file is still being read goes on as soon as it is."""
    with services.connection() as conn:
        task = find(conn, key, task_id)
        if not voog_tasks.queue(conn, task.uuid):
            status = find(conn, key, task_id).status
            raise VoogProblem(422, f"The task is {status}: only a task that is created can be queued.")
        queued, job = find(conn, key, task_id), jobs.get(conn, task.uuid)
    if job is not None and job.status is JobStatus.PROCESSING:
        launch_or_leave(services, job, of_start(job))
    return TaskShown.of(queued)


@router.delete("/{task_id}", status_code=204, response_class=Response, responses=errors(404), summary="Delete a task")
def delete_task(task_id: TaskId, key: TasksWriter, services: Services, afterwards: BackgroundTasks) -> None:
    """Remove a task that is `created` or over, with its file; products stay.

    One that is `queued` or `started` is cancelled: nothing is imported after the answer, what was before stays, and the
    task stays too, as `cancelled`. Deleted again, it is removed.
    """
    with services.connection() as conn:
        task = find(conn, key, task_id)
        # Whatever becomes of it meanwhile: what is not cancelled, because it is over, can be removed.
        is_removed = voog_tasks.delete(conn, task.uuid)
        if not is_removed and not voog_tasks.cancel(conn, task.uuid):
            is_removed = voog_tasks.delete(conn, task.uuid)
        run_id = task.run_id if is_removed else find(conn, key, task_id).run_id
    is_at_work = task.job_status in (JobStatus.ANALYZING, JobStatus.PROCESSING)
    if run_id and is_at_work:
        afterwards.add_task(terminate, services, run_id)
    if is_removed:
        creating.remove_files(task, services)
        if run_id and is_at_work:
            afterwards.add_task(_remove_files_again, services, task)
        afterwards.add_task(sweep, services)


async def _remove_files_again(services: ApiServices, task: Task) -> None:
    """Remove what the run of a deleted task has written before it ended."""
    for _ in range(LOOKS):
        if await run_in_threadpool(_is_over, services, task):
            break
        await anyio.sleep(PAUSE_SECONDS)
    await run_in_threadpool(creating.remove_files, task, services)


def _is_over(services: ApiServices, task: Task) -> bool:
    try:
        return task.run_id is None or services.runs.status(task.run_id) in {None, *FINAL_STATES}
    except (DagsterAway, RunRefused):
        return False
