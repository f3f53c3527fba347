"""Products that a supplier's file no longer has (`deactivate_missing`): found set-wise, delisted, made inactive.

In the file is a product that a row of the plan means, whatever becomes of the row, and one that a row which failed may
mean: by its SKU, or by an EAN in the range that is left of an unreadable one. Where one may mean any product, none is
missing (`is_held`). All others that the supplier lists are
missing: its offers are delisted, and the product becomes inactive unless another supplier lists it. The first row that
means it again undoes both, see `writing.Kinds.lists`.
"""

from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier, Literal

from pim_pipelines.store import products
from pim_pipelines.store.copying import copy_rows
from pim_pipelines.store.plan import Scope
from pim_pipelines.store.products import INCOMING_COLUMNS
from pim_pipelines.store.staging import Staging
from pim_pipelines.store.writing import Kinds, Writer

SPARED_COLUMNS = ("low_gtin", "high_gtin", "sku")

_LISTED_ELSEWHERE = """exists (
  select from supplier_products e
  where e.product_id = p.id and e.supplier_id <> %(supplier)s and e.is_listed)"""


def spare(conn: Connection[Any], staging_id: int, data: bytes) -> None:
    """Copy in what failed rows may mean: CSV of `SPARED_COLUMNS`, the staging's id before them."""
    copy_rows(conn, Identifier("stage_spared"), ("staging_id", *SPARED_COLUMNS), data)


def find(conn: Connection[Any], staging: Staging, scope: Scope) -> list[int]:
    """Return the ids of the missing products, in order; none where no row of the file means a product."""
    _join_by_hash(conn)
    return [number for (number,) in conn.execute(_missing(staging), scope.values()).fetchall()]


def count(conn: Connection[Any], staging: Staging, scope: Scope) -> int:
    """Count the missing products that would become inactive."""
    _join_by_hash(conn)
    row = conn.execute(
        SQL("select count(*) from ({}) m join products p on p.id = m.product_id where p.is_active and not {}").format(
            _missing(staging), SQL(_LISTED_ELSEWHERE)
        ),
        scope.values(),
    ).fetchone()
    return int(row[0]) if row else 0


def is_held(conn: Connection[Any], staging: Staging) -> bool:
    """Tell whether a failed row may mean any product, so that none is taken for missing."""
    row = conn.execute(
        """select exists (
             select from stage_spared where staging_id = %s and low_gtin is null and sku is null)""",
        (staging.id,),
    ).fetchone()
    return bool(row and row[0])


def deactivate(conn: Connection[Any], writer: Writer, product_ids: list[int]) -> int:
    """Delist these products of the supplier, and make inactive those that nobody else lists; returns how many."""
    values = {"tenant": writer.tenant, "supplier": writer.supplier, "ids": product_ids}
    conn.execute(
        """update supplier_products set is_listed = false, row_hash = null
           where product_id = any(%(ids)s) and supplier_id = %(supplier)s and tenant_id = %(tenant)s and is_listed""",
        values,
    )
    orphans = conn.execute(
        SQL(
            """select p.id from products p where p.id = any(%(ids)s) and p.tenant_id = %(tenant)s and p.is_active
                 and not {} order by p.id"""
        ).format(SQL(_LISTED_ELSEWHERE)),
        values,
    ).fetchall()
    if not orphans:
        return 0
    products.receive(conn, ["is_active"], "".join(map(_row, [number for (number,) in orphans])).encode())
    return products.change(conn, writer, ["is_active"], Kinds(deactivates=True))


def _row(product_id: int) -> str:
    known = {"product_id": str(product_id), "writes_product": "t", "adopts": "f", "gtin_scope": "0"}
    return ",".join([*(known.get(name, "") for name in INCOMING_COLUMNS), "f"]) + "\n"


def _join_by_hash(conn: Connection[Any]) -> None:
    # Sets of unknown sizes: nested loops would take n² steps. The look-ups of the spared can be nothing else.
    conn.execute("select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)")


def _missing(staging: Staging) -> Composed:
    return SQL(
        """with planned as materialized (select product_id from {plan} p where product_id is not null),
        spared as (select * from stage_spared where staging_id = {staging_id}),
        present as (
          select product_id from planned
          union all
          select x.id from (select distinct low_gtin, high_gtin from spared where low_gtin is not null) s
            cross join lateral (
              select id from products where tenant_id = %(tenant)s and gtin between s.low_gtin and s.high_gtin
                and gtin_scope in (0, %(supplier)s) offset 0) x
          union all
          select x.product_id from (select distinct sku from spared where sku is not null) s
            cross join lateral (
              select o.product_id from supplier_products o
              where o.tenant_id = %(tenant)s and o.supplier_id = %(supplier)s and o.sku = s.sku offset 0) x)
        select product_id from (
          select distinct product_id from supplier_products
          where tenant_id = %(tenant)s and supplier_id = %(supplier)s and is_listed) listed
        where exists (select from planned)
          and not exists (select from spared where low_gtin is null and sku is null)
          and not exists (select from present where present.product_id = listed.product_id)
        order by product_id"""
    ).format(plan=staging.plan, staging_id=Literal(staging.id))
