"""Workbooks become rows: typed cells as text, sheets, headers, merges, errors, and files that lie."""

import gzip
import io
import re
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbooks import change_xlsx, ods_cell, ods_row, ods_rows, write_ods, write_xls

from pim_pipelines.errors import BrokenFile, EmptyFile, FileTooLarge, SheetNotFound, UnsupportedFormat
from pim_pipelines.importing.readers import FileFormat, FileType, ReadOptions, Table, normalise, workbook
from pim_pipelines.importing.readers.limits import LIMITS
from pim_pipelines.importing.readers.values import number_text

HEADER = ["ean", "title", "price"]
ROWS = [HEADER, [5901234123457, "Lamp", 10.1], [4006381333931, "Pen", 2]]
READ = [["5901234123457", "Lamp", "10.1"], ["4006381333931", "Pen", "2"]]


def sheet_of(rows: Sequence[Sequence[Any]]) -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Products"
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def saved(folder: Path, book: openpyxl.Workbook) -> Path:
    book.save(folder / "source.xlsx")
    return folder / "source.xlsx"


def xlsx(folder: Path, rows: Sequence[Sequence[Any]]) -> Path:
    return saved(folder, sheet_of(rows)[0])


def read(path: Path, **options: Any) -> tuple[Table, list[list[str | None]]]:
    target = path.parent / "rows.parquet"
    table = normalise(path, path.name, target, ReadOptions(**options))
    found = pq.read_table(target, use_threads=False)
    columns = [found[f"c{place}"].to_pylist() for place in range(len(table.columns))]
    return table, [list(row) for row in zip(*columns, strict=True)]


def problems(path: Path) -> list[tuple[str | None, str | None]]:
    found = pq.read_table(path.parent / "rows.parquet", use_threads=False)
    return list(zip(found["problem"].to_pylist(), found["problem_text"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5901234123457, "5901234123457"),
        (5901234123457.0, "5901234123457"),
        (1e12, "1000000000000"),
        (12345678901234, "12345678901234"),
        (1e21, "1000000000000000000000"),
        (10.1, "10.1"),
        (1.1, "1.1"),
        (0.00001, "0.00001"),
        (-3.5, "-3.5"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
        ("  padded\u00a0", "padded"),
        ("a\r\nb", "a\nb"),
        ("NA", "NA"),
        ("null", "null"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 0, 0), "2024-02-29"),
        (datetime(2024, 2, 29, 13, 4, 5), "2024-02-29 13:04:05"),
        (time(13, 4, 5), "13:04:05"),
        (timedelta(hours=30, minutes=5), "30:05:00"),
    ],
)
def test_cells_are_text_with_every_digit(tmp_path: Path, value: Any, text: str) -> None:
    # The text beside it would be no header's: the value is looked at among others of its kind.
    _, rows = read(xlsx(tmp_path, [["sku", "value"], ["1", value], ["2", value], ["3", value]]))

    assert rows[1] == ["2", text]


def test_float_noise_that_the_file_stores_stays(tmp_path: Path) -> None:
    path = change_xlsx(
        xlsx(tmp_path, [["sku", "a", "b"], [1, 10.5, 20.5], [2, 1, 2]]),
        lambda xml: xml.replace(b"<v>10.5</v>", b"<v>1.1000000000000001</v>").replace(
            b"<v>20.5</v>", b"<v>10.077777777777778</v>"
        ),
    )

    _, rows = read(path)

    assert rows[0] == ["1", "1.1", "10.077777777777778"]


def test_numbers_without_value_are_blank() -> None:
    assert [number_text(value) for value in (float("nan"), float("inf"))] == ["", ""]


def test_formulas_give_their_stored_value_and_none_is_blank(tmp_path: Path) -> None:
    path = change_xlsx(
        xlsx(tmp_path, [["sku", "a", "b"], ["x", "=1+1", "=2+2"], ["y", 1, 2]]),
        lambda xml: xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        ),
    )

    _, rows = read(path)

    assert rows == [["x", "2", None], ["y", "1", "2"]]


