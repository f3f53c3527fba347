"""Idempotency keys: what a client sends again within 24 hours gets the first answer, and makes nothing."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that came before; `answer` is None while that one is still at work."""

    fingerprint: bytes
    import_id: int | None
    answer: dict[str, Any] | None


def reserve(conn: Connection[Any], tenant_id: int, key: str, fingerprint: bytes) -> Seen | None:
    """Take a key for this request; what came first, where it is taken.

    Waits for a transaction that is just taking the same key. Keys older than 24 hours count as new, and go.
    """
    conn.execute(
        "delete from idempotency_keys where tenant_id = %s and created_at < now() - make_interval(hours => %s)",
        (tenant_id, HOURS),
    )
    row = conn.execute(
        """insert into idempotency_keys (tenant_id, key, fingerprint)
           values (%(tenant)s, %(key)s, %(fingerprint)s)
           on conflict (tenant_id, key) do nothing returning 1""",
        {"tenant": tenant_id, "key": key, "fingerprint": fingerprint},
    ).fetchone()
    if row is not None:
        return None
    with conn.cursor(row_factory=class_row(Seen)) as cursor:
        seen = cursor.execute(
            "select fingerprint, import_id, answer from idempotency_keys where tenant_id = %s and key = %s",
            (tenant_id, key),
        ).fetchone()
    return seen or reserve(conn, tenant_id, key, fingerprint)  # its job was deleted meanwhile


def attach(conn: Connection[Any], tenant_id: int, key: str, import_id: int) -> None:
    """Note the job that the request made."""
    conn.execute(
        "update idempotency_keys set import_id = %s where tenant_id = %s and key = %s", (import_id, tenant_id, key)
    )


def answer(conn: Connection[Any], tenant_id: int, key: str, body: dict[str, Any]) -> None:
    """Keep what the request was answered."""
    conn.execute(
        "update idempotency_keys set answer = %s where tenant_id = %s and key = %s", (Jsonb(body), tenant_id, key)
    )
