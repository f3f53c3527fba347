"""The webhooks of a tenant: where its events are sent. Secret and headers are stored sealed (`SecretBox`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier, Placeholder

SWITCHED_OFF = "The webhook was switched off."


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A row of `webhooks`."""

    id: int
    uuid: UUID
    tenant_id: int
    name: str
    url: str
    events: list[str]
    secret: bytes | None = field(repr=False)
    headers: bytes | None = field(repr=False)
    header_names: list[str]
    max_retries: int
    timeout_seconds: int
    is_active: bool
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


COLUMNS: LiteralString = """id, uuid, tenant_id, name, url, events, secret, headers, header_names, max_retries,
  timeout_seconds, is_active, failing_since, created_at, updated_at"""


def insert(conn: Connection[Any], tenant_id: int, values: Mapping[str, Any]) -> Webhook:
    """Make a webhook of its columns' values."""
    row = {"tenant_id": tenant_id, **values}
    with conn.cursor(row_factory=class_row(Webhook)) as cursor:
        made = cursor.execute(
            SQL("insert into webhooks ({}) values ({}) returning {}").format(
                SQL(", ").join(map(Identifier, row)), SQL(", ").join(map(Placeholder, row)), SQL(COLUMNS)
            ),
            row,
        ).fetchone()
    assert made is not None  # noqa: S101 - an insert of one row
    return made


def by_uuid(conn: Connection[Any], tenant_id: int, uuid: UUID, *, for_change: bool = False) -> Webhook | None:
    """Return a webhook of this tenant; `for_change` holds it until the transaction ends."""
    lock = "for no key update" if for_change else ""
    with conn.cursor(row_factory=class_row(Webhook)) as cursor:
        return cursor.execute(
            f"select {COLUMNS} from webhooks where tenant_id = %s and uuid = %s {lock}", (tenant_id, uuid)
        ).fetchone()


def update(conn: Connection[Any], webhook: Webhook, changes: Mapping[str, Any]) -> Webhook:
    """Change columns of a webhook that is held; what waits for one that is switched off is given up."""
    sets = SQL("").join(SQL("{} = {}, ").format(Identifier(name), Placeholder(name)) for name in changes)
    with conn.cursor(row_factory=class_row(Webhook)) as cursor:
        changed = cursor.execute(
            SQL("update webhooks set {}updated_at = now() where id = %(id)s returning {}").format(sets, SQL(COLUMNS)),
            {**changes, "id": webhook.id},
        ).fetchone()
    assert changed is not None  # noqa: S101 - it is held
    if not changed.is_active and webhook.is_active:
        give_up(conn, webhook.id, SWITCHED_OFF)
    return changed


def switch_off(conn: Connection[Any], webhook_id: int, why: str) -> None:
    """Switch a webhook off whose receiver is gone, and fail what waits for it."""
    conn.execute("update webhooks set is_active = false, updated_at = now() where id = %s", (webhook_id,))
    give_up(conn, webhook_id, why)


def give_up(conn: Connection[Any], webhook_id: int, why: str) -> None:
    """Fail what waits for a webhook."""
    conn.execute(
        """update webhook_deliveries set state = 'failed', next_try_at = null, error = %s
           where webhook_id = %s and state = 'waiting'""",
        (why, webhook_id),
    )


def delete(conn: Connection[Any], tenant_id: int, uuid: UUID) -> bool:
    """Remove a webhook with its deliveries; False where there is none."""
    return conn.execute("delete from webhooks where tenant_id = %s and uuid = %s", (tenant_id, uuid)).rowcount > 0


def list_page(
    conn: Connection[Any], tenant_id: int, *, is_active: bool | None = None, limit: int, offset: int
) -> tuple[list[Webhook], int]:
    """Return a page of the webhooks, most recent first, and how many there are."""
    where = "where tenant_id = %(tenant)s and (%(active)s::bool is null or is_active = %(active)s)"
    values = {"tenant": tenant_id, "active": is_active, "limit": limit, "offset": offset}
    total = conn.execute(f"select count(*) from webhooks {where}", values).fetchone()
    with conn.cursor(row_factory=class_row(Webhook)) as cursor:
        items = cursor.execute(
            f"select {COLUMNS} from webhooks {where} order by id desc limit %(limit)s offset %(offset)s", values
        ).fetchall()
    return items, int(total[0]) if total else 0
