"""Which row names the columns, if any does, and what the columns are called.

No word is known here: a header is told by being unlike what stands below it. Where a column holds numbers, codes or
addresses and the row's cell is a word, that speaks for a header; where the cell is one of them too, against it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Cells = Sequence[str | None]

ROWS_LOOKED_AT = 120
HEADER_WITHIN = 40

_NUMBER = re.compile(
    r"^[^\w\d]*(?:[A-Z]{3}\s?)?[-+]?\d[\d\s.,'’\u00a0\u202f]*(?:[eE][-+]?\d+)?\s?(?:[%‰]|[^\W\d_]{1,4}\.?[²³]?)?[^\w\d]*$"
)
_ADDRESS = re.compile(r"^(?:https?:|www\.|ftp:|/)\S+|\S+\.(?:jpe?g|png|webp|gif|pdf|html?)$", re.IGNORECASE)
_NAME = re.compile(r"^[^\W\d]+(?:[_.:\-/][^\W_]+)+$|^[a-z]+[A-Z]\w*$")


@dataclass(frozen=True)
class Header:
    """`index` of the header among the rows given, None without one; the columns' names; its normalised cells."""

    index: int | None
    names: list[str]
    cells: list[str | None] | None


def header_at(rows: Sequence[Cells], index: int) -> Header:
    """Take the header that the caller named."""
    cells = list(rows[index])
    width = _width_below(rows[index + 1 :], len(cells), _used(cells))
    cells = (cells + [None] * width)[:width]
    return Header(index, column_names(cells), cells)


def find_header(rows: Sequence[Cells]) -> Header:
    """Find the header among the first rows of a table (blank rows included), which are trimmed, blank cells None."""
    index = _header_index(rows)
    if index is not None:
        return header_at(rows, index)
    widths = Counter(len(row) for row in rows if any(row))
    width = max(widths, key=lambda each: (widths[each], each))
    return Header(None, column_names([None] * width), None)


def column_names(cells: Cells) -> list[str]:
    """Name columns: a blank one `column_<n>`, a repeated name with ` (2)` or the next number that is free."""
    names: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for position, cell in enumerate(cells, start=1):
        name = base = cell or f"column_{position}"
        while name in taken:
            numbers[base] = numbers.get(base, 1) + 1
            name = f"{base} ({numbers[base]})"
        taken.add(name)
        names.append(name)
    return names


def _width_below(body: Sequence[Cells], named: int, used: int) -> int:
    """Return the number of columns: `named` as in the header unless nearly all rows say otherwise.

    More where they have text there; fewer where the header ends in delimiters (`used` cells have text), they do not.
    """
    full = [row for row in body[:ROWS_LOOKED_AT] if any(row)]
    if full and used < named and sum(len(row) < named for row in full) >= 0.9 * len(full):
        return max(used, Counter(len(row) for row in full).most_common(1)[0][0])
    wider = [_used(row) for row in full if _used(row) > named]
    if len(full) >= 10 and len(wider) >= 0.9 * len(full):
        return Counter(wider).most_common(1)[0][0]
    return named


def _used(row: Cells) -> int:
    """Return the number of cells up to the last one with text."""
    return next((index for index in range(len(row), 0, -1) if row[index - 1]), 0)


def _header_index(rows: Sequence[Cells]) -> int | None:
    full = [index for index, row in enumerate(rows) if any(row)]
    if not full:
        return None
    filled = {index: sum(cell is not None for cell in rows[index]) for index in full}
    typical = median(filled[index] for index in full[:ROWS_LOOKED_AT])
    needed = max(min(2, typical), 0.6 * typical)
    first = next((index for index in full[:HEADER_WITHIN] if filled[index] >= needed), full[0])
    candidates = [index for index in full if index >= first]
    chosen = first
    # Two header rows, or a line of particulars above one: the last row that is unlike the body names the columns.
    for place, index in enumerate(candidates[1:4], start=1):
        body = [rows[later] for later in candidates[place + 1 :][:ROWS_LOOKED_AT]]
        if len(body) < 3 or filled[index] < max(0.8 * filled[chosen], 2):
            break
        unlike, like = _likeness(rows[index], _kinds(body))
        if unlike < 2 or like or len(set(filter(None, rows[index]))) < filled[index]:
            break
        chosen = index
    below = [rows[index] for index in candidates if index > chosen][:ROWS_LOOKED_AT]
    return chosen if _score(rows[chosen], below) > 0 else None


def _kinds(body: Sequence[Cells]) -> list[str | None]:
    """Return what each column holds: number, address, digits (codes with digits in them), or None for anything."""
    width = max((len(row) for row in body), default=0)
    kinds: list[str | None] = []
    for column in range(width):
        cells = [cell for row in body if column < len(row) and (cell := row[column])]
        kinds.append(_kind(cells))
    return kinds


def _kind(cells: Sequence[str]) -> str | None:
    if not cells:
        return None
    for kind, share in (("number", 0.8), ("address", 0.8), ("digits", 0.9)):
        if sum(_is(kind, cell) for cell in cells) >= share * len(cells):
            return kind
    return None


def _is(kind: str, cell: str) -> bool:
    if kind == "number":
        return bool(_NUMBER.match(cell))
    if kind == "address":
        return bool(_ADDRESS.match(cell))
    return any(character.isdigit() for character in cell)


def _is_worded(cell: str, texts: Sequence[str]) -> bool:
    """Tell whether a cell has letters ("Price 2") above codes of which hardly any has ("7:30")."""
    return _has_letter(cell) and sum(map(_has_letter, texts)) <= 0.1 * len(texts)


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _likeness(row: Cells, kinds: Sequence[str | None]) -> tuple[int, int]:
    """Count the cells that are not of their column's kind, and those that are."""
    unlike = like = 0
    for cell, kind in zip(row, kinds, strict=False):
        if cell and kind:
            if _is(kind, cell):
                like += 1
            else:
                unlike += 1
    return unlike, like


def _score(row: Cells, body: Sequence[Cells]) -> float:
    """Return how much speaks for a row as the header of those below it; above 0 it is."""
    cells = [cell for cell in row if cell]
    body = [each for each in body if list(each) != list(row)]
    if not body:
        # A single row: with a number in it, it is a product.
        return -1.0 if any(_NUMBER.match(cell) for cell in cells) else 1.0
    score = 0.3 + (0.5 if len(set(cells)) == len(cells) else -0.5)
    score -= 0.5 * sum(len(cell) > 80 for cell in cells)
    for column, cell in enumerate(row):
        below = [each[column] for each in body if column < len(each)]
        texts = [text for text in below if text]
        if cell and texts:
            score += _column_score(cell, texts)
    return score


def _column_score(cell: str, texts: list[str]) -> float:
    kind = _kind(texts)
    if kind == "number":
        return -2.0 if _NUMBER.match(cell) else 1.5
    if kind == "address":
        return -2.0 if _ADDRESS.match(cell) else 1.0
    if kind == "digits":
        return 0.7 if not _is("digits", cell) or _is_worded(cell, texts) else -0.7
    if cell in texts:
        return -1.0
    score = 0.0
    if _NAME.match(cell):
        score += 0.5
    if len(texts) >= 5:
        repeated = len(set(texts)) <= 0.3 * len(texts)
        usual = sum(map(len, texts)) / len(texts)
        if repeated:
            score += 0.5
        if usual >= 15 and len(cell) < 0.5 * usual:
            score += 0.4
    if _NUMBER.match(cell):
        score -= 0.3
    return score
