"""What the API reads of the products: pages of them, and one by UUID or EAN."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from pim_pipelines.importing.fields import PRODUCT_FIELDS

UUID_PREFIX = 0x70696D70_726F_8000_8000_000000000000
"""`pimpro`, version 8 (RFC 9562: free for own layouts) and variant 2; the low 62 bits are the product's id.

Derived, not stored: a UUID column and its index would cost every import seconds (see DESIGN). Nothing
is given away by it, because a product is only found together with its tenant.
"""
_ID_BITS = 62

GTIN_LENGTHS = (8, 12, 13, 14)

SortBy = Literal["created_at", "name", "price"]

_FIELDS = ", ".join(f"p.{name}" for name in PRODUCT_FIELDS)
_SELECT = f"""
  select p.id as row_id, {_FIELDS}, p.attributes, p.created_at, p.updated_at, j.uuid as last_import_id
  from products p left join import_jobs j on j.id = p.last_import_id
"""
_ORDERS: dict[str, LiteralString] = {"created_at": "p.created_at", "name": "lower(p.title)", "price": "p.price"}
_ALWAYS_SET = {"created_at"}  # without `nulls last`, its index has the order


def product_uuid(product_id: int) -> UUID:
    """Return the UUID under which the API shows a product."""
    return UUID(int=UUID_PREFIX | product_id)


def product_id(uuid: UUID) -> int | None:
    """Return the id of the product that the API shows under a UUID; None where it is no product's."""
    row_id = uuid.int & ((1 << _ID_BITS) - 1)
    return row_id if uuid.int ^ row_id == UUID_PREFIX else None


def gtin(text: str) -> int | None:
    """Return an EAN of 8, 12, 13 or 14 digits as the number that the catalogue keeps; None where it is no such thing.

    Leading zeros never change a check digit, so that the forms of one code fall together
    (GS1 General Specifications 7.9).
    """
    code = text.strip()
    return int(code) if len(code) in GTIN_LENGTHS and code.isascii() and code.isdigit() else None