@pytest.mark.parametrize(
    ("number_format", "value", "text"),
    [
        ("0000000000000", 123456789012, "0123456789012"),
        ("00000000", 96385074, "96385074"),
        ("000000;-000000", 42, "000042"),
        ("[Red]00000", 42, "00042"),
        ("0", 42, "42"),
        ("0.00", 42, "42"),
        ("#,##0", 4200, "4200"),
        ("General", 42, "42"),
        ("000", 1.5, "1.5"),
        ("0%", 0.19, "19%"),
        ("0.0%", 0.055, "5.5%"),
        ("0.00 €", 9.5, "9.5"),
    ],
)
def test_number_formats_pad_and_show_percent_and_nothing_else(
    tmp_path: Path, number_format: str, value: float, text: str
) -> None:
    book, sheet = sheet_of([["sku", "value"], ["a", value], ["b", value]])
    sheet["B2"].number_format = sheet["B3"].number_format = number_format

    _, rows = read(saved(tmp_path, book))

    assert [row[1] for row in rows] == [text, text]


def test_padding_is_by_cell_also_where_the_file_does_not_place_its_cells(tmp_path: Path) -> None:
    book, sheet = sheet_of([["sku", "ean"], ["a", 7], ["b", 8], ["c", "#N/A"]])
    sheet["B3"].number_format = "00000"
    sheet["B4"].data_type = "e"
    path = saved(tmp_path, book)

    _, placed = read(path)
    found = problems(path)
    _, unplaced = read(change_xlsx(path, lambda xml: re.sub(rb' r="[A-Z]*\d+"', b"", xml)))

    assert placed == unplaced == [["a", "7"], ["b", "00008"], ["c", None]]
    assert found == problems(path) == [(None, None), (None, None), ("cell_error", "c1\t#N/A")]


def test_error_cells_are_blank_with_a_problem_and_the_text_is_not(tmp_path: Path) -> None:
    book, sheet = sheet_of([["sku", "a", "b"], ["x", "#N/A", "#DIV/0!"], ["y", "#N/A", 1], ["z", 3, 4]])
    sheet["B2"].data_type = sheet["C2"].data_type = "e"
    sheet["B3"].data_type = "s"  # somebody typed it
    path = saved(tmp_path, book)

    table, rows = read(path)

    assert rows == [["x", None, None], ["y", "#N/A", "1"], ["z", "3", "4"]]
    assert problems(path) == [("cell_error", "c1\t#N/A\nc2\t#DIV/0!"), (None, None), (None, None)]
    assert any("error cells" in warning for warning in table.warnings)


def test_merged_cells_have_the_value_of_their_top_left_one(tmp_path: Path) -> None:
    book, sheet = sheet_of(
        [["brand", "sku", "title", "color", "note"], ["Acme", 1, "Lamp", "red", None], [None, 2, "Pen", None, "x"],
         [None, None, None, None, None], ["Zeta", 3, "Cup", "blue", "y"]]
    )  # fmt: skip
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("D2:E2")

    table, rows = read(saved(tmp_path, book))

    assert rows == [
        ["Acme", "1", "Lamp", "red", "red"],
        ["Acme", "2", "Pen", None, "x"],
        ["Zeta", "3", "Cup", "blue", "y"],
    ]
    assert table.total_rows == 3


def test_heading_over_the_table_is_no_value_of_its_columns(tmp_path: Path) -> None:
    book, sheet = sheet_of(
        [["Price list 2026", None, None], HEADER, *ROWS[1:], ["Garden", None, None], *ROWS[1:], *ROWS[1:]]
    )
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A5:C5")

    table, rows = read(saved(tmp_path, book))

    assert (table.header_row, table.columns) == (1, HEADER)
    assert rows[2] == ["Garden", None, None]


def test_lower_of_two_header_rows_names_the_columns(tmp_path: Path) -> None:
    book, sheet = sheet_of(
        [
            ["EAN", "Name", "Price", None],
            [None, None, "net", "gross"],
            *([n, f"Lamp {n}", n / 2, n * 2] for n in range(9)),
        ]
    )
    for merged in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(merged)

    table, rows = read(saved(tmp_path, book))

    assert table.columns == ["EAN", "Name", "net", "gross"]
    assert rows[1] == ["1", "Lamp 1", "0.5", "2"]


