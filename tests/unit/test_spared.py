"""What rows that failed may mean: products that `deactivate_missing` has to leave alone."""

from pathlib import Path

import pytest
from checking_rows import write_rows

from pim_pipelines.importing.pipeline import CheckSpec, check
from pim_pipelines.importing.rules.spared import meant_by

MAPPING = {"EAN": "ean", "SKU": "sku", "Title": "title"}
GOOD = ("4006381333931", "A", "Pen")
NOTHING_TOLD = (None, None, None)


def spared(
    folder: Path, row: tuple[str | None, str | None, str | None], problem: str | None = None
) -> set[tuple[int | None, int | None, str | None]]:
    """Check a file of a good row and this one; returns what the failed one may mean."""
    cells = [list(column) for column in zip(GOOD, row, strict=True)]
    path = write_rows(folder, dict(zip(MAPPING, cells, strict=True)), problems={2: problem} if problem else None)
    options = {"deactivate_missing": True, "default_values": {"currency": "EUR"}}
    blocks = list(check(path, CheckSpec(list(MAPPING), dict(MAPPING), import_options=options)))
    assert sum(block.failed_rows for block in blocks) <= 1
    return {found for block in blocks if block.spared is not None for found in block.spared.iter_rows()}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (GOOD, set()),
        (("4006381333932", None, "Pen"), {(4006381333930, 4006381333939, None)}),
        (("4006381333932", "B", "Pen"), {(4006381333930, 4006381333939, "B")}),
        (("4.00638E+12", None, "Pen"), {(4006375000000, 4006385000000, None)}),
        (("none", "B", "Pen"), {(None, None, "B")}),
        (("none", None, "Pen"), set()),
        (("123", None, "Pen"), set()),
        (("4006381333931 / 3017620422003", None, "Pen"), {NOTHING_TOLD}),
        (("1E+99", None, "Pen"), {NOTHING_TOLD}),
        ((None, None, "Pens and pencils"), set()),
    ],
)
def test_a_failed_row_means_what_is_left_of_its_identifiers(
    tmp_path: Path,
    row: tuple[str | None, str | None, str | None],
    found: set[tuple[int | None, int | None, str | None]],
) -> None:
    assert spared(tmp_path, row) == found


def test_a_row_with_values_and_no_identifier_means_no_product(tmp_path: Path) -> None:
    columns = {"EAN": ["4006381333931", None], "Title": ["Pen", "Pencil"], "Price": ["1", "2"]}
    path = write_rows(tmp_path, columns)
    mapping = {"EAN": "ean", "Title": "title", "Price": "price"}
    [block] = check(path, CheckSpec(list(columns), dict(mapping), import_options={"deactivate_missing": True}))

    assert block.failed_rows == 1
    assert block.spared is not None
    assert block.spared.rows() == []


def test_any_cell_of_a_malformed_row_may_be_the_identifier(tmp_path: Path) -> None:
    found = spared(tmp_path, ("Pen", "blue", "4006381333931"), "surplus")

    assert found == {(None, None, "Pen"), (None, None, "blue"), (4006381333930, 4006381333939, "4006381333931")}


def test_behind_a_quote_that_never_ends_there_may_have_been_anything(tmp_path: Path) -> None:
    assert NOTHING_TOLD in spared(tmp_path, ("4006381333931", None, "Pen"), "cut_quote")


@pytest.mark.parametrize("code", ["", "none", "123", "0000000000000", "1E+999999999", "1E+99"])
def test_a_code_that_says_too_little_has_no_range(code: str) -> None:
    assert meant_by(code) is None
