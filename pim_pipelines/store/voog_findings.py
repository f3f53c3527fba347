"""What was found in the rows of a Voog task: what checking says and what only the plan shows; how a task ended."""

from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Literal
from psycopg.types.json import Jsonb

from pim_pipelines.importing.voog.failures import Failure
from pim_pipelines.store import errors
from pim_pipelines.store.chunks import Holder
from pim_pipelines.store.voog_plan import Tables

PROBLEMS: dict[str, tuple[str, str, str]] = {
    "unknown": (
        "reference_not_found",
        "parent_id",
        "Neither this file nor the catalogue has a product with the ID %2$s, which this row names as its parent.",
    ),
    "nothing_above": (
        "reference_not_found",
        "parent_id",
        "This row is a variant without a Parent ID, and no product stands above it: give its parent's ID.",
    ),
    "of_a_variant": (
        "reference_not_found",
        "parent_id",
        "The parent of this row, ID %2$s, is a variant itself%4$s: only products can have variants.",
    ),
    "parent_failed": (
        "reference_not_found",
        "parent_id",
        "The parent of this row was not imported%4$s: correct that row, and import both again.",
    ),
    "is_a_product": (
        "value_not_allowed",
        "id",
        "This row is a variant, but %3$s is a product in the catalogue: a product cannot become a variant.",
    ),
    "is_a_variant": (
        "value_not_allowed",
        "id",
        "This row is a product, but %3$s is a variant in the catalogue: a variant cannot become a product.",
    ),
    "nameless": ("missing_required_field", "name", "A new product needs a name: fill in the name."),
}
"""Why the plan fails a row: error type, field and message. %2$s: the parent's ID; %3$s: the row's; %4$s: which row."""

PARENT_NOT_FOUND = "reference_not_found"
"""The error type of rows whose parent is not to be had; no other error of a Voog row has it."""


def put(conn: Connection[Any], tables: Tables, import_id: int, chunk: int) -> int:
    """Write the errors and warnings of a chunk's rows, as far as there is room; returns how many there are."""
    cases = SQL(" ").join(
        SQL("when {} then {}").format(Literal(problem), Literal(message))
        for problem, (_, _, message) in PROBLEMS.items()
    )
    listed = [(problem, type_, field) for problem, (type_, field, _) in PROBLEMS.items()]
    conn.execute(
        SQL(
            """create temp table voog_findings on commit drop as
               select e.row_number, (row_number() over (partition by e.row_number order by e.ctid) - 1)::smallint as n,
                 left(e.severity, 1) as severity, e.error_type, e.field, e.message, e.raw_value
               from {errors} e join {plan} p on p.row_number = e.row_number where p.chunk = {chunk}
               union all
               select p.row_number, 32000::smallint, 'e', k.error_type, k.field,
                 format(case p.problem {cases} end, '', r.parent_id, r.id,
                   case when p.parent_row is null then ''
                     when p.problem = 'parent_failed' then ' (row ' || p.parent_row || ')'
                     else ', see row ' || p.parent_row end),
                 case k.field when 'parent_id' then r.parent_id when 'id' then r.id end::text
               from {plan} p join {rows} r on r.row_number = p.row_number
               join unnest({problems}::text[], {types}::text[], {fields}::text[]) k (problem, error_type, field)
                 on k.problem = p.problem
               where p.chunk = {chunk} and p.problem is not null"""
        ).format(
            errors=tables.errors,
            plan=tables.plan,
            rows=tables.rows,
            chunk=Literal(chunk),
            cases=cases,
            problems=Literal([each[0] for each in listed]),
            types=Literal([each[1] for each in listed]),
            fields=Literal([each[2] for each in listed]),
        )
    )
    row = conn.execute("select count(*) from pg_temp.voog_findings").fetchone()
    found = int(row[0]) if row else 0
    if found:
        conn.execute(
            """insert into import_errors (import_id, row_number, n, severity, error_type, field, message, raw_value)
               select %s, row_number, n, severity::"char", error_type, field, message, raw_value
               from pg_temp.voog_findings where n <= 32000 order by row_number, n limit %s""",
            (import_id, errors.room(conn, import_id)),
        )
    return found


def first_error(conn: Connection[Any], import_id: int) -> tuple[int, str, str] | None:
    """Return the first error of the first row that has one: row number, error type and message."""
    row = conn.execute(
        """select row_number, error_type, message from import_errors
           where import_id = %s and severity = 'e' order by row_number, n limit 1""",
        (import_id,),
    ).fetchone()
    return (int(row[0]), str(row[1]), str(row[2])) if row else None


def note_end(conn: Connection[Any], holder: Holder, imported_products: int, failure: Failure | None) -> bool:
    """Write how many products were imported, and why rows failed; False where the job is not the holder's any more."""
    row = conn.execute(
        """update import_jobs set imported_products = %(products)s, failure_reason = %(reason)s,
             failure_details = %(details)s, updated_at = now()
           where id = %(job)s and run_id = %(run)s and attempt = %(attempt)s and status = 'processing' returning 1""",
        holder.values()
        | {
            "products": imported_products,
            "reason": failure.reason if failure else None,
            "details": Jsonb(failure.details()) if failure else None,
        },
    ).fetchone()
    return row is not None
