"""Each rule on one row: error type, severity, field, message and raw value."""

from pathlib import Path
from typing import Any

import pytest
from checking_rows import write_rows

from pim_pipelines.importing.options import check_rules
from pim_pipelines.importing.pipeline import CheckedBlock, CheckSpec, check
from pim_pipelines.importing.rules.malformed import PROBLEMS

EAN = "4006381333931"
ROW: dict[str, str | None] = {"ean": EAN, "sku": "A-1", "title": "Pen"}


def check_row(
    folder: Path,
    cells: dict[str, str | None],
    rules: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    problem: str | None = None,
) -> CheckedBlock:
    """Check a file of one row, its columns named as their fields."""
    path = write_rows(
        folder, {name: [cell] for name, cell in cells.items()}, problems={1: problem} if problem else None
    )
    spec = CheckSpec(list(cells), {name: name for name in cells}, check_rules(rules), options or {}, supplier_id=7)
    (block,) = check(path, spec)
    return block


def found(block: CheckedBlock) -> list[tuple[str, str, str | None]]:
    """Return (severity, error type, field) of each finding."""
    return [(row["severity"], row["error_type"], row["field"]) for row in block.errors.iter_rows(named=True)]


def test_a_right_row_has_no_findings(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW)

    assert found(block) == []
    assert (block.total_rows, block.failed_rows, block.rows.height) == (1, 0, 1)


@pytest.mark.parametrize(
    ("ean", "error_type"),
    [("4006381333930", "ean_invalid"), ("89686170115", "ean_invalid"), ("4.0E+12", "ean_precision_lost")],
)
def test_a_bad_ean_fails_the_row_even_with_an_sku(tmp_path: Path, ean: str, error_type: str) -> None:
    block = check_row(tmp_path, ROW | {"ean": ean})

    assert found(block) == [("error", error_type, "ean")]
    assert block.errors["raw_value"].item() == ean
    assert block.failed_rows == 1


def test_a_bad_ean_that_is_a_warning_loads_by_sku(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"ean": "123"}, {"ean": {"severity": "warning"}})

    assert found(block) == [("warning", "ean_invalid", "ean")]
    assert block.rows.select("gtin", "ean", "sku").row(0) == (None, None, "A-1")


def test_a_bad_ean_that_is_a_warning_fails_without_an_sku(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"ean": "123", "sku": None}, {"ean": {"severity": "warning"}})

    assert found(block) == [("warning", "ean_invalid", "ean"), ("error", "missing_required_field", "ean")]


def test_a_bad_ean_without_an_sku_is_one_error(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"ean": "123", "sku": None})

    assert found(block) == [("error", "ean_invalid", "ean")]


@pytest.mark.parametrize("blank", [None, "-", "''"])
def test_a_row_needs_an_identifier(tmp_path: Path, blank: str | None) -> None:
    block = check_row(tmp_path, ROW | {"ean": blank, "sku": None})

    assert found(block) == [("error", "missing_required_field", "ean")]


def test_a_row_without_title_is_no_error_here(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"title": None})

    assert found(block) == []
    assert block.rows["has_title"].item() is False


@pytest.mark.parametrize(
    ("field", "cell", "rule", "error_type"),
    [
        ("price", "5", {"min": 10}, "value_out_of_range"),
        ("price", "50", {"max": 10}, "value_out_of_range"),
        ("price", "0.0999999", {"min": 0.1}, "value_out_of_range"),
        ("stock", "-1", {"min": 0}, "value_out_of_range"),
        ("title", "x" * 121, {"max_length": 120}, "value_too_long"),
        ("title", "pen", {"pattern": "^[A-Z]"}, "pattern_mismatch"),
        ("ean", EAN, {"pattern": "^376"}, "pattern_mismatch"),
        ("color", "green", {"enum": ["red", "blue"]}, "value_not_allowed"),
        ("price", "3", {"enum": [1, 2.5]}, "value_not_allowed"),
        ("stock", "3", {"enum": [1, 2]}, "value_not_allowed"),
        ("title", None, {"required": True}, "missing_required_field"),
        ("price", None, {"required": True}, "missing_required_field"),
        ("ean", None, {"required": True}, "missing_required_field"),
        ("attributes.x", None, {"required": True}, "missing_required_field"),
        ("price", "__CLEAR__", {"required": True}, "missing_required_field"),
        ("price", "abc", {"required": True}, "number_invalid"),
    ],
)
def test_a_broken_rule_fails_the_row(
    tmp_path: Path, field: str, cell: str | None, rule: dict[str, Any], error_type: str
) -> None:
    as_error = check_row(tmp_path, ROW | {field: cell}, {field: rule})
    as_warning = check_row(tmp_path, ROW | {field: cell}, {field: rule | {"severity": "warning"}})

    assert found(as_error) == [("error", error_type, field)]
    assert (as_error.failed_rows, as_error.rows.height) == (1, 0)
    assert found(as_warning) == [("warning", error_type, field)]
    assert (as_warning.failed_rows, as_warning.rows.height) == (0, 1)


