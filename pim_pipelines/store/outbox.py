"""The outbox: what happened, written in the transaction in which it happened, for the webhooks that want to know.

An event that no active webhook of its tenant wants is not written at all. One that some want is one row of `outbox`,
and one of `webhook_deliveries` for each of them; `NOTIFY` wakes the deliverers when the transaction commits.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from pim_pipelines.store.catalogue import product_uuid

Item = TypeVar("Item")

CHANNEL = "pim_outbox"
BATCH = 500
"""Products, or EANs, of one event at most."""


class Event(StrEnum):
    """What webhooks may be told of."""

    IMPORT_STARTED = "import.started"
    IMPORT_COMPLETED = "import.completed"
    IMPORT_FAILED = "import.failed"
    IMPORT_CANCELLED = "import.cancelled"
    IMPORT_AWAITING_MAPPING = "import.awaiting_mapping"
    PRODUCT_CREATED = "product.created"
    PRODUCT_UPDATED = "product.updated"
    PRODUCT_DELETED = "product.deleted"
    SUPPLIER_CREATED = "supplier.created"
    SUPPLIER_UPDATED = "supplier.updated"
    EAN_RESOLVED = "ean.resolved"
    TEST = "test"


PRODUCT_EVENTS = frozenset({Event.PRODUCT_CREATED, Event.PRODUCT_UPDATED, Event.PRODUCT_DELETED})


def wanted(conn: Connection[Any], tenant_id: int) -> frozenset[Event]:
    """Return the events that the tenant's active webhooks want."""
    rows = conn.execute(
        "select distinct unnest(events) from webhooks where tenant_id = %s and is_active", (tenant_id,)
    ).fetchall()
    return frozenset(Event(row[0]) for row in rows)


def put(conn: Connection[Any], tenant_id: int, event: Event, *data: dict[str, Any]) -> None:
    """Write events, one for each `data`, where a webhook wants them."""
    # The lock keeps a webhook from being deleted under its deliveries, and lets everything else be done to it.
    row = conn.execute(
        """with wanting as materialized (
             select id from webhooks where tenant_id = %(tenant)s and is_active and %(event)s = any(events)
             for key share),
           written as (
             insert into outbox (tenant_id, event, data)
             select %(tenant)s, %(event)s, each from unnest(%(data)s::jsonb[]) with ordinality as d (each, n)
             where exists (select from wanting) order by n returning id),
           queued as (
             insert into webhook_deliveries (webhook_id, outbox_id)
             select w.id, o.id from written o cross join wanting w order by o.id returning 1)
           select count(*) from queued""",
        {"tenant": tenant_id, "event": event, "data": [Jsonb(each) for each in data]},
    ).fetchone()
    if row and row[0]:
        # A load lets chunks be lost in a crash; what a receiver was told must not be.
        conn.execute("select set_config('synchronous_commit', 'on', true)")
        wake(conn)


def wake(conn: Connection[Any]) -> None:
    """Wake the deliverers when the transaction commits."""
    conn.execute("select pg_notify(%s, '')", (CHANNEL,))


def put_products(conn: Connection[Any], tenant_id: int, event: Event, product_ids: Sequence[int]) -> None:
    """Write a product event for these products: their ids, in batches; what they are is read when it is sent."""
    if not product_ids or event not in wanted(conn, tenant_id):
        return
    put(conn, tenant_id, event, *({"ids": list(batch)} for batch in _batches(product_ids)))


def put_changed_products(conn: Connection[Any], tenant_id: int) -> None:
    """Write `product.updated` for what this transaction has received and really changed.

    It has updated no product but at its own time (`now()`); those it has made itself are not changes.
    """
    if Event.PRODUCT_UPDATED not in wanted(conn, tenant_id):
        return
    rows = conn.execute(
        """select distinct p.id from pg_temp.incoming i cross join lateral (
             select p.id, p.updated_at, p.created_at from products p where p.id = i.product_id offset 0) p
           where p.updated_at = now() and p.created_at <> now() order by p.id"""
    ).fetchall()
    put_products(conn, tenant_id, Event.PRODUCT_UPDATED, [row[0] for row in rows])


def put_resolved_eans(conn: Connection[Any], tenant_id: int, pending_ids: Sequence[int]) -> None:
    """Write `ean.resolved` for pending EANs that have just got their products, in batches."""
    if not pending_ids or Event.EAN_RESOLVED not in wanted(conn, tenant_id):
        return
    rows = conn.execute(
        """select e.uuid, e.ean, e.product_id, s.uuid, s.code from pending_eans e
           left join suppliers s on s.id = e.supplier_id where e.id = any(%s) order by e.id""",
        (list(pending_ids),),
    ).fetchall()
    resolved = [
        {
            "id": str(uuid),
            "ean": ean,
            "product_id": str(product_uuid(product_id)),
            "supplier_id": str(supplier) if supplier else None,
            "supplier_code": code,
        }
        for uuid, ean, product_id, supplier, code in rows
    ]
    put(conn, tenant_id, Event.EAN_RESOLVED, *({"resolved": list(batch)} for batch in _batches(resolved)))


def put_import(conn: Connection[Any], job_uuid: UUID, event: Event) -> None:
    """Write an import's event, with the job as it stands in this transaction."""
    row = conn.execute(
        """select j.tenant_id, jsonb_build_object(
             'job_id', j.uuid, 'supplier_id', s.uuid, 'supplier_code', s.code, 'supplier_name', s.name,
             'import_type', j.import_type, 'status', j.status,
             'duration_seconds', round(extract(epoch from coalesce(j.completed_at, now()) - j.started_at), 1),
             'stats', jsonb_build_object('total_rows', j.total_rows, 'created', j.products_created,
               'updated', j.products_updated, 'errors', j.failed_rows))
             || case when j.voog_id is null then '{}' else jsonb_build_object('voog_id', j.voog_id) end
           from import_jobs j left join suppliers s on s.id = j.supplier_id
           where j.uuid = %(uuid)s and exists (
             select from webhooks w where w.tenant_id = j.tenant_id and w.is_active and %(event)s = any(w.events))""",
        {"uuid": job_uuid, "event": event},
    ).fetchone()
    if row is not None:
        put(conn, row[0], event, row[1])


def put_test(conn: Connection[Any], tenant_id: int, webhook_id: int, data: dict[str, Any]) -> UUID:
    """Write a `test` event for one webhook, whatever it wants; returns the delivery's UUID."""
    row = conn.execute(
        """with written as (
             insert into outbox (tenant_id, event, data) values (%s, %s, %s) returning id)
           insert into webhook_deliveries (webhook_id, outbox_id) select %s, id from written returning uuid""",
        (tenant_id, Event.TEST, Jsonb(data), webhook_id),
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert of one row
    wake(conn)
    uuid: UUID = row[0]
    return uuid


def _batches(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