def test_merged_header_cell_names_both_columns(tmp_path: Path) -> None:
    book, sheet = sheet_of([["sku", "Size", None], ["a", 1, 2], ["b", 3, 4]])
    sheet.merge_cells("B1:C1")

    table, _ = read(saved(tmp_path, book))

    assert table.columns == ["sku", "Size", "Size (2)"]


def test_junk_rows_above_and_blank_rows_between_are_no_rows(tmp_path: Path) -> None:
    path = xlsx(tmp_path, [["ACME Ltd."], [], ["Valid from", date(2026, 1, 1)], [], *ROWS[:2], [], ROWS[2], *ROWS])

    table, rows = read(path)

    assert (table.header_row, table.columns, table.total_rows) == (4, HEADER, 5)
    assert rows == [*READ, HEADER, *READ]
    assert [problem for problem, _ in problems(path)] == [None, None, "repeated_header", None, None]


def test_skip_header_rows_counts_physical_rows(tmp_path: Path) -> None:
    table, rows = read(xlsx(tmp_path, [[], ["x", "y", "z"], [], *ROWS]), skip_header_rows=3)

    assert (table.header_row, table.columns, rows) == (3, HEADER, READ)


def test_skipping_more_rows_than_there_are_says_so(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="skip_header_rows is 9"):
        read(xlsx(tmp_path, ROWS), skip_header_rows=9)


def test_table_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    book, sheet = sheet_of([])
    for row, cells in enumerate(ROWS, start=4):
        for column, value in enumerate(cells, start=3):
            sheet.cell(row, column, value)
    sheet["C5"].number_format = "00000000000000"

    table, rows = read(saved(tmp_path, book))

    assert (table.header_row, table.columns) == (3, HEADER)
    assert rows == [["05901234123457", "Lamp", "10.1"], READ[1]]


def test_trailing_columns_without_text_are_dropped_and_notes_beside_are_kept(tmp_path: Path) -> None:
    table, rows = read(xlsx(tmp_path, [[*HEADER, None, "  "], [*ROWS[1], None, " "], [*ROWS[2], "note", None]]))

    assert table.columns == [*HEADER, "column_4"]
    assert rows == [[*READ[0], None], [*READ[1], "note"]]


def test_blank_and_repeated_headers_are_named(tmp_path: Path) -> None:
    table, _ = read(xlsx(tmp_path, [["sku", None, "sku", " sku "], ["a", "b", "c", 1], ["d", "e", "f", 2]]))

    assert table.columns == ["sku", "column_2", "sku (2)", "sku (3)"]


def test_hidden_rows_and_columns_are_read(tmp_path: Path) -> None:
    book, sheet = sheet_of(ROWS)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True

    assert read(saved(tmp_path, book))[1] == READ


def several_sheets(folder: Path) -> Path:
    book, sheet = sheet_of([["secret", "x"], ["1", "2"]])
    sheet.title, sheet.sheet_state = "Hidden", "hidden"
    book.create_chartsheet("Chart")
    book.create_sheet("Empty").append([None, "  "])
    products = book.create_sheet("Products")
    for row in ROWS:
        products.append(row)
    prices = book.create_sheet("2")
    for row in (["sku", "cost"], ["a", 1], ["b", 2]):
        prices.append(row)
    return saved(folder, book)


@pytest.mark.parametrize(
    ("sheet", "columns"),
    [
        (None, HEADER),
        ("Products", HEADER),
        (" products ", HEADER),
        (4, HEADER),
        ("4", HEADER),
        ("Hidden", ["secret", "x"]),
        (1, ["secret", "x"]),
        ("2", ["sku", "cost"]),
        (5, ["sku", "cost"]),
    ],
)
def test_first_visible_sheet_with_data_or_the_one_that_is_named(
    tmp_path: Path, sheet: str | int | None, columns: list[str]
) -> None:
    table, _ = read(several_sheets(tmp_path), sheet=sheet)

    assert table.columns == columns
    assert table.sheets == ["Hidden", "Chart", "Empty", "Products", "2"]


