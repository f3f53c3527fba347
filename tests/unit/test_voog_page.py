"""The page's example file, in every format: our readers find its rows in it, and the page's mapping."""

from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from voog_page import COLUMNS, ROWS, Value, example, write_example

from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.voog.attributes import proposed_mapping


def as_text(value: Value) -> str | None:
    return f"{value:g}" if isinstance(value, float | int) else value or None


@pytest.mark.parametrize("ending", ["xlsx", "ods", "csv"])
def test_the_pages_file_is_read_and_gets_the_pages_mapping(tmp_path: Path, ending: str) -> None:
    path = write_example(tmp_path / f"products-import.{ending}")

    table = normalise(path, path.name, tmp_path / "rows.parquet", ReadOptions())

    assert table.columns == COLUMNS
    assert table.total_rows == example("created_task")["total_items"]
    assert proposed_mapping(table.columns) == example("created_task")["mapping"]
    found = pq.read_table(tmp_path / "rows.parquet", use_threads=False)
    expected = [[as_text(value) for value in row] for row in ROWS]
    columns = [found[f"c{place}"].to_pylist() for place in range(len(COLUMNS))]
    if ending == "csv":  # its numbers are texts, as they were written
        columns = [[text.removesuffix(".0") if text else text for text in column] for column in columns]
    assert [list(row) for row in zip(*columns, strict=True)] == expected


def test_the_workbook_opens_elsewhere(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_example(tmp_path / "products-import.xlsx"))

    assert next(book["Products"].iter_rows(min_row=2, max_col=9, values_only=True))[8] == 10
