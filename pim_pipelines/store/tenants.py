"""The tenants: whose keys, suppliers, imports and products are apart from all others'."""

from typing import Any

from psycopg import Connection


def ensure(conn: Connection[Any], code: str) -> int:
    """Return the id of the tenant of this code, which is made where it is new."""
    row = conn.execute(
        """with made as (insert into tenants (code) values (%(code)s) on conflict (code) do nothing returning id)
           select id from made union all select id from tenants where code = %(code)s""",
        {"code": code},
    ).fetchone()
    if row is None:  # another transaction made it between our two looks
        row = conn.execute("select id from tenants where code = %s", (code,)).fetchone()
    assert row is not None  # noqa: S101 - tenants are never removed
    return int(row[0])
