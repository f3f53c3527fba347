"""Workbooks for tests: ODS and old XLS written by hand, and XLSX whose XML is changed afterwards."""

import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

Value = str | float | bool | date | datetime | None

_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
    "<office:automatic-styles>"
    '<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="13"/>'
    "</number:number-style>"
    '<number:percentage-style style:name="N2"><number:number number:decimal-places="0"/></number:percentage-style>'
    '<style:style style:name="pad" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="share" style:family="table-cell" style:data-style-name="N2"/>'
    '<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)


def ods_cell(value: Value, style: str | None = None, **numbers: int) -> str:
    """Return a cell; `numbers` are rows_spanned, columns_repeated and the like."""
    attributes = "".join(f' table:number-{name.replace("_", "-")}="{number}"' for name, number in numbers.items())
    attributes += f' table:style-name="{style}"' if style else ""
    match value:
        case None | "":
            return f"<table:table-cell {attributes}/>"
        case str() if value.startswith("#"):
            kind = 'office:value-type="string" calcext:value-type="error"'
        case bool():
            kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case float() | int():
            kind = f'office:value-type="float" office:value="{value!r}"'
        case date():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind} {attributes}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def ods_row(*cells: str, repeated: int = 1) -> str:
    """Return a row of cells that `ods_cell` made."""
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def ods_rows(rows: Sequence[Sequence[Value]]) -> str:
    """Return rows of plain cells."""
    return "".join(ods_row(*map(ods_cell, row)) for row in rows)


def write_ods(path: Path, tables: dict[str, str], hidden: Sequence[str] = ()) -> Path:
    """Write tables, each the XML of its columns and rows."""
    style = ' table:style-name="off"'
    body = "".join(
        f"<table:table table:name={quoteattr(name)}{style if name in hidden else ''}>{rows}</table:table>"
        for name, rows in tables.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", f"{_ODS}{body}</office:spreadsheet></office:body></office:document-content>")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return path


def change_xlsx(path: Path, change: Callable[[bytes], bytes], member: str = "xl/worksheets/sheet1.xml") -> Path:
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[member]
    parts[member] = change(before)
    assert parts[member] != before
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def write_xls(path: Path, rows: Sequence[Sequence[Value | tuple[float, int]]], formats: Sequence[str] = ()) -> Path:
    """Write an old workbook of one sheet ([MS-XLS]); a pair is a number and the 1-based place of its format.

    A text that begins with # is an error cell, one with = a formula whose stored value is the error behind it.
    """
    style = "<HHHBBHIiH"
    xf = [struct.pack(style, 0, 0, 0, 32, 0, 0, 0, 0, 0)[:20]]
    listed = b""
    for place, text in enumerate(formats):
        listed += _record(0x41E, struct.pack("<H", 164 + place) + _string(text, 2))
        xf.append(struct.pack(style, 0, 164 + place, 0, 32, 0, 0, 0, 0, 0)[:20])
    head = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0x600))
    styles = listed + b"".join(_record(0xE0, each) for each in xf)
    name = _string("Blatt", 1)
    bound = len(_record(0x85, struct.pack("<IH", 0, 0) + name))
    offset = len(head) + len(styles) + bound + 4
    stream = head + styles + _record(0x85, struct.pack("<IH", offset, 0) + name) + _record(0x0A, b"")
    stream += _record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0x600))
    width = max(map(len, rows))
    stream += _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            stream += _xls_cell(row, column, value)
    path.write_bytes(_compound(stream + _record(0x0A, b"")))
    return path


_XLS_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}


def _xls_cell(row: int, column: int, value: Value | tuple[float, int]) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    match value:
        case None:
            return b""
        case bool():
            return _record(0x205, place + bytes([value, 0]))
        case (number, style):
            return _record(0x203, struct.pack("<HHHd", row, column, style, number))
        case float() | int():
            return _record(0x203, place + struct.pack("<d", value))
        case str() if value in _XLS_ERRORS:
            return _record(0x205, place + bytes([_XLS_ERRORS[value], 1]))
        case str() if value.startswith("=") and value[1:] in _XLS_ERRORS:
            result = bytes([2, 0, _XLS_ERRORS[value[1:]], 0, 0, 0, 0xFF, 0xFF])
            return _record(0x06, place + result + struct.pack("<HIH", 0, 0, 0))
        case _:
            return _record(0x204, place + _string(str(value), 2))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _string(text: str, length_size: int) -> bytes:
    raw = text.encode("utf-16-le")
    return (len(raw) // 2).to_bytes(length_size, "little") + b"\1" + raw


def _compound(stream: bytes) -> bytes:
    """Put a stream into a compound file ([MS-CFB]): a table of sectors, a directory, and the stream."""
    content = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(content) // 512
    tables = -(-(count + 2) // 127)
    links = [0xFFFFFFFD] * tables + [0xFFFFFFFE]
    links += [*range(tables + 2, tables + 1 + count), 0xFFFFFFFE]
    links += [0xFFFFFFFF] * (tables * 128 - len(links))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += b"".join(struct.pack("<I", place) for place in range(tables))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0" if name else b""
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, tables + 1, len(content))
    directory += entry("", 0, 0xFFFFFFFF, 0, 0) * 2
    return header.ljust(512, b"\xff") + struct.pack(f"<{len(links)}I", *links) + directory + content
