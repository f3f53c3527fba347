"""Staging of a task of the second API: all its rows with their values, and their errors, in tables of its run's own.

The tables are made and filled in one transaction, which PostgreSQL need not log then; they are entered among
`stagings` (`rows_staged` counts every row, the failed ones too) and dropped and swept as other stagings' are.
"""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from pim_pipelines.store import staging
from pim_pipelines.store.copying import copy_rows

ROW_COLUMNS = (
    "row_number",
    "id",
    "parent_id",
    "says_variant",
    "failed",
    "sku",
    "title",
    "slug",
    "slug_base",
    "description",
    "og_description",
    "price",
    "sale_price",
    "length",
    "width",
    "height",
    "weight",
    "stock",
    "reserved_quantity",
    "status",
    "variant_attributes",
    "categories",
)
PLANNED_BY = frozenset({"row_number", "id", "parent_id", "says_variant", "failed", "slug_base"})
"""Those that say which product a row means; all others are values of it."""

ERROR_COLUMNS = ("row_number", "severity", "error_type", "field", "message", "raw_value")


def rows_table(staging_id: int) -> Identifier:
    """Name the table of a staging's rows, like `stage_voog_rows`."""
    return Identifier(f"stage_voog_rows_{staging_id}")


def errors_table(staging_id: int) -> Identifier:
    """Name the table of a staging's errors, like `stage_voog_errors`."""
    return Identifier(f"stage_voog_errors_{staging_id}")


def begin(conn: Connection[Any]) -> int:
    """Make the tables of a new staging; returns its id."""
    staging_id = staging.new_id(conn)
    conn.execute(SQL("create table {} (like stage_voog_rows)").format(rows_table(staging_id)))
    conn.execute(SQL("create table {} (like stage_voog_errors)").format(errors_table(staging_id)))
    return staging_id


def put_rows(conn: Connection[Any], staging_id: int, data: bytes) -> None:
    """Copy in CSV rows of `ROW_COLUMNS`."""
    copy_rows(conn, rows_table(staging_id), ROW_COLUMNS, data, is_new=True)


def put_errors(conn: Connection[Any], staging_id: int, data: bytes) -> None:
    """Copy in CSV rows of `ERROR_COLUMNS`."""
    copy_rows(conn, errors_table(staging_id), ERROR_COLUMNS, data, is_new=True)


def finish(conn: Connection[Any], staging_id: int, total_rows: int, *, import_id: int, run_id: UUID) -> None:
    """Note what was staged; a staging that this run had before is dropped."""
    noted = staging.Staging(
        staging_id, own_tables=True, may_collide=True, total_rows=total_rows, rows_staged=total_rows
    )
    staging.note(conn, noted, import_id=import_id, run_id=run_id)
    # Of what rows are looked up by: to sample their long texts too would take longer than the plan's own queries.
    conn.execute(
        SQL("analyze {} (row_number, id, parent_id, sku), {} (row_number)").format(
            rows_table(staging_id), errors_table(staging_id)
        )
    )
