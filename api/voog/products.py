"""The catalogue as the second API shows it, read only: what a client's imports have made of it.

Source: the Voog pages "Products" and "Translations", and the contract's section 5. Variants are only shown inside
their product.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, Field

from api.numbers import Number
from api.services import Services
from api.texts import Text, quoted
from api.voog.auth import ECOMMERCE, ProductsReader
from api.voog.errors import VoogProblem, errors, not_found
from api.voog.filters import described, parse
from api.voog.paging import LINKS, PAGE_PARAMETERS, page_asked
from api.voog.times import Milliseconds
from pim_pipelines.importing.voog.values import write_key_set
from pim_pipelines.store import voog_catalogue
from pim_pipelines.store.voog_catalogue import Item

router = APIRouter(prefix=ECOMMERCE, tags=["voog products"])


class Dimensions(BaseModel):
    """How large it is; decimals as text, as Voog writes them."""

    length: str | None = Field(examples=["3.14"])
    width: str | None = Field(examples=["2.72"])
    height: str | None = Field(examples=["4.2"])
    unit: str | None = Field(description="null where it is not known", examples=["m"])


class Weight(BaseModel):
    """What it weighs; a decimal as text."""

    weight: str | None = Field(examples=["0.808"])
    unit: str | None = Field(description="null where it is not known", examples=["kg"])


class PhysicalProperties(BaseModel):
    """Size and weight."""

    dimensions: Dimensions
    weight: Weight


class VariantAttribute(BaseModel):
    """One of the attributes that tell a variant from its sisters."""

    name: str = Field(examples=["Size"])
    value: str = Field(examples=["S"])


Translations = dict[str, dict[str, str]]


class Sellable(BaseModel):
    """What products and variants have both."""

    id: int = Field(examples=[6554])
    status: str = Field(description="`draft` or `live`", examples=["live"])
    sku: str | None = Field(examples=["A-1001"])
    price: Number | None
    sale_price: Number | None
    effective_price: Number | None = Field(description="the sale price where there is one, else the price")
    on_sale: bool = Field(description="whether the sale price is below the price")
    stock: int | None = Field(description="null: not counted", examples=[12])
    reserved_quantity: int = Field(examples=[0])
    in_stock: bool = Field(description="whether any is left that is not reserved; of a product, in any of its variants")
    physical_properties: PhysicalProperties
    created_at: Milliseconds
    updated_at: Milliseconds


class VoogVariant(Sellable):
    """A variant of a product."""

    variant_attributes_text: str | None = Field(examples=["Size: S, Color: Black"])
    variant_attributes: list[VariantAttribute]
    translations: Translations | None = None


class VoogCategory(BaseModel):
    """A category of a product."""

    id: int = Field(examples=[3])
    name: str = Field(examples=["Clothing"])
    slug: str | None = Field(examples=["clothing"])
    translations: Translations | None = None


class VoogProduct(Sellable):
    """A product; the last members are there where `include` names them."""

    name: str | None = Field(examples=["My product with variants"])
    slug: str | None = Field(examples=["my-product-with-variants"])
    description: str | None
    uses_variants: bool
    variants_count: int = Field(examples=[3])
    variants: list[VoogVariant] | None = None
    categories: list[VoogCategory] | None = None
    translations: Translations | None = Field(
        None,
        description="each text in each language that it has",
        examples=[{"name": {"en": "My product", "et": "Minu toode"}}],
    )
    og_description: str | None = None


_SHOWN = frozenset({"variants", "translations", "categories", "seo"})
_KNOWN_TO_VOOG = frozenset({"locations", "details", "variant_types"})
"""A client may ask for these too; we have nothing of the kind."""

_ID = re.compile(r"[0-9]{1,18}")

_INCLUDE = Query(
    description="What to add, separated by commas: `variants`, `translations`, `categories`, `seo` (`og_description`)."
    " What else Voog knows (`locations`, `details`, `variant_types`) adds nothing.",
    examples=["variants,translations"],
)
Include = Annotated[str, _INCLUDE]
LanguageCode = Annotated[
    Text | None, Query(description="The language of the texts; those that are not there in it are in the tenant's own.")
]


@router.get(
    "/products",
    response_model=list[VoogProduct],
    response_model_exclude_unset=True,
    responses={**errors(400), **LINKS},
    openapi_extra={"parameters": [*described(voog_catalogue.OBJECT, voog_catalogue.ATTRIBUTES), *PAGE_PARAMETERS]},
    summary="List products",
)
def list_voog_products(
    *,
    key: ProductsReader,
    services: Services,
    request: Request,
    response: Response,
    include: Include = "",
    language_code: LanguageCode = None,
) -> Any:
    """List the tenant's products, the newest first, those of Pixee's imports too."""
    wanted = parse(request.query_params.multi_items(), voog_catalogue.OBJECT, voog_catalogue.ATTRIBUTES)
    page = page_asked(request)
    added = _added(include)
    with services.connection() as conn:
        ids, total = voog_catalogue.list_ids(
            conn, key.tenant_id, wanted.conditions, wanted.order, limit=page.per_page, offset=page.offset
        )
        shown = _products(conn, key.tenant_id, ids, language_code, added)
    response.headers.update(page.headers(request, total))
    return shown


@router.get(
    "/products/{product_id}",
    response_model=VoogProduct,
    response_model_exclude_unset=True,
    responses=errors(400, 404),
    summary="Get a product",
)
def get_voog_product(
    product_id: Annotated[str, Path(description="The product's id; a variant's id is none: ask for its product.")],
    key: ProductsReader,
    services: Services,
    include: Include = "",
    language_code: LanguageCode = None,
) -> Any:
    """Return a product."""
    added = _added(include)
    if not _ID.fullmatch(product_id):
        raise not_found()
    with services.connection() as conn:
        shown = _products(conn, key.tenant_id, [int(product_id)], language_code, added)
    if not shown:
        raise not_found()
    return shown[0]


def _added(include: str) -> frozenset[str]:
    """Read `include`; raises VoogProblem, 400, for what Voog does not know either."""
    asked = {word.strip() for word in include.split(",") if word.strip()}
    for word in sorted(asked - _SHOWN - _KNOWN_TO_VOOG):
        raise VoogProblem(400, f"include: {quoted(word)} cannot be included: use {', '.join(sorted(_SHOWN))}.")
    return frozenset(asked & _SHOWN)


def _products(
    conn: Connection[Any], tenant_id: int, ids: Sequence[int], language: str | None, added: frozenset[str]
) -> list[VoogProduct]:
    """Return products with what was asked to be added: one query for each kind of thing, however many there are."""
    items = voog_catalogue.products(conn, tenant_id, ids, language)
    shown = {item.id: _product(item) for item in items}
    if "seo" in added:
        for item in items:
            shown[item.id].og_description = item.og_description
    if "variants" in added:
        _add_variants(conn, tenant_id, shown, language, "translations" in added)
    if "categories" in added:
        _add_categories(conn, tenant_id, shown, language, "translations" in added)
    if "translations" in added:
        texts = voog_catalogue.texts(conn, tenant_id, shown)
        for product in shown.values():
            product.translations = {
                "name": {each.language: each.name for each in texts[product.id] if each.name},
                "description": {each.language: each.description for each in texts[product.id] if each.description},
            }
    return list(shown.values())


def _add_variants(
    conn: Connection[Any], tenant_id: int, shown: dict[int, VoogProduct], language: str | None, translated: bool
) -> None:
    variants = voog_catalogue.variants(conn, tenant_id, shown, language)
    for product in shown.values():
        product.variants = [_variant(item) for item in variants[product.id]]
    if not translated:
        return
    of_all = [variant for product in shown.values() for variant in product.variants or ()]
    texts = voog_catalogue.texts(conn, tenant_id, [variant.id for variant in of_all])
    for variant in of_all:
        written = {
            each.language: write_key_set(each.variant_attributes)
            for each in texts[variant.id]
            if each.variant_attributes
        }
        variant.translations = {"variant_attributes_text": written}


def _add_categories(
    conn: Connection[Any], tenant_id: int, shown: dict[int, VoogProduct], language: str | None, translated: bool
) -> None:
    categories = voog_catalogue.categories(conn, tenant_id, shown, language)
    for product in shown.values():
        product.categories = [
            VoogCategory(id=each.id, name=each.name, slug=each.slug) for each in categories[product.id]
        ]
    if not translated:
        return
    of_all = [category for product in shown.values() for category in product.categories or ()]
    names = voog_catalogue.category_names(conn, tenant_id, {category.id for category in of_all})
    for category in of_all:
        category.translations = {"name": names[category.id]}


def _product(item: Item) -> VoogProduct:
    return VoogProduct(
        **_sellable(item),
        name=item.name,
        slug=item.slug,
        description=item.description,
        uses_variants=item.variants_count > 0,
        variants_count=item.variants_count,
    )


def _variant(item: Item) -> VoogVariant:
    pairs = item.variant_attributes
    return VoogVariant(
        **_sellable(item),
        variant_attributes_text=write_key_set(pairs) if pairs else None,
        variant_attributes=[VariantAttribute(name=name, value=value) for name, value in pairs or ()],
    )


def _sellable(item: Item) -> dict[str, Any]:
    dimensions = Dimensions(
        length=_text(item.length), width=_text(item.width), height=_text(item.height), unit=item.dimension_unit
    )
    return {
        **{name: getattr(item, name) for name in Sellable.model_fields if name != "physical_properties"},
        "physical_properties": PhysicalProperties(
            dimensions=dimensions, weight=Weight(weight=_text(item.weight), unit=item.weight_unit)
        ),
    }


def _text(measure: Decimal | None) -> str | None:
    return None if measure is None else f"{measure:f}"
