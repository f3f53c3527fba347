"""What every check of a caller's JSON needs: a problem's shape, how values are shown, what counts as a number.

No frames here: the API answers its 422s by this.
"""

import difflib
import math
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from pim_pipelines.importing.fields import PRODUCT_FIELDS, is_field

LONGEST_PATTERN = 1_000

Problem = tuple[str, str, str]
"""Where (a dotted path), a sentence, a code."""


def is_known(field: object) -> bool:
    """Tell whether this is a product field's name, as it is written."""
    return isinstance(field, str) and field == field.strip() and is_field(field)


def is_number(value: Any) -> bool:
    """Tell whether this is a JSON number, and a finite one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_count(value: Any) -> bool:
    """Tell whether this is a whole JSON number, 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: Any, longest: int) -> bool:
    """Tell whether this is a text that may be stored: not too long, no NUL, no half of a character."""
    if not isinstance(value, str) or len(value) > longest:
        return False
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def shown(value: object) -> str:
    """Show a value in a sentence; a long one is cut."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def unknown(what: str, name: object, known: list[str]) -> str:
    """Say that there is no such thing, and which there are."""
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(known)}."
    return f"{shown(name)} is no {what}; {hint}"


def unknown_field(field: object) -> str:
    """Say that there is no such product field."""
    return unknown("product field", field, [*PRODUCT_FIELDS, "attributes.<name>"])


def pattern_problem(value: Any) -> str | None:
    """Compile a pattern by the very engine that Polars uses (Rust's regex, RE2's syntax: no back-references)."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_PATTERN:
        return f"a regular expression of at most {LONGEST_PATTERN} characters"
    try:
        SchemaValidator(core_schema.str_schema(pattern=value, regex_engine="rust-regex"))
    except SchemaError as error:
        reason = str(error).strip().splitlines()[-1].removeprefix("error: ").strip()
        return f"a regular expression in RE2 syntax ({reason.rstrip('.')})"
    return None
