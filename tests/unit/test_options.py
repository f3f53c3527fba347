"""What a caller may ask for: mappings resolved or refused, rules and options checked strictly, problems by path."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.options import (
    NOT_YET_SUPPORTED,
    check_mapping,
    check_options,
    check_rules,
    empty_cells_of,
    too_many_errors,
)

COLUMNS = ["EAN Code", "Titre produit", "Prix HT", "Désignation"]


def problems(work: Callable[[], object]) -> dict[str, tuple[str, str]]:
    """Return path → (message, code) of the InvalidField that a call raises."""
    with pytest.raises(InvalidField) as caught:
        work()
    return {path: (message, code) for path, message, code in caught.value.problems}


def test_a_mapping_is_resolved_to_the_files_own_names() -> None:
    mapping = {" ean code": "ean", "TITREPRODUIT": "title", "designation": "attributes.label", "Prix HT": None}

    assert check_mapping(mapping, COLUMNS) == {
        "EAN Code": "ean",
        "Titre produit": "title",
        "Désignation": "attributes.label",
        "Prix HT": None,
    }


def test_an_exact_name_wins_over_a_similar_one() -> None:
    assert check_mapping({"ean": "ean"}, ["EAN", "ean"]) == {"ean": "ean"}


def test_a_template_needs_no_file() -> None:
    assert check_mapping({"Code": "sku", "Nom": "title"}, None) == {"Code": "sku", "Nom": "title"}


@pytest.mark.parametrize(
    ("mapping", "path", "code"),
    [
        ({"EAN Code": "ean", "Prix": "price"}, "column_mapping.Prix", "unknown_column"),
        ({"EAN Code": "ean", "Prix HT": "prize"}, "column_mapping.Prix HT", "unknown_field"),
        ({"EAN Code": "ean", "Prix HT": 3}, "column_mapping.Prix HT", "unknown_field"),
        ({"EAN Code": "ean", "Prix HT": "attributes."}, "column_mapping.Prix HT", "unknown_field"),
        ({"EAN Code": "ean", "Titre produit": "ean"}, "column_mapping.Titre produit", "duplicate_field"),
        ({"EAN Code": "ean", "ean code": "sku"}, "column_mapping.ean code", "duplicate_column"),
        ({"Titre produit": "title"}, "column_mapping", "identifier_missing"),
        ({}, "column_mapping", "identifier_missing"),
        (["EAN Code"], "column_mapping", "type"),
    ],
)
def test_a_wrong_mapping_is_refused_by_name(mapping: object, path: str, code: str) -> None:
    found = problems(lambda: check_mapping(mapping, COLUMNS))

    assert found[path][1] == code


def test_a_name_that_fits_several_columns_must_be_exact() -> None:
    found = problems(lambda: check_mapping({"é an": "ean"}, ["EAN", "ean"]))

    assert found["column_mapping.é an"][1] == "ambiguous_column"


def test_all_problems_come_at_once_with_a_hint() -> None:
    found = problems(lambda: check_mapping({"Prix": "price", "Prix HT": "brand", "EAN Code": "ean"}, COLUMNS))

    assert '"Prix HT"' in found["column_mapping.Prix"][0]
    assert 'did you mean "brand_name"?' in found["column_mapping.Prix HT"][0]


def test_rules_pass_as_given() -> None:
    rules = {
        "price": {"required": True, "min": 0, "max": 10000.5},
        "title": {"max_length": 120, "pattern": r"^\pL"},
        "color": {"enum": ["red", "blue"]},
        "stock": {"enum": [0, 1]},
        "ean": {"severity": "warning"},
        "attributes.x": {"required": False},
    }

    assert check_rules(rules) == rules
    assert check_rules(None) == {}


@pytest.mark.parametrize(
    ("field", "rule", "value"),
    [
        ("price", "min", "0"),
        ("price", "min", True),
        ("price", "max", float("nan")),
        ("title", "min", 3),
        ("price", "max_length", 3),
        ("title", "max_length", 0),
        ("title", "max_length", 1.5),
        ("title", "required", "yes"),
        ("title", "required", 1),
        ("title", "severity", "info"),
        ("title", "enum", []),
        ("title", "enum", "red"),
        ("title", "enum", ["red", 3]),
        ("price", "enum", ["3"]),
        ("is_active", "enum", [True]),
        ("title", "pattern", "("),
        ("title", "pattern", "(?=x)"),
        ("title", "pattern", r"(a)\1"),
        ("title", "pattern", "a{1000}{1000}"),
        ("title", "pattern", ""),
        ("title", "pattern", 3),
        ("price", "pattern", "3"),
        ("title", "minimum", 3),
    ],
)
def test_a_wrong_rule_is_refused_by_path(field: str, rule: str, value: object) -> None:
    found = problems(lambda: check_rules({field: {rule: value}}))

    assert list(found) == [f"validation_rules.{field}.{rule}"]


def test_a_pattern_that_re2_lacks_is_explained() -> None:
    found = problems(lambda: check_rules({"title": {"pattern": "(?<!a)b"}}))

    assert "look-around" in found["validation_rules.title.pattern"][0]


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"prize": {"min": 0}}, "validation_rules.prize"),
        ({"price": 3}, "validation_rules.price"),
        ({"price": {"min": 5, "max": 1}}, "validation_rules.price.min"),
        ([], "validation_rules"),
        ("x", "validation_rules"),
    ],
)
def test_wrong_rules_are_refused(rules: object, path: str) -> None:
    assert list(problems(lambda: check_rules(rules))) == [path]


def test_options_pass_as_given() -> None:
    options: dict[str, Any] = {
        "empty_cells": {"price": "clear", "title": "error"},
        "overwrite_existing": False,
        "create_missing": False,
        "max_error_rate": 0.05,
        "allowed_errors": 10,
        "decimal_separator": ",",
        "sheet": 2,
        "skip_header_rows": 3,
    }

    assert check_options(options, has_supplier=False) == options
    assert check_options(None, has_supplier=False) == {}
    assert check_options({"sheet": None, "guards": {}}, has_supplier=False) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("overwrite_existing", "true"),
        ("overwrite_existing", 1),
        ("create_missing", "no"),
        ("max_error_rate", 1.5),
        ("max_error_rate", -0.1),
        ("max_error_rate", True),
        ("allowed_errors", -1),
        ("allowed_errors", 2.5),
        ("decimal_separator", ";"),
        ("sheet", 0),
        ("sheet", " "),
        ("sheet", True),
        ("skip_header_rows", -1),
        ("skip_header_rows", "2"),
        ("empty_cells", "drop"),
        ("empty_cells", 3),
        ("overwrite", True),
    ],
)
def test_a_wrong_option_is_refused_by_path(name: str, value: object) -> None:
    found = problems(lambda: check_options({name: value}, has_supplier=True))

    assert list(found) == [f"import_options.{name}"]


def test_empty_cells_are_checked_per_field() -> None:
    given = {"empty_cells": {"prize": "keep", "title": "drop", "ean": "clear", "price": "clear"}}

    found = problems(lambda: check_options(given, has_supplier=True))

    assert list(found) == [f"import_options.empty_cells.{field}" for field in ("prize", "title", "ean")]


@pytest.mark.parametrize("name", sorted(NOT_YET_SUPPORTED))
def test_what_is_not_carried_out_yet_is_refused(name: str) -> None:
    found = problems(lambda: check_options({name: True}, has_supplier=True))

    assert found[f"import_options.{name}"][1] == "unsupported"


def test_deactivation_needs_a_supplier() -> None:
    found = problems(lambda: check_options({"deactivate_missing": True}, has_supplier=False))

    assert found["import_options.deactivate_missing"][1] == "needs_supplier"


@pytest.mark.parametrize(
    ("options", "failed", "stops"),
    [
        ({}, 100, False),
        ({"allowed_errors": 5}, 5, False),
        ({"allowed_errors": 5}, 6, True),
        ({"max_error_rate": 0.05}, 5, False),
        ({"max_error_rate": 0.05}, 6, True),
        ({"max_error_rate": 0}, 1, True),
        ({"max_error_rate": 1, "allowed_errors": 0}, 1, True),
    ],
)
def test_too_many_errors_stop_a_job(options: dict[str, Any], failed: int, stops: bool) -> None:
    assert (too_many_errors(options, 100, failed) is not None) is stops


def test_no_rows_are_not_too_many_errors() -> None:
    assert too_many_errors({"max_error_rate": 0}, 0, 0) is None


def test_blank_cells_keep_unless_told_otherwise() -> None:
    assert empty_cells_of({}, "price") == "keep"
    assert empty_cells_of({"empty_cells": "clear"}, "price") == "clear"
    assert empty_cells_of({"empty_cells": {"title": "error"}}, "price") == "keep"


def test_the_api_can_check_without_frames() -> None:
    program = (
        "import sys, pim_pipelines.importing.options, pim_pipelines.importing.rules.gtin\n"
        "print(sorted({'polars', 'pandas', 'pyarrow', 'numpy', 'pandera', 'dagster'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"
