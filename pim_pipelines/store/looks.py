"""The looks of configs for new files: one a due time, carried out by a Dagster run each.

waiting → running (a run has claimed it) → done or failed. A run that died leaves it running; it waits again then.
Functions take a psycopg connection and leave the transaction to their caller.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row


class Cause(StrEnum):
    """Why a config's place is looked at."""

    SCHEDULE = "schedule"
    NEW_FILE = "new_file"
    REQUEST = "request"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A row of `looks`, with what its run is tagged by."""

    id: int
    uuid: UUID
    config_id: int
    config_uuid: UUID
    config_name: str
    tenant_code: str
    supplier_code: str | None
    due_at: datetime
    cause: Cause
    follow_ups: int
    state: str
    run_id: UUID | None
    result: str | None
    finished_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "cause", Cause(self.cause))


_SELECT = """
  select l.id, l.uuid, l.config_id, c.uuid as config_uuid, c.name as config_name, t.code as tenant_code,
    s.code as supplier_code, l.due_at, l.cause, l.follow_ups, l.state, l.run_id, l.result, l.finished_at
  from looks l
  join import_configs c on c.id = l.config_id
  join tenants t on t.id = c.tenant_id
  left join suppliers s on s.id = c.supplier_id
"""


def begin(conn: Connection[Any], config_id: int, due_at: datetime, cause: Cause, *, follow_ups: int = 0) -> Look | None:
    """Make a look that waits for its run; None where this due time has one."""
    row = conn.execute(
        """insert into looks (config_id, due_at, cause, follow_ups) values (%s, %s, %s, %s)
           on conflict (config_id, due_at) do nothing returning uuid""",
        (config_id, due_at, cause, follow_ups),
    ).fetchone()
    return get(conn, row[0]) if row else None


def get(conn: Connection[Any], uuid: UUID) -> Look | None:
    """Return a look; None where it, or its config, is gone."""
    with conn.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(f"{_SELECT} where l.uuid = %s", (uuid,)).fetchone()


def of_run(conn: Connection[Any], run_id: UUID) -> Look | None:
    """Return the look that a run has claimed."""
    with conn.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(f"{_SELECT} where l.run_id = %s", (run_id,)).fetchone()


def unfinished(conn: Connection[Any], due_before: datetime, limit: int = 500) -> list[Look]:
    """Return the looks that wait or are at work, due before a moment, oldest first."""
    with conn.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(
            f"{_SELECT} where l.state in ('waiting', 'running') and l.due_at <= %s order by l.due_at, l.id limit %s",
            (due_before, limit),
        ).fetchall()


def claim(conn: Connection[Any], uuid: UUID, run_id: UUID) -> bool:
    """Give a waiting look to a run; False where another run has it, or it is over."""
    row = conn.execute(
        """update looks set state = 'running', run_id = %(run)s
           where uuid = %(uuid)s and (state = 'waiting' or (state = 'running' and run_id = %(run)s)) returning 1""",
        {"uuid": uuid, "run": run_id},
    ).fetchone()
    return row is not None


def at_work_besides(conn: Connection[Any], look: Look) -> Look | None:
    """Return another look at the same config's place that is running now.

    Waits for whoever is claiming one at this moment: of two that begin at once, one sees the other.
    """
    conn.execute("select from import_configs where id = %s for update", (look.config_id,))
    with conn.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(
            f"{_SELECT} where l.config_id = %s and l.id <> %s and l.state = 'running' limit 1",
            (look.config_id, look.id),
        ).fetchone()


def release(conn: Connection[Any], uuid: UUID, run_id: UUID) -> bool:
    """Have a look wait again whose run is over without an end of its own."""
    row = conn.execute(
        "update looks set state = 'waiting', run_id = null where uuid = %s and state = 'running' and run_id = %s "
        "returning 1",
        (uuid, run_id),
    ).fetchone()
    return row is not None


def finish(conn: Connection[Any], uuid: UUID, run_id: UUID | None, *, failed: bool, result: str) -> bool:
    """End a look; False where it is not this run's (None: of no run)."""
    row = conn.execute(
        """update looks set state = %(state)s, result = %(result)s, finished_at = now()
           where uuid = %(uuid)s and state in ('waiting', 'running') and run_id is not distinct from %(run)s
           returning 1""",
        {"state": "failed" if failed else "done", "result": result[:2000], "uuid": uuid, "run": run_id},
    ).fetchone()
    return row is not None


def failed_since(conn: Connection[Any], config_ids: list[int], moment: datetime) -> set[int]:
    """Return those of the configs one of whose looks failed after a moment."""
    rows = conn.execute(
        "select distinct config_id from looks where config_id = any(%s) and state = 'failed' and finished_at > %s",
        (config_ids, moment),
    ).fetchall()
    return {config_id for (config_id,) in rows}


def forget(conn: Connection[Any], finished_before: datetime) -> None:
    """Drop looks that ended long ago."""
    conn.execute("delete from looks where finished_at < %s", (finished_before,))
