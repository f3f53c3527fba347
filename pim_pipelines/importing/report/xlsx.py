"""An XLSX file of text cells, written as it comes, in bounded memory: none that is made here is a date or a formula.

Every such cell is an inline string of the format Text, so that a spreadsheet keeps the digits of an EAN, takes `=1+1`
for what it is, and goes on doing so when the cell is edited. Source: ECMA-376, part 1, 18.3 (worksheets).
"""

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767
MOST_BYTES = 2_000_000_000
"""Of a sheet before compression: beyond it the file would need ZIP64, which Excel wants to repair."""

PLAIN, WRONG, DOUBTFUL, HEADER, NOTE = "1", "2", "3", "4", "5"
"""Styles of cells: as they came, with an error, with a warning; a column's name; a remark of ours."""

UNWRITABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""A regular expression (Rust's) of the characters that XML cannot hold."""

CODE, CODE_ESCAPED = "_(x[0-9A-Fa-f]{4})", "_x005F_${1}"
"""Text that a spreadsheet would take for the code of a character, and how it is kept from that (22.9.2.19)."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHEET_NAME = re.compile(r"^(?!')[^\\/?*\[\]:\x00-\x1f]{1,31}(?<!')$")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_STYLES = f"""{_DECLARATION}<styleSheet xmlns="{_MAIN}">
<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>\
<font><sz val="11"/><color rgb="FF9C0006"/><name val="Calibri"/></font></fonts>
<fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>\
<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill>\
<fill><patternFill patternType="solid"><fgColor rgb="FFFFEB9C"/></patternFill></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>\
<xf numFmtId="49" fontId="0" fillId="3" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>\
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>\
<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""


def is_sheet_name(name: str) -> bool:
    """Tell whether a sheet may be called so."""
    return bool(_SHEET_NAME.match(name))


def escaped(text: str, *, coded: bool = False) -> str:
    """Return text as it stands in XML; what XML cannot hold is left out, or `coded` as spreadsheets read it back."""
    text = re.sub(CODE, r"_x005F_\1", text)
    text = _CONTROLS.sub(lambda found: f"_x{ord(found[0]):04X}_" if coded else "", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def cell(text: str | None, style: str) -> str:
    """Return a cell as it stands in a row; one without text has its style all the same."""
    if not text:
        return f'<c s="{style}"/>'
    return f'<c s="{style}" t="inlineStr"><is><t>{escaped(text)}</t></is></c>'


def column_letters(number: int) -> str:
    """Return what a spreadsheet calls its n-th column, from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Workbook:
    """A file of sheets, all but one of which are empty; `widths` are those of the columns, in characters.

    `general` columns, counted from 1, are not of the format Text: numbers are written into them.
    """

    def __init__(
        self,
        path: Path,
        sheet: str,
        sheets: Sequence[str],
        widths: Sequence[int],
        general: Collection[int] = (),
    ) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1)
        self._sheets, self._chosen, self._widths = sheets, list(sheets).index(sheet), widths
        self._general = general
        self._member: AbstractContextManager[IO[bytes]] | None = None
        self._out: IO[bytes] | None = None
        self._header_row = 1
        self.bytes = 0

    def __enter__(self) -> "Workbook":
        self._about()
        self._member = self._zip.open(f"xl/worksheets/sheet{self._chosen + 1}.xml", "w")
        self._out = self._member.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._member is not None:
            self._member.__exit__(kind, error, trace)
        self._zip.close()

    def head(self, names: Iterable[str], *, above: str | None = None, rows_above: int = 0) -> None:
        """Write the header, below some rows of which the first says something."""
        self._header_row = rows_above + 1
        columns = "".join(
            f'<col min="{place}" max="{place}" width="{width}" style="{0 if place in self._general else PLAIN}" '
            'customWidth="1"/>'
            for place, width in enumerate(self._widths, start=1)
        )
        row = self._header_row
        self._write(
            f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
            f'<pane ySplit="{row}" topLeftCell="A{row + 1}" activePane="bottomLeft" state="frozen"/></sheetView>'
            f"</sheetViews><cols>{columns}</cols><sheetData>"
        )
        if rows_above:
            self._write(f'<row r="1">{cell(above, NOTE)}</row>')
        self._write(f'<row r="{row}">{"".join(cell(name, HEADER) for name in names)}</row>')

    def rows(self, xml: str) -> None:
        """Write rows: `<row r="…">` with a cell for each column."""
        self._write(xml)

    def foot(self, last_row: int) -> None:
        """End the sheet, whose last row is this one; its rows can be filtered."""
        last = f"{column_letters(len(self._widths))}{last_row}"
        self._write(
            f'</sheetData><autoFilter ref="A{self._header_row}:{last}"/>'
            f'<ignoredErrors><ignoredError sqref="A1:{last}" numberStoredAsText="1"/></ignoredErrors></worksheet>'
        )

    def _write(self, xml: str) -> None:
        assert self._out is not None  # noqa: S101 - opened by `with`
        data = xml.encode("utf-8", "replace")
        self.bytes += len(data)
        self._out.write(data)

    def _about(self) -> None:
        numbers = range(1, len(self._sheets) + 1)
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
            for number in numbers
        )
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{overrides}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
            f'<bookViews><workbookView activeTab="{self._chosen}"/></bookViews><sheets>'
            + "".join(
                f'<sheet name="{escaped(name)}" sheetId="{number}" r:id="rId{number}"/>'
                for number, name in zip(numbers, self._sheets, strict=True)
            )
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
                for number in numbers
            )
            + f'<Relationship Id="rId{len(self._sheets) + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
            "</Relationships>",
        }
        for name, xml in parts.items():
            self._zip.writestr(name, _DECLARATION + xml)
        self._zip.writestr("xl/styles.xml", _STYLES)
        for number in numbers:
            if number != self._chosen + 1:
                self._zip.writestr(
                    f"xl/worksheets/sheet{number}.xml",
                    f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetData/></worksheet>',
                )
