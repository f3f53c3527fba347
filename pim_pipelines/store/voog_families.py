"""Whose variant each row of a Voog file is: found set-wise from the staged rows, wherever a parent stands.

A row with a `parent_id`, or that says it is a variant, is a variant; every other is a product. The rules, and why,
stand in docs/decisions/0007-voog-and-pixee-one-catalogue.md.
"""

from enum import StrEnum

from psycopg.sql import SQL, Composable, Composed


class Orphan(StrEnum):
    """Why a variant has no parent."""

    UNKNOWN = "unknown"  # neither the file nor the catalogue has the id
    NOTHING_ABOVE = "nothing_above"  # no parent_id, and no product row above
    OF_A_VARIANT = "of_a_variant"  # the parent is a variant itself; cycles are of these
    PARENT_FAILED = "parent_failed"


_FAMILIES = SQL("""
with keys as (
  select row_number, id, parent_id, failed, parent_id is not null or says_variant as is_variant from {rows} r),
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
left join lateral (
  select c.id, c.parent_id from products c
  where c.id = w.parent_id and w.parent_row is null and c.tenant_id = %(tenant)s
    and c.created_import_id is distinct from %(job)s offset 0) c on true
""")


def families(rows: Composable) -> Composed:
    """Return the query for the place of every row of a table like `stage_voog_rows`; its parameters: `tenant, job`.

    It gives `row_number, is_variant, parent_row, parent_product, orphan`. A variant has either `parent_row` (a row of
    the file) or `parent_product` (of the catalogue), or else is an `orphan`; an orphan's `parent_row` is the row that
    is to blame, where there is one. A product has none of the three. Failed rows have a place too: what it would have
    been. What the job itself has made in an earlier attempt is no product that its file can mean.
    """
    return _FAMILIES.format(rows=rows)
