"""What kind of value each cell of a column is of, told by patterns and word lists."""

import re
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.rules.gtin_columns import read_gtins
from pim_pipelines.importing.vocabulary import (
    CONTENT_UNITS,
    CURRENCIES,
    CURRENCY_SIGNS,
    CURRENCY_WORDS,
    LENGTH_UNITS,
    OTHER_UNITS,
    SALE_UNITS,
    WORD_LISTS,
)

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def _any_of(words: frozenset[str]) -> str:
    """Build a group of words, longest first, so that `kg` is not read as `k`."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) + ")"


_BLANKS = " \u00a0\u202f"
_GROUPED = rf"\d{{1,3}}(?:[.,'’{_BLANKS}]\d{{2,3}})*[.,'’{_BLANKS}]\d{{3}}(?:[.,]\d+)?"
_NUMBER = rf"[-+−]?(?:{_GROUPED}|\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?"
_MONEY = rf"(?:[{CURRENCY_SIGNS}]|{_any_of(CURRENCIES | CURRENCY_WORDS)}\.?)"
_UNIT = _any_of(CONTENT_UNITS | LENGTH_UNITS | OTHER_UNITS)
_URL = r"(?:https?://|www\.|//[a-z0-9-]+\.)\S+"
_IMAGE_FILE = r"\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|svg|heic|jfif)"
_IMAGE_FOLDER = r"/(?:images?|img|imgs|photos?|media|gallery|thumbs?)[/_-]"
_TAGS = "p|br|div|ul|ol|li|b|strong|span|h[1-6]|table|a|i|em|img|font|u|tr|td"

PATTERNS: dict[str, str] = {
    "number": rf"^(?:{_MONEY}[{_BLANKS}]*)?{_NUMBER}(?:[{_BLANKS}]*{_MONEY})?$",
    "money": rf"^{_MONEY}[{_BLANKS}]*{_NUMBER}$|^{_NUMBER}[{_BLANKS}]*{_MONEY}$",
    "integer": r"^[-+]?\d{1,9}(?:[.,]0+)?$",
    "negative": rf"^[-−]{_NUMBER}$",
    "percent": rf"^{_NUMBER}[{_BLANKS}]*%$",
    "measure": rf"^{_NUMBER}[{_BLANKS}]*{_UNIT}\.?$",
    "count": rf"^[<>≥≤~+]?[{_BLANKS}]*\d{{1,9}}(?:[.,]0+)?[{_BLANKS}]*(?:\+|{_any_of(SALE_UNITS)})?$",
    "two_decimals": r"^[-+]?\d[\d .,']*[.,]\d{2}$",
    "only_point": r"\d,\d{3}\.\d+\D*$|^\D*\d+\.(?:\d{1,2}|\d{4,})\D*$",
    "only_comma": r"\d\.\d{3},\d+\D*$|^\D*\d+,(?:\d{1,2}|\d{4,})\D*$",
    "digits": r"^\d+$",
    "code_digits": r"^['\"`´’]?(?:\d{8}|\d{12,14})['\"`´’]?(?:\.0+)?$",
    "scientific": r"^\d(?:[.,]\d+)?e\+?\d{1,2}$",
    "date": r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[t ]\d{1,2}:\d{2}.*)?$",
    "url": rf"^{_URL}",
    "image": rf"^(?:{_URL}|[^\s<>]*[^\s<>/]){_IMAGE_FILE}(?:[?#/;,|\s].*)?$|^{_URL}{_IMAGE_FOLDER}",
    "links": rf"(?:^|[\s,;|\"'\[]){_URL}[\s,;|\"']+{_URL}",
    "html": rf"<(?:{_TAGS})(?:\s[^>]*)?/?>",
    "email": r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
    "path": r"\S\s*(?:>|»|›|→|\|)\s*\S|\S(?: / |/)\p{L}",
    "lines": r"\n",
    "token": r"^\S{1,40}$",
    "letters": r"\p{L}",
    "has_digit": r"\d",
}
"""The name of a kind, and what its cells look like in lower case (a regular expression for RE2)."""


LONG = frozenset({"html", "lines", "letters", "has_digit", "links", "url", "image", "path"})
"""Kinds that cells of any length are asked about; the others are of short cells only."""

SHORT = 80  # characters
MAY_BE_GTIN = r"\d[\d\s.-]{6,}\d"

_KINDS_OF_WORD: dict[str, list[str]] = {}
for _kind, _words in WORD_LISTS.items():
    for _word in _words:
        _KINDS_OF_WORD.setdefault(_word, []).append(_kind)


def kinds(values: pa.StringArray) -> dict[str, Mask]:
    """Tell, for each kind, which of the values are of it; `gtin` as the import reads GTINs.

    By Arrow itself: pandas parses each pattern in Python, each time, before it hands it on.
    """
    lowered = pc.utf8_lower(values)
    is_short = _mask(pc.less_equal(pc.utf8_length(values), SHORT))
    short = lowered if is_short.all() else lowered.filter(pa.array(is_short))
    found: dict[str, Mask] = {}
    for kind, pattern in PATTERNS.items():
        if kind in LONG:
            found[kind] = _mask(pc.match_substring_regex(lowered, pattern))
        elif len(short):
            found[kind] = np.zeros(len(values), dtype=bool)
            found[kind][is_short] = _mask(pc.match_substring_regex(short, pattern))
    for position, word in enumerate(lowered.to_pylist()):
        for kind in _KINDS_OF_WORD.get(word, ()):
            found.setdefault(kind, np.zeros(len(values), dtype=bool))[position] = True
    if pc.any(pc.match_substring_regex(values, MAY_BE_GTIN)).as_py():
        read = read_gtins(pl.Series(values.to_pylist(), dtype=pl.String))
        found["gtin"] = read["gtin"].is_not_null().to_numpy()
    for kind in {"only_point", "only_comma"} & found.keys():
        found[kind] &= found["number"]
    return found


def _mask(values: pa.BooleanArray) -> Mask:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)
