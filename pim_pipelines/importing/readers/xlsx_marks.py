"""What is in an XLSX file beside its values, read from the sheet's own XML in one quick pass (ECMA-376, part 1, 18.3).

The pass also inflates every part that will be read, which finds damage and bombs before the library meets them.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from pim_pipelines.errors import BrokenFile, FileTooLarge
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.marks import Marks, error_code, format_code, too_far

_BLOCK = 4 * MIB
_LARGEST_PART = 64 * MIB
_LONGEST_CELL = 10_000
_LONGEST_TAG = 200
_NARROW = 26  # columns A to Z are not told apart: their number only bounds the sheet's size
_BUILT_IN = {9: "0%", 10: "0.00%"}

_ERROR = rb"""t\s*=\s*["']e["']"""
# Twice, because a pattern that begins with the same bytes everywhere is looked for three times as fast.
_FAR = re.compile(rb' r="(?:[A-Z]{2}|[A-Z]\d{7})')
_FAR_ELSE = re.compile(rb"""\sr\s*=\s*'(?:[A-Z]{2}|[A-Z]\d{7})""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,3})(\d{1,9})["'][^>/]*>\s*<(?!/)""")
_PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Z]{1,3})(\d{1,9})["']""")
_STYLE = re.compile(rb"""(?:^|\s)s\s*=\s*["'](\d+)["']""")
_IS_ERROR = re.compile(rb"(?:^|\s)" + _ERROR)
_SHOWN = re.compile(rb"<(?:\w+:)?v>(#[^<]*)<")
_TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")
_ROW_PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*["'](\d{1,9})["']""")


class XlsxMarks:
    """The parts of an XLSX file; raises BrokenFile where it is damaged, FileTooLarge where it expands too far."""

    def __init__(self, path: Path, max_bytes: int, limit: int) -> None:
        self._limit = limit
        self._archive = _opened(path)
        self._parts = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in self._archive.infolist()}
        expanded = sum(info.file_size for info in self._parts.values())
        if expanded > max_bytes:
            raise FileTooLarge(
                f"The workbook expands to {expanded / MIB:,.0f} MiB, more than is taken. Please save it as CSV."
            )
        self._book, self._targets = self._sheets()
        self._codes = self._styles()
        for name in self._targets.values():
            if name.endswith("sharedstrings.xml"):
                for _ in self._blocks(name):  # a size that lies shows here, not in the library
                    pass

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def of(self, sheet: str) -> Marks:
        """Read the marks of a sheet; raises BrokenFile where its values span more than `limit` cells."""
        name = self._targets.get(self._book.get(sheet, ""), "")
        if name not in self._parts:
            return Marks()
        marks = _marks(self._pieces(name), self._codes)
        if marks.rows * marks.columns > self._limit:
            marks.rows, marks.columns = _reach(self._pieces(name))  # cell by cell, as cells without value do not count
        if marks.rows * marks.columns > self._limit or marks.cells > 2 * self._limit:
            raise too_far(sheet, marks)
        return marks

    def _sheets(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return each sheet's relation and each relation's part, of the workbook."""
        root = self._tree("_rels/.rels")
        books = [] if root is None else [item for item in root if str(item.get("Type")).endswith("/officeDocument")]
        book = (books[0].get("Target") or "").lstrip("/") if books else "xl/workbook.xml"
        folder, name = posixpath.split(book)
        relations = self._tree(f"{folder}/_rels/{name}.rels")
        targets = {
            item.get("Id") or "": _joined(folder, item.get("Target") or "")
            for item in (relations if relations is not None else ())
        }
        tree = self._tree(book)
        sheets: dict[str, str] = {}
        for item in tree.iter("{*}sheet") if tree is not None else ():
            relation = next((value for key, value in item.attrib.items() if str(key).endswith("}id")), "")
            sheets[str(item.get("name"))] = str(relation)
        return sheets, targets

    def _styles(self) -> dict[int, int]:
        """Return the code of every cell style whose number format says more than the value."""
        name = next((part for part in self._targets.values() if part.endswith("styles.xml")), "xl/styles.xml")
        tree = self._tree(name)
        if tree is None:
            return {}
        formats = dict(_BUILT_IN)
        for item in tree.iter("{*}numFmt"):
            if str(item.get("numFmtId")).isdigit():
                formats[int(str(item.get("numFmtId")))] = str(item.get("formatCode"))
        codes: dict[int, int] = {}
        for cells in tree.iter("{*}cellXfs"):
            for place, style in enumerate(cells.iter("{*}xf")):
                number = str(style.get("numFmtId"))
                code = format_code(formats.get(int(number), "")) if number.isdigit() else None
                if code is not None:
                    codes[place] = code
        return codes

    def _tree(self, name: str) -> "etree._Element | None":
        if name.lower() not in self._parts:
            return None
        if self._parts[name.lower()].file_size > _LARGEST_PART:
            raise BrokenFile(
                "The workbook's description of itself is too large. Please save it again in a spreadsheet."
            )
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        return etree.fromstring(b"".join(self._blocks(name.lower())), parser)

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            with self._archive.open(self._parts[name]) as part:
                while block := part.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise _broken() from error

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Yield a sheet's XML in pieces of whole rows."""
        carry = b""
        for block in self._blocks(name):
            carry += block
            end = carry.rfind(b"</row>") + 6
            if end < 6:
                end = carry.rfind(b":row>") + 5
            if end > 5:
                yield carry[:end]
                carry = carry[end:]
            elif len(carry) > _LARGEST_PART:
                raise BrokenFile("The workbook has a row that is too long. Please save it again in a spreadsheet.")
        yield carry


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise _broken() from error


def _broken() -> BrokenFile:
    return BrokenFile("The workbook is damaged or was cut off. Please save it again, or transfer it again.")


def _joined(folder: str, target: str) -> str:
    path = target.replace("\\", "/")
    return posixpath.normpath(path.lstrip("/") if path.startswith("/") else f"{folder}/{path}").lower()


def _marks(pieces: Iterator[bytes], codes: dict[int, int]) -> Marks:
    marks = Marks()
    styles = rb"|".join(b"%d" % style for style in codes)
    told = _ERROR + (rb"""|\bs\s*=\s*["'](?:""" + styles + rb""")["']""" if codes else b"")
    cell = re.compile(rb"<(?:\w+:)?c\s(?=[^>]*\b(?:" + told + rb"))([^>]*)>")
    hints = [form % text for text in (b"e",) for form in (b't="%b"', b"t='%b'")]
    hints += [form % style for style in codes for form in (b's="%d"', b"s='%d'")]
    row, is_placed = -1, None
    for piece in pieces:
        last = max(piece.rfind(b"<c "), piece.rfind(b":c "))
        if last < 0 and b"<c>" not in piece:
            continue
        marks.cells += piece.count(b"<c ") or piece.count(b":c ")
        place = _PLACE.search(piece, last, last + _LONGEST_TAG) if last >= 0 else None
        if is_placed is None:
            is_placed = place is not None
        if not is_placed:
            row = _counted(piece, row, codes, marks)
            continue
        marks.columns = max(marks.columns, _NARROW)
        if place:
            marks.rows = max(marks.rows, int(place[2]))
        if _FAR.search(piece) or (b"r='" in piece and _FAR_ELSE.search(piece)):
            for letters, number in _FILLED.findall(piece):
                marks.rows, marks.columns = max(marks.rows, int(number)), max(marks.columns, _column(letters) + 1)
        if any(hint in piece for hint in hints):
            for found in cell.finditer(piece):
                place, code = _PLACE.search(found[1]), _code(found, found[1], codes)
                if place and code is not None:
                    marks.add(int(place[2]) - 1, _column(place[1]), code)
    return marks


def _counted(piece: bytes, row: int, codes: dict[int, int], marks: Marks) -> int:
    """Mark cells of a file that does not say where they stand: each is right of the one before it."""
    column = -1
    for tag in _TAG.finditer(piece):
        if tag[1] == b"row":
            place = _ROW_PLACE.search(tag[2])
            row, column = int(place[1]) - 1 if place else row + 1, -1
            continue
        placed = _PLACE.search(tag[2])
        column = _column(placed[1]) if placed else column + 1
        marks.columns, marks.rows = max(marks.columns, column + 1), max(marks.rows, row + 1)
        code = _code(tag, tag[2], codes)
        if code is not None:
            marks.add(row, column, code)
    return row


def _code(found: re.Match[bytes], attributes: bytes, codes: dict[int, int]) -> int | None:
    """Return the code of a cell by its tag and its attributes."""
    if _IS_ERROR.search(attributes):
        if attributes.endswith(b"/"):
            return None
        shown = _SHOWN.search(found.string, found.end(), found.end() + _LONGEST_CELL)
        return error_code(shown[1].decode("ascii", "replace") if shown else "")
    style = _STYLE.search(attributes)
    return codes.get(int(style[1])) if style else None


def _reach(pieces: Iterator[bytes]) -> tuple[int, int]:
    """Return how many rows and columns the filled cells span, cell by cell."""
    rows = columns = 0
    for piece in pieces:
        for letters, number in _FILLED.findall(piece):
            rows, columns = max(rows, int(number)), max(columns, _column(letters) + 1)
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
