"""Deliveries: an event on its way to a webhook, and the log of how that went.

A deliverer takes a *webhook* for a while (a lease), not a delivery: one that hangs holds up nobody else, two deliverers
never send to one webhook at once, and what a killed one had taken is free again when the lease is over.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from pim_pipelines.store.outbox import wake

LEASE_SECONDS = 15
"""Beyond the webhook's own time-out, a deliverer has a webhook for so long a try."""

KEPT_DAYS = 30
PRUNED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of `webhook_deliveries` with its event."""

    id: int
    uuid: UUID
    event_uuid: UUID
    event: str
    state: str
    tries: int
    next_try_at: datetime | None
    tried_at: datetime | None
    response_status: int | None
    response_excerpt: str | None
    duration_ms: int | None
    error: str | None
    redelivery_of: UUID | None
    delivered_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery that is due, with all that sending it needs."""

    id: int
    tries: int
    tenant_id: int
    webhook_id: int
    name: str
    url: str
    secret: bytes | None = field(repr=False)
    headers: bytes | None = field(repr=False)
    max_retries: int
    timeout_seconds: int
    event_uuid: UUID
    event: str
    data: dict[str, Any] = field(repr=False)
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """How a try went. retry_in: None means that it was the last one."""

    is_good: bool
    duration_ms: int
    response_status: int | None = None
    response_excerpt: str | None = None
    error: str | None = None
    retry_in: timedelta | None = None


_SELECT = """
  select d.id, d.uuid, o.uuid as event_uuid, o.event, d.state, d.tries, d.next_try_at, d.tried_at, d.response_status,
    d.response_excerpt, d.duration_ms, d.error, r.uuid as redelivery_of, d.delivered_at, d.created_at
  from webhook_deliveries d join outbox o on o.id = d.outbox_id left join webhook_deliveries r on r.id = d.redelivery_of
"""


def take_webhook(conn: Connection[Any], *, failing_too: bool) -> int | None:
    """Take the webhook that has been due the longest; None where none is. `failing_too`: also whose last try failed."""
    row = conn.execute(
        """update webhooks set busy_until = now() + make_interval(secs => timeout_seconds + %(lease)s)
           where id = (
             select w.id from webhooks w cross join lateral (
               select d.next_try_at from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting'
               order by d.next_try_at limit 1) d
             where d.next_try_at <= now() and (w.busy_until is null or w.busy_until < now())
               and (%(failing)s or w.failing_since is null)
             order by d.next_try_at limit 1 for no key update of w skip locked)
           returning id""",
        {"lease": LEASE_SECONDS, "failing": failing_too},
    ).fetchone()
    return int(row[0]) if row else None


def next_parcel(conn: Connection[Any], webhook_id: int) -> Parcel | None:
    """Return the oldest event that is due for a webhook that was taken, and hold the webhook as long as it takes.

    Where there is none, the webhook is let go.
    """
    with conn.cursor(row_factory=class_row(Parcel)) as cursor:
        found = cursor.execute(
            """select d.id, d.tries, w.tenant_id, w.id as webhook_id, w.name, w.url, w.secret, w.headers, w.max_retries,
                 w.timeout_seconds, o.uuid as event_uuid, o.event, o.data, o.created_at as happened_at
               from webhook_deliveries d join webhooks w on w.id = d.webhook_id join outbox o on o.id = d.outbox_id
               where d.webhook_id = %s and d.state = 'waiting' and d.next_try_at <= now() order by d.id limit 1""",
            (webhook_id,),
        ).fetchone()
    conn.execute(
        """update webhooks set busy_until = case when %(going_on)s
             then now() + make_interval(secs => timeout_seconds + %(lease)s) end where id = %(id)s""",
        {"going_on": found is not None, "lease": LEASE_SECONDS, "id": webhook_id},
    )
    return found


def release(conn: Connection[Any], webhook_id: int) -> None:
    """Let a webhook that was taken go, so that others come first."""
    conn.execute("update webhooks set busy_until = null where id = %s", (webhook_id,))


