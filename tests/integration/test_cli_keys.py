"""API keys as they are stored and looked up."""

import hashlib
from collections.abc import Callable
from typing import Any

from psycopg import Connection

from pim_pipelines.store import keys

Connect = Callable[[], Connection[Any]]


def test_only_a_hash_of_the_key_is_stored(connect: Connect) -> None:
    conn = connect()

    row, key = keys.create(conn, "acme")

    stored = conn.execute("select row_to_json(k)::text, key_hash from api_keys k where id = %s", [row.id]).fetchone()
    assert stored
    assert key not in stored[0]
    assert stored[1] == hashlib.sha256(key.encode()).digest()


def test_keys_are_long_and_never_the_same(connect: Connect) -> None:
    conn = connect()

    made = {keys.create(conn, "acme")[1] for _ in range(20)}

    assert len(made) == 20
    assert all(key.startswith("pm_live_") and len(key) >= len("pm_live_") + 32 for key in made)


def test_default_scopes_are_all_but_admin(connect: Connect) -> None:
    row, _ = keys.create(connect(), "acme")

    assert row.allows("imports:write")
    assert row.allows("suppliers:read")
    assert not row.allows("admin")


def test_admin_may_everything(connect: Connect) -> None:
    row, _ = keys.create(connect(), "acme", ["admin"])

    assert all(row.allows(scope) for scope in keys.SCOPES)


def test_a_key_opens_its_own_tenant_only(connect: Connect) -> None:
    conn = connect()
    first, first_key = keys.create(conn, "acme", ["imports:read"])
    second, second_key = keys.create(conn, "other")

    assert keys.authenticate(conn, first_key) == first
    assert keys.authenticate(conn, second_key) == second
    assert first.tenant_id != second.tenant_id
    assert not first.allows("imports:write")


def test_unknown_and_revoked_keys_open_nothing(connect: Connect) -> None:
    conn = connect()
    row, key = keys.create(conn, "acme")
    assert keys.revoke(conn, row.id)

    assert keys.authenticate(conn, key) is None
    assert keys.authenticate(conn, key + "x") is None
    assert keys.authenticate(conn, "") is None
    assert not keys.revoke(conn, row.id + 1000)


def test_second_key_of_a_tenant_makes_no_second_tenant(connect: Connect) -> None:
    conn = connect()

    first, _ = keys.create(conn, "acme")
    second, _ = keys.create(conn, "acme")

    assert first.tenant_id == second.tenant_id
    assert [row.id for row in keys.list_all(conn, "acme")] == [first.id, second.id]


def test_revoking_again_keeps_the_first_time(connect: Connect) -> None:
    conn = connect()
    row, _ = keys.create(conn, "acme")
    keys.revoke(conn, row.id)
    conn.commit()
    first = keys.list_all(conn)[0].revoked_at
    conn.commit()

    keys.revoke(conn, row.id)

    assert keys.list_all(conn)[0].revoked_at == first
