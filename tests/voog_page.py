"""The Voog page's example: its answers word for word, and the file that they are about, in each format.

The answers say five rows and show four of them; the fifth is one more variant.
"""

import csv
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from workbooks import ods_cell, ods_row, write_ods

PAGE = Path(__file__).parent / "data" / "voog"

Value = str | float | None
"""A cell: text (also an empty one), a number as it is written (10.0 or 0), or none at all."""


def example(name: str) -> dict[str, Any]:
    """Read one of the page's answers: `created_task`, `finished_task`."""
    task: dict[str, Any] = json.loads((PAGE / f"{name}.json").read_text())
    return task


def _example_rows() -> tuple[list[str], list[list[Value]]]:
    shown = example("created_task")["detected_data"]
    columns = [each["column"] for each in shown]
    rows = [list(row) for row in zip(*(each["values"] for each in shown), strict=True)]
    fifth = rows[-1].copy()
    fifth[columns.index("ID")] = "6560"
    fifth[columns.index("Variant attributes")] = "Size: M, Color: Red"
    return columns, [*rows, fifth]


COLUMNS, ROWS = _example_rows()
"""The file's header and its five rows."""


def write_example(path: Path) -> Path:
    """Write the page's file in the format that the path's ending names: .xlsx, .ods or .csv."""
    return {".xlsx": write_xlsx, ".ods": write_sheet_ods, ".csv": write_csv}[path.suffix](path, COLUMNS, ROWS)


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Path:
    """Write a workbook whose cells are of the values' types: detected_data gives them back as they are here."""
    lines = [
        f'<row r="{number}">{"".join(_cell(value, place, number) for place, value in enumerate(row))}</row>'
        for number, row in enumerate([list(columns), *rows], start=1)
    ]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">'
        '<sheets><sheet name="Products" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{xml}')
    return path


def write_sheet_ods(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Path:
    """Write the same as an ODS; an empty text is a text cell without text."""
    empty = '<table:table-cell office:value-type="string"/>'
    lines = [ods_row(*(empty if value == "" else ods_cell(value) for value in row)) for row in [list(columns), *rows]]
    return write_ods(path, {"Products": "".join(lines)})


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Path:
    """Write the same as CSV: commas, UTF-8; of no cell and an empty text nothing is left."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(columns), *rows])
    return path


def _cell(value: Value, place: int, number: int) -> str:
    letter = chr(65 + place) if place < 26 else f"A{chr(39 + place)}"
    match value:
        case None:
            return ""
        case str():
            text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
            return f'<c r="{letter}{number}" t="inlineStr">{text}</c>'
        case _:
            return f'<c r="{letter}{number}"><v>{value!r}</v></c>'
