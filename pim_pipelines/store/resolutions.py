"""EANs that wait for a person: listed, ignored, or linked by hand to a product. What a load queues is in `pending`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from pim_pipelines.store import outbox
from pim_pipelines.store.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEan:
    """A row of `pending_eans`, with its supplier's code."""

    id: int
    uuid: UUID
    ean: str
    gtin: int
    gtin_scope: int
    supplier_code: str | None
    description: str | None
    state: str
    product_id: int | None
    first_seen_at: datetime


_SELECT = """
  select e.id, e.uuid, e.ean, e.gtin, e.gtin_scope, s.code as supplier_code, e.description, e.state, e.product_id,
    e.first_seen_at
  from pending_eans e left join suppliers s on s.id = e.supplier_id
"""


def list_page(
    conn: Connection[Any],
    tenant_id: int,
    *,
    supplier_code: str | None = None,
    search: str | None = None,
    gtin: int | None = None,
    limit: int,
    offset: int,
) -> tuple[list[PendingEan], int]:
    """Return a page of the open ones, those first seen last before others, and how many there are.

    `search` looks into EAN and description, without regard to case; `gtin` is what it means as an EAN.
    """
    where = """where e.tenant_id = %(tenant)s and e.state = 'open'
        and (%(supplier)s::text is null or s.code = %(supplier)s)
        and (%(search)s::text is null or strpos(e.ean, %(search)s) > 0 or e.gtin = %(gtin)s
             or strpos(lower(e.description), lower(%(search)s)) > 0)"""
    values = {
        "tenant": tenant_id,
        "supplier": supplier_code,
        "search": search,
        "gtin": gtin,
        "limit": limit,
        "offset": offset,
    }
    total = conn.execute(
        f"select count(*) from pending_eans e left join suppliers s on s.id = e.supplier_id {where}", values
    ).fetchone()
    with conn.cursor(row_factory=class_row(PendingEan)) as cursor:
        items = cursor.execute(
            f"{_SELECT} {where} order by e.first_seen_at desc, e.id desc limit %(limit)s offset %(offset)s", values
        ).fetchall()
    return items, int(total[0]) if total else 0


def by_uuid(conn: Connection[Any], tenant_id: int, uuid: UUID) -> PendingEan | None:
    """Return one of this tenant, in whatever state."""
    with conn.cursor(row_factory=class_row(PendingEan)) as cursor:
        return cursor.execute(f"{_SELECT} where e.tenant_id = %s and e.uuid = %s", (tenant_id, uuid)).fetchone()


def ignore(conn: Connection[Any], tenant_id: int, uuids: Collection[UUID]) -> int:
    """Ignore open ones, which are not queued again for their suppliers; returns how many there were."""
    return conn.execute(
        """update pending_eans set state = 'ignored' where tenant_id = %s and uuid = any(%s) and state = 'open'""",
        (tenant_id, list(uuids)),
    ).rowcount


def link(conn: Connection[Any], tenant_id: int, pending: PendingEan, product_id: int) -> bool:
    """Give an open EAN to a product without one, and resolve it for all suppliers; False where the product has one.

    The change is in the product's history under a change set of its own (below zero: no import made it), and the
    offers of the product are no longer known to be unchanged. Raises UniqueViolation where another product has the EAN.
    """
    row = conn.execute(
        """with given as (
             update products p set gtin = %(gtin)s, gtin_scope = %(scope)s, ean = %(ean)s, version = p.version + 1,
               updated_at = now()
             where p.id = %(product)s and p.tenant_id = %(tenant)s and p.gtin is null
             returning p.id, p.version),
           forgotten as (
             update supplier_products o set row_hash = null from given g
             where o.product_id = g.id and o.row_hash is not null)
           insert into product_changes (tenant_id, change_set, product_id, changes, version_after)
           select %(tenant)s, nextval('manual_change_sets'), id,
             jsonb_build_object('ean', jsonb_build_array(null, %(ean)s::text)), version
           from given returning 1""",
        _values(tenant_id, pending, product_id),
    ).fetchone()
    if row is None:
        return False
    outbox.put_products(conn, tenant_id, Event.PRODUCT_UPDATED, [product_id])
    resolve(conn, tenant_id, pending, product_id)
    return True


def resolve(conn: Connection[Any], tenant_id: int, pending: PendingEan, product_id: int) -> None:
    """Note that a product has the EAN, for whichever supplier it is open."""
    # Products before pending EANs, as a load does it: the two never wait for each other.
    resolved = conn.execute(
        """update pending_eans set state = 'resolved', product_id = %(product)s
           where tenant_id = %(tenant)s and gtin = %(gtin)s and gtin_scope = %(scope)s and state = 'open'
           returning id""",
        _values(tenant_id, pending, product_id),
    ).fetchall()
    outbox.put_resolved_eans(conn, tenant_id, [row[0] for row in resolved])


def ean_of(conn: Connection[Any], tenant_id: int, product_id: int) -> tuple[str | None, int | None, int] | None:
    """Return the `(ean, gtin, gtin_scope)` of a product; None where the tenant has no such product."""
    row = conn.execute(
        "select ean, gtin, gtin_scope from products where tenant_id = %s and id = %s", (tenant_id, product_id)
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def _values(tenant_id: int, pending: PendingEan, product_id: int) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "product": product_id,
        "ean": pending.ean,
        "gtin": pending.gtin,
        "scope": pending.gtin_scope,
    }
