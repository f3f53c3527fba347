"""Whole files through `check`: rows in are rows out or failed, in order, whatever the block; what a row would set."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from checking_rows import write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from pim_pipelines.importing.fields import PRODUCT_FIELDS
from pim_pipelines.importing.mapping.booleans import read_booleans
from pim_pipelines.importing.pipeline import KEYS, CheckSpec, check, row_schema
from pim_pipelines.importing.rules.findings import COLUMNS
from pim_pipelines.importing.rules.gtin import parse

EANS = ["4006381333931", "4006381333930", "'4006381333931", "96385074", "2000000000008", None, "x"]
CELLS = {
    "ean": st.sampled_from(EANS),
    "sku": st.sampled_from(["A", "B", None, "s" * 300]),
    "title": st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1),
    "price": st.sampled_from(["1,50", "1.50", "abc", None, "__CLEAR__", "1.234,5", "-3"]),
    "stock": st.sampled_from(["1", "2.0", "3.5", None, ">10"]),
    "is_active": st.sampled_from(["oui", "non", "peut-être", None]),
    "image_urls": st.sampled_from(["http://a/1.jpg http://a/2.jpg", "a.jpg,b.jpg", None, '"']),
    "attributes.color": st.sampled_from(["red", 'say "hi"\\', None, "__CLEAR__", "a\nb"]),
}
PROBLEM = st.sampled_from([None, None, None, None, "short", "surplus", "encoding", "repeated_header", "cut_quote"])
RULES: dict[str, dict[str, Any]] = {"price": {"min": 0}, "title": {"max_length": 20}}


def spec(names: list[str], **changes: Any) -> CheckSpec:
    """Map columns that are named as their fields."""
    return CheckSpec(names, {name: name for name in names}, **changes)


def checked(
    path: Path, wanted: CheckSpec, block_rows: int | None = None
) -> tuple[pl.DataFrame, pl.DataFrame, int, int]:
    """Check a file and put its blocks together."""
    blocks = list(check(path, wanted, block_rows=block_rows))
    rows, errors = pl.concat([block.rows for block in blocks]), pl.concat([block.errors for block in blocks])
    return rows, errors, sum(block.total_rows for block in blocks), sum(block.failed_rows for block in blocks)


def check_one(folder: Path, cells: Mapping[str, str | None], **changes: Any) -> dict[str, Any]:
    """Check a file of one good row; return the row."""
    rows, errors, *_ = checked(write_rows(folder, {k: [v] for k, v in cells.items()}), spec(list(cells), **changes))
    assert errors.is_empty(), errors
    return rows.row(0, named=True)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(PROBLEM, st.fixed_dictionaries(CELLS)), min_size=1, max_size=25), st.integers(1, 7))
def test_every_row_comes_out_once_or_fails(rows: list[tuple[str | None, dict[str, str | None]]], block: int) -> None:
    names = list(CELLS)
    problems = {number: code for number, (code, _) in enumerate(rows, 1) if code}
    wanted = spec(names, validation_rules=RULES, supplier_id=7)
    with TemporaryDirectory() as folder:
        columns = {name: [cells[name] for _, cells in rows] for name in names}
        path = write_rows(Path(folder), columns, problems=problems, row_group_size=5)
        out, errors, total, failed = checked(path, wanted, block)
        again, same_errors, *_ = checked(path, wanted)

    assert dict(out.schema) == row_schema(wanted)
    assert dict(errors.schema) == COLUMNS
    numbers = out["row_number"].to_list()
    failing = set(errors.filter(severity="error")["row_number"])
    assert numbers == sorted(set(numbers))
    assert total == len(rows) == len(numbers) + failed
    assert failing == set(range(1, total + 1)) - set(numbers)
    assert errors["row_number"].is_sorted()
    assert errors["message"].null_count() == 0
    assert out.equals(again)
    assert errors.equals(same_errors)
    for row in out.iter_rows(named=True):
        cells = rows[row["row_number"] - 1][1]
        code = parse(cells["ean"]) if cells["ean"] else None
        assert (row["gtin"], row["ean"]) == ((code.number, code.ean) if code else (None, None))
        assert row["gtin_scope"] == (code.scope(7) if code else 0)
        assert row["has_title"] == (cells["title"] is not None)
        assert row["title"] == cells["title"]
        attribute = cells["attributes.color"]
        expected = {"color": None if attribute == "__CLEAR__" else attribute} if attribute else None
        assert (json.loads(row["attributes"]) if row["attributes"] else None) == expected


def test_a_row_has_its_keys_then_its_fields_in_order() -> None:
    names = ["attributes.b", "stock", "title", "ean", "attributes.a", "price", "image_urls", "is_active"]

    schema = row_schema(spec(names))

    assert list(schema) == [*KEYS, "title", "price", "stock", "image_urls", "is_active", "attributes"]


def test_keys_are_there_whatever_is_mapped(tmp_path: Path) -> None:
    row = check_one(tmp_path, {"sku": "A-1"})

    assert list(row) == list(KEYS)
    assert (row["gtin"], row["gtin_scope"], row["ean"], row["sku"], row["has_title"]) == (None, 0, None, "A-1", False)


def test_columns_are_found_by_place_and_ignored_ones_left_out(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"x": ["no"], "Code": ["A-1"], "y": ["no"], "Nom": ["Pen"]})

    rows, *_ = checked(path, CheckSpec(["x", "Code", "y", "Nom"], {"Code": "sku", "Nom": "title", "y": None}))

    assert rows.select("sku", "title").row(0) == ("A-1", "Pen")
    assert "x" not in rows.columns


def test_every_field_can_be_mapped(tmp_path: Path) -> None:
    samples = {"gtin": "4006381333931", "number": "1.5", "measure": "2 kg", "integer": "3", "boolean": "yes"}
    cells = {name: samples.get(field.kind.value, "text") for name, field in PRODUCT_FIELDS.items()}

    row = check_one(tmp_path, cells)

    assert row["price"] == "1.5"
    assert row["weight"] == "2"
    assert row["stock"] == 3
    assert row["is_active"] is True
    assert row["image_urls"] == '["text"]'


def test_one_convention_holds_for_the_column_in_all_blocks(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"sku": ["A"] * 5, "price": ["1.234", "5,90", "12.5", "7", "6,1"]})

    rows, errors, *_ = checked(path, spec(["sku", "price"]), block_rows=1)

    assert rows["price"].to_list() == ["1234", "5.9", None, "7", "6.1"]
    assert errors["row_number"].to_list() == [3]


def test_decimal_separator_overrules_what_is_seen(tmp_path: Path) -> None:
    row = check_one(tmp_path, {"sku": "A", "price": "1.234"}, import_options={"decimal_separator": ","})

    assert row["price"] == "1234"


@pytest.mark.parametrize(
    ("cell", "options", "clear"),
    [
        ("__CLEAR__", {}, "price"),
        ("__CLEAR__", {"empty_cells": "error"}, None),
        (None, {}, None),
        (None, {"empty_cells": "clear"}, "price,color"),
        (None, {"empty_cells": {"price": "clear"}}, "price"),
        ("5", {"empty_cells": {"price": "clear"}}, None),
    ],
)
def test_cells_that_empty_their_field(
    tmp_path: Path, cell: str | None, options: dict[str, Any], clear: str | None
) -> None:
    path = write_rows(tmp_path, {"sku": ["A"], "price": [cell], "color": [None]})

    rows, *_ = checked(path, spec(["sku", "price", "color"], import_options=options))

    assert [row["clear"] for row in rows.iter_rows(named=True)] == (
        [clear] if options != {"empty_cells": "error"} else []
    )


def test_what_a_product_is_found_by_is_never_emptied(tmp_path: Path) -> None:
    cells = {"ean": "__CLEAR__", "sku": "A", "is_active": "__CLEAR__"}

    row = check_one(tmp_path, cells, import_options={"empty_cells": "clear"})

    assert (row["clear"], row["ean"], row["is_active"]) == (None, None, None)


def test_an_attribute_is_emptied_by_null(tmp_path: Path) -> None:
    row = check_one(tmp_path, {"sku": "A", "attributes.x": "__CLEAR__", "attributes.y": "1", "attributes.z": None})

    assert json.loads(row["attributes"]) == {"x": None, "y": "1"}
    assert row["clear"] is None


@pytest.mark.parametrize(
    ("cell", "urls"),
    [
        ("http://a/1.jpg", ["http://a/1.jpg"]),
        ("http://a/1.jpg, http://a/2.jpg", ["http://a/1.jpg", "http://a/2.jpg"]),
        ("http://a/1.jpg;https://a/2.jpg", ["http://a/1.jpg", "https://a/2.jpg"]),
        ("http://a/1.jpg|http://a/2.jpg\nhttp://a/1.jpg", ["http://a/1.jpg", "http://a/2.jpg"]),
        ("http://a/w_10,h_20/1.jpg http://a/2.jpg,", ["http://a/w_10,h_20/1.jpg", "http://a/2.jpg"]),
        ("a.jpg,b.jpg; c.jpg", ["a.jpg", "b.jpg", "c.jpg"]),
        ('a"b\\.jpg', ['a"b\\.jpg']),
    ],
)
def test_addresses_are_split(tmp_path: Path, cell: str, urls: list[str]) -> None:
    assert json.loads(check_one(tmp_path, {"sku": "A", "image_urls": cell})["image_urls"]) == urls


@pytest.mark.parametrize(
    ("cell", "url"),
    [
        ("https://a/1.jpg, https://a/2.jpg", "https://a/1.jpg"),
        ("https://a/1.jpg|https://a/2.jpg|https://a/3.jpg", "https://a/1.jpg"),
        ("https://a/1.jpg;http://a/2.jpg", "https://a/1.jpg"),
        ("https://a/my pen,1.jpg", "https://a/my pen,1.jpg"),
        ("https://cache/?of=https://a/1.jpg", "https://cache/?of=https://a/1.jpg"),
        ("see https://a/1.jpg https://a/2.jpg", "see https://a/1.jpg https://a/2.jpg"),
    ],
)
def test_of_several_images_the_first_is_the_main_one(tmp_path: Path, cell: str, url: str) -> None:
    assert check_one(tmp_path, {"sku": "A", "image_url": cell})["image_url"] == url


@pytest.mark.parametrize(("words", "value"), [("1 TRUE Yes oui Ja sí tak да ano igen evet ναι x", True)])
def test_yes_in_many_languages(words: str, value: bool) -> None:
    assert read_booleans(pl.Series(words.split())).to_list() == [value] * len(words.split())


def test_no_in_many_languages() -> None:
    words = ["0", "FALSE", "No", "non", "nein", "nie", "нет", "ne", "nem", "hayır", "όχι", "inactive"]

    assert read_booleans(pl.Series([*words, "perhaps", None])).to_list() == [*[False] * len(words), None, None]


def row_hash(folder: Path, cells: Mapping[str, str | None], **changes: Any) -> int:
    """Return the hash of a file's only row."""
    return int(check_one(folder, cells, **changes)["row_hash"])


