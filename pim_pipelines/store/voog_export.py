"""The catalogue in Voog's columns, a product above its variants: what `pim export --voog` reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, ServerCursor
from psycopg.rows import class_row

from pim_pipelines.store.voog_catalogue import SHOWN_STATUS

ROWS_A_TIME = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Whose catalogue is exported; `language` is that of its texts."""

    id: int
    code: str
    language: str


# The window has the order of the rows, so that nothing is sorted twice.
_ROWS = """
select p.id::text, p.parent_id::text,
  case when p.parent_id is not null then 'variant'
       when lead(p.parent_id) over family = p.id then 'matrix' else 'product' end,
  p.sku, {texts}.title, {texts}.variant_attributes, {texts}.description, {texts}.og_description,
  p.price::text, p.sale_price::text, coalesce(p.sale_price, p.price)::text, p.currency,
  p.stock::text, p.reserved_quantity::text, (p.stock::numeric - coalesce(p.reserved_quantity, 0))::text,
  {status}, p.parent_id is not null,
  {categories},
  p.image_url, p.length::text, p.width::text, p.height::text, p.dimension_unit, p.weight::text, p.weight_unit,
  to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'),
  to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'),
  p.slug
from products p {translations}
where p.tenant_id = %(tenant)s
window family as (order by coalesce(p.parent_id, p.id), p.parent_id nulls first, p.position nulls last, p.id)
order by coalesce(p.parent_id, p.id), p.parent_id nulls first, p.position nulls last, p.id
"""

_OWN = _ROWS.format(
    texts="p",
    status=SHOWN_STATUS,
    translations="",
    categories="""(select array_agg(c.name order by c.id) from product_categories m
                   join categories c on c.id = m.category_id where m.product_id = p.id)""",
)

# What has no text in a language is blank, and so are a product's categories unless all of them have a name in it: the
# tenant's own words would come back as translations, and a part of a list as the whole.
_TRANSLATED = _ROWS.format(
    texts="t",
    status=SHOWN_STATUS,
    translations="left join product_texts t on t.product_id = p.id and t.language = %(language)s",
    categories="""(select case when count(*) = count(n.name) then array_agg(n.name order by m.category_id) end
                   from product_categories m left join category_texts n
                     on n.category_id = m.category_id and n.language = %(language)s
                   where m.product_id = p.id)""",
)


def tenants(conn: Connection[Any]) -> list[Tenant]:
    """Return all tenants, by their codes."""
    with conn.cursor(row_factory=class_row(Tenant)) as cursor:
        return cursor.execute("select id, code, language from tenants order by code").fetchall()


def count(conn: Connection[Any], tenant_id: int) -> int:
    """Return how many rows there are, of products and of variants."""
    row = conn.execute("select count(*) from products where tenant_id = %s", (tenant_id,)).fetchone()
    return int(row[0]) if row else 0


def rows(conn: Connection[Any], tenant: Tenant, language: str) -> Iterator[tuple[Any, ...]]:
    """Give the catalogue as it is at one moment, in the order of `importing/voog/export.ExportRow`.

    Variants stand below their product in their order. All is text but for whether a row is a variant (bool), variant
    attributes (a list of pairs) and categories (a list).
    """
    with ServerCursor(conn, "voog_export") as cursor:
        cursor.itersize = ROWS_A_TIME
        query = _OWN if language == tenant.language else _TRANSLATED
        yield from cursor.execute(query.encode(), {"tenant": tenant.id, "language": language})
