"""Any table gives the same rows whatever the format it comes in; real workbooks read as their expectations say."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import Value, ods_rows, write_ods, write_xls

from pim_pipelines.importing.readers import ReadOptions, Table, normalise
from pim_pipelines.importing.readers.cells import normalise_cell
from pim_pipelines.importing.readers.values import text_of

DATA = Path(__file__).parents[3] / "shared" / "data"
REAL = sorted(path for path in DATA.glob("*") if path.suffix in (".xlsx", ".xls", ".ods"))
TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffe\uffff"), max_size=12
)
# Excel keeps 15 digits of a number, and so does the library that writes the test files.
NUMBERS = st.integers(-(10**14), 10**14) | st.decimals(-10_000, 10_000, places=4, allow_nan=False).map(float)
CELLS = st.none() | TEXTS.filter(lambda text: not text.startswith(("=", "#"))) | NUMBERS | st.booleans()
DATES = st.dates(date(1901, 1, 1), date(2100, 1, 1))
Rows = list[list[Value]]


def read(path: Path, target: Path) -> tuple[Table, list[list[str | None]]]:
    table = normalise(path, path.name, target, ReadOptions())
    found = pq.read_table(target, use_threads=False)
    columns = [found[f"c{place}"].to_pylist() for place in range(len(table.columns))]
    return table, [list(row) for row in zip(*columns, strict=True)]


def write_xlsx(path: Path, rows: Sequence[Sequence[Value]]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("A")
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


WRITERS: dict[str, Callable[[Path, Rows], Path]] = {
    "xlsx": write_xlsx,
    "ods": lambda path, rows: write_ods(path, {"A": ods_rows(rows)}),
    "xls": write_xls,
}


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1))
)
def test_any_table_reads_as_its_cells_one_by_one(kind: str, rows: Rows) -> None:
    header: list[Value] = ["sku", *(f"column {letter}" for letter in "abcdef"[: len(rows[0])])]
    body: Rows = [[f"sku {number}", *row] for number, row in enumerate(rows)]
    with TemporaryDirectory() as folder:
        path = WRITERS[kind](Path(folder) / f"list.{kind}", [header, *body])

        table, found = read(path, Path(folder) / "rows.parquet")

    assert table.columns == header
    assert found == [[normalise_cell(text_of(value)) for value in row] for row in body]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@settings(max_examples=30, deadline=None)
@given(days=st.lists(DATES, min_size=2, max_size=20))
def test_dates_are_their_iso_text(kind: str, days: list[date]) -> None:
    with TemporaryDirectory() as folder:
        rows: Rows = [["sku", "day"], *([f"sku {number}", day] for number, day in enumerate(days))]
        path = WRITERS[kind](Path(folder) / f"list.{kind}", rows)

        _, found = read(path, Path(folder) / "rows.parquet")

    assert [row[1] for row in found] == [day.isoformat() for day in days]


@pytest.mark.skipif(not REAL, reason=f"no real product files in {DATA}")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_workbook_reads_as_expected(path: Path, tmp_path: Path) -> None:
    expected = json.loads(path.with_suffix(".expect.json").read_text())

    table, rows = read(path, tmp_path / "rows.parquet")

    assert (table.file_type, table.header_row) == (expected["format"], expected["header_row"])
    assert (table.columns, table.total_rows) == (expected["columns"], expected["total_rows"])
    assert table.sheet == expected["sheet"]
    columns = {field: table.columns.index(name) for name, field in expected["column_mapping"].items()}
    for index, sample in zip(expected["sample_row_indexes"], expected["sample"], strict=True):
        assert {field: (rows[index][columns[field]] or "")[:400] for field in sample} == sample


@pytest.mark.skipif(not REAL, reason=f"no real product files in {DATA}")
def test_a_list_reads_alike_as_csv_and_as_workbook(tmp_path: Path) -> None:
    as_text, text_rows = read(DATA / "gr-cosmetics.csv", tmp_path / "text.parquet")

    as_workbook, rows = read(DATA / "gr-cosmetics-workbook.xlsx", tmp_path / "workbook.parquet")

    assert as_workbook.columns == as_text.columns
    numbers = [as_text.columns.index(name) for name in ("Χονδρική τιμή (€)", "ΦΠΑ")]
    for row in text_rows:  # written with a decimal comma and trailing zeros, which a number does not keep
        for place in numbers:
            row[place] = text_of(float((row[place] or "").replace(",", ".")))
    assert one_space(rows) == one_space(text_rows)  # the workbook has two blanks in some names


def one_space(rows: list[list[str | None]]) -> list[list[str]]:
    return [[" ".join((cell or "").split()) for cell in row] for row in rows]
