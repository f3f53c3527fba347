"""One price list in every way of writing it is read alike."""

import csv
import gzip
import io
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pim_pipelines.importing.readers import ReadOptions, normalise

HEADER = ["Référence", "Désignation", "EAN", "Prix HT", "Stock", "Catégorie"]
NAMES = [
    "Étagère à épices",
    'Écran 27" large, noir; neuf',
    "Théière\nen grès",
    "Tablier | brodé",
    "Crème brûlée, 4 × 90 g",
    "Fenêtre\tdouble",
    "Œufs frais",
    "d'occasion",
]
ROWS = [
    [f"A-{n:04d}", NAMES[n % 8], f"37600000{n:05d}", f"{n},{n % 90 + 10}", str(n % 7), f"Maison > {n % 3}"]
    for n in range(40)
]
ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "cp1252": "cp1252"}


@pytest.mark.parametrize(
    ("delimiter", "line_end", "encoding", "quoting", "header"),
    list(product(",;\t|", ["\n", "\r\n", "\r"], ENCODINGS, [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], [True, False])),
)
def test_every_way_of_writing_a_list_reads_alike(
    tmp_path: Path, delimiter: str, line_end: str, encoding: str, quoting: int, header: bool
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([HEADER, *ROWS] if header else ROWS)
    (tmp_path / "source").write_bytes(text.getvalue().replace("\n", line_end).encode(encoding))

    table = normalise(tmp_path / "source", "list.csv", tmp_path / "rows.parquet", ReadOptions())

    assert (table.encoding, table.delimiter, table.header_row) == (
        ENCODINGS[encoding],
        delimiter,
        0 if header else None,
    )
    assert table.columns == (HEADER if header else [f"column_{n}" for n in range(1, 7)])
    assert cells(tmp_path) == ROWS
    assert table.warnings == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_compressed_list_reads_as_the_plain_one(tmp_path: Path, delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([HEADER, *ROWS])
    (tmp_path / "source").write_bytes(gzip.compress(text.getvalue().encode()))

    table = normalise(tmp_path / "source", "list.csv.gz", tmp_path / "rows.parquet", ReadOptions())

    assert (table.file_type, table.delimiter, cells(tmp_path)) == ("csv", delimiter, ROWS)


def cells(folder: Path) -> list[list[str | None]]:
    found = pq.read_table(folder / "rows.parquet", use_threads=False)
    columns = [found[name].to_pylist() for name in found.column_names[3:]]
    return [list(row) for row in zip(*columns, strict=True)]


def test_rows_file_has_the_shape_that_others_read(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"sku;title\n" + b"".join(b"%d;Lamp\n" % n for n in range(120_000)))

    normalise(tmp_path / "source", "list.csv", tmp_path / "rows.parquet", ReadOptions())

    file = pq.ParquetFile(tmp_path / "rows.parquet")
    groups = [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)]
    assert [str(field.type) for field in file.schema_arrow] == ["int32", "string", "string", "string", "string"]
    assert file.schema_arrow.names == ["row_number", "problem", "problem_text", "c0", "c1"]
    assert (max(groups), sum(groups)) == (50_000, 120_000)
