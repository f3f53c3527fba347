"""Merged cells: each of them has the value of the top left one."""

from collections.abc import Sequence
from typing import Any

Range = tuple[tuple[int, int], tuple[int, int]]

# A cell over so much of the table's width is a heading of the rows below it, and no value of theirs.
_HEADING_SHARE = 0.5
_HEADING_WIDTH = 3
_MOST_AT_ONCE = 20_000


class Merges:
    """Fills merged cells, a row after the other in their order.

    `ranges` are ((first row, first column), (last row, last column)) of the sheet; rows begin at column `left`.
    """

    def __init__(self, ranges: Sequence[Range], left: int, width: int) -> None:
        self._waiting = sorted(ranges, reverse=True)
        self._left, self._width = left, width
        self._open: list[tuple[int, int, int, Any]] = []

    def widen(self, width: int) -> int:
        """Take note of a width where it is larger than the one known; return the larger one."""
        self._width = max(self._width, width)
        return self._width

    def concern(self, number: int) -> bool:
        """Tell whether any merged cell reaches into the rows up to a number."""
        return bool(self._open) or (bool(self._waiting) and self._waiting[-1][0][0] <= number)

    def fill(self, number: int, row: list[Any], *, across: bool = True) -> None:
        """Fill the row of a number; not `across` columns where rows are only looked at for their header.

        A row that has no cell of its own stays blank: a cell merged to the sheet's end makes no rows.
        """
        self._open = [each for each in self._open if each[0] >= number]
        is_blank = not any(value not in ("", None) for value in row)
        while self._waiting and self._waiting[-1][0][0] <= number:
            (first, left), (last, right) = self._waiting.pop()
            left, right = left - self._left, min(right - self._left, self._width - 1)
            if first != number or left < 0 or left >= len(row) or len(self._open) > _MOST_AT_ONCE:
                continue
            width = right - left + 1
            is_heading = width >= _HEADING_WIDTH and width >= _HEADING_SHARE * self._width
            if not is_heading:
                self._open.append((last, left, right, row[left]))
        if not self._open:
            return
        if not is_blank:
            for _, left, right, value in self._open:
                for column in range(left, right + 1 if across else left + 1):
                    row[column] = value
