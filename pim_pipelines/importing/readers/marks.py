"""Cells of a sheet that are more than their value: errors, padded numbers, percentages; and how far the sheet goes.

The workbook library gives values only. What it leaves out is read from the file itself, and only for cells that have
it, so that a sheet without any costs next to nothing. Rows and columns are 0-based, as they stand in the sheet.
"""

import re
from array import array
from dataclasses import dataclass, field

import numpy as np

from pim_pipelines.errors import BrokenFile

PERCENT = 100
"""the code of a percentage; below it a code is the number of digits to pad to"""
ERRORS: tuple[str, ...] = (
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
    "#GETTING_DATA",
    "#ERROR!",
)
"""an error's code is 101 and its place in here"""
_FIRST_ERROR = PERCENT + 1
_LONGEST_PAD = 30

# A format's first section, without colours, conditions, literal blanks and fillers, is zeros: `0000000000000`.
_AROUND = re.compile(r'\[[^\]]*\]|_.|\*.|\\ |"\s*"')
_ZEROS = re.compile(r"^[#?]*(0{2,})$")
_PERCENTAGE = re.compile(r"^[#0?,.]+\s?%$")

Places = tuple["np.ndarray[tuple[int], np.dtype[np.uint32]]", "np.ndarray[tuple[int], np.dtype[np.uint8]]"]


@dataclass
class Marks:
    """Marked cells by column, in the order of their rows; `rows` and `columns` bound the cells that have a value."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    _rows: dict[int, "array[int]"] = field(default_factory=dict)
    _codes: dict[int, "array[int]"] = field(default_factory=dict)

    def add(self, row: int, column: int, code: int) -> None:
        """Mark a cell."""
        if column not in self._rows:
            self._rows[column], self._codes[column] = array("I"), array("B")
        self._rows[column].append(row)
        self._codes[column].append(code)

    def within(self, column: int, start: int, stop: int) -> Places | None:
        """Return the marked cells of a column between two rows: their rows counted from `start`, and their codes."""
        held = self._rows.get(column)
        if held is None:
            return None
        rows = np.frombuffer(held, np.uint32)
        first, last = np.searchsorted(rows, [start, stop])
        if first == last:
            return None
        return rows[first:last] - np.uint32(start), np.frombuffer(self._codes[column], np.uint8)[first:last]


def too_far(sheet: str, marks: Marks) -> BrokenFile:
    """Return the error of a sheet that spans more cells than can be read."""
    return BrokenFile(
        f"The sheet “{sheet}” reaches to row {marks.rows:,} and column {marks.columns:,}, too far to be read. "
        "Please delete what stands far away from the table, or save it as XLSX or CSV."
    )


def format_code(number_format: str) -> int | None:
    """Return the code of cells with a number format; None where it does not change what the value says."""
    plain = _AROUND.sub("", number_format.split(";", maxsplit=1)[0]).strip()
    if zeros := _ZEROS.match(plain):
        return min(len(zeros[1]), _LONGEST_PAD)
    return PERCENT if _PERCENTAGE.match(plain) else None


def error_code(text: str) -> int:
    """Return the code of an error cell by what it shows."""
    known = text.strip().upper()
    return _FIRST_ERROR + (ERRORS.index(known) if known in ERRORS else len(ERRORS) - 1)


def error_text(code: int) -> str | None:
    """Return what an error cell shows; None for a code that is none's."""
    return ERRORS[code - _FIRST_ERROR] if code >= _FIRST_ERROR else None
