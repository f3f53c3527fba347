"""The demo's file is what it says of itself, and the import's own readers and rules agree."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from pim_pipelines.demo.sample import DELIMITER, ENCODING, HEADER, MAPPING, Fault, Sample, write_sample
from pim_pipelines.importing.mapping.detection import is_beyond_doubt, suggest
from pim_pipelines.importing.pipeline import CheckSpec, check
from pim_pipelines.importing.profile import profile
from pim_pipelines.importing.readers import ReadOptions, Table, normalise
from pim_pipelines.importing.rules.gtin import parse

ROWS = 5_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sample]:
    path = tmp_path_factory.mktemp("sample") / "fournisseur.csv"
    return path, write_sample(path)


@pytest.fixture(scope="module")
def read(made: tuple[Path, Sample]) -> tuple[Path, Table]:
    rows = made[0].with_name("rows.parquet")
    return rows, normalise(made[0], made[0].name, rows, ReadOptions())


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding=ENCODING, newline="") as file:
        return list(csv.reader(file, delimiter=DELIMITER))[1:]


def test_the_file_has_the_rows_and_faults_it_says(made: tuple[Path, Sample]) -> None:
    path, sample = made
    rows = cells_of(path)
    eans = [parse(row[1]) for row in rows]

    assert len(rows) == sample.rows == ROWS
    invalid = sum(1 for row, ean in zip(rows, eans, strict=True) if row[1] and ean is None)
    assert invalid == sample.errors_by_type["ean_invalid"] + sample.errors_by_type["ean_precision_lost"]
    assert sample.errors_by_type["ean_invalid"] == ROWS // 100
    assert sum(1 for row in rows if not row[2]) == sample.pending
    assert sum(1 for row in rows if not row[1]) == sample.faults["no_ean"]
    assert sum(1 for row in rows if len(row) > len(HEADER)) == sample.faults["surplus"]
    assert sum(1 for row in rows if len(row) < len(HEADER)) == sample.faults["short"]
    assert sum(1 for ean in eans if ean and ean.is_restricted) == sample.faults["in_store"]


def test_products_come_twice_only_where_it_says(made: tuple[Path, Sample]) -> None:
    path, sample = made
    rows = cells_of(path)
    eans = Counter(ean.number for row in rows if (ean := parse(row[1])))
    pairs = Counter((row[1], row[0]) for row in rows if row[1])

    assert sum(1 for times in eans.values() if times == 2) == sample.faults["repeated"] + sample.faults["shared"]
    assert max(eans.values()) == 2
    assert sum(1 for times in pairs.values() if times == 2) == sample.faults["repeated"]


def test_every_row_is_accounted_for(made: tuple[Path, Sample]) -> None:
    sample = made[1]

    assert sample.total_rows == sample.successful_rows + sample.failed_rows
    assert sample.successful_rows == sample.products_created + sample.products_updated + sample.products_skipped
    assert sample.failed_rows == sum(sample.errors_by_type.values())


def test_the_reader_finds_what_was_written(made: tuple[Path, Sample], read: tuple[Path, Table]) -> None:
    sample, table = made[1], read[1]

    assert (table.encoding, table.delimiter, table.header_row) == (sample.encoding, sample.delimiter, 0)
    assert (table.columns, table.total_rows) == (sample.columns, sample.total_rows)


def test_every_column_is_recognised_and_nobody_need_look(read: tuple[Path, Table]) -> None:
    found = suggest(profile(*read))

    assert {column: suggestion.field for column, suggestion in found.items()} == MAPPING
    assert is_beyond_doubt(found)


def test_the_rules_find_exactly_the_errors_it_says(made: tuple[Path, Sample], read: tuple[Path, Table]) -> None:
    sample, (rows, table) = made[1], read
    spec = CheckSpec(table.columns, dict(sample.mapping), {}, {}, supplier_id=1)
    found: Counter[tuple[str, str]] = Counter()
    failed = 0

    for block in check(rows, spec):
        failed += block.failed_rows
        found.update(block.errors.select("severity", "error_type").iter_rows())

    assert failed == sample.failed_rows
    assert {name: times for (severity, name), times in found.items() if severity == "error"} == sample.errors_by_type
    warnings = {name: times for (severity, name), times in found.items() if severity == "warning"}
    planned = {"ean_pending", "duplicate_in_file", "ean_shared_by_skus"}  # found by the plan, in the database
    assert warnings == {name: times for name, times in sample.warnings_by_type.items() if name not in planned}


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))

    assert write_sample(first, rows=300, seed=7) == write_sample(second, rows=300, seed=7)
    write_sample(other, rows=300, seed=8)

    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != other.read_bytes()


def test_shuffled_rows_are_the_same_rows_in_another_order(tmp_path: Path) -> None:
    ordered, shuffled = tmp_path / "a.csv", tmp_path / "b.csv"

    said = write_sample(ordered, rows=500), write_sample(shuffled, rows=500, shuffled=True)

    assert said[0] == said[1]
    keys = [[row[0] for row in cells_of(path)] for path in (ordered, shuffled)]
    assert sorted(keys[0]) == sorted(keys[1])
    assert keys[0] != keys[1]


@pytest.mark.parametrize("rows", [1, 2, 10, 20_000])
def test_any_number_of_rows_can_be_had(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "a.csv"

    sample = write_sample(path, rows=rows)

    assert len(cells_of(path)) == sample.total_rows == rows
    assert sample.products_created > 0


def test_each_fault_is_in_the_default_file(made: tuple[Path, Sample]) -> None:
    assert all(made[1].faults[fault.value] > 0 for fault in Fault if fault is not Fault.NONE)
