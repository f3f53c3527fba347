"""The plan: one row for each staged row, saying which product it means and what happens to it.

    action  c create     makes the product            counts as created
            u update     writes product and offer     updated
            e same       nothing to write             updated
            d superseded a later row is the same      skipped
            p pending    no product has its EAN       skipped
            s skip       left alone by an option      skipped
            r reject     fits nothing                 failed

A row with action u or e that does not `writes_product` has only its SKU, cost and stock kept, as a further offer of a
product that another row writes. A product made by an earlier attempt of the job still counts as created.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from pim_pipelines.store import plan_query
from pim_pipelines.store.plan_query import Shape
from pim_pipelines.store.staging import Staging

SMALL_ROWS = 5_000
"""Up to so many rows a job shares the staging tables and is loaded in one transaction."""


class Action(StrEnum):
    """What happens to a row; the letter is what the plan table holds."""

    CREATE = "c"
    UPDATE = "u"
    SAME = "e"
    SUPERSEDED = "d"
    PENDING = "p"
    SKIP = "s"
    REJECT = "r"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan is made for. supplier: 0 where the job has none."""

    tenant: int
    supplier: int
    job: int
    attempt: int
    overwrite: bool
    create_missing: bool
    hash_version: int

    def values(self) -> dict[str, Any]:
        """Return the parameters of the plan's statements."""
        return {
            "tenant": self.tenant,
            "supplier": self.supplier,
            "job": self.job,
            "overwrite": self.overwrite,
            "create_missing": self.create_missing,
            "hash_version": self.hash_version,
        }


def build(conn: Connection[Any], staging: Staging, scope: Scope, *, half: int | None = None) -> int:
    """Plan the staged rows, all or a `half` (0 or 1) of them; returns how many were planned.

    Of the two halves together, and of all, that must be as many as were staged. A file may be halved only where no two
    of its rows mean one product; `forget` the run's former plan first.
    """
    shape = _shape(conn, staging, scope, use_hits=staging.own_tables and scope.attempt == 1, half=half)
    cursor = conn.execute(plan_query.insert_statement(staging, shape), scope.values())
    return cursor.rowcount


def may_be_halved(conn: Connection[Any], staging: Staging, scope: Scope) -> bool:
    """Tell whether no row's plan hangs on another's: no two mean one product, nor could adopt one without an EAN."""
    shape = _shape(conn, staging, scope, use_hits=False)
    return staging.own_tables and not staging.may_collide and not (shape.has_eanless and shape.has_offers)


def forget(conn: Connection[Any], staging: Staging) -> None:
    """Remove the plan that the run has, if it has."""
    conn.execute(SQL("delete from {} where {}").format(staging.plan_table, staging.mine))


def rebuild(conn: Connection[Any], staging: Staging, scope: Scope, rows: list[int], *, part: int, bucket: int) -> None:
    """Plan again the rows of one transaction, because the catalogue has changed under them."""
    shape = _shape(conn, staging, scope, use_hits=False, again=True)
    values = scope.values() | {"rows": rows, "part": part, "bucket": bucket}
    conn.execute(
        SQL("delete from {} where {} and row_number = any(%(rows)s)").format(staging.plan_table, staging.mine), values
    )
    conn.execute(plan_query.insert_statement(staging, shape), values)


def _shape(
    conn: Connection[Any],
    staging: Staging,
    scope: Scope,
    *,
    use_hits: bool,
    again: bool = False,
    half: int | None = None,
) -> Shape:
    # Never read a whole table to learn that nothing is there, whatever stale statistics say.
    # Look-ups can only be nested loops; everything else must not be one, see `plan_query`.
    conn.execute(
        "select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true),"
        " set_config('jit', 'off', true)"
    )
    row = conn.execute(
        """select exists(select from supplier_products where tenant_id = %(tenant)s and supplier_id = %(supplier)s),
             exists(select from products where tenant_id = %(tenant)s and gtin is not null),
             exists(select from products where tenant_id = %(tenant)s and gtin is null)""",
        scope.values(),
    ).fetchone()
    has_offers, has_products, has_eanless = row or (False, False, False)
    return Shape(
        may_collide=staging.may_collide,
        has_offers=has_offers,
        has_products=has_products,
        has_eanless=has_eanless,
        use_hits=use_hits and has_offers,
        has_supplier=scope.supplier != 0,
        again=again,
        half=half,
    )


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of the plan are alike."""

    action: Action
    counts_as: str
    writes_product: bool
    rows: int


def counts(conn: Connection[Any], staging: Staging) -> list[Count]:
    """Count the plan's rows by what happens to them."""
    rows = conn.execute(
        SQL(
            """select action::text, counts_as::text, writes_product, count(*) from {} p
               group by action, counts_as, writes_product order by 1, 2, 3"""
        ).format(staging.plan)
    ).fetchall()
    return [Count(Action(action), counts_as, writes, number) for action, counts_as, writes, number in rows]


PACKED = {
    "row_number": "i4",
    "action": "S1",
    "counts_as": "S1",
    "writes_product": "?",
    "product_id": "i8",
    "offer_no": "i4",
    "adopts": "?",
    "gtin": "i8",
    "gtin_scope": "i4",
    "part": "i4",
    "bucket": "i2",
}
"""The plan's columns as `packed` gives them: numpy's names of big-endian types; a null is `NULL`."""

NULL = -1
_SENDS = {"i2": "int2send", "i4": "int4send", "i8": "int8send", "S1": "charsend", "?": "boolsend"}
_NULLABLE = {"product_id", "offer_no", "gtin"}


def packed(conn: Connection[Any], staging: Staging, *, rows: list[int] | None = None) -> dict[str, bytes]:
    """Give the plan, of all rows or of some, by row number: each column's values (`PACKED`) one behind the other.

    COPY would hand over a message for each row, which costs the client more than all else of it.
    """

    def column(name: str, kind: str) -> SQL | Composable:
        value = SQL("coalesce({}, {})" if name in _NULLABLE else "{}").format(Identifier(name), Literal(NULL))
        return SQL("string_agg({}({}), '')").format(SQL(_SENDS[kind]), value)

    where = SQL("where row_number = any(%(rows)s)") if rows is not None else SQL("")
    select = SQL("select {} from (select {} from {} p {} order by row_number) ordered").format(
        SQL(", ").join(column(name, kind) for name, kind in PACKED.items()),
        SQL(", ").join(map(Identifier, PACKED)),
        staging.plan,
        where,
    )
    row = conn.execute(select, {"rows": rows}, binary=True).fetchone()
    return {name: bytes(value or b"") for name, value in zip(PACKED, row or [b""] * len(PACKED), strict=True)}
