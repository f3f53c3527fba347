"""What is in an OpenDocument spreadsheet beside its values, read from its XML (OpenDocument 1.3, part 3, 9 and 16)."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from lxml import etree

from pim_pipelines.errors import BrokenFile, FileTooLarge
from pim_pipelines.importing.readers.limits import LIMITS, MIB
from pim_pipelines.importing.readers.marks import PERCENT, Marks, error_code, too_far

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_BLOCK = 4 * MIB

Written = dict[tuple[int, int], str]
"""Numbers as cells write them, by row and column of the sheet (0-based); of text cells an empty text."""

# Without any of these every cell is just its value, and the quick pass was enough.
_TOLD = re.compile(
    rb"""value-type=["']error|min-integer-digits=["'](?:[2-9]|\d\d)|percentage-style|spanned=["']|repeated=["']\d{3,}"""
)


class OdsMarks:
    """The marks of a spreadsheet's sheets.

    Raises BrokenFile where it is damaged or a sheet spans more than `limit` cells (those that are alike are written
    once, so a few bytes may be many), FileTooLarge where it expands too far.
    """

    def __init__(self, path: Path, max_bytes: int, limit: int) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
            expanded = sum(info.file_size for info in self._archive.infolist())
            self._archive.getinfo("content.xml")
        except (zipfile.BadZipFile, OSError, KeyError) as error:
            raise _broken() from error
        if expanded > max_bytes:
            raise FileTooLarge(
                f"The spreadsheet expands to {expanded / MIB:,.0f} MiB, more than is taken. Please save it as CSV."
            )
        self._marks: dict[str, Marks] = {}
        if self._told():
            self._read(limit)

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def of(self, sheet: str) -> Marks:
        """Return the marks of a sheet."""
        return self._marks.get(sheet) or Marks()

    def written(self, sheet: str, rows: Sequence[int]) -> Written:
        """Return what the cells of a few rows say of themselves; reads no further than the last of them."""
        found: Written = {}
        row, is_wanted = 0, False
        with self._archive.open("content.xml") as part:
            for event, item in etree.iterparse(
                part, events=("start", "end"), tag=[_TABLE + "table", _TABLE + "table-row"], resolve_entities=False,
                no_network=True, load_dtd=False, huge_tree=True,
            ):  # fmt: skip
                if item.tag == _TABLE + "table":
                    if event == "start":
                        row, is_wanted = 0, item.get(_TABLE + "name") == sheet
                elif event == "end" and is_wanted:
                    repeated = range(row, row + _times(item, "rows-repeated"))
                    row = repeated.stop
                    for number in rows:
                        if number in repeated:
                            found |= {(number, column): text for column, text in _told_of_cells(item)}
                    if row > max(rows):
                        return found
                    _forget(item)
        return found

    def _read(self, limit: int) -> None:
        styles: dict[str, int] = {}
        try:
            for name in ("styles.xml", "content.xml"):
                if name in self._archive.namelist():
                    with self._archive.open(name) as part:
                        _read(part, styles, self._marks, limit)
        except (zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError) as error:
            raise _broken() from error

    def _told(self) -> bool:
        """Inflate the contents once, which finds damage and a size that lies; tell whether any cell is marked."""
        told, tail = False, b""
        try:
            with self._archive.open("content.xml") as part:
                while block := part.read(_BLOCK):
                    told = told or bool(_TOLD.search(tail + block))
                    tail = block[-100:]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise _broken() from error
        return told


def _broken() -> BrokenFile:
    return BrokenFile("The spreadsheet is damaged or was cut off. Please save it again, or transfer it again.")


