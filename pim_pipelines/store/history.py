"""How a product came to its values: which import set which, from what to what.

`product_changes` has what imports changed of products that were there. What the import that made a product gave it
is not written twice: it follows from the product's values now and from the oldest changes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from pim_pipelines.importing.fields import ATTRIBUTE_PREFIX, PRODUCT_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field, and what it was and became; an attribute is `attributes.<name>`."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an import did to a product; without an import (`import_id`) it was made by hand, or the job was deleted.

    `action` is create or update; `version` is the product's after it.
    """

    action: str
    import_id: UUID | None
    import_type: str | None
    file_name: str | None
    supplier_code: str | None
    row_number: int | None
    changed_at: datetime
    version: int
    changes: list[FieldChange]


_OTHER_FIELDS = ("slug", "og_description", "status", "reserved_quantity", "variant_attributes")
"""Columns of products that only the Voog API's tasks fill."""

_SHOWN = (*PRODUCT_FIELDS, *_OTHER_FIELDS)
_FIELDS = ", ".join(f"p.{name}" for name in _SHOWN)
_JOB = "j.uuid as import_id, j.import_type, j.file_name, s.code as supplier_code"


def list_page(
    conn: Connection[Any], tenant_id: int, product_id: int, *, limit: int, offset: int
) -> tuple[list[Change], int] | None:
    """Return a page of a product's history, the latest change first, and how many there are.

    The last of them is how the product was made. None where the tenant has no such product.
    """
    count = conn.execute(
        """select (select count(*) from product_changes c where c.product_id = p.id and c.tenant_id = p.tenant_id)
           from products p where p.tenant_id = %s and p.id = %s""",
        (tenant_id, product_id),
    ).fetchone()
    if count is None:
        return None
    values = {"tenant": tenant_id, "product": product_id, "limit": limit, "offset": offset}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"""select {_JOB}, c.row_number, c.changed_at, c.version_after as version, c.changes
                from product_changes c
                left join import_jobs j on j.id = c.change_set and j.tenant_id = c.tenant_id
                left join suppliers s on s.id = j.supplier_id
                where c.product_id = %(product)s and c.tenant_id = %(tenant)s
                order by c.version_after desc, c.change_set desc limit %(limit)s offset %(offset)s""",
            values,
        ).fetchall()
    found = [Change(**{**row, "action": "update", "changes": _changes(row["changes"])}) for row in rows]
    updates = int(count[0])
    if offset <= updates < offset + limit:
        found += _creation(conn, values)
    return found, updates + 1


def _creation(conn: Connection[Any], values: dict[str, Any]) -> list[Change]:
    """Return how the product was made: its values now, or what the oldest change of each field says it had before."""
    with conn.cursor(row_factory=dict_row) as cursor:
        product = cursor.execute(
            f"""select {_FIELDS}, p.attributes, p.created_at, {_JOB} from products p
                left join import_jobs j on j.id = p.created_import_id and j.tenant_id = p.tenant_id
                left join suppliers s on s.id = j.supplier_id
                where p.tenant_id = %(tenant)s and p.id = %(product)s""",
            values,
        ).fetchone()
    if product is None:  # gone meanwhile
        return []
    before = dict(
        conn.execute(
            """select distinct on (key) key, value -> 0 from product_changes c, jsonb_each(c.changes)
               where c.product_id = %(product)s and c.tenant_id = %(tenant)s order by key, c.version_after""",
            values,
        ).fetchall()
    )
    first = {name: before.get(name, product[name]) for name in (*_SHOWN, "attributes")}
    about = {name: product[name] for name in ("import_id", "import_type", "file_name", "supplier_code")}
    made = {name: [None, value] for name, value in first.items() if value is not None}
    return [
        Change(
            **about,
            action="create",
            row_number=None,
            changed_at=product["created_at"],
            version=1,
            changes=_changes(made),
        )
    ]


def _changes(recorded: dict[str, list[Any]]) -> list[FieldChange]:
    """Return recorded changes in the order of the fields; of attributes those that have changed."""
    order = {name: place for place, name in enumerate(_SHOWN)}
    found = []
    for name in sorted(recorded, key=lambda name: order.get(name, len(order))):
        old, new = recorded[name]
        if name != "attributes":
            found.append(FieldChange(field=name, old=old, new=new))
            continue
        was, now = old or {}, new or {}
        found += [
            FieldChange(field=f"{ATTRIBUTE_PREFIX}{each}", old=was.get(each), new=now.get(each))
            for each in {**was, **now}
            if was.get(each) != now.get(each)
        ]
    return found
