"""Real JSON and XML files of suppliers, read as their expectations say."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pim_pipelines.importing.readers import ReadOptions, Table, normalise

FOLDER = Path(__file__).parents[3] / "shared" / "data"
KINDS = {".json": "json", ".ndjson": "ndjson", ".xml": "xml"}
FILES = sorted(path for path in FOLDER.glob("*") if path.suffix in KINDS and not path.name.endswith(".expect.json"))

pytestmark = pytest.mark.skipif(not FILES, reason=f"no real product files in {FOLDER}")


def read(path: Path, target: Path) -> tuple[Table, dict[str, Any]]:
    expected: dict[str, Any] = json.loads(path.with_suffix(".expect.json").read_text())
    return normalise(path, path.name, target, ReadOptions()), expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_file_is_recognised(path: Path, tmp_path: Path) -> None:
    table, expected = read(path, tmp_path / "rows.parquet")

    assert table.file_type == KINDS[path.suffix]
    assert (table.encoding, table.delimiter, table.header_row) == (expected["encoding"], None, None)
    assert table.columns == expected["columns"]
    assert table.total_rows == expected["total_rows"]
    assert table.warnings == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_expected_samples_of_real_files_are_in_their_rows(path: Path, tmp_path: Path) -> None:
    table, expected = read(path, tmp_path / "rows.parquet")
    found = pq.read_table(tmp_path / "rows.parquet", use_threads=False)
    columns = {field: table.columns.index(name) for name, field in expected["column_mapping"].items()}

    for index, sample in zip(expected["sample_row_indexes"], expected["sample"], strict=True):
        for field, text in sample.items():
            cell = found[f"c{columns[field]}"][index].as_py() or ""
            if field == "image_url" and cell != text:
                # The expectation has the first of several values; our contract keeps all images.
                assert cell.startswith(text + " http"), cell
            else:
                assert cell[:400] == text