def note(conn: Connection[Any], parcel: Parcel, outcome: Try) -> bool:
    """Write down how a try went; False where another deliverer has been there meanwhile."""
    state = "delivered" if outcome.is_good else "waiting" if outcome.retry_in is not None else "failed"
    row = conn.execute(
        """update webhook_deliveries set state = %(state)s, tries = tries + 1, tried_at = now(),
             next_try_at = now() + %(retry_in)s::interval, response_status = %(status)s,
             response_excerpt = %(excerpt)s, duration_ms = %(duration)s, error = %(error)s,
             delivered_at = case when %(good)s then now() end
           where id = %(id)s and state = 'waiting' and tries = %(tries)s returning 1""",
        {
            "state": state,
            "retry_in": None if outcome.is_good else outcome.retry_in,
            "status": outcome.response_status,
            "excerpt": outcome.response_excerpt,
            "duration": outcome.duration_ms,
            "error": outcome.error,
            "good": outcome.is_good,
            "id": parcel.id,
            "tries": parcel.tries,
        },
    ).fetchone()
    conn.execute(
        """update webhooks set failing_since = case when not %(good)s then coalesce(failing_since, now()) end
           where id = %(id)s and (failing_since is null) <> %(good)s""",
        {"good": outcome.is_good, "id": parcel.webhook_id},
    )
    return row is not None


def get(conn: Connection[Any], webhook_id: int, uuid: UUID) -> Delivery | None:
    """Return a delivery of a webhook."""
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(f"{_SELECT} where d.webhook_id = %s and d.uuid = %s", (webhook_id, uuid)).fetchone()


def redeliver(conn: Connection[Any], webhook_id: int, uuid: UUID) -> UUID | None:
    """Queue the event of a delivery once more; returns the new delivery's UUID, None where there is no such one."""
    row = conn.execute(
        """insert into webhook_deliveries (webhook_id, outbox_id, redelivery_of)
           select webhook_id, outbox_id, id from webhook_deliveries where webhook_id = %s and uuid = %s
           returning uuid""",
        (webhook_id, uuid),
    ).fetchone()
    if row is None:
        return None
    wake(conn)
    again: UUID = row[0]
    return again


def list_page(
    conn: Connection[Any],
    webhook_id: int,
    *,
    state: str | None = None,
    event: str | None = None,
    limit: int,
    offset: int,
) -> tuple[list[Delivery], int]:
    """Return a page of a webhook's deliveries, most recent first, and how many there are."""
    where = """where d.webhook_id = %(webhook)s and (%(state)s::text is null or d.state = %(state)s)
        and (%(event)s::text is null or o.event = %(event)s)"""
    values = {"webhook": webhook_id, "state": state, "event": event, "limit": limit, "offset": offset}
    total = conn.execute(
        f"select count(*) from webhook_deliveries d join outbox o on o.id = d.outbox_id {where}", values
    ).fetchone()
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        items = cursor.execute(
            f"{_SELECT} {where} order by d.id desc limit %(limit)s offset %(offset)s", values
        ).fetchall()
    return items, int(total[0]) if total else 0


def prune(conn: Connection[Any]) -> int:
    """Remove deliveries that ended long ago, and events that no delivery needs; returns how many deliveries."""
    values = {"days": KEPT_DAYS, "most": PRUNED_AT_ONCE}
    removed = conn.execute(
        """delete from webhook_deliveries where id in (
             select id from webhook_deliveries where state <> 'waiting'
               and created_at < now() - make_interval(days => %(days)s) order by id limit %(most)s)""",
        values,
    ).rowcount
    conn.execute(
        """delete from outbox where id in (
             select o.id from outbox o where o.created_at < now() - make_interval(days => %(days)s)
               and not exists (select from webhook_deliveries d where d.outbox_id = o.id)
             order by o.id limit %(most)s)""",
        values,
    )
    return removed
