"""Real supplier files read as their expectations say."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pim_pipelines.importing.readers import ReadOptions, Table, normalise
from pim_pipelines.importing.readers.cells import normalise_cell

FOLDER = Path(__file__).parents[3] / "shared" / "data"
FILES = sorted(path for path in FOLDER.glob("*") if path.suffix in (".csv", ".tsv", ".txt", ".psv"))
# Text without a foreign letter is UTF-8 as much as ASCII.
ALIKE = {"ascii": "utf-8"}

pytestmark = pytest.mark.skipif(not FILES, reason=f"no real product files in {FOLDER}")


def read(path: Path, target: Path) -> tuple[Table, dict[str, Any]]:
    expected: dict[str, Any] = json.loads(path.with_suffix(".expect.json").read_text())
    return normalise(path, path.name, target, ReadOptions()), expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_file_is_recognised(path: Path, tmp_path: Path) -> None:
    table, expected = read(path, tmp_path / "rows.parquet")

    assert table.encoding == ALIKE.get(expected["encoding"], expected["encoding"])
    assert table.delimiter == expected["delimiter"]
    assert table.header_row == expected["header_row"]
    assert table.columns == expected["columns"]
    assert table.total_rows == expected["total_rows"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_file_reads_as_by_the_csv_module(path: Path, tmp_path: Path) -> None:
    table, expected = read(path, tmp_path / "rows.parquet")
    if path.suffix == ".psv":
        pytest.skip("drawn as a table: the csv module cannot read it")
    # Universal newlines: a line break within a cell is LF here, whatever the file's line ends are.
    with path.open(encoding=expected["encoding"]) as file:
        rows = list(csv.reader(file, delimiter=expected["delimiter"]))
    body = rows if expected["header_row"] is None else rows[expected["header_row"] + 1 :]
    width = len(table.columns)
    wanted = [([normalise_cell(cell) for cell in row] + [None] * width)[:width] for row in body]

    found = pq.read_table(tmp_path / "rows.parquet", use_threads=False)

    columns = [found[f"c{index}"].to_pylist() for index in range(width)]
    assert [list(row) for row in zip(*columns, strict=True)] == [row for row in wanted if any(row)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_expected_samples_of_real_files_are_in_their_rows(path: Path, tmp_path: Path) -> None:
    table, expected = read(path, tmp_path / "rows.parquet")
    found = pq.read_table(tmp_path / "rows.parquet", use_threads=False)
    columns = {field: table.columns.index(name) for name, field in expected["column_mapping"].items()}

    for index, sample in zip(expected["sample_row_indexes"], expected["sample"], strict=True):
        for field, text in sample.items():
            cell = found[f"c{columns[field]}"][index].as_py()
            assert (cell or "")[:400] == text
