"""The latest dry run of each job: asked for by the API, carried out by a run of `preview_import`.

One row a job. The API calls `begin` and launches a run; the run calls `claim`, and `finish` or `fail` in the end.
A run that lost the row (the mapping was changed, a newer dry run began) finds nothing to write to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

STALE_MINUTES = 15
"""A dry run that has said nothing for so long is taken for lost, and another may begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A row of `import_previews`; `state` is running, done or failed.

    `result` is the documented body when done, `{"error_code": …}` when failed.
    """

    import_id: int
    run_id: UUID | None
    state: str
    result: dict[str, Any] | None
    message: str | None
    created_at: datetime
    finished_at: datetime | None


def begin(conn: Connection[Any], import_id: int) -> bool:
    """Begin a dry run that is still to be launched; False where one is at work, which is to be waited for."""
    row = conn.execute(
        """insert into import_previews as p (import_id) values (%s)
           on conflict (import_id) do update
             set state = 'running', run_id = null, result = null, message = null,
                 created_at = now(), finished_at = null
             where p.state <> 'running' or p.created_at < now() - make_interval(mins => %s)
           returning 1""",
        (import_id, STALE_MINUTES),
    ).fetchone()
    return row is not None


def claim(conn: Connection[Any], import_id: int, run_id: UUID) -> bool:
    """Give the dry run to a run; False where another one has it. A run launched by hand begins one itself."""
    row = conn.execute(
        """insert into import_previews as p (import_id, run_id) values (%(id)s, %(run)s)
           on conflict (import_id) do update
             set run_id = %(run)s, state = 'running', result = null, message = null, finished_at = null,
                 created_at = case p.state when 'running' then p.created_at else now() end
             where p.state <> 'running' or p.run_id is null or p.run_id = %(run)s
           returning 1""",
        {"id": import_id, "run": run_id},
    ).fetchone()
    return row is not None


def launched(conn: Connection[Any], import_id: int, run_id: UUID) -> bool:
    """Note which run was launched; it may have claimed the row, and even finished, before this."""
    row = conn.execute(
        """update import_previews set run_id = %(run)s
           where import_id = %(id)s and state = 'running' and (run_id is null or run_id = %(run)s) returning 1""",
        {"id": import_id, "run": run_id},
    ).fetchone()
    return row is not None


def finish(conn: Connection[Any], import_id: int, run_id: UUID, result: dict[str, Any]) -> bool:
    """Keep the result of a run; False where the row is no longer that run's."""
    return _end(conn, import_id, run_id, state="done", result=result)


def fail(conn: Connection[Any], import_id: int, run_id: UUID, message: str, error_code: str) -> bool:
    """Keep why a run could not preview the file; False where the row is no longer that run's."""
    return _end(conn, import_id, run_id, state="failed", result={"error_code": error_code}, message=message)


def forget(conn: Connection[Any], import_id: int) -> None:
    """Drop the dry run: what it shows, or will show, is no longer what would happen."""
    conn.execute("delete from import_previews where import_id = %s", (import_id,))


def get(conn: Connection[Any], import_id: int) -> Preview | None:
    """Return the latest dry run of a job."""
    with conn.cursor(row_factory=class_row(Preview)) as cursor:
        return cursor.execute(
            """select import_id, run_id, state, result, message, created_at, finished_at
               from import_previews where import_id = %s""",
            (import_id,),
        ).fetchone()


def at_work(conn: Connection[Any]) -> list[Preview]:
    """Return the dry runs that a run should be working on now, oldest first."""
    with conn.cursor(row_factory=class_row(Preview)) as cursor:
        return cursor.execute(
            """select import_id, run_id, state, result, message, created_at, finished_at
               from import_previews where state = 'running' and run_id is not null order by created_at"""
        ).fetchall()


def _end(
    conn: Connection[Any],
    import_id: int,
    run_id: UUID,
    *,
    state: str,
    result: dict[str, Any],
    message: str | None = None,
) -> bool:
    row = conn.execute(
        """update import_previews set state = %(state)s, result = %(result)s, message = %(message)s, finished_at = now()
           where import_id = %(id)s and run_id = %(run)s and state = 'running' returning 1""",
        {"state": state, "result": Jsonb(result), "message": message, "id": import_id, "run": run_id},
    ).fetchone()
    return row is not None
