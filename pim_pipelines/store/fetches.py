"""Where the files of import jobs are to be fetched from, and that they have come.

Functions take a psycopg connection and leave the transaction to their caller.
"""

from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.types.json import Jsonb

from pim_pipelines.store.jobs import Job


def attach(conn: Connection[Any], uuid: UUID, *, source: dict[str, Any], sealed: bytes | None) -> None:
    """Say where a job's file comes from; `sealed` are the secrets for it, encrypted."""
    conn.execute(
        "update import_jobs set source = %s, source_secret = %s where uuid = %s", (Jsonb(source), sealed, uuid)
    )


def sealed(conn: Connection[Any], uuid: UUID) -> bytes | None:
    """Return the encrypted secrets of a job's source."""
    row = conn.execute("select source_secret from import_jobs where uuid = %s", (uuid,)).fetchone()
    return row[0] if row else None


def received(
    conn: Connection[Any],
    uuid: UUID,
    run_id: UUID,
    *,
    file_name: str,
    file_type: str | None,
    file_size: int,
    file_sha256: bytes,
) -> bool:
    """Note that a job's file has come, and forget the secrets; False where the job is no longer this run's."""
    row = conn.execute(
        """update import_jobs set file_name = %s, file_type = %s, file_size = %s, file_sha256 = %s,
             source_secret = null, updated_at = now()
           where uuid = %s and run_id = %s and status in ('analyzing', 'processing') returning 1""",
        (file_name, file_type, file_size, file_sha256, uuid, run_id),
    ).fetchone()
    return row is not None


def add_siblings(conn: Connection[Any], job: Job, sources: list[dict[str, Any]], *, sealed: bytes | None) -> None:
    """Make pending jobs like a job, one for each source, with its id as `batch_id`; they are launched in this order."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into import_jobs (uuid, tenant_id, import_type, status, supplier_id, template_id, auto_process,
                 config_id, batch_id, column_mapping, validation_rules, import_options, source, source_secret)
               select %s, tenant_id, import_type, 'pending', supplier_id, template_id, auto_process,
                 config_id, uuid, column_mapping, validation_rules, import_options, %s, %s
               from import_jobs where uuid = %s""",
            [(uuid4(), Jsonb(source), sealed, job.uuid) for source in sources],
        )
