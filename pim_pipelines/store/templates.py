"""The mapping templates: a mapping, rules and options under a name, to be used again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Json, Jsonb


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A row of `mapping_templates`, with its supplier's code and uuid."""

    id: int
    uuid: UUID
    tenant_id: int
    supplier_id: int | None
    supplier_uuid: UUID | None
    supplier_code: str | None
    name: str
    column_mapping: dict[str, str | None]
    validation_rules: dict[str, Any]
    import_options: dict[str, Any]
    created_at: datetime
    updated_at: datetime


_SELECT = """
  select m.id, m.uuid, m.tenant_id, m.supplier_id, s.uuid as supplier_uuid, s.code as supplier_code, m.name,
    m.column_mapping, m.validation_rules, m.import_options, m.created_at, m.updated_at
  from mapping_templates m left join suppliers s on s.id = m.supplier_id
"""


def insert(
    conn: Connection[Any],
    tenant_id: int,
    *,
    name: str,
    supplier_id: int | None,
    column_mapping: dict[str, str | None],
    validation_rules: dict[str, Any],
    import_options: dict[str, Any],
) -> Template:
    """Make a template."""
    row = conn.execute(
        """insert into mapping_templates
             (tenant_id, supplier_id, name, column_mapping, validation_rules, import_options)
           values (%s, %s, %s, %s, %s, %s) returning id""",
        (tenant_id, supplier_id, name, Json(column_mapping), Jsonb(validation_rules), Jsonb(import_options)),
    ).fetchone()
    made = by_id(conn, row[0]) if row else None
    assert made is not None  # noqa: S101 - inserted in this transaction
    return made


def by_id(conn: Connection[Any], template_id: int) -> Template | None:
    """Return the template that a job names in `template_id`; None where it was removed since."""
    with conn.cursor(row_factory=class_row(Template)) as cursor:
        return cursor.execute(f"{_SELECT} where m.id = %s", (template_id,)).fetchone()


def by_uuid(conn: Connection[Any], tenant_id: int, uuid: UUID, *, for_change: bool = False) -> Template | None:
    """Return a template of this tenant; `for_change` keeps others from changing it until the transaction ends."""
    lock = "for update of m" if for_change else ""
    with conn.cursor(row_factory=class_row(Template)) as cursor:
        return cursor.execute(f"{_SELECT} where m.tenant_id = %s and m.uuid = %s {lock}", (tenant_id, uuid)).fetchone()


def update(
    conn: Connection[Any],
    template: Template,
    *,
    name: str,
    supplier_id: int | None,
    column_mapping: dict[str, str | None],
    validation_rules: dict[str, Any],
    import_options: dict[str, Any],
) -> Template | None:
    """Give a template other contents; None where it is gone."""
    conn.execute(
        """update mapping_templates set name = %s, supplier_id = %s, column_mapping = %s, validation_rules = %s,
             import_options = %s, updated_at = now() where id = %s""",
        (name, supplier_id, Json(column_mapping), Jsonb(validation_rules), Jsonb(import_options), template.id),
    )
    return by_id(conn, template.id)


def delete(conn: Connection[Any], tenant_id: int, uuid: UUID) -> bool:
    """Remove a template; jobs that were made with it keep their mappings."""
    row = conn.execute(
        "delete from mapping_templates where tenant_id = %s and uuid = %s returning 1", (tenant_id, uuid)
    ).fetchone()
    return row is not None


def list_page(
    conn: Connection[Any], tenant_id: int, *, supplier_code: str | None = None, limit: int, offset: int
) -> tuple[list[Template], int]:
    """Return a page of the templates, newest first, and how many there are."""
    where = "where m.tenant_id = %(tenant)s and (%(supplier)s::text is null or s.code = %(supplier)s)"
    values = {"tenant": tenant_id, "supplier": supplier_code, "limit": limit, "offset": offset}
    total = conn.execute(
        f"select count(*) from mapping_templates m left join suppliers s on s.id = m.supplier_id {where}", values
    ).fetchone()
    with conn.cursor(row_factory=class_row(Template)) as cursor:
        items = cursor.execute(
            f"{_SELECT} {where} order by m.created_at desc, m.id desc limit %(limit)s offset %(offset)s", values
        ).fetchall()
    return items, int(total[0]) if total else 0
