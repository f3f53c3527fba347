"""What the first cells of a workbook are in JSON: by their types, where the rows file has texts only.

A number is a JSON number as its cell writes it: `10.0` stays `10.0`, `0` stays `0`. A number that its format makes
something else for whoever sees it (a percentage, digits padded with zeros, a duration) is the text that is imported.
A date is its ISO day, a moment ISO 8601 with milliseconds in UTC, for a workbook knows no time zones. True and false
are themselves. A text cell without text is an empty text; where there is no cell, or one with an error, None.
"""

import math
import re
from datetime import datetime
from typing import Any

from pim_pipelines.importing.readers.table import JsonCell

_INTEGER = re.compile(r"[-+]?\d{1,40}")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{3})?")


def number_cell(written: str, text: str | None) -> JsonCell:
    """Return a number by its digits; its text where JSON has no such number (or it is none)."""
    written = written.strip()
    if _INTEGER.fullmatch(written):
        return int(written)
    if _NUMBER.fullmatch(written) and math.isfinite(number := float(written)):
        return number
    return text


def typed_cell(value: Any, text: str | None) -> JsonCell:
    """Return a value of Python's by its type, by the text that the rows have for it."""
    if isinstance(value, bool):
        return boolean_cell(text)
    return date_cell(text) if isinstance(value, datetime) else text


def boolean_cell(text: str | None) -> JsonCell:
    """Return true or false by the text that the rows have for it."""
    return {"true": True, "false": False}.get(text or "", text)


def date_cell(text: str | None) -> JsonCell:
    """Return a date or a moment by the text that the rows have for it."""
    found = _MOMENT.fullmatch(text or "")
    return f"{found[1]}T{found[2]}{found[3] or '.000'}+00:00" if found else text
