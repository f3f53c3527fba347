"""API keys: made once, stored as a hash, looked up by every request."""

import hashlib
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

SCOPES = (
    "imports:read",
    "imports:write",
    "products:read",
    "products:write",
    "suppliers:read",
    "suppliers:write",
    "admin",
)
ADMIN = "admin"
DEFAULT_SCOPES = tuple(scope for scope in SCOPES if scope != ADMIN)
KEY_PREFIX = "pm_live_"
_ALPHABET = string.ascii_letters + string.digits
_RANDOM_LENGTH = 40  # 238 bits: nothing to guess, so a plain hash protects it and can be indexed
_SHOWN_LENGTH = len(KEY_PREFIX) + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A stored key; `prefix` is what people tell keys apart by, never enough to use one."""

    id: int
    tenant_id: int
    tenant_code: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None

    def allows(self, scope: str) -> bool:
        """Tell whether the key may do what needs a scope."""
        return scope in self.scopes or ADMIN in self.scopes


_SELECT = """
  select k.id, k.tenant_id, t.code as tenant_code, k.prefix, k.scopes, k.created_at, k.revoked_at
  from api_keys k join tenants t on t.id = k.tenant_id
"""


def create(conn: Connection[Any], tenant_code: str, scopes: Iterable[str] = DEFAULT_SCOPES) -> tuple[ApiKey, str]:
    """Make a key, and its tenant where that is new; returns the row and the key, which is nowhere else."""
    key = KEY_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    conn.execute("insert into tenants (code) values (%s) on conflict (code) do nothing", [tenant_code])
    row = conn.execute(
        """
        insert into api_keys (tenant_id, key_hash, prefix, scopes)
        select t.id, %s, %s, %s from tenants t where t.code = %s
        returning id
        """,
        [_hash(key), key[:_SHOWN_LENGTH], list(scopes), tenant_code],
    ).fetchone()
    assert row is not None  # noqa: S101 - the tenant is there: inserted above, or before
    found = [stored for stored in list_all(conn, tenant_code) if stored.id == row[0]]
    return found[0], key


def list_all(conn: Connection[Any], tenant_code: str | None = None) -> list[ApiKey]:
    """Return the keys of a tenant, or of all, revoked ones too, oldest first."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(
            _SELECT + " where %(tenant)s::text is null or t.code = %(tenant)s order by k.id", {"tenant": tenant_code}
        ).fetchall()


def revoke(conn: Connection[Any], key_id: int) -> bool:
    """Have a key refused from now on; false when there is no such key."""
    # A second revocation keeps the time of the first.
    return (
        conn.execute("update api_keys set revoked_at = coalesce(revoked_at, now()) where id = %s", [key_id]).rowcount
        == 1
    )


def authenticate(conn: Connection[Any], key: str) -> ApiKey | None:
    """Return the row of a key that may be used, None for an unknown or revoked one."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(_SELECT + " where k.key_hash = %s and k.revoked_at is null", [_hash(key)]).fetchone()


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
