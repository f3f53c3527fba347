"""The errors and warnings of an import's rows, as the load writes them."""

from typing import Any

from psycopg import Connection
from psycopg.sql import Identifier

from pim_pipelines.store.copying import copy_rows

KEPT = 1_000_000
"""So many are kept for a job; `import_jobs.error_count` goes on counting."""

COLUMNS = ("import_id", "row_number", "n", "severity", "error_type", "field", "message", "raw_value")


def copy(conn: Connection[Any], data: bytes) -> None:
    """Add errors, CSV rows of `COLUMNS`; severity is `e` or `w`."""
    copy_rows(conn, Identifier("import_errors"), COLUMNS, data)


def room(conn: Connection[Any], import_id: int) -> int:
    """Return how many more may be kept for a job."""
    row = conn.execute("select error_count from import_jobs where id = %s", (import_id,)).fetchone()
    return max(0, KEPT - int(row[0])) if row else 0


def commonest(conn: Connection[Any], import_id: int) -> tuple[str, str, int] | None:
    """Return the commonest error (not warning) of a job: its type, one message, and on how many rows."""
    row = conn.execute(
        """select error_type, (array_agg(message order by row_number))[1], count(distinct row_number)
           from import_errors where import_id = %s and severity = 'e'
           group by error_type order by 3 desc, 1 limit 1""",
        (import_id,),
    ).fetchone()
    return (str(row[0]), str(row[1]), int(row[2])) if row else None
