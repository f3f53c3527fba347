"""What the number formats of an XLSX file say of a number: a date, a duration, a percentage, digits to pad to.

The codes are those of `marks.format_code`, and `DATE` and `DURATION` (ECMA-376, part 1, 18.8.30 and 18.8.31).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from pim_pipelines.importing.readers.marks import PERCENT, format_code
from pim_pipelines.importing.readers.values import number_text, padded, percentage, text_of
from pim_pipelines.importing.readers.xlsx_package import XlsxPackage

PLAIN, DATE, DURATION = 0, 200, 201

_BUILT_IN = {9: PERCENT, 10: PERCENT, 46: DURATION}
# 27 to 36 and 50 to 58 are dates in the East Asian versions, and nothing elsewhere.
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_NO_PART = re.compile(r"\[[^\]]*\]|general", re.IGNORECASE)
_PART_OF_DATE = re.compile(r"[dmyhs]|am?/pm?", re.IGNORECASE)

# Beyond these days Excel has no date, nor has Python.
_LAST_DAY = 2_958_465
_FAKE_DAY = 60  # 1900-02-29, which Excel has and the calendar has not
_MOST_DAYS = 10_000_000


def style_codes(package: XlsxPackage) -> dict[int, int]:
    """Return the code of every cell style whose number format says more than the value."""
    part = package.part_of("styles", "xl/styles.xml")
    tree = package.tree(part) if part else None
    if tree is None:
        return {}
    formats: dict[int, str] = {}
    for item in tree.iter("{*}numFmt"):
        if str(item.get("numFmtId")).isdigit():
            formats[int(str(item.get("numFmtId")))] = str(item.get("formatCode"))
    codes: dict[int, int] = {}
    for cells in tree.iter("{*}cellXfs"):
        for place, style in enumerate(cells.iter("{*}xf")):
            number = str(style.get("numFmtId"))
            if number.isdigit() and (code := _code(int(number), formats)) != PLAIN:
                codes[place] = code
    return codes


def _code(number: int, formats: dict[int, str]) -> int:
    if number not in formats:
        return DATE if number in _BUILT_IN_DATES else _BUILT_IN.get(number, PLAIN)
    first = _LITERAL.sub("", formats[number]).split(";", maxsplit=1)[0]
    if _ELAPSED.search(first):
        return DURATION
    if _PART_OF_DATE.search(_NO_PART.sub("", first)):
        return DATE
    return format_code(formats[number]) or PLAIN


def writer(code: int, *, counts_from_1904: bool) -> Callable[[float], str]:
    """Return what writes a number of a style's code as text."""
    if code == DATE:
        shift = 1462 if counts_from_1904 else 0
        return lambda value: _date(value, shift)
    if code == DURATION:
        return _duration
    if code == PERCENT:
        return percentage
    return number_text if code == PLAIN else lambda value: padded(value, code)


def _date(value: float, shift: int) -> str:
    if shift:
        value += shift
    if not 0 <= value < _LAST_DAY + 1:
        return number_text(value - shift)
    if value - shift < 1:
        return text_of((datetime(2000, 1, 1) + _span(value % 1)).time())
    epoch = datetime(1899, 12, 30) if value >= _FAKE_DAY else datetime(1899, 12, 31)
    return text_of(epoch + _span(value))


def _duration(value: float) -> str:
    return text_of(_span(value)) if abs(value) < _MOST_DAYS else number_text(value)


def _span(days: float) -> timedelta:
    """Return days exactly as their digits say them, to the microsecond."""
    return timedelta(microseconds=round(Decimal(repr(days)) * 86_400_000_000))