@pytest.mark.parametrize(
    ("field", "cell", "rule"),
    [
        ("price", "10.00", {"min": 10, "max": 10}),
        ("price", "2.50", {"enum": [1, 2.5]}),
        ("stock", "2", {"enum": [1, 2.0]}),
        ("title", "x" * 120, {"max_length": 120}),
        ("title", "Überraschung", {"pattern": r"rr\pL+"}),
        ("color", None, {"enum": ["red"], "max_length": 1, "pattern": "x"}),
        ("price", None, {"min": 10}),
        ("attributes.{x}", "{}", {"pattern": r"^\{\}$"}),
    ],
)
def test_a_kept_rule_says_nothing(tmp_path: Path, field: str, cell: str | None, rule: dict[str, Any]) -> None:
    assert found(check_row(tmp_path, ROW | {field: cell}, {field: rule})) == []


@pytest.mark.parametrize(
    ("field", "cell", "error_type"),
    [
        ("price", "on request", "number_invalid"),
        ("weight", "10 x 20", "number_invalid"),
        ("stock", "7.5", "number_invalid"),
        ("is_active", "perhaps", "value_not_allowed"),
    ],
)
def test_an_unreadable_cell_is_a_warning_and_keeps_the_field(
    tmp_path: Path, field: str, cell: str, error_type: str
) -> None:
    block = check_row(tmp_path, ROW | {field: cell})

    assert found(block) == [("warning", error_type, field)]
    assert block.errors["raw_value"].item() == cell
    assert "keeps the value it had" in block.errors["message"].item()
    assert block.rows[field].item() is None


def test_a_cell_in_the_other_convention_is_told_so(tmp_path: Path) -> None:
    options = {"decimal_separator": ","}

    block = check_row(tmp_path, ROW | {"price": "12.5", "weight": "heavy"}, options=options)

    messages = dict(block.errors.select("field", "message").iter_rows())
    assert 'decimals are written with ","' in messages["price"]
    assert "decimals" not in messages["weight"]


def test_severity_makes_an_unreadable_number_an_error(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"price": "abc"}, {"price": {"severity": "error"}})

    assert found(block) == [("error", "number_invalid", "price")]
    assert block.rows.height == 0


def test_a_row_may_have_several_findings_in_the_order_of_fields(tmp_path: Path) -> None:
    cells = {"stock": "x", "price": "5", "title": None, "ean": "123", "sku": "A-1"}

    block = check_row(tmp_path, cells, {"price": {"min": 10}, "title": {"required": True}})

    assert [field for _, _, field in found(block)] == ["ean", "title", "price", "stock"]
    assert (block.total_rows, block.failed_rows) == (1, 1)


def test_a_required_field_without_a_column_fails_every_row(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW, {"price": {"required": True}})

    assert found(block) == [("error", "missing_required_field", "price")]
    assert "no column" in block.errors["message"].item()


def test_blank_cells_can_be_errors(tmp_path: Path) -> None:
    one = check_row(tmp_path, ROW | {"color": None, "size": None}, options={"empty_cells": {"color": "error"}})
    all_ = check_row(tmp_path, ROW | {"color": None, "size": None}, options={"empty_cells": "error"})

    assert found(one) == [("error", "missing_required_field", "color")]
    assert [field for _, _, field in found(all_)] == ["color", "size"]


def test_an_sku_is_no_paragraph(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"sku": "word " * 200})

    assert found(block) == [("error", "value_too_long", "sku")]


@pytest.mark.parametrize(
    ("problem", "error_type"),
    [
        ("surplus", "row_malformed"),
        ("repeated_header", "row_malformed"),
        ("cut_quote", "row_malformed"),
        ("encoding", "encoding_error"),
    ],
)
def test_nothing_else_is_said_of_a_malformed_row(tmp_path: Path, problem: str, error_type: str) -> None:
    block = check_row(tmp_path, ROW | {"ean": "123", "title": None}, {"title": {"required": True}}, problem=problem)

    assert found(block) == [("error", error_type, None)]
    assert block.errors["raw_value"].item() == f"raw text of a {problem} row"
    assert (block.failed_rows, block.rows.height) == (1, 0)


def test_a_short_row_loads_with_a_warning(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"price": None}, problem="short")

    assert found(block) == [("warning", "row_malformed", None)]
    assert block.rows.height == 1


def test_every_problem_of_readers_has_words() -> None:
    assert set(PROBLEMS) == {"short", "surplus", "encoding", "repeated_header", "cut_quote"}
    assert all(problem.message.endswith(".") for problem in PROBLEMS.values())


def test_rules_hold_whatever_pandera_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandera.config

    monkeypatch.setattr(pandera.config.CONFIG, "validation_enabled", False)

    assert found(check_row(tmp_path, ROW | {"ean": "123"})) == [("error", "ean_invalid", "ean")]


def test_long_values_are_cut_in_messages_and_raw_values(tmp_path: Path) -> None:
    block = check_row(tmp_path, ROW | {"price": "x" * 5000})

    assert len(block.errors["message"].item()) < 200
    assert len(block.errors["raw_value"].item()) == 1000
