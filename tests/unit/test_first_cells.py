"""The first rows' cells as JSON has them: a workbook's by their types, a text table's as texts."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from voog_page import COLUMNS, ROWS, write_csv, write_example, write_sheet_ods, write_xlsx
from workbooks import change_xlsx, ods_cell, ods_row, ods_rows, write_ods

from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.readers.cells import normalise_cell
from pim_pipelines.importing.readers.table import Table

MOMENT = "2023-12-22T17:04:56.000+00:00"
HEADER = ["EAN", "Name", "Price"]


def read(path: Path, rows: int = 4) -> Table:
    return normalise(path, path.name, path.parent / "rows.parquet", ReadOptions(first_cells=rows))


def cells(path: Path) -> list[list[Any]]:
    """Return the first cells; each must say what the rows file says."""
    found = read(path)
    rows = pq.read_table(path.parent / "rows.parquet", use_threads=False).drop(
        ["row_number", "problem", "problem_text"]
    )
    assert [[bool(value in ("", None)) for value in row] for row in found.first_cells] == [
        [text is None for text in row.values()] for row in rows.slice(0, 4).to_pylist()
    ]
    json.dumps(found.first_cells, allow_nan=False)
    return found.first_cells


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_the_pages_workbooks_cells_are_the_pages(tmp_path: Path, ending: str) -> None:
    found = cells(write_example(tmp_path / f"products-import.{ending}"))

    assert json.dumps(found) == json.dumps(ROWS[:4])  # 10.0 is not 10 there


def test_the_pages_csv_has_texts_only(tmp_path: Path) -> None:
    found = cells(write_example(tmp_path / "products-import.csv"))

    assert found == [["" if value is None else str(value) for value in row] for row in ROWS[:4]]
    assert found[0][COLUMNS.index("Price")] == "10.0"


@pytest.mark.parametrize("ending", ["xlsx", "ods", "csv"])
def test_nothing_is_read_where_nobody_asks_and_few_rows_are_few(tmp_path: Path, ending: str) -> None:
    write = {"xlsx": write_xlsx, "ods": write_sheet_ods, "csv": write_csv}[ending]
    path = write(tmp_path / f"few.{ending}", HEADER, [["4006381333931", "Pen", 1.5], ["3017620422003", "Jar", 2]])

    assert read(path, 0).first_cells == []
    assert len(read(path).first_cells) == 2
    assert len(read(path, 1).first_cells) == 1


def test_cells_of_xlsx_have_their_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([None, "EAN", "Name", "Price", "When", "On", "Live", "Share", "Code", "Wrong", "Lent"])
    sheet.append([])
    day, moment = datetime(2023, 12, 22), datetime(2023, 12, 22, 17, 4, 56)
    sheet.append([None, 4006381333931, " Pen ", 1.95, moment, day, True, 0.19, 42, "#N/A", "x"])
    sheet.append([None, 1234567890123, "#5", -0.5, moment, day, False, 0.19, 42, "fine", None])
    sheet["H3"].number_format, sheet["I3"].number_format, sheet["I4"].number_format = "0%", "0000", "#,##0.00"
    sheet.merge_cells("K3:K4")
    path = tmp_path / "typed.xlsx"
    book.save(path)

    assert cells(path) == [
        [4006381333931, "Pen", 1.95, MOMENT, "2023-12-22", True, "19%", "0042", None, "x"],
        [1234567890123, "#5", -0.5, MOMENT, "2023-12-22", False, 0.19, 42, "fine", "x"],
    ]


def test_cells_of_ods_have_their_types(tmp_path: Path) -> None:
    first = [
        ods_cell(4006381333931), ods_cell("Pen"), ods_cell(1.0), ods_cell(datetime(2023, 12, 22, 17, 4, 56)),
        ods_cell(True), ods_cell(0.19, "share"), ods_cell(42, "pad"), ods_cell("#N/A"), ods_cell("x", rows_spanned=2),
    ]  # fmt: skip
    second = [ods_cell(7), ods_cell(7, columns_repeated=2), *[ods_cell(None)] * 2, ods_cell(0.5), ods_cell("y")]
    header = ["EAN", "Name", "Price", "When", "Live", "Share", "Code", "Wrong", "Lent"]
    table = ods_rows([header]) + ods_row(ods_cell(None), repeated=2) + ods_row(*first) + ods_row(*second, repeated=2)
    path = write_ods(tmp_path / "typed.ods", {"Other": ods_rows([["a", "b"]]), "P": table}, ["Other"])

    assert cells(path) == [
        [4006381333931, "Pen", 1.0, MOMENT, True, "19%", "0000000000042", None, "x"],
        [7, 7, 7, None, None, 0.5, "y", None, "x"],
        [7, 7, 7, None, None, 0.5, "y", None, None],
    ]
    assert [type(row[2]) for row in read(path).first_cells] == [float, int, int]


def test_cells_in_another_xml_are_the_same(tmp_path: Path) -> None:
    rows = [["4006381333931", "", 10.0], ["3017620422003", "Jar", 0], ["5449000000996", "Can", None]]
    path = write_xlsx(tmp_path / "other.xlsx", HEADER, rows)
    change_xlsx(path, lambda xml: xml.replace(b" r=", b"  r="))

    assert json.dumps(cells(path)) == json.dumps(rows)


CELL = st.one_of(
    st.none(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4) + 0.0),
    st.text(st.sampled_from("aé漢 ,;1.&<'\"="), max_size=8).map(lambda text: normalise_cell(text) or ""),
)
TABLE = st.lists(st.one_of(st.just([]), st.lists(CELL, min_size=3, max_size=3)), min_size=6, max_size=9)


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLE)
@example(table=[[None, None, "<a href='x'>=\"'"]])
def test_any_cells_come_back_as_they_were_written(tmp_path: Path, ending: str, table: list[list[Any]]) -> None:
    header = ["ID", "EAN", "Name", "Price"]
    rows = [[number, *row] if row else [] for number, row in enumerate(table, start=1)]
    rows = [*rows, *([number, "4006381333931", "x", 1.5] for number in range(100, 110))]  # so that there is a header
    write = write_xlsx if ending == "xlsx" else write_sheet_ods

    found = read(write(tmp_path / f"any.{ending}", header, rows)).first_cells

    assert json.dumps(found) == json.dumps([row for row in rows if row][:4])


@pytest.mark.parametrize("written", [b"1e999", b"NaN", b"-inf", b"9" * 5000, b"0x1F", b"1_000"])
def test_what_json_cannot_hold_as_a_number_is_text(tmp_path: Path, written: bytes) -> None:
    path = write_xlsx(tmp_path / "odd.xlsx", HEADER, [["4006381333931", "Pen", 1.0], ["3017620422003", "Jar", 77]])
    change_xlsx(path, lambda xml: xml.replace(b"<v>77</v>", b"<v>" + written + b"</v>"))

    value = read(path).first_cells[1][2]

    assert value is None or isinstance(value, str)
    json.dumps(value, allow_nan=False)
