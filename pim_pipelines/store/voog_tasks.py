"""The tasks of the second API: import jobs of type `voog`, as that API shows them.

Functions take a psycopg connection and leave the transaction to their caller.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Json, Jsonb

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.states import OF_JOB, QUEUED_UNTIL_CLAIMED, QUEUED_WHILE_READ, VoogStatus
from pim_pipelines.store import jobs, moves
from pim_pipelines.store.jobs import Job

IMPORT_TYPE = "voog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task; the names are the API's, but for `uuid`, `job_status`, `run_id` and `validate_mapping`.

    `mapping` is as it is stored: the caller's own may leave columns out. Times have whole milliseconds, as they are
    shown, so that a filter on one that was shown finds it.
    """

    tenant_id: int
    uuid: UUID
    job_status: JobStatus
    run_id: UUID | None
    validate_mapping: bool
    id: int
    status: VoogStatus
    started_at: datetime | None
    completed_at: datetime | None
    total_items: int | None
    processed_items: int
    failed_items: int
    imported_products: int | None
    file_url: str
    language: str
    overwrite_existing: bool
    match_key: str
    detected_data: list[dict[str, Any]] | None
    mapping: dict[str, str | None] | None
    failure_reason: str | None
    failure_reason_details: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "job_status", JobStatus(self.job_status))
        object.__setattr__(self, "status", VoogStatus(self.status))

    @property
    def folder(self) -> str:
        """The job's folder in the file store."""
        return f"{self.tenant_id}/{self.uuid}"


def _names(statuses: tuple[JobStatus, ...]) -> str:
    return ", ".join(f"'{status}'" for status in statuses)


_IS_QUEUED = f"""(j.status in ({_names(QUEUED_WHILE_READ)}) and j.queued_at is not null
    or j.status in ({_names(QUEUED_UNTIL_CLAIMED)}) and j.claimed_at is null)"""
_STATUS = f"""case when {_IS_QUEUED} then '{VoogStatus.QUEUED}'
    else case j.status {" ".join(f"when '{job}' then '{status}'" for job, status in OF_JOB.items())} end end"""

SELECT = f"""
  select j.tenant_id, j.uuid, j.status as job_status, j.run_id,
    coalesce((j.import_options ->> 'validate_mapping')::boolean, false) as validate_mapping,
    j.voog_id as id, {_STATUS} as status,
    date_trunc('milliseconds', j.claimed_at) as started_at, date_trunc('milliseconds', j.completed_at) as completed_at,
    j.total_rows as total_items, j.successful_rows + j.failed_rows as processed_items, j.failed_rows as failed_items,
    j.imported_products, j.source ->> 'url' as file_url, j.import_options ->> 'language' as language,
    (j.import_options ->> 'overwrite_existing')::boolean as overwrite_existing,
    j.import_options ->> 'match_key' as match_key,
    j.analysis -> 'detected_data' as detected_data, j.column_mapping as mapping,
    j.failure_reason, j.failure_details as failure_reason_details,
    date_trunc('milliseconds', j.created_at) as created_at, date_trunc('milliseconds', j.updated_at) as updated_at
  from import_jobs j
  where j.import_type = '{IMPORT_TYPE}'
"""
"""All tasks of all tenants with the API's attributes as columns: what lists filter and sort, `from ({SELECT}) task`."""


def get(conn: Connection[Any], tenant_id: int, task_id: int) -> Task | None:
    """Return a task of a tenant by its number."""
    with conn.cursor(row_factory=class_row(Task)) as cursor:
        return cursor.execute(
            f"select * from ({SELECT}) task where tenant_id = %s and id = %s", (tenant_id, task_id)
        ).fetchone()


def by_uuid(conn: Connection[Any], uuid: UUID) -> Task | None:
    """Return the task that an import job is."""
    with conn.cursor(row_factory=class_row(Task)) as cursor:
        return cursor.execute(f"select * from ({SELECT}) task where uuid = %s", (uuid,)).fetchone()


def insert(
    conn: Connection[Any],
    *,
    uuid: UUID,
    tenant_id: int,
    source: dict[str, Any],
    sealed: bytes | None = None,
    file_name: str | None = None,
    file_type: str | None = None,
    file_size: int | None = None,
    file_sha256: bytes | None = None,
    language: str | None,
    overwrite_existing: bool,
    match_key: str,
    validate_mapping: bool,
    mapping: dict[str, str | None] | None,
) -> Job:
    """Make a pending job with the tenant's next number; `language` None is the tenant's.

    With `file_sha256` its file is in the file store already, and is not fetched.

    The number is taken in the inserting transaction: none comes twice, none is missing. Tasks of one tenant that are
    made at the same moment wait for each other here, and for nothing else.
    """
    options = {"match_key": match_key, "overwrite_existing": overwrite_existing, "validate_mapping": validate_mapping}
    conn.execute(
        """with numbered as (
             update tenants set last_voog_id = last_voog_id + 1 where id = %(tenant)s returning last_voog_id, language)
           insert into import_jobs (uuid, tenant_id, voog_id, import_type, status, source, source_secret, file_name,
             file_type, file_size, file_sha256, column_mapping, import_options)
           select %(uuid)s, %(tenant)s, last_voog_id, %(type)s, 'pending', %(source)s, %(sealed)s, %(file_name)s,
             %(file_type)s, %(file_size)s, %(file_sha256)s, %(mapping)s,
             %(options)s || jsonb_build_object('language', coalesce(%(language)s::text, language))
           from numbered""",
        {
            "uuid": uuid,
            "tenant": tenant_id,
            "type": IMPORT_TYPE,
            "source": Jsonb(source),
            "sealed": sealed,
            "file_name": file_name,
            "file_type": file_type,
            "file_size": file_size,
            "file_sha256": file_sha256,
            "mapping": Json(mapping) if mapping is not None else None,
            "options": Jsonb(options),
            "language": language,
        },
    )
    job = jobs.get(conn, uuid)
    assert job is not None  # noqa: S101 - inserted in this transaction
    return job


def queue(conn: Connection[Any], uuid: UUID) -> bool:
    """Let a created task go on; False where it is not created any more.

    While its file is still being read the run goes on by itself afterwards; once it is ready a run is to be launched.
    """
    row = conn.execute(
        """update import_jobs set queued_at = now(), go_through = true, updated_at = now()
           where uuid = %s and status = any(%s) and queued_at is null returning 1""",
        (uuid, list(QUEUED_WHILE_READ)),
    ).fetchone()
    if row is not None:
        return True
    if not moves.start(conn, uuid):
        return False
    conn.execute("update import_jobs set queued_at = now() where uuid = %s", (uuid,))
    return True


def delete(conn: Connection[Any], uuid: UUID) -> bool:
    """Remove a task that is created or over, with its chunks and errors (by cascade); False where it is neither."""
    row = conn.execute(
        f"""delete from import_jobs j where j.uuid = %s and not {_STATUS} = any(%s) returning 1""",
        (uuid, [VoogStatus.QUEUED, VoogStatus.STARTED]),
    ).fetchone()
    return row is not None


def cancel(conn: Connection[Any], uuid: UUID) -> bool:
    """Cancel a task that is queued or started; nothing is committed for it after this is. False where it is over."""
    return moves.move(conn, uuid, JobStatus.CANCELLED, frm=[*QUEUED_WHILE_READ, *QUEUED_UNTIL_CLAIMED])
