"""Cells that the reader could not take: a warning with its field, and the field keeps the value it had."""

from pathlib import Path
from typing import Any

import pytest
from checking_rows import write_rows

from pim_pipelines.importing.pipeline import CheckedBlock, CheckSpec, check

COLUMNS: dict[str, list[str | None]] = {"EAN": ["4006381333931"], "Prix": [None], "Couleur": [None], "Rien": [None]}
MAPPING: dict[str, str | None] = {"EAN": "ean", "Prix": "price", "Couleur": "color"}


def check_cells(folder: Path, problem: str, text: str, **given: Any) -> CheckedBlock:
    path = write_rows(folder, COLUMNS, problems={1: problem}, problem_texts={1: text})
    (block,) = check(path, CheckSpec(list(COLUMNS), MAPPING, **given))
    return block


def found(block: CheckedBlock) -> list[tuple[str, ...]]:
    return [
        (row["severity"], row["error_type"], row["field"], row["raw_value"])
        for row in block.errors.iter_rows(named=True)
    ]


@pytest.mark.parametrize(("problem", "shown"), [("cell_error", "#N/A"), ("number_invalid", "NaN")])
def test_each_bad_cell_is_a_warning_with_its_field(tmp_path: Path, problem: str, shown: str) -> None:
    block = check_cells(tmp_path, problem, f"c1\t{shown}\nc2\t{shown}")

    assert found(block) == [("warning", problem, "price", shown), ("warning", problem, "color", shown)]
    assert block.failed_rows == 0
    assert f'"{shown}" is' in block.errors["message"][0]
    assert block.errors["message"][0].endswith("price keeps the value it had.")


def test_cells_of_columns_that_are_not_mapped_are_nobodys_business(tmp_path: Path) -> None:
    block = check_cells(tmp_path, "cell_error", "c3\t#REF!")

    assert found(block) == []
    assert block.rows.height == 1


def test_severity_of_the_field_makes_it_an_error(tmp_path: Path) -> None:
    block = check_cells(tmp_path, "cell_error", "c1\t#N/A", validation_rules={"price": {"severity": "error"}})

    assert found(block) == [("error", "cell_error", "price", "#N/A")]
    assert (block.failed_rows, block.rows.height) == (1, 0)


def test_bad_cell_of_a_required_field_fails_the_row(tmp_path: Path) -> None:
    block = check_cells(tmp_path, "cell_error", "c1\t#N/A", validation_rules={"price": {"required": True}})

    assert ("error", "missing_required_field", "price") in [finding[:3] for finding in found(block)]


def test_blank_cells_are_cleared_on_request_and_bad_ones_are_not(tmp_path: Path) -> None:
    block = check_cells(tmp_path, "cell_error", "c1\t#N/A", import_options={"empty_cells": "clear"})

    assert block.rows["clear"].to_list() == ["color"]


def test_a_column_is_not_taken_for_one_whose_number_begins_alike(tmp_path: Path) -> None:
    block = check_cells(tmp_path, "cell_error", "c11\t#N/A")

    assert found(block) == []