def test_other_sheets_are_mentioned_and_hidden_ones_are_not(tmp_path: Path) -> None:
    table, _ = read(several_sheets(tmp_path))

    assert table.sheet == "Products"
    assert "“Empty”, “2”" in table.warnings[0]
    assert "Hidden" not in table.warnings[0]


@pytest.mark.parametrize("sheet", ["Prices", 9, 0])
def test_unknown_sheet_is_an_error_that_names_those_there_are(tmp_path: Path, sheet: str | int) -> None:
    with pytest.raises(SheetNotFound, match="“Hidden”, “Chart”, “Empty”, “Products”, “2”"):
        read(several_sheets(tmp_path), sheet=sheet)


@pytest.mark.parametrize("reference", [b"A1:XFD1048576", b"A1", b"C3:D4"])
def test_stored_dimension_is_not_believed(tmp_path: Path, reference: bytes) -> None:
    path = change_xlsx(xlsx(tmp_path, ROWS), lambda xml: xml.replace(b'ref="A1:C3"', b'ref="' + reference + b'"'))

    assert read(path)[1] == READ


def test_formats_without_values_far_away_cost_nothing(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    path = change_xlsx(xlsx(tmp_path, ROWS), lambda xml: xml.replace(b"</sheetData>", far))

    assert read(path)[1] == READ


def test_value_too_far_away_is_refused_before_memory_is_taken_for_it(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = change_xlsx(xlsx(tmp_path, ROWS), lambda xml: xml.replace(b"</sheetData>", far))

    with pytest.raises(BrokenFile, match="row 1,048,576 and column 16,384"):
        read(path)


def test_repeated_cells_of_a_spreadsheet_are_bounded_too(tmp_path: Path) -> None:
    bomb = ods_row(ods_cell(1, columns_repeated=16_000), repeated=1_000_000)

    with pytest.raises(BrokenFile, match="too far"):
        read(write_ods(tmp_path / "bomb.ods", {"A": ods_rows(ROWS) + bomb}))


def test_expanded_size_is_limited(tmp_path: Path) -> None:
    path = xlsx(tmp_path, [HEADER, *([n, "Lamp " * 20, 1] for n in range(2_000))])

    with pytest.raises(FileTooLarge, match="expands to"):
        read(path, max_bytes=path.stat().st_size + 1000)


def test_sheets_of_too_many_columns_are_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path, [[f"c{n}" for n in range(30)], [*range(30)]])

    with pytest.raises(BrokenFile, match="30 columns"):
        workbook.read(
            path, tmp_path / "rows.parquet", FileFormat(FileType.XLSX), ReadOptions(), replace(LIMITS, columns=9)
        )


@pytest.mark.parametrize("rows", [[], [[None, " "]], [HEADER]])
def test_workbook_without_products_is_empty(tmp_path: Path, rows: list[list[Any]]) -> None:
    with pytest.raises(EmptyFile):
        read(xlsx(tmp_path, rows))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_cut_workbook_is_broken(tmp_path: Path, part: float) -> None:
    path = xlsx(tmp_path, ROWS * 50)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])

    with pytest.raises(BrokenFile):
        read(path)


