"""The products of the catalogue, read only: what the imports have made of it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, create_model

from api.answers import problems
from api.auth import PREFIX, ProductsReader
from api.numbers import Number
from api.paging import Page, PageNumber, offset
from api.problems import not_found
from api.services import Services
from api.texts import Search, Text
from api.times import Moment, Seconds
from pim_pipelines.importing.fields import PRODUCT_FIELDS, Kind
from pim_pipelines.store import catalogue

router = APIRouter(prefix=PREFIX, tags=["products"])


_TYPES: dict[Kind, Any] = {
    Kind.GTIN: str | None,
    Kind.TEXT: str | None,
    Kind.URL: str | None,
    Kind.NUMBER: Number | None,
    Kind.MEASURE: Number | None,
    Kind.INTEGER: int | None,
    Kind.BOOLEAN: bool | None,
    Kind.URLS: list[str],
}


class Offer(BaseModel):
    """What a supplier calls a product, what it costs there, and how many it has."""

    supplier_id: UUID | None
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    sku: str | None = Field(examples=["A-1001"])
    cost_price: Number | None
    stock: int | None = Field(examples=[12])


class ProductBase(BaseModel):
    """What every product has beside its fields."""

    id: UUID = Field(examples=["70696d70-726f-8000-8000-000000000001"])
    name: str | None = Field(description="the same as title", examples=["Stylo feutre bleu"])
    barcode: str | None = Field(description="the same as ean", examples=["4006381333931"])
    attributes: dict[str, Any] = Field(description="what was mapped to `attributes.<name>`")
    offers: list[Offer]
    last_import_id: UUID | None = Field(description="the import that wrote it last; null where that was deleted")
    created_at: Seconds
    updated_at: Seconds


# The fields of `importing/fields.py`, which is the one list of them.
_FIELDS: dict[str, Any] = {
    name: (_TYPES[field.kind], Field(description=field.description)) for name, field in PRODUCT_FIELDS.items()
}
Product: Any = create_model("Product", __doc__="A product.", __base__=ProductBase, **_FIELDS)

_EAN = Query(description="Exactly this EAN, as GTIN-8, -12, -13 or -14.", examples=["4006381333931"])


@router.get("/products", response_model=Page[Product], responses=problems(), summary="List products")
def list_products(
    *,
    key: ProductsReader,
    services: Services,
    search: Annotated[Search | None, Query(description="Search in name, EAN and SKU, without regard to case.")] = None,
    ean: Annotated[Text | None, _EAN] = None,
    sku: Annotated[Text | None, Query(description="Exactly this SKU, of any supplier.")] = None,
    supplier_code: Annotated[Text | None, Query(description="Products that this supplier offers.")] = None,
    supplier_id: Annotated[UUID | None, Query(description="The same by the supplier's UUID.")] = None,
    is_active: Annotated[bool | None, Query(description="Only active ones, or only others.")] = None,
    updated_since: Annotated[Moment | None, Query(description="Changed at this time or later.")] = None,
    sort_by: Annotated[catalogue.SortBy, Query(description="Products without such a value come last.")] = "created_at",
    sort_order: Annotated[Literal["asc", "desc"], Query()] = "desc",
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=500, description="Items per page, max 500.")] = 20,
) -> Any:
    """List the tenant's products with all their fields and offers, the newest first."""
    with services.connection() as conn:
        found, total = catalogue.list_page(
            conn,
            key.tenant_id,
            search=search,
            ean=ean,
            sku=sku,
            supplier_code=supplier_code,
            supplier_uuid=supplier_id,
            is_active=is_active,
            updated_since=updated_since,
            sort_by=sort_by,
            descending=sort_order == "desc",
            limit=per_page,
            offset=offset(page, per_page),
        )
    return Page[Product].of((shown(row) for row in found), total, page, per_page)


@router.get("/products/{product_id}", response_model=Product, responses=problems(404), summary="Get a product")
def get_product(
    product_id: Annotated[str, Path(description="The product's UUID, or its EAN in any form (8, 12, 13, 14 digits).")],
    key: ProductsReader,
    services: Services,
) -> Any:
    """Return a product by its UUID or its EAN, with the import that wrote it last."""
    uuid = _uuid(product_id)
    with services.connection() as conn:
        row = (
            catalogue.by_uuid(conn, key.tenant_id, uuid) if uuid else catalogue.by_ean(conn, key.tenant_id, product_id)
        )
    if row is None:
        raise not_found("product")
    return shown(row)


def shown(row: dict[str, Any]) -> Any:
    """Show a product that the catalogue has returned."""
    return Product(**{**row, "name": row["title"], "barcode": row["ean"]})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
