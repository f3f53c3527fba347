"""Rows that go into a table by COPY, as CSV."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Copy
from psycopg.sql import SQL, Composable, Identifier


@contextmanager
def copying(conn: Connection[Any], table: Composable, columns: Sequence[str]) -> Iterator[Copy]:
    """Open a COPY of CSV rows of these columns, to be written in pieces."""
    statement = SQL("copy {} ({}) from stdin (format csv)").format(table, SQL(", ").join(map(Identifier, columns)))
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def copy_rows(conn: Connection[Any], table: Composable, columns: Sequence[str], data: bytes) -> None:
    """Copy in CSV rows of these columns."""
    with copying(conn, table, columns) as copy:
        copy.write(data)
