"""The ledger: which files configs have seen in their places, and which of them were imported.

A file is known by its path in the source's own words. What is compared, when it was imported once, is its size and
time; where those differ or a source does not say, the SHA-256 of its content.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

FileState = tuple[int | None, datetime | None]
"""Size in bytes and time of change; None: the source does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A row of `remote_files`; `taken_…` is None for a file that was only seen."""

    path: str
    size: int | None
    modified_at: datetime | None
    seen_at: datetime
    taken_size: int | None
    taken_modified_at: datetime | None
    sha256: bytes | None
    taken_at: datetime | None

    @property
    def state(self) -> FileState:
        """As it was seen last."""
        return self.size, self.modified_at

    @property
    def taken_state(self) -> FileState:
        """As it was when it was imported."""
        return self.taken_size, self.taken_modified_at


def known(conn: Connection[Any], config_id: int, paths: Collection[str]) -> dict[str, RemoteFile]:
    """Return what the ledger has of these paths."""
    with conn.cursor(row_factory=class_row(RemoteFile)) as cursor:
        found = cursor.execute(
            """select path, size, modified_at, seen_at, taken_size, taken_modified_at, sha256, taken_at
               from remote_files where config_id = %s and path = any(%s)""",
            (config_id, list(paths)),
        ).fetchall()
    return {file.path: file for file in found}


def seen(conn: Connection[Any], config_id: int, files: dict[str, FileState], at: datetime) -> None:
    """Note files that are not imported yet; `seen_at` stays with a file that looks as it did."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into remote_files as r (config_id, path, size, modified_at, seen_at) values (%s, %s, %s, %s, %s)
               on conflict (config_id, path) do update
                 set size = excluded.size, modified_at = excluded.modified_at, seen_at = excluded.seen_at
                 where (r.size, r.modified_at) is distinct from (excluded.size, excluded.modified_at)""",
            [(config_id, path, size, modified_at, at) for path, (size, modified_at) in files.items()],
        )


def take(
    conn: Connection[Any],
    config_id: int,
    path: str,
    *,
    state: FileState,
    sha256: bytes,
    at: datetime,
) -> bool:
    """Note that a file was fetched; False where the ledger has this content of it as imported already."""
    row = conn.execute(
        """insert into remote_files as r
             (config_id, path, size, modified_at, seen_at, taken_size, taken_modified_at, sha256, taken_at)
           values (%(config)s, %(path)s, %(size)s, %(modified)s, %(at)s, %(size)s, %(modified)s, %(sha256)s, %(at)s)
           on conflict (config_id, path) do update
             set size = excluded.size, modified_at = excluded.modified_at, taken_size = excluded.taken_size,
               taken_modified_at = excluded.taken_modified_at, sha256 = excluded.sha256, taken_at = excluded.taken_at
             where r.sha256 is distinct from excluded.sha256
           returning 1""",
        {"config": config_id, "path": path, "size": state[0], "modified": state[1], "sha256": sha256, "at": at},
    ).fetchone()
    if row is None:  # the same content with another time: it need not be fetched again
        conn.execute(
            """update remote_files set size = %s, modified_at = %s, taken_size = %s, taken_modified_at = %s
               where config_id = %s and path = %s""",
            (*state, *state, config_id, path),
        )
    return row is not None


def imported_as(conn: Connection[Any], config_id: int, path: str, import_id: int) -> None:
    """Note which job a file became."""
    conn.execute(
        "update remote_files set import_id = %s where config_id = %s and path = %s", (import_id, config_id, path)
    )
