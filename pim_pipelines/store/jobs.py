"""The import jobs: one row each; how their status changes is in `store/moves.py`.

Functions take a psycopg connection and leave the transaction to their caller.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Json, Jsonb

from pim_pipelines.importing.lifecycle import (
    AT_WORK,
    CAN_ARCHIVE,
    JobStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of `import_jobs`, with the codes and ids of what it refers to."""

    id: int
    uuid: UUID
    tenant_id: int
    tenant_code: str
    supplier_id: int | None
    supplier_uuid: UUID | None
    supplier_code: str | None
    template_id: int | None
    template_uuid: UUID | None
    config_uuid: UUID | None
    batch_id: UUID | None
    import_type: str
    voog_id: int | None
    status: JobStatus
    attempt: int
    run_id: UUID | None
    parent_run_id: UUID | None
    go_through: bool
    auto_process: bool
    source: dict[str, Any] | None
    file_name: str | None
    file_type: str | None
    file_size: int | None
    file_sha256: bytes | None
    analysis: dict[str, Any] | None
    suggested_mapping: dict[str, Any] | None
    column_mapping: dict[str, str | None] | None
    validation_rules: dict[str, Any]
    import_options: dict[str, Any]
    total_rows: int | None
    successful_rows: int
    failed_rows: int
    products_created: int
    products_updated: int
    products_skipped: int
    error_count: int
    last_error: str | None
    guard_breached: dict[str, Any] | None
    is_archived: bool
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", JobStatus(self.status))

    @property
    def folder(self) -> str:
        """The job's folder in the file store."""
        return f"{self.tenant_id}/{self.uuid}"

    @property
    def source_key(self) -> str:
        """Where the file is, as it came."""
        return f"{self.folder}/source"

    @property
    def rows_key(self) -> str:
        """Where the normalised rows are, once analysed."""
        return f"{self.folder}/rows.parquet"


COLUMNS = """
  j.id, j.uuid, j.tenant_id, t.code as tenant_code, j.supplier_id, s.uuid as supplier_uuid, s.code as supplier_code,
  j.template_id, m.uuid as template_uuid, c.uuid as config_uuid, j.batch_id, j.import_type, j.voog_id, j.status,
  j.attempt, j.run_id, j.parent_run_id, j.go_through, j.auto_process, j.source, j.file_name, j.file_type, j.file_size,
  j.file_sha256, j.analysis, j.suggested_mapping, j.column_mapping, j.validation_rules, j.import_options,
  j.total_rows, j.successful_rows, j.failed_rows, j.products_created, j.products_updated, j.products_skipped,
  j.error_count, j.last_error, j.guard_breached, j.is_archived, j.started_at, j.completed_at, j.created_at,
  j.updated_at
"""
_FROM = """
  from import_jobs j
  join tenants t on t.id = j.tenant_id
  left join suppliers s on s.id = j.supplier_id
  left join mapping_templates m on m.id = j.template_id
  left join import_configs c on c.id = j.config_id
"""


def insert(
    conn: Connection[Any],
    *,
    uuid: UUID,
    tenant_id: int,
    import_type: str,
    supplier_id: int | None = None,
    template_id: int | None = None,
    auto_process: bool = False,
    go_through: bool = False,
    config_id: int | None = None,
    due_at: datetime | None = None,
    batch_id: UUID | None = None,
    file_name: str | None = None,
    file_type: str | None = None,
    file_size: int | None = None,
    file_sha256: bytes | None = None,
    column_mapping: dict[str, str | None] | None = None,
    validation_rules: dict[str, Any] | None = None,
    import_options: dict[str, Any] | None = None,
) -> Job:
    """Make a pending job without a run."""
    conn.execute(
        """insert into import_jobs (uuid, tenant_id, import_type, status, supplier_id, template_id, auto_process,
             go_through, config_id, due_at, batch_id, file_name, file_type, file_size, file_sha256, column_mapping,
             validation_rules, import_options)
           values (%s, %s, %s, 'pending', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            uuid,
            tenant_id,
            import_type,
            supplier_id,
            template_id,
            auto_process,
            go_through,
            config_id,
            due_at,
            batch_id,
            file_name,
            file_type,
            file_size,
            file_sha256,
            Json(column_mapping) if column_mapping is not None else None,
            Jsonb(validation_rules or {}),
            Jsonb(import_options or {}),
        ),
    )
    job = get(conn, uuid)
    assert job is not None  # noqa: S101 - inserted in this transaction
    return job


def get(conn: Connection[Any], uuid: UUID, tenant_id: int | None = None) -> Job | None:
    """Return a job; of this tenant only, where one is named."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"select {COLUMNS} {_FROM} where j.uuid = %s and (%s::int is null or j.tenant_id = %s)",
            (uuid, tenant_id, tenant_id),
        ).fetchone()


