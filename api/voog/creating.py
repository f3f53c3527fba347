"""Making a task: its row, its run, and waiting for what the run finds in the file."""

import logging
from typing import Any
from uuid import uuid4

from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from api.job_runs import launch_import
from api.problems import unavailable
from api.services import ApiServices
from api.voog.errors import VoogProblem, invalid
from api.voog.file_addresses import stored_file
from api.voog.task_form import TaskToCreate
from api.waiting import awaited
from pim_pipelines import sources
from pim_pipelines.errors import InvalidField
from pim_pipelines.file_names import displayable
from pim_pipelines.importing.lifecycle import NOT_READ_YET
from pim_pipelines.importing.voog.attributes import check_fit
from pim_pipelines.importing.voog.failures import Reason
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.sources.http import name_asked_for
from pim_pipelines.sources.names import type_of
from pim_pipelines.store import voog_tasks
from pim_pipelines.store.import_files import ImportFile
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.voog_tasks import Task

WAITS_SECONDS = 20.0
"""How long an answer waits for the file to be fetched and read."""

log = logging.getLogger(__name__)


async def create(asked: TaskToCreate, key: ApiKey, services: ApiServices, base: str) -> Task:
    """Make a task and give it when its file is read, or as it is after 20 s; `base` is this API's own address.

    Raises VoogProblem (422), with nothing made, where the mapping was to be validated and does not fit the file.
    """
    task, is_launched = await run_in_threadpool(_begin, asked, key, services, base)
    if is_launched:
        uuid = task.uuid
        task = await awaited(services, task, _is_read, lambda conn: voog_tasks.by_uuid(conn, uuid), WAITS_SECONDS)
    if task.validate_mapping and task.failure_reason == Reason.MAPPING_INVALID:
        await run_in_threadpool(remove, task, services)
        raise _misfit(task)
    return task


def remove(task: Task, services: ApiServices) -> bool:
    """Remove a task that is created or over, with its files; False where it is neither."""
    with services.connection() as conn:
        if not voog_tasks.delete(conn, task.uuid):
            return False
    remove_files(task, services)
    return True


def remove_files(task: Task, services: ApiServices) -> None:
    """Remove a task's files, as well as it can be done: its row is gone."""
    try:
        services.files.delete(task.folder)
    except OSError:
        log.exception("the files of the deleted task %s are still there: %s", task.uuid, task.folder)


def _begin(asked: TaskToCreate, key: ApiKey, services: ApiServices, base: str) -> tuple[Task, bool]:
    with services.connection() as conn:
        job = _insert(conn, asked, key, services, base)
        task = voog_tasks.by_uuid(conn, job.uuid)
    assert task is not None  # noqa: S101 - inserted in this transaction
    return task, launch_import(services, job)


def _insert(conn: Connection[Any], asked: TaskToCreate, key: ApiKey, services: ApiServices, base: str) -> Job:
    uuid = uuid4()
    stored = stored_file(conn, key.tenant_id, asked.file_url, base)
    shown, secrets = _place(asked.file_url, stored)
    fernet_keys = services.settings.secret_key
    name = stored.filename if stored else displayable(name_asked_for(asked.file_url))
    job = voog_tasks.insert(
        conn,
        uuid=uuid,
        tenant_id=key.tenant_id,
        source=shown,
        sealed=SecretBox(fernet_keys or "").seal(secrets) if secrets else None,
        file_name=name,
        file_type=type_of(name),
        file_size=stored.size if stored else None,
        file_sha256=stored.sha256 if stored else None,
        language=asked.language,
        overwrite_existing=asked.overwrite_existing,
        match_key=asked.match_key,
        validate_mapping=asked.validate_mapping,
        mapping=asked.mapping,
    )
    if stored and stored.file_key:
        try:
            services.files.copy(stored.file_key, job.source_key)
        except OSError as error:
            log.exception("import file %s cannot be copied", stored.id)
            raise unavailable("The file cannot be stored: try again later.", "STORAGE_UNAVAILABLE") from error
    return job


def _place(file_url: str, stored: ImportFile | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a job says of where its file comes from, and the secrets in that; of a stored file there are none."""
    if stored:
        return {"type": "http", "url": file_url}, {}
    return sources.divide({"type": "http", "url": file_url})


def _is_read(task: Task) -> bool:
    return task.job_status not in NOT_READ_YET


def _misfit(task: Task) -> VoogProblem:
    """Say all that keeps a mapping from fitting the file; the task itself keeps one sentence."""
    try:
        check_fit(task.mapping or {}, [each["column"] for each in task.detected_data or []], task.match_key)
    except InvalidField as error:
        return invalid("mapping", *(message for _, message, _ in error.problems))
    return invalid("mapping", (task.failure_reason_details or {}).get("message", "does not fit the file."))
