"""The catalogue as a file in Voog's columns, XLSX or CSV, which an import reads back exactly.

The columns, their order and what their cells look like are those of the file in the Voog page's example; `URL slug`,
which can be imported too, stands behind them. No frames: rows are written as they come, in flat memory.
"""

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pim_pipelines.errors import InvalidField, PimError
from pim_pipelines.importing.report import xlsx
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES
from pim_pipelines.importing.voog.values import read_categories, read_key_set, write_key_set


class ExportRow(NamedTuple):
    """A product or variant; numbers are exact decimal text."""

    id: str
    parent_id: str | None
    row_type: str
    sku: str | None
    name: str | None
    variant_attributes: list[list[str]] | None
    description: str | None
    og_description: str | None
    price: str | None
    sale_price: str | None
    effective_price: str | None
    currency: str | None
    stock: str | None
    reserved_quantity: str | None
    available_stock: str | None
    status: str
    is_variant: bool
    categories: list[str] | None
    image: str | None
    length: str | None
    width: str | None
    height: str | None
    dimension_unit: str | None
    weight: str | None
    weight_unit: str | None
    created_at: str
    updated_at: str
    slug: str | None


COLUMNS = (
    "ID",
    "Parent ID",
    "Row type",
    "Product code",
    "Name",
    "Variant attributes",
    "Description",
    "Meta description",
    "Price",
    "Sale price",
    "Effective price",
    "Currency",
    "Stock",
    "Reserved quantity",
    "Available stock",
    "Status",
    "Product is variant",
    "Categories",
    "Image",
    "Length",
    "Width",
    "Height",
    "Dimension unit",
    "Weight",
    "Weight unit",
    "Created at",
    "Updated at",
    "URL slug",
)
"""The titles of the columns, one for each of `ExportRow`'s."""

_DECIMALS = {"price", "sale_price", "effective_price", "length", "width", "height", "weight"}
_NUMBERS = _DECIMALS | {"stock", "reserved_quantity", "available_stock"}
_IS_NUMBER = [name in _NUMBERS for name in ExportRow._fields]
_DIGITS, _LONGEST_NUMBER = 15, 30
"""What a double holds of any decimal, which is all that a spreadsheet shows; longer ones are written as text."""

_STATUSES = {str(entry["value"]): str(entry["title"]) for entry in SUPPORTED_ATTRIBUTES["status"]["enum_values"]}
_FORMULA = ("=", "+", "-", "@")
_SHEET = "Products"
_WIDTHS = [{"name": 40, "description": 40}.get(name, 16) for name in ExportRow._fields]
_GENERAL = [place for place, is_number in enumerate(_IS_NUMBER, start=1) if is_number]
_AS_CSV = "export it as .csv"

Writer = Callable[[Path, Iterable[ExportRow]], None]


def writer_for(ending: str, rows: int) -> Writer:
    """Return what writes files of this ending; raises PimError where there is none, or none for so many rows."""
    if ending not in _WRITERS:
        raise InvalidField.one("voog", f"--voog wants a file that ends in .xlsx or .csv, and got {ending!r}.")
    if ending == ".xlsx" and rows >= xlsx.MOST_ROWS:
        raise PimError(f"A workbook's sheet has {xlsx.MOST_ROWS:,} rows, too few for {rows:,} products: {_AS_CSV}.")
    return _WRITERS[ending]


def write_xlsx(path: Path, rows: Iterable[ExportRow]) -> None:
    """Write a workbook; raises PimError where a sheet cannot hold all rows, or a cell a text."""
    letters = [xlsx.column_letters(place) for place in range(1, len(COLUMNS) + 1)]
    number = 1
    with xlsx.Workbook(path, _SHEET, [_SHEET], _WIDTHS, _GENERAL) as workbook:
        workbook.head(COLUMNS)
        for number, row in enumerate(rows, start=2):
            if number > xlsx.MOST_ROWS or workbook.bytes > xlsx.MOST_BYTES:
                raise PimError(f"All products are more than a workbook's sheet can hold: {_AS_CSV}.")
            cells = [
                _cell(row, f"{letter}{number}", title, value, is_number=is_number)
                for letter, title, value, is_number in zip(letters, COLUMNS, _values(row), _IS_NUMBER, strict=True)
                if value
            ]
            workbook.rows(f'<row r="{number}">{"".join(cells)}</row>')
        workbook.foot(number)


def write_csv(path: Path, rows: Iterable[ExportRow]) -> None:
    """Write a CSV file, UTF-8 with its mark, which spreadsheets want."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            cells = zip(_values(row), _IS_NUMBER, strict=True)
            writer.writerow(value if is_number or not value else _harmless(value) for value, is_number in cells)


_WRITERS: dict[str, Writer] = {".xlsx": write_xlsx, ".csv": write_csv}


def _values(row: ExportRow) -> list[str | None]:
    """Return a row's cells as texts."""
    values: dict[str, Any] = row._asdict()
    values["variant_attributes"] = _key_set(row, row.variant_attributes) if row.variant_attributes else None
    values["status"] = _STATUSES.get(row.status, row.status)
    values["is_variant"] = "True" if row.is_variant else "False"
    values["categories"] = _list(row, row.categories) if row.categories else None
    for name in _DECIMALS:
        if values[name]:
            values[name] = _decimal(values[name])
    return list(values.values())


def _decimal(text: str) -> str:
    """Write a decimal as the page does: `10.0`, not `10` or `10.00`."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def _key_set(row: ExportRow, pairs: list[list[str]]) -> str:
    written = write_key_set([(key, value) for key, value in pairs])
    try:
        is_read_back = [list(pair) for pair in read_key_set(written)] == pairs
    except ValueError:
        is_read_back = False
    if not is_read_back:
        raise PimError(
            f"Product {row.id} has variant attributes that 'Key: Value, Key: Value' cannot say: {written!r}."
        )
    return written


def _list(row: ExportRow, names: list[str]) -> str:
    written = ", ".join(names)
    if read_categories(written) != names:
        raise PimError(f"Product {row.id} has categories whose names a list with commas cannot say: {written!r}.")
    return written


def _cell(row: ExportRow, reference: str, title: str, text: str, *, is_number: bool) -> str:
    if is_number and len(text) <= _LONGEST_NUMBER and len(text.strip("-0.").replace(".", "")) <= _DIGITS:
        return f'<c r="{reference}"><v>{text}</v></c>'
    if text.startswith('="') and text.endswith('"'):
        text = _wrapped(text)
    if 2 * len(text) > xlsx.MOST_CHARACTERS and len(text.encode("utf-16-le")) > 2 * xlsx.MOST_CHARACTERS:
        raise PimError(
            f"{title} of product {row.id} is longer than the {xlsx.MOST_CHARACTERS:,} characters that a workbook's "
            f"cell can hold: {_AS_CSV}."
        )
    space = ' xml:space="preserve"' if "\n" in text or text != text.strip() else ""
    if _ODD.search(text):
        text = xlsx.escaped(text, coded=True)
    return f'<c r="{reference}" s="{xlsx.PLAIN}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs (OWASP, CSV injection): a formula that says the text, as we read it."""
    return _wrapped(text) if text.startswith(_FORMULA) else text


def _wrapped(text: str) -> str:
    """Say a text as `="text"`, of which a reader takes the wrapping off again (`readers/cells.py`)."""
    doubled = text.replace('"', '""')
    return f'="{doubled}"'


_ODD = re.compile(r"[&<>\"_\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
