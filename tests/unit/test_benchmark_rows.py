"""The benchmarks' rows are many, valid and all different."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.rows import COLUMNS, WIDE_COLUMNS, write_rows
from pim_pipelines.importing.rules.gtin_columns import read_gtins


def rows_of(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator=";", infer_schema=False)


@pytest.mark.parametrize("shuffled", [False, True])
def test_every_row_is_another_product_with_a_valid_ean(tmp_path: Path, shuffled: bool) -> None:
    write_rows(tmp_path / "rows.csv", 2_000, shuffled=shuffled)

    rows = rows_of(tmp_path / "rows.csv")
    gtins = read_gtins(rows["EAN"])["gtin"]

    assert rows.columns == list(COLUMNS)
    assert (gtins.null_count(), gtins.n_unique(), rows["Référence"].n_unique()) == (0, 2_000, 2_000)
    assert gtins.is_sorted() is not shuffled


def test_files_of_different_seeds_share_no_product(tmp_path: Path) -> None:
    for seed in (0, 1):
        write_rows(tmp_path / f"{seed}.csv", 1_000, seed=seed)

    first, second = (set(rows_of(tmp_path / f"{seed}.csv")["EAN"]) for seed in (0, 1))

    assert not first & second


def test_the_wide_file_has_fourteen_columns(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv", 10, wide=True)

    assert rows_of(tmp_path / "rows.csv").columns == list(WIDE_COLUMNS)
    assert len(WIDE_COLUMNS) == 14