GOLDEN = {"ean": "4006381333931", "sku": "A-1", "title": "Crayon à papier", "price": "29,90 €", "attributes.x": None}


def test_the_hash_of_a_row_never_changes(tmp_path: Path) -> None:
    """A failure here means that every product would be written again: raise HASH_VERSION if that is meant."""
    assert row_hash(tmp_path, GOLDEN) == -4007141483667568039


def test_the_hash_is_of_what_is_set_not_of_how_it_is_written(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path, {"Prix": ["29.900"], "Code": ["A-1"], "EAN": ["'4006381333931"], "T": ["Crayon à papier"]}
    )
    mapping: dict[str, str | None] = {"Prix": "price", "Code": "sku", "EAN": "ean", "T": "title"}
    same = {name: cell for name, cell in GOLDEN.items() if name != "attributes.x"}

    rows, *_ = checked(path, CheckSpec(list(mapping), mapping, {}, {"sheet": 2, "allowed_errors": 1}, supplier_id=9))

    assert rows["row_hash"].item() == row_hash(tmp_path, same)


@pytest.mark.parametrize(
    "changes",
    [
        {"cells": GOLDEN | {"price": "29,91 €"}},
        {"cells": GOLDEN | {"price": None}},
        {"cells": GOLDEN | {"price": "__CLEAR__"}},
        {"cells": GOLDEN | {"title": None, "sku": "A-1"}},
        {"cells": GOLDEN | {"attributes.x": "1"}},
        {"cells": GOLDEN | {"color": None}},
        {"cells": GOLDEN, "validation_rules": {"price": {"min": 0}}},
        {"cells": GOLDEN, "import_options": {"overwrite_existing": False}},
    ],
)
def test_whatever_a_row_would_set_is_in_its_hash(tmp_path: Path, changes: dict[str, Any]) -> None:
    cells = changes.pop("cells")

    assert row_hash(tmp_path, cells, **changes) != row_hash(tmp_path, GOLDEN)


def test_values_do_not_run_into_each_other(tmp_path: Path) -> None:
    hashes = {
        row_hash(tmp_path, {"sku": "A", "title": first, "description": second})
        for first, second in [("ab", "c"), ("a", "bc"), ("abc", None), (None, "abc")]
    }

    assert len(hashes) == 4


def test_a_file_without_rows_gives_no_blocks(tmp_path: Path) -> None:
    assert list(check(write_rows(tmp_path, {"sku": []}), spec(["sku"]))) == []


def test_a_huge_cell_costs_its_row_and_no_time(tmp_path: Path) -> None:
    huge = "9" * 20_000_000
    path = write_rows(tmp_path, {"ean": [huge, "4006381333931"], "price": [huge, "5"], "stock": [huge, "1"]})
    start = time.process_time()

    rows, errors, *_ = checked(path, spec(["ean", "price", "stock"]))

    assert rows["price"].to_list() == ["5"]
    assert errors["error_type"].to_list() == ["ean_invalid", "number_invalid", "number_invalid"]
    assert time.process_time() - start < 10
