"""Writing products: the one way by which product values get into the catalogue.

New ones are copied in; values of existing ones go through `change`, which keeps history and, in the same transaction,
forgets the hashes by which other offers were known to be unchanged. The transaction is the caller's.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from pim_pipelines.importing.fields import PRODUCT_FIELDS
from pim_pipelines.store import offers, outbox
from pim_pipelines.store.copying import copy_rows
from pim_pipelines.store.writing import Kinds, Stale, Writer

NOT_NULL = {"is_active"}
"""Product fields that always have a value, so they cannot be emptied."""

INCOMING_COLUMNS = {
    "row_number": "int",
    "product_id": "bigint",
    "offer_no": "int",
    "writes_product": "boolean",
    "adopts": "boolean",
    "gtin": "bigint",
    "gtin_scope": "int",
    "ean": "text",
    "row_hash": "bigint",
    "clear": "text",
}
"""What `change` wants of a row beside its values. adopts: the product gets gtin, gtin_scope and ean, having none.

offer_no null: no offer. clear: comma-joined fields to be emptied; else a null value keeps what is there.
"""


def copy_new(conn: Connection[Any], columns: Sequence[str], data: bytes) -> None:
    """Copy new products in: CSV rows of these columns of `products`."""
    copy_rows(conn, Identifier("products"), columns, data)


def receive(conn: Connection[Any], fields: Iterable[str], data: bytes) -> None:
    """Take in the rows that `change` works on: CSV of `INCOMING_COLUMNS`, then of the product fields in order.

    They are in a temporary table until the transaction ends: written to no log, and no trace of it is left.
    """
    types = INCOMING_COLUMNS | {name: _sql_type(name) for name in fields}
    conn.execute(
        SQL("create temp table incoming ({}) on commit drop").format(
            SQL(", ").join(SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in types.items())
        )
    )
    copy_rows(conn, Identifier("pg_temp", "incoming"), list(types), data)
    conn.execute("analyze pg_temp.incoming")


def change(conn: Connection[Any], writer: Writer, fields: Sequence[str], kinds: Kinds) -> int:
    """Write the received rows' values and offers; returns how many products have changed.

    A product whose values are all as they were is not written. What changed goes into `product_changes`, but for
    products that the same change set has made, and into the outbox where a webhook wants it. Raises Stale where a
    product is gone, or has got another EAN.
    """
    _look_for_products(conn, writer)
    changed = _change_products(conn, writer, fields, kinds)
    offers.put(conn, writer, fields, kinds)
    if changed:
        outbox.put_changed_products(conn, writer.tenant)
    return changed


def _change_products(conn: Connection[Any], writer: Writer, fields: Sequence[str], kinds: Kinds) -> int:
    new = {name: _new_value(name, kinds) for name in fields}
    if kinds.adopts:
        for name in ("gtin", "gtin_scope", "ean"):
            new[name] = SQL("case when i.adopts then i.{0} else p.{0} end").format(Identifier(name))
    new |= _activity(conn, writer, new, kinds)
    if not new:
        new = {"title": SQL("p.title")}
    recorded = [name for name in new if name not in ("gtin", "gtin_scope", "deactivated_import_id")]
    statement = SQL(
        """with changed as (
          update products p
          set {assignments}, version = p.version + 1, updated_at = now(), last_import_id = %(change_set)s
          from pg_temp.incoming i
          where i.writes_product and p.id = i.product_id
            and (not i.adopts or p.gtin is null) and ({old}) is distinct from ({new})
          returning i.row_number, i.offer_no, p.id, new.version, new.created_import_id, {changes} as changes),
        history as (
          insert into product_changes as c (tenant_id, change_set, product_id, row_number, changes, version_after)
          select %(tenant)s, %(change_set)s, id, row_number, changes, version from changed
          where created_import_id is distinct from %(change_set)s
          on conflict (change_set, product_id) do update
          set row_number = excluded.row_number, version_after = excluded.version_after, changes = (
            select coalesce(jsonb_object_agg(key, jsonb_build_array(first, last)), '{{}}') from (
              select key, coalesce(c.changes -> key, excluded.changes -> key) -> 0 as first,
                coalesce(excluded.changes -> key, c.changes -> key) -> 1 as last
              from jsonb_object_keys(c.changes || excluded.changes) key) both_changes
            where first is distinct from last)),
        forgotten as (
          update supplier_products o set row_hash = null from changed c
          where o.product_id = c.id and o.row_hash is not null
            and not (o.supplier_id = %(supplier)s and o.offer_no is not distinct from c.offer_no))
        select count(*) from changed"""
    ).format(
        assignments=SQL(", ").join(SQL("{} = {}").format(Identifier(name), value) for name, value in new.items()),
        old=SQL(", ").join(SQL("p.{}").format(Identifier(name)) for name in new),
        new=SQL(", ").join(new.values()),
        changes=SQL(" || ").join(map(_recorded, recorded)),
    )
    row = conn.execute(statement, writer.values()).fetchone()
    if (
        kinds.adopts
        and conn.execute(
            """select 1 from pg_temp.incoming i join products p on p.id = i.product_id
           where i.adopts and p.gtin is distinct from i.gtin limit 1"""
        ).fetchone()
    ):
        raise Stale("a product has got another EAN meanwhile")
    return int(row[0]) if row else 0


def _activity(conn: Connection[Any], writer: Writer, new: dict[str, Composable], kinds: Kinds) -> dict[str, Composable]:
    """Say what becomes of `is_active` and of the mark that a product is inactive only because no file had it."""
    if kinds.deactivates:
        return {
            "deactivated_import_id": SQL("case when p.is_active then %(change_set)s else p.deactivated_import_id end")
        }
    is_marked = "select from products where tenant_id = %s and deactivated_import_id is not null"
    row = conn.execute(f"select exists ({is_marked})", (writer.tenant,)).fetchone()
    if not (row and row[0]):
        return {}
    given = SQL("i.is_active") if "is_active" in new and not kinds.fills_only else SQL("null::boolean")
    if kinds.lists:
        active = SQL("coalesce({}, p.is_active or p.deactivated_import_id is not null)").format(given)
        return {"is_active": active, "deactivated_import_id": SQL("null::bigint")}
    mark = SQL("case when {} is null then p.deactivated_import_id end").format(given)
    return {"deactivated_import_id": mark}


def _look_for_products(conn: Connection[Any], writer: Writer) -> None:
    """Raise Stale where a product is not there any more, or has got an EAN while it was to be given one."""
    # Products are looked up by id: whatever the planner believes of their number, it must never read all of them.
    conn.execute(
        "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
        " set_config('enable_seqscan', 'off', true)"
    )
    row = conn.execute(
        """select count(*), count(p.id) from pg_temp.incoming i left join lateral (
             select p.id from products p where p.id = i.product_id and p.tenant_id = %(tenant)s
               and (not i.adopts or p.gtin is null) offset 0) p on true""",
        writer.values(),
    ).fetchone()
    received, there = map(int, row or (0, 0))
    if there != received:
        raise Stale(f"{received - there} of {received} products are gone or have another EAN now")


def _new_value(name: str, kinds: Kinds) -> Composable:
    column = Identifier(name)
    if name == "attributes" and kinds.fills_only:
        return SQL(
            """case when i.attributes is null then p.attributes
               else nullif(jsonb_strip_nulls(i.attributes || coalesce(p.attributes, '{{}}')), '{{}}') end"""
        ).format()
    if kinds.fills_only:
        return SQL("coalesce(p.{0}, i.{0})").format(column)
    if name == "attributes":
        return SQL(
            """case when i.attributes is null then p.attributes
               else nullif(jsonb_strip_nulls(coalesce(p.attributes, '{{}}') || i.attributes), '{{}}') end"""
        ).format()
    kept = SQL("coalesce(i.{0}, p.{0})").format(column)
    if not kinds.clears or name in NOT_NULL:
        return kept
    return SQL("case when {} = any(string_to_array(i.clear, ',')) then null else {} end").format(Literal(name), kept)


def _recorded(name: str) -> Composable:
    return SQL(
        """case when old.{column} is distinct from new.{column}
           then jsonb_build_object({name}::text, jsonb_build_array(old.{column}, new.{column})) else '{{}}' end"""
    ).format(column=Identifier(name), name=Literal(name))


def _sql_type(name: str) -> str:
    return PRODUCT_FIELDS[name].sql_type if name in PRODUCT_FIELDS else "jsonb"
