"""XLSX as other programs write it: every form that the standard allows reads as the same rows."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from workbooks import change_xlsx

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers import ReadOptions, Table, normalise, xlsx_package

SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
Change = Callable[[bytes], bytes]

ROWS: list[list[Any]] = [
    ["ean", "title", "price", "share", "pad", "day", "new", "wrong"],
    [4006381333931, "Pen & “ink” <blue>", 1.95, 0.5, 7, date(2024, 2, 29), True, 1],
    [5449000000996, "L'eau 33 cl", 0.3, 0.07, 8, datetime(2024, 2, 29, 13, 4, 5), False, "#N/A"],
    [None, None, None, None, None, None, None, None],
    [3017620422003, "Pâte à tartiner", -2, 1, 9, date(1999, 12, 31), True, 3],
]
READ = [
    ["4006381333931", "Pen & “ink” <blue>", "1.95", "50%", "0007", "2024-02-29", "true", "1"],
    ["5449000000996", "L'eau 33 cl", "0.3", "7%", "0008", "2024-02-29 13:04:05", "false", None],
    ["3017620422003", "Pâte à tartiner", "-2", "100%", "0009", "1999-12-31", "true", "3"],
]


@pytest.fixture
def unshared(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    for number in (2, 3, 5):
        sheet[f"D{number}"].number_format = "0%"
        sheet[f"E{number}"].number_format = "0000"
    sheet["H3"].data_type = "e"
    made.save(tmp_path / "list.xlsx")
    return tmp_path / "list.xlsx"


@pytest.fixture
def book(unshared: Path) -> Path:
    return shared(unshared)


def read(path: Path) -> tuple[Table, list[list[str | None]]]:
    target = path.parent / "rows.parquet"
    table = normalise(path, path.name, target, ReadOptions())
    found = pq.read_table(target, use_threads=False)
    columns = [found[f"c{place}"].to_pylist() for place in range(len(table.columns))]
    return table, [list(row) for row in zip(*columns, strict=True)]


def shared(path: Path) -> Path:
    """Put the texts of cells into shared strings, as Excel does."""
    strings: list[bytes] = []

    def cell(found: re.Match[bytes]) -> bytes:
        strings.append(found[1])
        return b't="s"><v>%d</v>' % (len(strings) - 1)

    change_xlsx(path, lambda xml: re.sub(rb't="inlineStr"><is>(.*?)</is>', cell, xml))
    items = b"".join(b"<si>%b</si>" % text for text in strings)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(STRINGS, b'<?xml version="1.0"?>\n<sst xmlns="urn:main">%b</sst>' % items)
    return path


def inline(path: Path, change: Change = lambda item: item) -> Path:
    """Put the shared strings into the cells."""
    with zipfile.ZipFile(path) as archive:
        strings = re.findall(rb"<si>(.*?)</si>", archive.read(STRINGS), re.DOTALL)

    def cell(found: re.Match[bytes]) -> bytes:
        return b'<c r="%b" t="inlineStr"><is>%b</is></c>' % (found[1], change(strings[int(found[2])]))

    return change_xlsx(path, lambda xml: re.sub(rb'<c r="(\w+)" t="s"><v>(\d+)</v></c>', cell, xml), SHEET)


def prefixed(xml: bytes) -> bytes:
    xml = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", xml)
    return xml.replace(b"xmlns=", b"xmlns:x=")


FORMS: dict[str, Callable[[Path], Path]] = {
    "as it is": lambda path: path,
    "cells without a place": lambda path: change_xlsx(path, lambda xml: re.sub(rb'<c r="\w+"', b"<c", xml)),
    "rows without a number": lambda path: change_xlsx(path, lambda xml: re.sub(rb'<row r="\d+"', b"<row", xml)),
    "single quotes": lambda path: change_xlsx(
        path, lambda xml: xml[:60] + re.sub(rb'="([^"\']*)"', rb"='\1'", xml[60:])
    ),
    "type first": lambda path: change_xlsx(
        path, lambda xml: re.sub(rb'<c (r="\w+")((?: s="\d+")?)( t="\w+")', rb"<c\3 \1\2", xml)
    ),
    "other attributes": lambda path: change_xlsx(
        path, lambda xml: xml.replace(b"<c r=", b'<c x:cm="1>0" r=').replace(b"<row r=", b'<row ht="15" r=')
    ),
    "pretty": lambda path: change_xlsx(
        path, lambda xml: re.sub(rb"(?<=>)(?=<(?:c|v|/c|row|/row)\b)", b"\n   ", xml)
    ),
    "prefixed": lambda path: change_xlsx(change_xlsx(path, prefixed), prefixed, STRINGS),
    "comments": lambda path: change_xlsx(path, lambda xml: xml.replace(b"<c ", b"<!-- <v>9</v> --><c ")),
    "sections": lambda path: change_xlsx(
        change_xlsx(path, lambda xml: xml.replace(b"<v>1.95<", b"<v><![CDATA[1.95]]><")),
        lambda xml: xml.replace(b"<t>title<", b"<t><![CDATA[ti]]>tle<"),
        STRINGS,
    ),
    "inline": inline,
    "inline, pieced": lambda path: inline(
        path,
        lambda item: re.sub(
            rb"<t>(.)(.*)</t>",
            rb'<r><t>\1</t></r><r><rPr><b/></rPr><t xml:space="preserve">\2</t></r><rPh sb="0"><t>no</t></rPh>',
            item,
        ),
    ),
    "shared, pieced": lambda path: change_xlsx(
        path,
        lambda xml: re.sub(rb"<t>(.)(.*?)</t>", rb"<r><t>\1</t></r><r><t>\2</t></r><rPh><t>no</t></rPh>", xml),
        STRINGS,
    ),
    "UTF-16": lambda path: change_xlsx(
        change_xlsx(path, lambda xml: xml.decode().encode("utf-16")), lambda xml: xml.decode().encode("utf-16"), STRINGS
    ),
    "texts as formulas' values": lambda path: change_xlsx(
        inline(path),
        lambda xml: re.sub(rb't="inlineStr"><is><t[^>]*>(.*?)</t></is>', rb't="str"><f>A1</f><v>\1</v>', xml),
    ),
    "stored dates": lambda path: change_xlsx(
        path, lambda xml: re.sub(rb'(r="F2" s="\d+")(?: t="n")?><v>45351<', rb'\1 t="d"><v>2024-02-29<', xml)
    ),
    "closed otherwise": lambda path: change_xlsx(
        path, lambda xml: xml.replace(b"<sheetData>", b"<sheetData >").replace(b"</row>", b"</row >")
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", [97, 2**21])
def test_every_form_reads_as_the_same_rows(book: Path, form: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_package, "_BLOCK", block)
    path = FORMS[form](book)

    table, rows = read(path)

    assert (table.header_row, table.columns) == (0, ROWS[0])
    assert rows == READ
    found = pq.read_table(path.parent / "rows.parquet", use_threads=False)
    assert found["problem_text"].to_pylist() == [None, "c7\t#N/A", None]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("12345678901234567890", "12345678901234567890"),  # more digits than a double has
        ("9007199254740993", "9007199254740993"),
        ("04006381333931", "4006381333931"),
        ("4.006381333931E+12", "4006381333931"),
        ("4006381333931.0", "4006381333931"),
        ("19.989999999999998", "19.99"),
        ("1.1000000000000001", "1.1"),
        ("1E-3", "0.001"),
        (" 5 ", "5"),
        ("-0", "0"),
        ("1,95 €", "1,95 €"),  # a text that calls itself a number
        ("", None),
    ],
)
def test_numbers_keep_the_digits_that_the_file_has(book: Path, written: str, text: str | None) -> None:
    path = change_xlsx(book, lambda xml: xml.replace(b"<v>1.95</v>", f"<v>{written}</v>".encode()))

    _, rows = read(path)

    assert rows[0][2] == text


def test_days_count_from_1904_where_the_book_says_so(book: Path) -> None:
    path = change_xlsx(book, lambda xml: xml.replace(b"<workbookPr", b'<workbookPr date1904="1"'), BOOK)

    _, rows = read(path)

    assert [row[5] for row in rows] == ["2028-03-01", "2028-03-01 13:04:05", "2004-01-01"]


@pytest.mark.parametrize(
    ("number_format", "value", "text"),
    [
        ("dd.mm.yyyy", 45351, "2024-02-29"),
        ("[$-407]d. mmmm yyyy;@", 45351, "2024-02-29"),
        ("hh:mm", 0.75, "18:00:00"),
        ("[h]:mm", 1.5, "36:00:00"),
        ("yyyy-mm-dd", 1, "1900-01-01"),
        ("yyyy-mm-dd", 61, "1900-03-01"),
        ("yyyy-mm-dd", 3_000_000, "3000000"),
        ("yyyy-mm-dd", -1, "-1"),
        ("[h]:mm", 1e9, "1000000000"),
        ('0 "days"', 5, "5"),
        ("[Red]0.00", 5, "5"),
        (r"0\d", 5, "5"),
        ('#,##0.00 "Kč"', 1234.5, "1234.5"),
        ("[$-F800]dddd", 45351, "2024-02-29"),
    ],
)
def test_number_formats_tell_dates_from_numbers(unshared: Path, number_format: str, value: float, text: str) -> None:
    made = openpyxl.load_workbook(unshared)
    cell = made.worksheets[0]["C2"]
    cell.value, cell.number_format = value, number_format
    made.save(unshared)

    _, rows = read(unshared)

    assert rows[0][2] == text


def test_what_excel_escapes_is_read(book: Path) -> None:
    path = change_xlsx(book, lambda xml: xml.replace(b"33 cl", b"_x0033_3_x000D_\ncl_x005F_x"), STRINGS)

    _, rows = read(path)

    assert rows[1][1] == "L'eau 33\ncl_x"


@pytest.mark.parametrize("block", [97, 2**21])
def test_rows_that_say_the_same_number_are_all_read(book: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_package, "_BLOCK", block)
    path = change_xlsx(book, lambda xml: re.sub(rb'r="([A-H]?)[35]"', rb'r="\g<1>2"', xml))

    table, rows = read(path)

    assert (table.columns, rows) == (ROWS[0], READ)


def test_a_string_that_is_not_there_is_damage(book: Path) -> None:
    path = change_xlsx(book, lambda xml: xml.replace(b't="s"><v>9<', b't="s"><v>99<'))

    with pytest.raises(BrokenFile, match="damaged"):
        read(path)


def test_a_sheet_of_many_rows_far_apart_costs_its_cells_only(tmp_path: Path) -> None:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet("A")
    for row in (["sku", "price"], ["a", 1], ["b", 2]):
        sheet.append(row)
    made.save(tmp_path / "list.xlsx")
    far = b'<row r="1048576"><c r="A1048576" t="str"><v>c</v></c><c r="B1048576"><v>3</v></c></row></sheetData>'

    table, rows = read(change_xlsx(tmp_path / "list.xlsx", lambda xml: xml.replace(b"</sheetData>", far)))

    assert (table.total_rows, rows) == (3, [["a", "1"], ["b", "2"], ["c", "3"]])
