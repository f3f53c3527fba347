"""What the second API reads of the catalogue: products with their variants, categories and texts.

A product here is a row without a parent; variants are only shown inside their product. What Pixee's imports have made
is shown too: `live` where it is active, else `draft`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from pim_pipelines.store.voog_filters import Attribute, Condition, Kind, SortKey, order_by, where

KeySet = list[tuple[str, str]]
"""Variant attributes in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product or a variant; texts are in the language that was asked for, where there are such."""

    id: int
    parent_id: int | None
    name: str | None
    slug: str | None
    description: str | None
    og_description: str | None
    status: str
    sku: str | None
    price: Decimal | None
    sale_price: Decimal | None
    effective_price: Decimal | None
    on_sale: bool
    stock: int | None
    reserved_quantity: int
    in_stock: bool
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    dimension_unit: str | None
    weight: Decimal | None
    weight_unit: str | None
    variant_attributes: KeySet | None
    variants_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of a product."""

    product_id: int
    id: int
    name: str
    slug: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of a product or a variant in one language."""

    item_id: int
    language: str
    name: str | None
    description: str | None
    variant_attributes: KeySet | None


SHOWN_STATUS = "coalesce(p.status, case when p.is_active then 'live' else 'draft' end)"
"""The status of a product `p`: Pixee's imports set none."""

OBJECT = "product"

ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType(
    {
        "id": Attribute(Kind.INTEGER, "p.id"),
        "name": Attribute(Kind.TEXT, "p.title"),
        "slug": Attribute(Kind.TEXT, "p.slug"),
        "sku": Attribute(Kind.TEXT, "p.sku"),
        "status": Attribute(Kind.WORD, SHOWN_STATUS, ("draft", "live")),
        "price": Attribute(Kind.DECIMAL, "p.price"),
        "sale_price": Attribute(Kind.DECIMAL, "p.sale_price"),
        "stock": Attribute(Kind.INTEGER, "p.stock"),
        "created_at": Attribute(Kind.TIME, "p.created_at"),
        "updated_at": Attribute(Kind.TIME, "p.updated_at"),
    }
)
"""What products can be filtered and sorted by; the name is that of the tenant's language."""

_NEWEST_FIRST = "p.created_at desc, p.id desc"

# Whether there is one to sell: what has no count never runs out.
_IN_STOCK = "({0}.stock is null or {0}.stock > coalesce({0}.reserved_quantity, 0))"

_COLUMNS = f"""
  p.id, p.parent_id, coalesce(t.title, p.title) as name, p.slug, coalesce(t.description, p.description) as description,
  coalesce(t.og_description, p.og_description) as og_description,
  {SHOWN_STATUS} as status,
  p.sku, p.price, p.sale_price, coalesce(p.sale_price, p.price) as effective_price,
  p.sale_price is not null and (p.price is null or p.sale_price < p.price) as on_sale,
  p.stock, coalesce(p.reserved_quantity, 0) as reserved_quantity,
  p.length, p.width, p.height, p.dimension_unit, p.weight, p.weight_unit,
  coalesce(t.variant_attributes, p.variant_attributes) as variant_attributes, p.created_at, p.updated_at
"""
_FROM = "from products p left join product_texts t on t.product_id = p.id and t.language = %(language)s"

# One with variants is in stock where one of them is.
_PRODUCTS = f"""
  select {_COLUMNS}, coalesce(v.variants_count, 0) as variants_count,
    coalesce(v.in_stock, {_IN_STOCK.format("p")}) as in_stock
  {_FROM} left join (
    select parent_id, count(*) as variants_count, bool_or({_IN_STOCK.format("v")}) as in_stock
    from products v where v.tenant_id = %(tenant)s and v.parent_id = any(%(ids)s) group by parent_id
  ) v on v.parent_id = p.id
  where p.tenant_id = %(tenant)s and p.id = any(%(ids)s) and p.parent_id is null
"""
_VARIANTS = f"""
  select {_COLUMNS}, 0 as variants_count, {_IN_STOCK.format("p")} as in_stock
  {_FROM} where p.tenant_id = %(tenant)s and p.parent_id = any(%(ids)s) order by p.parent_id, p.position, p.id
"""


