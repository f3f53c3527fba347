"""Texts that clients send: without what PostgreSQL cannot store, and not endless."""

from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

_LONGEST_QUOTED = 100


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not hold a NUL character")
    if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must be valid Unicode")
    return text


def _plain(code: str) -> str:
    # Codes stand in Dagster's tags and partitions too, which take neither.
    if not code.isprintable() or "..." in code:
        raise ValueError("must not hold control characters, nor `...`")
    return code


def quoted(text: str) -> str:
    """Quote what a client sent in a message: not endless, and without characters that would break a line."""
    return repr(text if len(text) <= _LONGEST_QUOTED else f"{text[:_LONGEST_QUOTED]}…")


Text = Annotated[str, AfterValidator(_storable)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), AfterValidator(_storable)]
Search = Annotated[str, StringConstraints(max_length=500), AfterValidator(_storable)]

LEFT_OUT: Any = None
"""The default of a field that may be left out and must not be null."""
