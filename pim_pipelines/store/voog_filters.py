"""The conditions and the order of a list of the second API, as SQL: values are only ever parameters.

What a caller may filter and sort by is a table of `Attribute`s; `api/voog/filters.py` reads the query string into what
stands here. A column without a value (null) meets no condition, not even a negative one, as in SQL and in Ransack,
whose comparators Voog's are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, LiteralString


class Kind(StrEnum):
    """What the values of an attribute are."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    TIME = "time"
    WORD = "word"  # one of a few


class Comparator(StrEnum):
    """How a value is compared."""

    EQ = "eq"
    NOT_EQ = "not_eq"
    GT = "gt"
    GTEQ = "gteq"
    LT = "lt"
    LTEQ = "lteq"
    IN = "in"
    NOT_IN = "not_in"
    CONT = "cont"
    NOT_CONT = "not_cont"
    STARTS = "starts"
    NOT_STARTS = "not_starts"
    END = "end"
    NOT_END = "not_end"
    MATCHES = "matches"
    DOES_NOT_MATCH = "does_not_match"


TEXT_COMPARATORS = frozenset(list(Comparator)[list(Comparator).index(Comparator.CONT) :])
"""These look at the text that an attribute is shown as, whatever its kind, and without regard to case."""

LIST_COMPARATORS = frozenset({Comparator.IN, Comparator.NOT_IN})


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a list can be filtered and sorted by: its kind, its column, and the words that it may be."""

    kind: Kind
    column: LiteralString
    words: tuple[str, ...] = ()


Value = int | Decimal | datetime | str


@dataclass(frozen=True, slots=True)
class Condition:
    """An attribute compared with values: one, or of `in` and `not_in` several; a time has whole milliseconds."""

    attribute: str
    comparator: Comparator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """An attribute to sort by."""

    attribute: str
    descending: bool


_OPERATORS: dict[Comparator, LiteralString] = {
    Comparator.EQ: "=",
    Comparator.NOT_EQ: "<>",
    Comparator.GT: ">",
    Comparator.GTEQ: ">=",
    Comparator.LT: "<",
    Comparator.LTEQ: "<=",
    Comparator.IN: "in",
    Comparator.NOT_IN: "not in",
    Comparator.CONT: "ilike",
    Comparator.NOT_CONT: "not ilike",
    Comparator.STARTS: "ilike",
    Comparator.NOT_STARTS: "not ilike",
    Comparator.END: "ilike",
    Comparator.NOT_END: "not ilike",
    Comparator.MATCHES: "ilike",
    Comparator.DOES_NOT_MATCH: "not ilike",
}

# Times are compared as they are shown, in whole milliseconds; else none of those that are shown could be found again.
_COMPARED: dict[Kind, LiteralString] = {
    Kind.INTEGER: "{}",
    Kind.DECIMAL: "{}",
    Kind.TEXT: '{} collate "C"',
    Kind.TIME: "date_trunc('milliseconds', {})",
    Kind.WORD: '{} collate "C"',
}
_SHOWN: dict[Kind, LiteralString] = {
    Kind.INTEGER: "{}::text",
    Kind.DECIMAL: "trim_scale({})::text",
    Kind.TEXT: "{}",
    Kind.TIME: """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
    Kind.WORD: "{}",
}


def where(conditions: Sequence[Condition], attributes: Mapping[str, Attribute]) -> tuple[LiteralString, dict[str, Any]]:
    """Return the SQL of all conditions together, `true` for none, and its named parameters (`c0`, `c1` …)."""
    terms: list[LiteralString] = []
    parameters: dict[str, Any] = {}
    for condition in conditions:
        attribute = attributes[condition.attribute]
        looks_at_text = condition.comparator in TEXT_COMPARATORS
        column = (_SHOWN if looks_at_text else _COMPARED)[attribute.kind].format(attribute.column)
        names: list[LiteralString] = []
        for value in condition.values:
            name = f"c{len(parameters)}"
            parameters[name] = _pattern(condition.comparator, str(value)) if looks_at_text else value
            names.append(f"%({name})s")
        right = f"({', '.join(names)})" if condition.comparator in LIST_COMPARATORS else names[0]
        terms.append(f"{column} {_OPERATORS[condition.comparator]} {right}")
    return " and ".join(terms) or "true", parameters


def order_by(keys: Sequence[SortKey], attributes: Mapping[str, Attribute], default: LiteralString) -> LiteralString:
    """Return what stands after `order by`; the default order decides between equals, so that every page is its own.

    What has no value to sort by comes last, whichever the direction.
    """
    terms = [
        f"{_COMPARED[attributes[key.attribute].kind].format(attributes[key.attribute].column)}"
        f" {'desc' if key.descending else 'asc'} nulls last"
        for key in keys
    ]
    return ", ".join([*terms, default])


def _pattern(comparator: Comparator, text: str) -> str:
    """Return the pattern of LIKE for a text comparator.

    `matches` has to fit the whole text; `*` stands for any characters, as Voog's page says, and so does the `%` of
    Ransack, whose `_` is any one.
    """
    if comparator in {Comparator.MATCHES, Comparator.DOES_NOT_MATCH}:
        return text.replace("\\", "\\\\").replace("*", "%")
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    before = "" if comparator in {Comparator.STARTS, Comparator.NOT_STARTS} else "%"
    after = "" if comparator in {Comparator.END, Comparator.NOT_END} else "%"
    return f"{before}{literal}{after}"
