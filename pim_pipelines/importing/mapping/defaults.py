"""`import_options.default_values`: what a field is taken to be in rows that say nothing of it.

No frames here: the API answers its 422s by this.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pim_pipelines.importing.fields import IDENTIFIERS, Kind, kind_of
from pim_pipelines.importing.given import Problem, is_known, is_number, is_text, shown, unknown_field

LONGEST_TEXT = 10_000
MOST_ADDRESSES = 100
_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Default:
    """A field's default: as the text a cell would have, and as its typed column holds it."""

    text: str
    value: str | int | bool


def problems(default_values: object) -> str | list[Problem] | None:
    """Say what is wrong with `default_values`: what it should have been, or problems by their path below it."""
    if not isinstance(default_values, dict):
        return 'an object of fields and values, like {"currency": "EUR"}'
    found: list[Problem] = []
    for name, value in default_values.items():
        if not is_known(name):
            found.append((str(name), unknown_field(name), "unknown_field"))
        elif name in IDENTIFIERS:
            message = f'"{name}" can have no default: it says which product a row means.'
            found.append((name, message, "not_applicable"))
        elif value is not None and _read(kind_of(name), value) is None:
            message = f'The default of "{name}" must be {_WANTED[kind_of(name)]}, not {shown(value)}.'
            found.append((name, message, "invalid"))
    return found


def defaults_of(options: Mapping[str, Any]) -> dict[str, Default]:
    """Return the defaults of checked options by field."""
    given = options.get("default_values") or {}
    read = {name: _read(kind_of(name), value) for name, value in given.items() if value is not None}
    return {name: default for name, default in read.items() if default is not None}


_TEXT = f"a text of 1 to {LONGEST_TEXT:,} characters"
_WANTED = {
    Kind.TEXT: _TEXT,
    Kind.URL: _TEXT,
    Kind.URLS: f"an address, or a list of 1 to {MOST_ADDRESSES} of them",
    Kind.NUMBER: "a number",
    Kind.MEASURE: "a number",
    Kind.INTEGER: "a whole number",
    Kind.BOOLEAN: "true or false",
}


def _read(kind: Kind, value: Any) -> Default | None:
    """Read a default as its field's kind; None where it is none."""
    match kind:
        case Kind.NUMBER | Kind.MEASURE:
            text = _decimal(value)
            return None if text is None else Default(text, text)
        case Kind.INTEGER:
            text = _decimal(value)
            is_whole = text is not None and "." not in text and int(text) in _INT64
            return Default(text, int(text)) if text is not None and is_whole else None
        case Kind.BOOLEAN:
            return Default(str(value).lower(), value) if isinstance(value, bool) else None
        case Kind.URLS:
            addresses = value if isinstance(value, list) else [value]
            is_right = 1 <= len(addresses) <= MOST_ADDRESSES and all(map(_is_text, addresses))
            return Default(" ".join(addresses), json.dumps(addresses, ensure_ascii=False)) if is_right else None
        case _:
            return Default(value, value) if _is_text(value) else None


def _decimal(value: Any) -> str | None:
    """Write a number as `numbers.read_numbers` writes a cell's."""
    if not (isinstance(value, str) or is_number(value)):
        return None
    text = f"{Decimal(repr(value)):f}" if not isinstance(value, str) else value.strip()
    if not _DECIMAL.fullmatch(text):
        return None
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    made = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return made if made == "0" else sign + made


def _is_text(value: Any) -> bool:
    return is_text(value, LONGEST_TEXT) and value.strip() != ""
