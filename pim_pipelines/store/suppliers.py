"""The suppliers of a tenant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from pim_pipelines.store import outbox
from pim_pipelines.store.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A row of `suppliers`."""

    id: int
    uuid: UUID
    tenant_id: int
    code: str
    name: str | None
    created_at: datetime
    updated_at: datetime


_COLUMNS = "id, uuid, tenant_id, code, name, created_at, updated_at"


def insert(conn: Connection[Any], tenant_id: int, code: str, name: str | None = None) -> Supplier | None:
    """Make a supplier; None where its code is taken."""
    with conn.cursor(row_factory=class_row(Supplier)) as cursor:
        made = cursor.execute(
            f"""insert into suppliers (tenant_id, code, name) values (%s, %s, %s)
                on conflict (tenant_id, code) do nothing returning {_COLUMNS}""",
            (tenant_id, code, name),
        ).fetchone()
    if made is not None:
        outbox.put(conn, tenant_id, Event.SUPPLIER_CREATED, _told(made))
    return made


def _told(supplier: Supplier) -> dict[str, str | None]:
    return {"id": str(supplier.uuid), "code": supplier.code, "name": supplier.name}


def ensure(conn: Connection[Any], tenant_id: int, code: str) -> Supplier:
    """Return the supplier of this code, which is made where it is new."""
    made = by_code(conn, tenant_id, code) or insert(conn, tenant_id, code) or by_code(conn, tenant_id, code)
    assert made is not None  # noqa: S101 - suppliers are never removed
    return made


def by_code(conn: Connection[Any], tenant_id: int, code: str) -> Supplier | None:
    """Return the supplier of a code, which is compared exactly."""
    with conn.cursor(row_factory=class_row(Supplier)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from suppliers where tenant_id = %s and code = %s", (tenant_id, code)
        ).fetchone()


def by_uuid(conn: Connection[Any], tenant_id: int, uuid: UUID) -> Supplier | None:
    """Return a supplier of this tenant."""
    with conn.cursor(row_factory=class_row(Supplier)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from suppliers where tenant_id = %s and uuid = %s", (tenant_id, uuid)
        ).fetchone()


def update(conn: Connection[Any], tenant_id: int, uuid: UUID, changes: dict[str, str | None]) -> Supplier | None:
    """Change the code or the name; None where there is no such supplier.

    Raises UniqueViolation where another one has the code.
    """
    values = {"tenant": tenant_id, "uuid": uuid, "code": changes.get("code"), "name": changes.get("name")}
    with conn.cursor(row_factory=class_row(Supplier)) as cursor:
        changed = cursor.execute(
            f"""update suppliers set code = coalesce(%(code)s, code), updated_at = now(),
                  name = case when %(has_name)s then %(name)s else name end
                where tenant_id = %(tenant)s and uuid = %(uuid)s returning {_COLUMNS}""",
            {**values, "has_name": "name" in changes},
        ).fetchone()
    if changed is not None:
        outbox.put(conn, tenant_id, Event.SUPPLIER_UPDATED, _told(changed))
    return changed


def list_page(
    conn: Connection[Any], tenant_id: int, *, search: str | None = None, limit: int, offset: int
) -> tuple[list[Supplier], int]:
    """Return a page of the suppliers by code, and how many there are; `search` looks into code and name."""
    where = """where tenant_id = %(tenant)s and (%(search)s::text is null
        or strpos(lower(code), lower(%(search)s)) > 0 or strpos(lower(name), lower(%(search)s)) > 0)"""
    values = {"tenant": tenant_id, "search": search, "limit": limit, "offset": offset}
    total = conn.execute(f"select count(*) from suppliers {where}", values).fetchone()
    with conn.cursor(row_factory=class_row(Supplier)) as cursor:
        items = cursor.execute(
            f"select {_COLUMNS} from suppliers {where} order by code, id limit %(limit)s offset %(offset)s", values
        ).fetchall()
    return items, int(total[0]) if total else 0
