"""What is in an old Excel workbook beside its values, read from its records ([MS-XLS] 2.4) in the container ([MS-CFB]).

What cannot be read here is left unmarked: the values are the library's business.
"""

import struct
from pathlib import Path

from pim_pipelines.importing.readers.marks import Marks, error_code, format_code

_END = 0xFFFFFFFA
_BOUND_SHEET, _FORMAT, _XF, _EOF, _FILE_PASS = 0x85, 0x41E, 0xE0, 0x0A, 0x2F
_NUMBER, _RK, _MULTIPLE_RK, _FORMULA, _ERROR = 0x203, 0x27E, 0xBD, 0x06, 0x205
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BUILT_IN = {9: "0%", 10: "0.00%"}


class XlsMarks:
    """The records of an old workbook."""

    def __init__(self, path: Path) -> None:
        self._codes: dict[int, int] = {}
        self._sheets: dict[str, int] = {}
        try:
            self._records = _stream(path.read_bytes())
            self._globals()
        except (struct.error, IndexError, ValueError):
            self._records = b""

    def close(self) -> None:
        """Forget the file."""
        self._records = b""

    def of(self, sheet: str) -> Marks:
        """Read the marks of a sheet; its format bounds how far it reaches."""
        marks = Marks()
        start = self._sheets.get(sheet)
        if start is not None and self._records:
            try:
                self._cells(start, marks)
            except (struct.error, IndexError):
                return marks
        return marks

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
            if kind in (_NUMBER, _RK, _FORMULA, _ERROR):
                row, column, style = struct.unpack_from("<HHH", records, position)
                wrong = None
                if kind == _ERROR and records[position + 7]:
                    wrong = records[position + 6]
                elif kind == _FORMULA and records[position + 12 : position + 14] == b"\xff\xff":
                    wrong = records[position + 8] if records[position + 6] == 2 else None
                code = codes.get(style) if wrong is None else error_code(_ERRORS.get(wrong, ""))
                if code is not None:
                    marks.add(row, column, code)
            elif kind == _MULTIPLE_RK and codes:
                row, first = struct.unpack_from("<HH", records, position)
                for place in range((size - 6) // 6):
                    (style,) = struct.unpack_from("<H", records, position + 4 + 6 * place)
                    if style in codes:
                        marks.add(row, first + place, codes[style])
            position += size


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
    while more < _END and len(where) < tables:
        *listed, more = unpacked(sector(more))
        where += [number for number in listed if number < _END]
    following: list[int] = []
    for number in where[:tables]:
        following += unpacked(sector(number))

    def chain(start: int, links: list[int]) -> list[int]:
        found: list[int] = []
        while start < len(links) and len(found) <= len(links):
            found.append(start)
            start = links[start]
        return found

    directory = b"".join(sector(number) for number in chain(first, following))
    root_start, named = 0, (0, 0)
    for place in range(0, len(directory) - 127, 128):
        entry = directory[place : place + 128]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", errors="replace")
        start, length = struct.unpack_from("<II", entry, 116)
        if place == 0:
            root_start = start
        if name in ("Workbook", "Book"):
            named = (start, length)
    start, length = named
    if length >= cutoff:
        return b"".join(sector(number) for number in chain(start, following))[:length]
    small = b"".join(sector(number) for number in chain(root_start, following))
    small_table: list[int] = []
    for number in chain(small_first, following):
        small_table += unpacked(sector(number))
    width = 1 << small_shift
    return b"".join(small[number * width : (number + 1) * width] for number in chain(start, small_table))[:length]
