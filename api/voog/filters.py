"""Filters and sorting of a list, out of its query string: `q.<object>.<attribute>.$<comparator>=…` and `s=…`.

Sources: the Voog pages "Filtering and sorting in API" and "Products import tasks", and the contract's section 5. What
they leave open is told in docs/voog-api.md. Whatever cannot be meant is a 400 that names it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from api.texts import quoted
from api.voog.errors import VoogProblem
from pim_pipelines.store.voog_filters import (
    LIST_COMPARATORS,
    TEXT_COMPARATORS,
    Attribute,
    Comparator,
    Condition,
    Kind,
    SortKey,
    Value,
)

_OTHER_SPELLINGS = {
    "gte": Comparator.GTEQ,
    "lte": Comparator.LTEQ,
    "ends": Comparator.END,
    "not_ends": Comparator.NOT_END,
}
COMPARATORS = {**{str(comparator): comparator for comparator in Comparator}, **_OTHER_SPELLINGS}

_DIRECTIONS = {"$asc": False, "$desc": True, "": False}
_EQUALITIES = frozenset({Comparator.EQ, Comparator.NOT_EQ, *LIST_COMPARATORS})
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_LOST_PLUS = re.compile(r"(:[0-9.,]+) ([0-9]{2}(?::?[0-9]{2})?)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a list is asked for, and in which order."""

    conditions: tuple[Condition, ...]
    order: tuple[SortKey, ...]


def parse(parameters: Iterable[tuple[str, str]], object_name: str, attributes: Mapping[str, Attribute]) -> Wanted:
    """Read the filters and the order out of all parameters of a request; raises VoogProblem, 400.

    Filters are ANDed, repeated ones too. A `?` before a parameter's name is ignored: Voog's own example has one.
    """
    conditions: dict[Condition, None] = {}
    order: dict[str, SortKey] = {}
    for given_name, value in parameters:
        name = given_name.removeprefix("?")
        if name.startswith("q."):
            conditions[_condition(name, value, object_name, attributes)] = None
        elif name == "s":
            for key in _sort_keys(value, object_name, attributes):
                order.setdefault(key.attribute, key)
    return Wanted(tuple(conditions), tuple(order.values()))


def _condition(name: str, text: str, object_name: str, attributes: Mapping[str, Attribute]) -> Condition:
    attribute, comparator_text = _attribute(name.removeprefix("q."), name, object_name, attributes)
    comparator = COMPARATORS.get(comparator_text.removeprefix("$")) if comparator_text.startswith("$") else None
    if not comparator_text:
        comparator = Comparator.EQ
    if comparator is None:
        known = ", ".join(f"${each}" for each in Comparator)
        raise _bad(f"{quoted(name)}: {quoted(comparator_text)} is no comparator: use one of {known}.")
    pieces = [piece.strip() for piece in text.split(",")] if comparator in LIST_COMPARATORS else [text.strip()]
    values = tuple(_value(name, piece, attributes[attribute], comparator) for piece in pieces if piece)
    if not values:
        raise _bad(f"{quoted(name)} has no value: give one, or leave the parameter out.")
    return Condition(attribute, comparator, values)


def _sort_keys(text: str, object_name: str, attributes: Mapping[str, Attribute]) -> Iterable[SortKey]:
    for piece in text.split(","):
        if not piece.strip():
            raise _bad(f"s: {quoted(text)} has a blank key: write s={object_name}.{next(iter(attributes))}.$desc.")
        attribute, direction = _attribute(piece.strip(), "s", object_name, attributes)
        if direction not in _DIRECTIONS:
            raise _bad(f"s: {quoted(direction)} is no direction: use $asc or $desc.")
        yield SortKey(attribute, _DIRECTIONS[direction])


def _attribute(path: str, name: str, object_name: str, attributes: Mapping[str, Attribute]) -> tuple[str, str]:
    """Return the attribute of `<object>.<attribute>[.<rest>]`, and the rest."""
    found, _, attribute_and_rest = path.partition(".")
    attribute, _, rest = attribute_and_rest.partition(".")
    if found != object_name:
        raise _bad(f"{quoted(name)}: {quoted(found)} is not what is listed here: it is {object_name}.")
    if attribute not in attributes:
        raise _bad(f"{quoted(name)}: {quoted(attribute)} is no attribute to go by: use one of {', '.join(attributes)}.")
    return attribute, rest


def _value(name: str, text: str, attribute: Attribute, comparator: Comparator) -> Value:
    if "\0" in text:
        raise _bad(f"{quoted(name)} must not hold a NUL character.")
    if comparator in TEXT_COMPARATORS or attribute.kind is Kind.TEXT:
        return text
    if attribute.kind is Kind.INTEGER:
        if not _INTEGER.fullmatch(text):
            raise _bad(f"{quoted(name)} must be a whole number, which {quoted(text)} is not.")
        return int(text)
    if attribute.kind is Kind.DECIMAL:
        if not _DECIMAL.fullmatch(text):
            raise _bad(f"{quoted(name)} must be a number like 10.50, which {quoted(text)} is not.")
        return Decimal(text)
    if attribute.kind is Kind.TIME:
        return _time(name, text)
    if comparator in _EQUALITIES and text not in attribute.words:
        raise _bad(f"{quoted(name)}: {quoted(text)} is not one of {', '.join(attribute.words)}.")
    return text


def _time(name: str, text: str) -> datetime:
    """Read a time of ISO 8601; without a zone it is UTC, finer than a millisecond is cut off, as it is when shown.

    A plus sign that was not escaped in the address has become a blank, and is taken for what it was.
    """
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
    except ValueError:
        raise _bad(
            f"{quoted(name)} must be a time like 2023-12-22T17:16:40.000Z, which {quoted(text)} is not."
        ) from None
    in_milliseconds = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return in_milliseconds if moment.tzinfo else in_milliseconds.replace(tzinfo=UTC)


def _bad(message: str) -> VoogProblem:
    return VoogProblem(400, message)


def described(object_name: str, attributes: Mapping[str, Attribute]) -> list[dict[str, Any]]:
    """Return the parameters of a list's filters and sorting for the OpenAPI description."""
    comparators = ", ".join(f"`${each}`" for each in COMPARATORS)
    filters = [
        {
            "name": f"q.{object_name}.{name}.$comparator",
            "in": "query",
            "required": False,
            "description": f"Compare the {attribute.kind} `{name}`; without `.$comparator` it is `$eq`. One of"
            f" {comparators}; `$in` and `$not_in` take several values, separated by commas. Filters are ANDed. What has"
            " no value meets none, not even a negative one.",
            "schema": {"type": "string"},
        }
        for name, attribute in attributes.items()
    ]
    sorting = {
        "name": "s",
        "in": "query",
        "required": False,
        "description": f"`{object_name}.<attribute>.$asc` or `.$desc`, several separated by commas. What has no value"
        " comes last, and of equals the newest first.",
        "schema": {"type": "string"},
        "example": f"{object_name}.status.$asc,{object_name}.id.$desc",
    }
    return [*filters, sorting]
