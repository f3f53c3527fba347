"""A file's content read into a table and its rows, for the tests of readers of records."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pim_pipelines.importing.readers import READERS, ReadOptions, Table, sniff
from pim_pipelines.importing.readers.limits import LIMITS

Rows = list[dict[str, str | None]]


def read_rows(folder: Path, content: str | bytes, **limits: int) -> tuple[Table, Rows]:
    """Read content as `normalise` does, with smaller limits where some are given; rows have cells with text only."""
    source, target = folder / "source", folder / "rows.parquet"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    file_format = sniff(source, "list")
    reader: Any = import_module(READERS[file_format.file_type])
    table: Table = reader.read(source, target, file_format, ReadOptions(), replace(LIMITS, **limits))
    found = pq.read_table(target, use_threads=False).to_pylist()
    assert [row["row_number"] for row in found] == list(range(1, table.total_rows + 1))
    rows = [
        {name: text for place, name in enumerate(table.columns) if (text := row[f"c{place}"]) is not None}
        for row in found
    ]
    return table, rows


def problems(folder: Path) -> list[tuple[int, str, str]]:
    """Return the problems of the rows read last: row number, code and text."""
    found = pq.read_table(folder / "rows.parquet", use_threads=False).to_pylist()
    return [(row["row_number"], row["problem"], row["problem_text"]) for row in found if row["problem"]]
