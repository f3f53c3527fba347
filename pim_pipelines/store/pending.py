"""EANs that no product has and that a row may not make: queued once per EAN and supplier."""

from typing import Any

from psycopg import Connection
from psycopg.sql import Identifier

from pim_pipelines.store import outbox
from pim_pipelines.store.copying import copy_rows
from pim_pipelines.store.writing import Stale, Writer

COLUMNS = ("gtin", "gtin_scope", "ean", "description")


def queue(conn: Connection[Any], writer: Writer, data: bytes) -> None:
    """Queue EANs, CSV rows of `COLUMNS`. An ignored one stays ignored; one whose product is gone opens again.

    Raises Stale where a product of one of them exists by now.
    """
    conn.execute("create temp table waiting (gtin bigint, gtin_scope int, ean text, description text) on commit drop")
    copy_rows(conn, Identifier("pg_temp", "waiting"), COLUMNS, data)
    values = {"tenant": writer.tenant, "supplier": writer.supplier or None, "job": writer.change_set}
    if conn.execute(
        """select 1 from pg_temp.waiting w cross join lateral (
             select 1 from products p where p.tenant_id = %(tenant)s and p.gtin = w.gtin
               and p.gtin_scope = w.gtin_scope limit 1) p limit 1""",
        values,
    ).fetchone():
        raise Stale("a product has been made of a pending EAN")
    conn.execute(
        """insert into pending_eans as e
             (tenant_id, supplier_id, gtin, gtin_scope, ean, description, first_import_id, last_import_id)
           select distinct on (gtin, gtin_scope) %(tenant)s, %(supplier)s, gtin, gtin_scope, ean, description,
             %(job)s, %(job)s
           from pg_temp.waiting order by gtin, gtin_scope, description nulls last
           on conflict (tenant_id, supplier_id, gtin, gtin_scope) do update
           set last_import_id = excluded.last_import_id, description = coalesce(excluded.description, e.description),
             state = case when e.state = 'resolved' and not exists (select from products p where p.id = e.product_id)
               then 'open' else e.state end""",
        values,
    )


def any_open(conn: Connection[Any], tenant: int) -> bool:
    """Tell whether any EAN of the tenant waits for a product."""
    row = conn.execute(
        "select exists(select from pending_eans where tenant_id = %s and state = 'open')", (tenant,)
    ).fetchone()
    return bool(row and row[0])


def resolve(conn: Connection[Any], writer: Writer, products: list[int], gtins: list[int], scopes: list[int]) -> None:
    """Resolve the open EANs, of whichever supplier, that these products of the writer now have."""
    resolved = conn.execute(
        """update pending_eans e set state = 'resolved', product_id = p.id, last_import_id = %(job)s
           from unnest(%(products)s::bigint[], %(gtins)s::bigint[], %(scopes)s::int[]) p (id, gtin, gtin_scope)
           where e.tenant_id = %(tenant)s and e.gtin = p.gtin and e.gtin_scope = p.gtin_scope and e.state = 'open'
           returning e.id""",
        {
            "tenant": writer.tenant,
            "job": writer.change_set,
            "products": products,
            "gtins": gtins,
            "scopes": scopes,
        },
    ).fetchall()
    outbox.put_resolved_eans(conn, writer.tenant, [row[0] for row in resolved])