def list_ids(
    conn: Connection[Any],
    tenant_id: int,
    conditions: Sequence[Condition] = (),
    order: Sequence[SortKey] = (),
    *,
    limit: int,
    offset: int,
) -> tuple[list[int], int]:
    """Return the ids of a page of those of a tenant's products that meet all conditions, and how many do.

    The newest come first. Without conditions and order an index alone answers.
    """
    meets, values = where(conditions, ATTRIBUTES)
    values |= {"tenant": tenant_id, "limit": limit, "offset": offset}
    chosen = f"from products p where p.tenant_id = %(tenant)s and p.parent_id is null and {meets}"
    total = conn.execute(f"select count(*) {chosen}", values).fetchone()
    rows = conn.execute(
        f"""select p.id {chosen} order by {order_by(order, ATTRIBUTES, _NEWEST_FIRST)}
            limit %(limit)s offset %(offset)s""",
        values,
    ).fetchall()
    return [row[0] for row in rows], int(total[0]) if total else 0


def products(conn: Connection[Any], tenant_id: int, ids: Sequence[int], language: str | None = None) -> list[Item]:
    """Return those of a tenant's products that are there, in the order of their ids here; a variant is none."""
    with conn.cursor(row_factory=class_row(Item)) as cursor:
        cursor.execute(_PRODUCTS, {"tenant": tenant_id, "ids": list(ids), "language": language})
        found = {item.id: item for item in cursor}
    return [found[product_id] for product_id in ids if product_id in found]


def variants(
    conn: Connection[Any], tenant_id: int, product_ids: Iterable[int], language: str | None = None
) -> dict[int, list[Item]]:
    """Return the variants of products, in the order of their file."""
    found: dict[int, list[Item]] = defaultdict(list)
    with conn.cursor(row_factory=class_row(Item)) as cursor:
        for item in cursor.execute(_VARIANTS, {"tenant": tenant_id, "ids": list(product_ids), "language": language}):
            found[item.parent_id or 0].append(item)
    return found


def categories(
    conn: Connection[Any], tenant_id: int, product_ids: Iterable[int], language: str | None = None
) -> dict[int, list[Category]]:
    """Return the categories of products, by name."""
    found: dict[int, list[Category]] = defaultdict(list)
    with conn.cursor(row_factory=class_row(Category)) as cursor:
        for category in cursor.execute(
            """select pc.product_id, c.id, coalesce(t.name, c.name) as name, c.slug
               from product_categories pc join categories c on c.id = pc.category_id
               left join category_texts t on t.category_id = c.id and t.language = %(language)s
               where c.tenant_id = %(tenant)s and pc.product_id = any(%(ids)s) order by pc.product_id, name, c.id""",
            {"tenant": tenant_id, "ids": list(product_ids), "language": language},
        ):
            found[category.product_id].append(category)
    return found


def texts(conn: Connection[Any], tenant_id: int, ids: Iterable[int]) -> dict[int, list[Texts]]:
    """Return the texts of products and variants in each language that they have, the tenant's own first."""
    found: dict[int, list[Texts]] = defaultdict(list)
    with conn.cursor(row_factory=class_row(Texts)) as cursor:
        for each in cursor.execute(
            """select p.id as item_id, w.language, w.name, w.description, w.variant_attributes
               from products p join tenants t on t.id = p.tenant_id
               cross join lateral (
                 select t.language, p.title as name, p.description, p.variant_attributes, 0 as place
                 union all
                 select o.language, o.title, o.description, o.variant_attributes, 1 from product_texts o
                 where o.product_id = p.id and o.language <> t.language) w
               where p.tenant_id = %s and p.id = any(%s) order by p.id, w.place, w.language""",
            (tenant_id, list(ids)),
        ):
            found[each.item_id].append(each)
    return found


def category_names(conn: Connection[Any], tenant_id: int, category_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the names of categories in each language, the tenant's own first."""
    rows = conn.execute(
        """select c.id, w.language, w.name from categories c join tenants t on t.id = c.tenant_id
           cross join lateral (
             select t.language, c.name, 0 as place
             union all
             select language, name, 1 from category_texts where category_id = c.id and language <> t.language) w
           where c.tenant_id = %s and c.id = any(%s) order by c.id, w.place, w.language""",
        (tenant_id, list(category_ids)),
    )
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for category_id, language, name in rows:
        found[category_id][language] = name
    return found
