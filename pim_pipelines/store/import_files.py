"""The import files: what clients of the Voog API send, so that a task can name it as its `file_url`.

One lives for 24 hours. What has expired is not found any more, and is swept with its bytes (`sensors.py`).
Functions take a psycopg connection and leave the transaction to their caller.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

LIFE = timedelta(hours=24)
MOST_SWEPT = 500
SECRET_BYTES = 32
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """A row of `import_files`; `size` is as declared, `file_key` None until as many bytes were sent."""

    id: int
    tenant_id: int
    filename: str
    content_type: str
    size: int
    secret: bytes
    status: Literal["pending", "success"]
    file_key: str | None
    sha256: bytes | None
    expires_at: datetime
    created_at: datetime
    updated_at: datetime

    @property
    def folder(self) -> str:
        """The folder of its bytes in the file store."""
        return f"{self.tenant_id}/import_files/{self.id}"


_COLUMNS = (
    "id, tenant_id, filename, content_type, size, secret, status, file_key, sha256, expires_at, created_at, updated_at"
)


def insert(conn: Connection[Any], tenant_id: int, *, filename: str, content_type: str, size: int) -> ImportFile:
    """Make a pending file without bytes."""
    with conn.cursor(row_factory=class_row(ImportFile)) as cursor:
        made = cursor.execute(
            f"""insert into import_files (tenant_id, filename, content_type, size, secret, expires_at)
                values (%s, %s, %s, %s, %s, now() + %s) returning {_COLUMNS}""",
            (tenant_id, filename, content_type, size, secrets.token_bytes(SECRET_BYTES), LIFE),
        ).fetchone()
    assert made is not None  # noqa: S101 - an insert of one row
    return made


def get(
    conn: Connection[Any], file_id: int, tenant_id: int | None = None, *, for_use: bool = False
) -> ImportFile | None:
    """Return a file that has not expired; of this tenant only, where one is named.

    `for_use` keeps its bytes from being swept until the end of the transaction.
    """
    if file_id > _LARGEST_ID:
        return None
    with conn.cursor(row_factory=class_row(ImportFile)) as cursor:
        return cursor.execute(
            f"""select {_COLUMNS} from import_files
                where id = %s and expires_at > now() and (%s::int is null or tenant_id = %s)
                {"for share" if for_use else ""}""",
            (file_id, tenant_id, tenant_id),
        ).fetchone()


def received(conn: Connection[Any], file_id: int, *, file_key: str, sha256: bytes) -> tuple[bool, str | None]:
    """Note where the bytes of a pending file are; returns whether it was so, and the key of those sent before.

    One that was confirmed or has expired meanwhile takes no others.
    """
    row = conn.execute(
        """update import_files set file_key = %s, sha256 = %s, updated_at = now()
           where id = %s and status = 'pending' and expires_at > now() returning old.file_key""",
        (file_key, sha256, file_id),
    ).fetchone()
    return (False, None) if row is None else (True, row[0])


def confirm(conn: Connection[Any], file_id: int, tenant_id: int) -> ImportFile | None:
    """Make a file whose bytes have come ready to be imported; done already, nothing is written. None: no bytes yet."""
    conn.execute(
        """update import_files set status = 'success', updated_at = now()
           where id = %s and tenant_id = %s and status = 'pending' and file_key is not null and expires_at > now()""",
        (file_id, tenant_id),
    )
    found = get(conn, file_id, tenant_id)
    return found if found is not None and found.status == "success" else None


def expired(conn: Connection[Any]) -> list[ImportFile]:
    """Return some that have expired and that no request is using, locked; `forget` them when their bytes are gone."""
    with conn.cursor(row_factory=class_row(ImportFile)) as cursor:
        return cursor.execute(
            f"""select {_COLUMNS} from import_files where expires_at <= now()
                order by expires_at limit %s for update skip locked""",
            (MOST_SWEPT,),
        ).fetchall()


def forget(conn: Connection[Any], files: list[ImportFile]) -> None:
    """Remove the rows of files."""
    conn.execute("delete from import_files where id = any(%s)", ([file.id for file in files],))
