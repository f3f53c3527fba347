"""Lists of the second API's tasks: what they can be filtered and sorted by, and pages of them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from pim_pipelines.importing.voog.states import VoogStatus
from pim_pipelines.store.voog_filters import Attribute, Condition, Kind, SortKey, order_by, where
from pim_pipelines.store.voog_tasks import SELECT, Task

OBJECT = "products_import"

ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType(
    {
        "id": Attribute(Kind.INTEGER, "task.id"),
        "status": Attribute(Kind.WORD, "task.status", tuple(VoogStatus)),
        "started_at": Attribute(Kind.TIME, "task.started_at"),
        "completed_at": Attribute(Kind.TIME, "task.completed_at"),
        "total_items": Attribute(Kind.INTEGER, "task.total_items"),
        "processed_items": Attribute(Kind.INTEGER, "task.processed_items"),
        "created_at": Attribute(Kind.TIME, "task.created_at"),
        "updated_at": Attribute(Kind.TIME, "task.updated_at"),
    }
)
"""Source: the Voog page "Products import tasks", filter attributes."""

_NEWEST_FIRST = "task.id desc"  # numbers are given in the order of creation; their unique key has the order


def list_page(
    conn: Connection[Any],
    tenant_id: int,
    conditions: Sequence[Condition] = (),
    order: Sequence[SortKey] = (),
    *,
    limit: int,
    offset: int,
) -> tuple[list[Task], int]:
    """Return a page of those of a tenant's tasks that meet all conditions, and how many do; the newest first."""
    meets, values = where(conditions, ATTRIBUTES)
    values |= {"tenant": tenant_id, "limit": limit, "offset": offset}
    chosen = f"from ({SELECT}) task where task.tenant_id = %(tenant)s and {meets}"
    total = conn.execute(f"select count(*) {chosen}", values).fetchone()
    sorting = order_by(order, ATTRIBUTES, _NEWEST_FIRST)
    with conn.cursor(row_factory=class_row(Task)) as cursor:
        # The page is chosen by narrow rows: those before it are not read whole, with what was detected in their files.
        tasks = cursor.execute(
            f"""select task.* from ({SELECT}) task where task.tenant_id = %(tenant)s and task.id in (
                  select task.id {chosen} order by {sorting} limit %(limit)s offset %(offset)s)
                order by {sorting}""",
            values,
        ).fetchall()
    return tasks, int(total[0]) if total else 0
