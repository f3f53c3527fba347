"""Whose variant each row of a Voog file is: found set-wise from the staged keys, wherever a parent stands.

A row with a `parent_id`, or that says it is a variant, is a variant; every other is a product. The rules, and why,
stand in docs/decisions/0007-voog-and-pixee-one-catalogue.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg import Connection


class Orphan(StrEnum):
    """Why a variant has no parent."""

    UNKNOWN = "unknown"  # neither the file nor the catalogue has the id
    NOTHING_ABOVE = "nothing_above"  # no parent_id, and no product row above
    OF_A_VARIANT = "of_a_variant"  # the parent is a variant itself; cycles are of these
    PARENT_FAILED = "parent_failed"


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in its family.

    A variant has either `parent_row` (a row of the file) or `parent_product` (of the catalogue), or else is an
    `orphan`; an orphan's `parent_row` is the row that is to blame, where there is one. A product has none of the three.
    """

    row_number: int
    is_variant: bool
    parent_row: int | None
    parent_product: int | None
    orphan: Orphan | None


_FAMILIES = """
with keys as (
  select row_number, id, parent_id, failed, parent_id is not null or says_variant as is_variant
  from stage_voog_keys where staging_id = %(staging)s),
named as (                         -- of rows with one id the first
  select distinct on (id) id, row_number from keys where id is not null order by id, row_number),
wanted as (                        -- the row that each variant would hang on
  select k.row_number, k.parent_id, k.is_variant,
    case when not k.is_variant then null
         when k.parent_id is null
           then max(k.row_number) filter (where not k.is_variant) over (order by k.row_number)
         else n.row_number end as parent_row
  from keys k left join named n on n.id = k.parent_id)
select w.row_number, w.is_variant, w.parent_row,
  case when c.parent_id is null then c.id end as parent_product,
  case when not w.is_variant then null
       when p.is_variant then 'of_a_variant'
       when p.failed then 'parent_failed'
       when w.parent_row is not null then null
       when w.parent_id is null then 'nothing_above'
       when c.id is null then 'unknown'
       when c.parent_id is not null then 'of_a_variant' end as orphan
from wanted w
left join keys p on p.row_number = w.parent_row
left join products c on c.id = w.parent_id and w.parent_row is null and c.tenant_id = %(tenant)s
order by w.row_number
"""


def places(conn: Connection[Any], staging_id: int, tenant_id: int) -> Iterator[Place]:
    """Give the place of every staged row, in the file's order. Failed rows have one too: what it would have been."""
    rows = conn.execute(_FAMILIES, {"staging": staging_id, "tenant": tenant_id})
    for row_number, is_variant, parent_row, parent_product, orphan in rows:
        yield Place(row_number, is_variant, parent_row, parent_product, Orphan(orphan) if orphan else None)
