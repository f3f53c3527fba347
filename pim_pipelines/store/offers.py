"""Offers: what a supplier calls a product, asks for it and has of it. The transaction is the caller's."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from pim_pipelines.store.copying import copy_rows
from pim_pipelines.store.writing import Kinds, Stale, Writer

COLUMNS = (
    "tenant_id",
    "supplier_id",
    "product_id",
    "offer_no",
    "sku",
    "cost_price",
    "stock",
    "row_hash",
    "hash_version",
)

_AMOUNTS = ("cost_price", "stock")


def copy_new(conn: Connection[Any], columns: Sequence[str], data: bytes) -> None:
    """Copy the offers of new products in: CSV rows of these columns of `supplier_products`."""
    copy_rows(conn, Identifier("supplier_products"), columns, data)


def refuse_taken_skus(conn: Connection[Any], writer: Writer, skus: list[str]) -> None:
    """Raise Stale where somebody has made a product of one of these SKUs since they were planned to be new."""
    supplier = SQL("and o.supplier_id = %(supplier)s") if writer.supplier else SQL("")
    row = conn.execute(
        SQL(
            """select 1 from unnest(%(skus)s::text[]) s (sku) cross join lateral (
                 select 1 from supplier_products o where o.tenant_id = %(tenant)s {} and o.sku = s.sku limit 1) o
               limit 1"""
        ).format(supplier),
        {"skus": skus, "tenant": writer.tenant, "supplier": writer.supplier},
    ).fetchone()
    if row:
        raise Stale("another import has made a product of this SKU")


def put(conn: Connection[Any], writer: Writer, fields: Sequence[str], kinds: Kinds) -> None:
    """Write the offers of the rows that `products.receive` has taken in; raises Stale where others are there now."""
    amounts = () if kinds.renames else _AMOUNTS
    given = {name: SQL("null") for name in ("sku", *_AMOUNTS)} | {
        name: SQL("i.{}").format(Identifier(name)) for name in ("sku", *amounts) if name in fields
    }
    first, second = (SQL("o"), SQL("excluded")) if kinds.fills_only else (SQL("excluded"), SQL("o"))
    cursor = conn.execute(
        SQL(
            """insert into supplier_products as o ({columns})
               select %(tenant)s, %(supplier)s, product_id, offer_no, {sku}, {cost_price}, {stock}, row_hash,
                 %(hash_version)s
               from pg_temp.incoming i where offer_no is not null
               on conflict (product_id, supplier_id, offer_no) do update
               set sku = coalesce(excluded.sku, o.sku), cost_price = coalesce({first}.cost_price, {second}.cost_price),
                 stock = coalesce({first}.stock, {second}.stock), row_hash = excluded.row_hash,
                 hash_version = excluded.hash_version, is_listed = true
               where {renames} or o.sku is null or excluded.sku is null or o.sku = excluded.sku"""
        ).format(
            columns=SQL(", ").join(map(Identifier, COLUMNS)),
            first=first,
            second=second,
            renames=Literal(kinds.renames),
            **given,
        ),
        writer.values(),
    )
    wanted = conn.execute("select count(*) from pg_temp.incoming where offer_no is not null").fetchone()
    if wanted and cursor.rowcount != wanted[0]:
        raise Stale("another import has added offers to these products")
    for name in _AMOUNTS if kinds.clears and not kinds.fills_only else ():
        conn.execute(
            SQL(
                """update supplier_products o set {column} = null from pg_temp.incoming i
                   where o.product_id = i.product_id and o.supplier_id = %(supplier)s and o.offer_no = i.offer_no
                     and {name} = any(string_to_array(i.clear, ','))"""
            ).format(column=Identifier(name), name=Literal(name)),
            writer.values(),
        )