def list_page(
    conn: Connection[Any],
    tenant_id: int,
    *,
    search: str | None = None,
    ean: str | None = None,
    sku: str | None = None,
    supplier_code: str | None = None,
    supplier_uuid: UUID | None = None,
    is_active: bool | None = None,
    updated_since: datetime | None = None,
    sort_by: SortBy = "created_at",
    descending: bool = True,
    limit: int,
    offset: int,
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of a tenant's products, and how many there are.

    `search` looks into title, EAN and every SKU, without regard to case; the other filters compare
    exactly. A product without a value to sort by comes last.
    """
    conditions: list[LiteralString] = ["p.tenant_id = %(tenant)s"]
    if search is not None:
        conditions.append(
            """(strpos(lower(p.title), lower(%(search)s)) > 0 or strpos(p.ean, %(search)s) > 0
                or p.gtin = %(search_gtin)s
                or strpos(lower(p.sku), lower(%(search)s)) > 0
                or p.id in (select o.product_id from supplier_products o where o.tenant_id = %(tenant)s
                            and strpos(lower(o.sku), lower(%(search)s)) > 0))"""
        )
    if ean is not None:
        conditions.append("p.gtin = %(gtin)s")
    if sku is not None:
        conditions.append(
            """(p.sku = %(sku)s or p.id in (select o.product_id from supplier_products o
                                            where o.tenant_id = %(tenant)s and o.sku = %(sku)s))"""
        )
    if supplier_code is not None or supplier_uuid is not None:
        conditions.append(
            """exists (select from supplier_products o join suppliers s on s.id = o.supplier_id
                       where o.product_id = p.id and s.tenant_id = %(tenant)s
                         and (%(code)s::text is null or s.code = %(code)s)
                         and (%(uuid)s::uuid is null or s.uuid = %(uuid)s))"""
        )
    if is_active is not None:
        conditions.append("p.is_active = %(active)s")
    if updated_since is not None:
        conditions.append("p.updated_at >= %(since)s")
    values = {
        "tenant": tenant_id,
        "search": search,
        "search_gtin": gtin(search) if search is not None else None,
        "gtin": gtin(ean) if ean is not None else None,
        "sku": sku,
        "code": supplier_code,
        "uuid": supplier_uuid,
        "active": is_active,
        "since": updated_since,
        "limit": limit,
        "offset": offset,
    }
    where = " and ".join(conditions)
    direction = "desc" if descending else "asc"
    nulls = "" if sort_by in _ALWAYS_SET else "nulls last"
    order = f"{_ORDERS[sort_by]} {direction} {nulls}, p.id {direction}"
    total = conn.execute(f"select count(*) from products p where {where}", values).fetchone()
    with conn.cursor(row_factory=dict_row) as cursor:
        # The page is chosen by narrow rows, so that sorting does not carry every product's texts.
        rows = cursor.execute(
            f"""{_SELECT} where p.id in (
                  select p.id from products p where {where} order by {order} limit %(limit)s offset %(offset)s)
                order by {order}""",
            values,
        ).fetchall()
    return _products(conn, tenant_id, rows), int(total[0]) if total else 0


def by_uuid(conn: Connection[Any], tenant_id: int, uuid: UUID) -> dict[str, Any] | None:
    """Return a product of this tenant."""
    return _one(conn, tenant_id, "p.id = %s", product_id(uuid))


def by_ean(conn: Connection[Any], tenant_id: int, ean: str) -> dict[str, Any] | None:
    """Return the product of an EAN in any of its forms; of a restricted one, which may be several, the oldest."""
    return _one(conn, tenant_id, "p.gtin = %s", gtin(ean))


def by_ids(conn: Connection[Any], tenant_id: int, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Return those of a tenant's products that are there, by their row ids."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{_SELECT} where p.tenant_id = %s and p.id = any(%s) order by p.id", (tenant_id, list(ids))
        ).fetchall()
    return _products(conn, tenant_id, rows)


def row_id(conn: Connection[Any], tenant_id: int, name: str) -> int | None:
    """Return the id of the product that a UUID or an EAN in any form means; None where there is none."""
    try:
        condition, key = "id = %s", product_id(UUID(name))
    except ValueError:
        condition, key = "gtin = %s", gtin(name)
    if key is None:
        return None
    row = conn.execute(
        f"select id from products where tenant_id = %s and {condition} order by gtin_scope, id limit 1",
        (tenant_id, key),
    ).fetchone()
    return int(row[0]) if row else None


def _one(conn: Connection[Any], tenant_id: int, condition: LiteralString, key: int | None) -> dict[str, Any] | None:
    if key is None:
        return None
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"{_SELECT} where p.tenant_id = %s and {condition} order by p.gtin_scope, p.id limit 1", (tenant_id, key)
        ).fetchall()
    return next(iter(_products(conn, tenant_id, rows)), None)


def _products(conn: Connection[Any], tenant_id: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return products as the API shows them: a UUID for the id, and the offers of their suppliers."""
    offers = _offers(conn, tenant_id, [row["row_id"] for row in rows])
    return [
        {
            **row,
            "id": product_uuid(row["row_id"]),
            "attributes": row["attributes"] or {},
            "image_urls": row["image_urls"] or [],
            "offers": offers[row["row_id"]],
        }
        for row in rows
    ]


def _offers(conn: Connection[Any], tenant_id: int, product_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the offers of products by their ids; supplier 0 is none."""
    offers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """select o.product_id, s.uuid as supplier_id, s.code as supplier_code, o.sku, o.cost_price, o.stock
               from supplier_products o left join suppliers s on s.id = o.supplier_id
               where o.tenant_id = %s and o.product_id = any(%s)
               order by o.product_id, o.supplier_id, o.offer_no""",
            (tenant_id, list(product_ids)),
        )
        for row in cursor:
            offers[row.pop("product_id")].append(row)
    return offers