def test_damaged_sheet_is_broken(tmp_path: Path) -> None:
    path = change_xlsx(xlsx(tmp_path, ROWS * 50), lambda xml: xml[: len(xml) // 2])

    with pytest.raises(BrokenFile):
        read(path)


def test_damaged_bytes_are_broken(tmp_path: Path) -> None:
    path = xlsx(tmp_path, [[n, f"Lamp {n * 7919}", n / 7] for n in range(3_000)])
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[start + 5_000] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(BrokenFile):
        read(path)


def test_workbook_with_a_password_is_refused(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", ROWS)
    path.write_bytes(path.read_bytes().replace("Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")))

    with pytest.raises(UnsupportedFormat, match="password"):
        read(path)


@pytest.mark.parametrize("name", ["list.csv", "list.xls", "list"])
@pytest.mark.parametrize("packing", ["plain", "gzip", "zip"])
def test_workbooks_are_read_for_what_they_are(tmp_path: Path, name: str, packing: str) -> None:
    content = xlsx(tmp_path, ROWS).read_bytes()
    if packing == "gzip":
        content = gzip.compress(content)
    elif packing == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("prices.dat", content)
        content = buffer.getvalue()
    (tmp_path / name).write_bytes(content)

    table, rows = read(tmp_path / name)

    assert (table.file_type, rows) == ("xlsx", READ)


def test_tab_separated_text_called_xls_is_text(tmp_path: Path) -> None:
    (tmp_path / "list.xls").write_text("sku\ttitle\n1\tLamp\n2\tPen\n")

    table, rows = read(tmp_path / "list.xls")

    assert (table.file_type, table.delimiter, rows) == ("csv", "\t", [["1", "Lamp"], ["2", "Pen"]])


def test_old_workbook_with_formats_and_errors(tmp_path: Path) -> None:
    path = write_xls(
        tmp_path / "list.xls",
        [["ean", "share", "error", "formula", "flag", "Größe"], [(123.0, 1), (0.19, 2), "#N/A", "=#DIV/0!", True, "Ω"],
         [5901234123457.0, 10.1, 1, 2, False, "x"]],
        ["0000000000000", "0%"],
    )  # fmt: skip

    table, rows = read(path)

    assert (table.file_type, table.columns[-1]) == ("xls", "Größe")
    assert rows == [
        ["0000000000123", "19%", None, None, "true", "Ω"],
        ["5901234123457", "10.1", "1", "2", "false", "x"],
    ]
    assert problems(path)[0] == ("cell_error", "c2\t#N/A\nc3\t#DIV/0!")


def test_spreadsheet_with_formats_errors_merges_and_repeats(tmp_path: Path) -> None:
    day, twice = ods_cell(date(2024, 1, 2)), ods_cell(5901234123457, columns_repeated=2)
    body = (
        ods_rows([["brand", "ean", "share", "day", "error"]])
        + ods_row(
            ods_cell("Acme", rows_spanned=2), ods_cell(123, "pad"), ods_cell(0.19, "share"), day, ods_cell("#N/A")
        )
        + ods_row("<table:covered-table-cell/>", twice, repeated=2)
        + ods_row(ods_cell(None, columns_repeated=16_384), repeated=1_048_000)
    )
    path = write_ods(tmp_path / "list.ods", {"Hidden": ods_rows([["x"]]), "List": body}, hidden=["Hidden"])

    table, rows = read(path)

    assert (table.file_type, table.sheet, table.total_rows) == ("ods", "List", 3)
    assert rows == [
        ["Acme", "0000000000123", "19%", "2024-01-02", None],
        ["Acme", "5901234123457", "5901234123457", None, None],
        [None, "5901234123457", "5901234123457", None, None],
    ]
    assert problems(path)[0] == ("cell_error", "c4\t#N/A")


def test_value_too_far_away_in_an_old_workbook_is_refused_too(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "far.xls", [*ROWS, [77.25]])
    number = struct.pack("<HHHd", 3, 0, 0, 77.25)
    path.write_bytes(path.read_bytes().replace(number, struct.pack("<HHHd", 60_000, 59_000, 0, 77.25)))

    with pytest.raises(BrokenFile, match="row 60,001 and column 59,001"):
        read(path)


def test_sectors_that_go_in_circles_are_refused(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "circle.xls", ROWS)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 512 + 4 * 5, 2)  # the stream's fourth sector leads back to its first
    path.write_bytes(content)

    with pytest.raises(BrokenFile, match="damaged"):
        read(path)


def test_impossible_dimension_of_an_old_workbook_is_refused(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "lies.xls", ROWS)
    said, lie = struct.pack("<IIHHH", 0, 3, 0, 3, 0), struct.pack("<IIHHH", 0, 2**31, 0, 3, 0)
    path.write_bytes(path.read_bytes().replace(said, lie))

    with pytest.raises(BrokenFile, match="damaged"):
        read(path)
