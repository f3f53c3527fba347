"""The attributes that a Voog task can import, by what titles columns are known for them, and what a mapping may be.

Source: the Voog page "Products import tasks", `supported_attributes` and `mapping`. No frames here: the API asks this.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pim_pipelines.errors import InvalidField

AttributeMapping = dict[str, str | None]
"""Column index as text, from "0", to an attribute; None: the column is ignored."""

SUPPORTED_ATTRIBUTES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "id": {"type": "integer", "read_only": True, "title": "ID"},
        "parent_id": {"type": "integer", "read_only": True, "title": "Parent ID"},
        "sku": {"type": "string", "title": "Product code"},
        "name": {"type": "string", "title": "Name"},
        "slug": {"type": "string", "title": "URL slug"},
        "description": {"type": "string", "title": "Description"},
        "og_description": {"type": "string", "title": "Meta description"},
        "price": {"type": "decimal", "title": "Price"},
        "sale_price": {"type": "decimal", "title": "Sale price"},
        "stock": {"type": "integer", "title": "Stock"},
        "reserved_quantity": {"type": "integer", "title": "Reserved quantity"},
        "status": {
            "type": "enum",
            "title": "Status",
            "enum_values": [{"title": "Draft", "value": "draft"}, {"title": "Live", "value": "live"}],
        },
        "length": {"type": "decimal", "title": "Length"},
        "width": {"type": "decimal", "title": "Width"},
        "height": {"type": "decimal", "title": "Height"},
        "weight": {"type": "decimal", "title": "Weight"},
        "product_is_variant": {"type": "boolean", "title": "Product is variant"},
        "variant_attributes_text": {"type": "key_set", "title": "Variant attributes"},
        "categories": {"type": "array", "title": "Categories"},
    }
)
"""The page's object, in its order: what the API answers as `supported_attributes`."""

MATCH_KEYS = ("id", "sku")
"""What products may be matched by; the first is the default."""

_BY_TITLE = {str(about["title"]).casefold(): name for name, about in SUPPORTED_ATTRIBUTES.items()}


def proposed_mapping(columns: Sequence[str]) -> AttributeMapping:
    """Return the attribute whose title each column bears, whatever its case; None where there is none.

    Of two columns with one title the first gets the attribute.
    """
    found: AttributeMapping = {}
    taken: set[str] = set()
    for index, column in enumerate(columns):
        attribute = _BY_TITLE.get(" ".join(column.split()).casefold())
        found[str(index)] = None if attribute in taken else attribute
        if attribute:
            taken.add(attribute)
    return found


def check_mapping(mapping: object) -> AttributeMapping:
    """Return a caller's mapping, columns in their order; raises InvalidField where it can fit no file."""
    if not isinstance(mapping, Mapping):
        raise InvalidField.one("mapping", "mapping must be an object of column indices and attributes.")
    problems: list[str] = []
    checked: dict[int, str | None] = {}
    columns_of: dict[str, int] = {}
    for key, attribute in mapping.items():
        index = _index(key)
        if index is None:
            problems.append(f"{key!r} is not a column index: columns are counted from 0.")
        elif index in checked:
            problems.append(f"column {index} is mapped twice.")
        elif attribute is None:
            checked[index] = None
        elif not isinstance(attribute, str) or attribute not in SUPPORTED_ATTRIBUTES:
            problems.append(f"{attribute!r} is not one of supported_attributes.")
        elif attribute in columns_of:
            problems.append(f"{attribute} is mapped to columns {columns_of[attribute]} and {index}: choose one.")
        else:
            checked[index] = attribute
            columns_of[attribute] = index
    if problems:
        raise InvalidField([("mapping", problem, "invalid") for problem in problems])
    return {str(index): checked[index] for index in sorted(checked)}


def check_fit(mapping: AttributeMapping, columns: Sequence[str], match_key: str | None) -> None:
    """Ask whether a checked mapping fits a file; raises InvalidField where it does not.

    match_key: None where nothing is matched, so that no column is needed for it.
    """
    problems = [
        f"column {index} does not exist: the file has {len(columns)} columns, counted from 0."
        for index in mapping
        if int(index) >= len(columns)
    ]
    if match_key is not None and match_key not in mapping.values():
        problems.append(f"no column is mapped to {match_key}, which products are matched by (match_key).")
    if problems:
        raise InvalidField([("mapping", problem, "invalid") for problem in problems])


def by_name(mapping: AttributeMapping, columns: Sequence[str]) -> dict[str, str | None]:
    """Return a mapping with the columns' names for their indices; those that the file lacks are left out."""
    return {columns[int(index)]: attribute for index, attribute in mapping.items() if int(index) < len(columns)}


def _index(key: object) -> int | None:
    """Read a column index; None where it is none. JSON has it as text, but "01" or "¹" would be a second spelling."""
    text = str(key)
    is_index = text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0")) and len(text) <= 5
    return int(text) if is_index else None
