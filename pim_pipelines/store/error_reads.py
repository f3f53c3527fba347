"""What the API reads of the errors and warnings that a load wrote."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

SEVERITIES = {"error": "e", "warning": "w"}
"""As the API words them, and as `import_errors.severity` keeps them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """An error or a warning of a row; `severity` in words."""

    row_number: int
    n: int
    severity: str
    error_type: str
    field: str | None
    message: str
    raw_value: str | None
    created_at: datetime


_COLUMNS = """row_number, n, case severity when 'e' then 'error' else 'warning' end as severity,
  error_type, field, message, raw_value, created_at"""


def list_page(
    conn: Connection[Any],
    import_id: int,
    *,
    error_type: str | None = None,
    severity: str | None = None,
    search: str | None = None,
    limit: int,
    offset: int,
) -> tuple[list[RowError], int]:
    """Return a page of a job's errors by row number, and how many there are.

    `search` is looked for in the messages, without regard to case.
    """
    where = """where import_id = %(job)s and (%(type)s::text is null or error_type = %(type)s)
        and (%(severity)s::text is null or severity = %(severity)s::"char")
        and (%(search)s::text is null or strpos(lower(message), lower(%(search)s)) > 0)"""
    values = {
        "job": import_id,
        "type": error_type,
        "severity": SEVERITIES[severity] if severity else None,
        "search": search,
        "limit": limit,
        "offset": offset,
    }
    total = conn.execute(f"select count(*) from import_errors {where}", values).fetchone()
    with conn.cursor(row_factory=class_row(RowError)) as cursor:
        items = cursor.execute(
            f"select {_COLUMNS} from import_errors {where} order by row_number, n limit %(limit)s offset %(offset)s",
            values,
        ).fetchall()
    return items, int(total[0]) if total else 0


def following(
    conn: Connection[Any], import_id: int, after: tuple[int, int] = (0, -1), limit: int = 5000
) -> list[RowError]:
    """Return a job's next errors after a `(row_number, n)`: a report reads all of them in such steps."""
    with conn.cursor(row_factory=class_row(RowError)) as cursor:
        return cursor.execute(
            f"""select {_COLUMNS} from import_errors where import_id = %s and (row_number, n) > (%s, %s)
                order by row_number, n limit %s""",
            (import_id, *after, limit),
        ).fetchall()


def blocks(
    connection: Callable[[], AbstractContextManager[Connection[Any]]], import_id: int
) -> Iterator[list[RowError]]:
    """Give all errors of a job in blocks; each has its own transaction, so that a slow reader holds none."""
    after = (0, -1)
    while True:
        with connection() as conn:
            block = following(conn, import_id, after)
        if not block:
            return
        yield block
        after = (block[-1].row_number, block[-1].n)