def _read(part: IO[bytes], styles: dict[str, int], found: dict[str, Marks], limit: int) -> None:
    numbers: dict[str, int] = {}
    name, marks = "", Marks()
    table = _Table(styles, marks, limit)
    names = ("table", "table-column", "table-row")
    tags = [
        *(_TABLE + name for name in names),
        _STYLE + "style",
        _NUMBER + "number-style",
        _NUMBER + "percentage-style",
    ]
    for event, item in etree.iterparse(
        part, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    ):
        if item.tag == _TABLE + "table":
            if event == "start":
                name = item.get(_TABLE + "name") or ""
                marks = found[name] = Marks()
                table = _Table(styles, marks, limit)
        elif event == "start":
            continue
        elif item.tag == _TABLE + "table-row":
            table.row(item)
            if marks.rows * marks.columns > limit:
                raise too_far(name, marks)
            _forget(item)
        elif item.tag == _TABLE + "table-column":
            table.column(item)
        elif item.tag == _STYLE + "style":
            code = numbers.get(item.get(_STYLE + "data-style-name") or "")
            if code is not None:
                styles[item.get(_STYLE + "name") or ""] = code
        else:
            code = _code(item)
            if code is not None:
                numbers[item.get(_STYLE + "name") or ""] = code


def _told_of_cells(row: "etree._Element") -> Iterator[tuple[int, str]]:
    column = 0
    for cell in row:
        times = _times(cell, "columns-repeated")
        kind = cell.get(_OFFICE + "value-type")
        if kind is not None:
            text = (cell.get(_OFFICE + "value") or "") if kind != "string" else ""
            yield from ((place, text) for place in range(column, column + min(times, LIMITS.columns)))
        column += times


def _code(style: "etree._Element") -> int | None:
    if style.tag == _NUMBER + "percentage-style":
        return PERCENT
    number = style.find(_NUMBER + "number")
    if number is None or (number.get(_NUMBER + "decimal-places") or "0") != "0":
        return None
    digits = number.get(_NUMBER + "min-integer-digits") or ""
    return int(digits) if digits.isdecimal() and 2 <= int(digits) <= 30 else None


def _forget(item: "etree._Element") -> None:
    item.clear()
    while (before := item.getprevious()) is not None and before.tag == item.tag:
        parent = item.getparent()
        if parent is None:
            return
        parent.remove(before)


def _times(item: "etree._Element", what: str) -> int:
    text = item.get(f"{_TABLE}number-{what}") or "1"
    return int(text) if text.isdecimal() and 0 < int(text) < 10_000_000 else 1


class _Table:
    """Where the cells of a table stand: those that are alike are written once, with a number."""

    def __init__(self, styles: dict[str, int], marks: Marks, limit: int) -> None:
        self._styles, self._marks, self._limit = styles, marks, limit
        self._columns: list[tuple[int, str]] = []
        self._row = 0

    def column(self, item: "etree._Element") -> None:
        """Take the style of columns."""
        start = self._columns[-1][0] if self._columns else 0
        name = item.get(_TABLE + "default-cell-style-name") or ""
        self._columns.append((start + _times(item, "columns-repeated"), name))

    def row(self, item: "etree._Element") -> None:
        """Take a row, or several that are alike."""
        marks, repeated, column = self._marks, _times(item, "rows-repeated"), 0
        row_style = item.get(_TABLE + "default-cell-style-name")
        for cell in item:
            times = _times(cell, "columns-repeated")
            kind = cell.get(_CALC + "value-type") or cell.get(_OFFICE + "value-type")
            if kind is not None:
                marks.rows, marks.columns = max(marks.rows, self._row + repeated), max(marks.columns, column + times)
                marks.cells += times * repeated
                if marks.rows * marks.columns > self._limit:
                    return
                self._cell(cell, kind, range(column, column + times), range(self._row, self._row + repeated), row_style)
            column += times
        self._row += repeated

    def _cell(self, cell: "etree._Element", kind: str, columns: range, rows: range, row_style: str | None) -> None:
        marks = self._marks
        down, right = _times(cell, "rows-spanned"), _times(cell, "columns-spanned")
        if down * right > 1:
            first, left = rows.start, columns.start
            marks.merged.append(((first, left), (first + down - 1, left + right - 1)))
        for column in columns:
            if kind == "error":
                code: int | None = error_code("".join(cell.itertext()))
            elif kind in ("float", "percentage", "currency"):
                code = self._styles.get(cell.get(_TABLE + "style-name") or row_style or self._default(column))
            else:
                return
            if code is not None:
                for row in rows:
                    marks.add(row, column, code)

    def _default(self, column: int) -> str:
        return next((name for stop, name in self._columns if column < stop), "")