def by_id(conn: Connection[Any], job_id: int) -> Job | None:
    """Return the job of a row id, which never leaves the house."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(f"select {COLUMNS} {_FROM} where j.id = %s", (job_id,)).fetchone()


def of_due_time(conn: Connection[Any], config_id: int, due_at: datetime) -> Job | None:
    """Return the first job that a config's look at a due time has made."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"select {COLUMNS} {_FROM} where j.config_id = %s and j.due_at = %s", (config_id, due_at)
        ).fetchone()


def of_look(conn: Connection[Any], config_id: int, due_at: datetime) -> list[Job]:
    """Return all jobs that a config's look at a due time has made, the first one first."""
    first = of_due_time(conn, config_id, due_at)
    if first is None:
        return []
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        others = cursor.execute(
            f"select {COLUMNS} {_FROM} where j.config_id = %s and j.batch_id = %s order by j.id",
            (config_id, first.uuid),
        ).fetchall()
    return [first, *others]


def list_page(
    conn: Connection[Any],
    tenant_id: int,
    *,
    status: str | None = None,
    supplier_code: str | None = None,
    config_uuid: UUID | None = None,
    archived: bool | None = False,
    limit: int,
    offset: int,
) -> tuple[list[Job], int]:
    """Return a page of a tenant's jobs, newest first, and how many there are; `archived` None is both."""
    where = """where j.tenant_id = %(tenant)s and (%(status)s::text is null or j.status = %(status)s)
        and (%(supplier)s::text is null or s.code = %(supplier)s)
        and (%(config)s::uuid is null or c.uuid = %(config)s)
        and (%(archived)s::boolean is null or j.is_archived = %(archived)s)"""
    values = {
        "tenant": tenant_id,
        "status": status,
        "supplier": supplier_code,
        "config": config_uuid,
        "archived": archived,
    }
    total = conn.execute(f"select count(*) {_FROM} {where}", values).fetchone()
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        items = cursor.execute(
            f"select {COLUMNS} {_FROM} {where} order by j.created_at desc, j.id desc limit %(limit)s offset %(offset)s",
            values | {"limit": limit, "offset": offset},
        ).fetchall()
    return items, int(total[0]) if total else 0


def recent(conn: Connection[Any], tenant_id: int, limit: int) -> list[Job]:
    """Return the newest jobs of a tenant that are not archived."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""select {COLUMNS} {_FROM} where j.tenant_id = %s and not j.is_archived
                order by j.created_at desc, j.id desc limit %s""",
            (tenant_id, limit),
        ).fetchall()


def set_archived(conn: Connection[Any], uuid: UUID, archived: bool) -> bool:
    """Hide a job that has ended from the default list, or show one again; False where it has not ended.

    Done already, nothing is written.
    """
    row = conn.execute(
        """with moved as (
             update import_jobs set is_archived = %(archived)s, updated_at = now()
             where uuid = %(uuid)s and is_archived <> %(archived)s
               and (not %(archived)s or status = any(%(allowed)s)) returning 1)
           select 1 from moved union all
           select 1 from import_jobs where uuid = %(uuid)s and is_archived = %(archived)s""",
        {"uuid": uuid, "archived": archived, "allowed": list(CAN_ARCHIVE)},
    ).fetchone()
    return row is not None


def delete(conn: Connection[Any], uuid: UUID) -> bool:
    """Remove a job that no run is working on, with its chunks, errors and previews (by cascade)."""
    row = conn.execute(
        "delete from import_jobs where uuid = %s and not status = any(%s) returning 1", (uuid, list(AT_WORK))
    ).fetchone()
    return row is not None


def without_run(conn: Connection[Any], older_than_seconds: float) -> list[Job]:
    """Return pending and processing jobs that no run was launched for, oldest first."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""select {COLUMNS} {_FROM} where j.status in ('pending', 'processing') and j.run_id is null
                and (j.file_sha256 is not null or j.source is not null)
                and j.updated_at < now() - make_interval(secs => %s)
                order by j.updated_at, j.id limit 100""",
            (older_than_seconds,),
        ).fetchall()


def at_work(conn: Connection[Any]) -> list[Job]:
    """Return the jobs that a run should be working on now."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""select {COLUMNS} {_FROM} where j.status in ('analyzing', 'processing') and j.run_id is not null
                order by j.updated_at"""
        ).fetchall()


def latest_loads(conn: Connection[Any]) -> list[Job]:
    """Return the job that was loaded last, of each supplier of each tenant."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""select distinct on (j.tenant_id, j.supplier_id) {COLUMNS} {_FROM} where j.status = 'completed'
                order by j.tenant_id, j.supplier_id, j.completed_at desc, j.id desc"""
        ).fetchall()


def latest_read(conn: Connection[Any], partition: str, limit: int = 5) -> list[Job]:
    """Return the newest jobs of `tenant:supplier` (`-`: none) whose file was read and that nobody works on."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""select {COLUMNS} {_FROM}
                where t.code || ':' || coalesce(s.code, '-') = %s and j.analysis is not null
                  and j.import_type not in ('revert', 'voog') and not j.status = any(%s)
                order by j.created_at desc, j.id desc limit %s""",
            (partition, list(AT_WORK), limit),
        ).fetchall()
