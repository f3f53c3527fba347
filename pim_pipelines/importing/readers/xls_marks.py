"""What is in an old Excel workbook beside its values, read from its records ([MS-XLS] 2.4) in the container ([MS-CFB]).

What cannot be read here is left unmarked: the values are the library's business. Only chains of sectors that go in
circles are refused.
"""

import struct
from contextlib import suppress
from pathlib import Path

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.marks import Marks, error_code, format_code, too_far

_END = 0xFFFFFFFA
_STREAM = 2
_BOUND_SHEET, _FORMAT, _XF, _EOF, _FILE_PASS = 0x85, 0x41E, 0xE0, 0x0A, 0x2F
_NUMBER, _RK, _MULTIPLE_RK, _FORMULA, _ERROR = 0x203, 0x27E, 0xBD, 0x06, 0x205
_DIMENSIONS, _MOST_ROWS, _MOST_COLUMNS = 0x200, 65_536, 256
_TEXTS = frozenset({0x204, 0xFD, 0xD6})
_FILLED = _TEXTS | {_NUMBER, _RK, _FORMULA, _ERROR}
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BUILT_IN = {9: "0%", 10: "0.00%"}


class XlsMarks:
    """The marks of an old workbook's sheets; raises BrokenFile where a sheet spans more than `limit` cells."""

    def __init__(self, path: Path, limit: int) -> None:
        self._codes: dict[int, int] = {}
        self._sheets: dict[str, int] = {}
        self._marks: dict[str, Marks] = {}
        try:
            self._records = _stream(path.read_bytes())
            self._globals()
        except (struct.error, IndexError, ValueError):
            self._records = b""
        for name, start in self._sheets.items():
            marks = self._marks[name] = Marks()
            with suppress(struct.error, IndexError):
                self._cells(start, marks)
            if marks.rows * marks.columns > limit:  # the library loads all sheets at once
                raise too_far(name, marks)

    def close(self) -> None:
        """Forget the file."""
        self._records = b""

    def of(self, sheet: str) -> Marks:
        """Return the marks of a sheet."""
        return self._marks.get(sheet) or Marks()

    def _globals(self) -> None:
        formats, styles = dict(_BUILT_IN), 0
        position = 0
        while position + 4 <= len(self._records):
            kind, size = struct.unpack_from("<HH", self._records, position)
            body = self._records[position + 4 : position + 4 + size]
            position += 4 + size
            if kind in (_EOF, _FILE_PASS):
                return
            if kind == _BOUND_SHEET:
                (offset,) = struct.unpack_from("<I", body)
                self._sheets[_text(body[6:], 1)] = offset
            elif kind == _FORMAT:
                formats[struct.unpack_from("<H", body)[0]] = _text(body[2:], 2)
            elif kind == _XF:
                code = format_code(formats.get(struct.unpack_from("<H", body, 2)[0], ""))
                if code is not None:
                    self._codes[styles] = code
                styles += 1

    def _cells(self, position: int, marks: Marks) -> None:
        records, codes, end = self._records, self._codes, len(self._records)
        while position + 4 <= end:
            kind, size = struct.unpack_from("<HH", records, position)
            position += 4
            if kind == _EOF:
                return
            if kind in _FILLED:
                row, column, style = struct.unpack_from("<HHH", records, position)
                marks.rows, marks.columns = max(marks.rows, row + 1), max(marks.columns, column + 1)
                if kind in _TEXTS:
                    position += size
                    continue
                wrong = None
                if kind == _ERROR and records[position + 7]:
                    wrong = records[position + 6]
                elif kind == _FORMULA and records[position + 12 : position + 14] == b"\xff\xff":
                    wrong = records[position + 8] if records[position + 6] == 2 else None
                code = codes.get(style) if wrong is None else error_code(_ERRORS.get(wrong, ""))
                if code is not None:
                    marks.add(row, column, code)
            elif kind == _DIMENSIONS and size >= 12:
                # The library reserves room for as many cells as this says, whatever there is.
                _, rows, _, columns = struct.unpack_from("<IIHH", records, position)
                if rows > _MOST_ROWS or columns > _MOST_COLUMNS:
                    raise _broken()
            elif kind == _MULTIPLE_RK:
                row, first = struct.unpack_from("<HH", records, position)
                marks.rows, marks.columns = max(marks.rows, row + 1), max(marks.columns, first + (size - 6) // 6)
                for place in range((size - 6) // 6):
                    (style,) = struct.unpack_from("<H", records, position + 4 + 6 * place)
                    if style in codes:
                        marks.add(row, first + place, codes[style])
            position += size


def _broken() -> BrokenFile:
    return BrokenFile("The workbook is damaged. Please save it again as XLSX or CSV, or transfer it again.")


def _text(body: bytes, length_size: int) -> str:
    """Read a string of BIFF8: its length, a flag for two bytes a character, the characters."""
    length = int.from_bytes(body[:length_size], "little")
    is_wide = body[length_size] & 1
    raw = body[length_size + 1 : length_size + 1 + length * (2 if is_wide else 1)]
    return raw.decode("utf-16-le" if is_wide else "latin-1", errors="replace")


def _stream(content: bytes) -> bytes:
    """Return the stream of the workbook's records out of its compound file."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    tables, first, _, cutoff, small_first, _, more, _ = struct.unpack_from("<IIIIIIII", content, 44)

    def sector(number: int) -> bytes:
        return content[(number + 1) << shift : (number + 2) << shift]

    def unpacked(raw: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))

    where = [number for number in unpacked(content[76:512]) if number < _END]
    for _ in range(len(content) >> shift):
        if more >= _END or len(where) >= tables:
            break
        *listed, more = unpacked(sector(more))
        where += [number for number in listed if number < _END]
    else:
        raise _broken()
    following: list[int] = []
    for number in where[:tables]:
        following += unpacked(sector(number))

    def chain(start: int, links: list[int]) -> list[int]:
        found: list[int] = []
        while start < len(links):
            found.append(start)
            start = links[start]
            if len(found) > len(links):
                raise _broken()  # a chain that is a circle: the library would follow it for ever
        return found

    directory = b"".join(sector(number) for number in chain(first, following))
    root_start, named = 0, (0, 0)
    for place in range(0, len(directory) - 127, 128):
        entry = directory[place : place + 128]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", errors="replace")
        start, length = struct.unpack_from("<II", entry, 116)
        if place == 0:
            root_start = start
        if entry[66] == _STREAM and length >= cutoff:
            chain(start, following)
        if name in ("Workbook", "Book"):
            named = (start, length)
    small_sectors = chain(small_first, following)
    small = b"".join(sector(number) for number in chain(root_start, following))
    start, length = named
    if length >= cutoff:
        return b"".join(sector(number) for number in chain(start, following))[:length]
    small_table: list[int] = []
    for number in small_sectors:
        small_table += unpacked(sector(number))
    width = 1 << small_shift
    return b"".join(small[number * width : (number + 1) * width] for number in chain(start, small_table))[:length]
