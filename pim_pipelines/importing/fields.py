"""The product fields: the one list that mapping, rules, the tables and the API all ask.

A new field is a line here and a column in a migration (`tests/integration/test_migrations.py`
compares the two).
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a field's values are, which decides how cells are read."""

    GTIN = "gtin"
    TEXT = "text"
    NUMBER = "number"  # exact decimal; a currency sign or code is dropped
    MEASURE = "measure"  # exact decimal; a unit is dropped
    INTEGER = "integer"
    BOOLEAN = "boolean"
    URL = "url"
    URLS = "urls"  # a list, stored as a JSON array of text


SQL_TYPES = {
    Kind.GTIN: "text",
    Kind.TEXT: "text",
    Kind.NUMBER: "numeric",
    Kind.MEASURE: "numeric",
    Kind.INTEGER: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.URL: "text",
    Kind.URLS: "jsonb",
}


@dataclass(frozen=True, slots=True)
class ProductField:
    """A field that a file's column can be mapped to; its column in `products` has the same name."""

    name: str
    kind: Kind
    description: str

    @property
    def sql_type(self) -> str:
        """The PostgreSQL type of its column."""
        return SQL_TYPES[self.kind]


_T, _N, _M = Kind.TEXT, Kind.NUMBER, Kind.MEASURE

PRODUCT_FIELDS: dict[str, ProductField] = {
    name: ProductField(name, kind, description)
    for name, kind, description in [
        ("ean", Kind.GTIN, "GTIN-8, -12, -13 or -14 with its check digit"),
        ("sku", _T, "the supplier's own name for the product"),
        ("title", _T, "the product's name"),
        ("description", _T, "long text, may be HTML"),
        ("short_description", _T, "a sentence or two"),
        ("brand_name", _T, "the brand"),
        ("category", _T, "category or category path"),
        ("price", _N, "sales price"),
        ("cost_price", _N, "what the supplier charges"),
        ("sale_price", _N, "reduced sales price"),
        ("currency", _T, "ISO 4217 code"),
        ("tax_rate", _N, "VAT rate in percent"),
        ("stock", Kind.INTEGER, "pieces the supplier has"),
        ("weight", _M, "weight"),
        ("weight_unit", _T, "unit of the weight"),
        ("length", _M, "length"),
        ("width", _M, "width"),
        ("height", _M, "height"),
        ("dimension_unit", _T, "unit of length, width and height"),
        ("image_url", Kind.URL, "main image"),
        ("image_urls", Kind.URLS, "all images"),
        ("url", Kind.URL, "the product's page"),
        ("color", _T, "colour"),
        ("size", _T, "size"),
        ("material", _T, "material"),
        ("gender", _T, "whom it is for"),
        ("country_of_origin", _T, "where it is made"),
        ("manufacturer", _T, "who makes it"),
        ("mpn", _T, "the manufacturer's part number"),
        ("condition", _T, "new, used, refurbished"),
        ("availability", _T, "availability as the supplier words it"),
        ("is_active", Kind.BOOLEAN, "whether it is sold"),
        ("supplier_sku", _T, "a second code of the supplier"),
    ]
}

ATTRIBUTE_PREFIX = "attributes."
"""`attributes.<name>` takes anything that is no field of its own; kept as text in `attributes`."""

OFFER_FIELDS = ("sku", "cost_price", "stock")
"""Fields that are also kept per supplier, in `supplier_products`."""

IDENTIFIERS = ("ean", "sku")


def is_field(name: str) -> bool:
    """Tell whether a column may be mapped to `name`."""
    return name in PRODUCT_FIELDS or (
        name.startswith(ATTRIBUTE_PREFIX) and bool(name.removeprefix(ATTRIBUTE_PREFIX).strip())
    )


def kind_of(name: str) -> Kind:
    """Return the kind of a field that `is_field`; attributes are text."""
    return PRODUCT_FIELDS[name].kind if name in PRODUCT_FIELDS else Kind.TEXT
