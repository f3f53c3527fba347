"""Rows that go into a table by COPY, as CSV."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Copy
from psycopg.sql import SQL, Composable, Identifier


@contextmanager
def copying(
    conn: Connection[Any], table: Composable, columns: Sequence[str], *, is_new: bool = False
) -> Iterator[Copy]:
    """Open a COPY of CSV rows of these columns, to be written in pieces.

    is_new: this very transaction has made the table. Its rows are then written as settled ones; else whoever reads them
    first marks each as committed, and with checksums all its pages go into the log for that.
    """
    statement = SQL("copy {} ({}) from stdin (format csv, freeze {})").format(
        table, SQL(", ").join(map(Identifier, columns)), SQL("true" if is_new else "false")
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def copy_rows(
    conn: Connection[Any], table: Composable, columns: Sequence[str], data: bytes, *, is_new: bool = False
) -> None:
    """Copy in CSV rows of these columns; `is_new` as in `copying`."""
    with copying(conn, table, columns, is_new=is_new) as copy:
        copy.write(data)
