"""Voog rows, read and checked: every attribute in its good and its bad forms, malformed rows, the page's example."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from checking_rows import write_rows
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from voog_page import write_example

from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.rules.findings import COLUMNS
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES, proposed_mapping
from pim_pipelines.importing.voog.reading import slugs
from pim_pipelines.importing.voog.rows import ROWS, VoogBlock, check
from pim_pipelines.importing.voog.values import LONGEST_MADE_SLUG, slug_of

Columns = Mapping[str, Sequence[str | None]]
LONG = "x" * 256


def blocks(folder: Path, columns: Columns, block_rows: int = 50_000, **written: Any) -> list[VoogBlock]:
    """Check rows whose columns are named as their attributes; other columns are not mapped."""
    mapping = {str(at): name if name in SUPPORTED_ATTRIBUTES else None for at, name in enumerate(columns)}
    found = list(check(write_rows(folder, columns, **written), list(columns), mapping, block_rows=block_rows))
    for block in found:
        assert dict(block.rows.schema) == ROWS
        assert dict(block.errors.schema) == COLUMNS
    return found


def checked(folder: Path, columns: Columns, **written: Any) -> VoogBlock:
    (block,) = blocks(folder, columns, **written)
    return block


def errors(block: VoogBlock) -> list[tuple[Any, ...]]:
    return block.errors.select("row_number", "error_type", "field").rows()


GOOD = [
    ("id", "6554", "id", 6554),
    ("id", "6554.0", "id", 6554),
    ("id", "'6554", "id", 6554),
    ("parent_id", "9223372036854775807", "parent_id", 2**63 - 1),
    ("sku", "0012.0", "sku", "0012.0"),
    ("name", "My product", "title", "My product"),
    ("name", "Öö & 50%", "slug_base", "oo-50"),
    ("name", "!!!", "slug_base", "product"),
    ("slug", "my-product-2", "slug", "my-product-2"),
    ("slug", "/My Product", "slug", "my-product"),
    ("description", "<p>Long</p>\nmore", "description", "<p>Long</p>\nmore"),
    ("og_description", "__CLEAR__", "og_description", "__CLEAR__"),
    ("price", "10.0", "price", "10"),
    ("price", "0", "price", "0"),
    ("price", "0.30000000000000000004", "price", "0.30000000000000000004"),
    ("sale_price", "1.234,50 €", "sale_price", "1234.5"),
    ("stock", "12", "stock", 12),
    ("stock", "12.0", "stock", 12),
    ("stock", "-3", "stock", -3),
    ("stock", "1.500", "stock", 1500),
    ("reserved_quantity", "0", "reserved_quantity", 0),
    ("status", "Live", "status", "live"),
    ("status", "DRAFT", "status", "draft"),
    ("length", "1,5 m", "length", "1.5"),
    ("width", "2.50", "width", "2.5"),
    ("height", "3", "height", "3"),
    ("weight", "10.0", "weight", "10"),
    *[("product_is_variant", word, "says_variant", True) for word in ("True", "yes", "1", "1.0", "jah")],
    *[("product_is_variant", word, "says_variant", False) for word in ("FALSE", "no", "0", "0.0", None)],
    (
        "variant_attributes_text",
        'Size: S, Color: "Black"',
        "variant_attributes",
        '[["Size", "S"], ["Color", "\\"Black\\""]]',
    ),
    ("categories", "Sale, Clothing, sale", "categories", '["Sale", "Clothing"]'),
]


@pytest.mark.parametrize(("attribute", "cell", "column", "value"), GOOD)
def test_a_good_cell_is_read(tmp_path: Path, attribute: str, cell: str | None, column: str, value: object) -> None:
    other = "name" if attribute == "sku" else "sku"
    block = checked(tmp_path, {other: ["a", "b"], attribute: [cell, None], "unmapped": ["x", "y"]})

    assert errors(block) == []
    assert block.rows[column].to_list()[0] == value
    assert (block.rows["failed"].to_list(), block.failed_rows) == ([False, False], 0)


@pytest.mark.parametrize("attribute", SUPPORTED_ATTRIBUTES)
def test_a_blank_cell_keeps(tmp_path: Path, attribute: str) -> None:
    other = "name" if attribute == "sku" else "sku"
    block = checked(tmp_path, {attribute: [None], other: ["a"]})

    row = block.rows.row(0, named=True)
    given = {"row_number", "failed", "says_variant", "sku"} | ({"title", "slug_base"} if other == "name" else set())
    assert (row["row_number"], row["failed"], row["says_variant"]) == (1, False, False)
    assert all(value is None for name, value in row.items() if name not in given)
    assert errors(block) == []


BAD = [
    ("id", "abc", "number_invalid", '"abc" is no id, which is a whole number above 0; correct id.'),
    ("id", "0", "number_invalid", '"0" is no id'),
    ("id", "-5", "number_invalid", '"-5" is no id'),
    ("id", "6554.5", "number_invalid", '"6554.5" is no id'),
    ("id", "9223372036854775808", "number_invalid", "is no id"),
    ("parent_id", "A-1", "number_invalid", "correct parent_id."),
    ("sku", LONG, "value_too_long", "sku has 256 characters, but at most 255 are allowed"),
    (
        "slug",
        "!!!",
        "value_not_allowed",
        "A slug has letters or digits ('my-product'), and '!!!' has none; correct slug.",
    ),
    ("slug", LONG, "value_not_allowed", "The slug has 256 characters"),
    ("price", "abc", "number_invalid", '"abc" is no number; correct price.'),
    ("price", "-1", "value_out_of_range", 'price is "-1", but cannot be below 0; correct price.'),
    ("sale_price", "(5.00)", "value_out_of_range", "sale_price is"),
    ("stock", "1.5", "number_invalid", '"1.5" is no whole number'),
    ("stock", "99999999999999999999", "number_invalid", "is no whole number"),
    ("reserved_quantity", "-1", "value_out_of_range", "cannot be below 0"),
    ("length", "long", "number_invalid", "correct length."),
    ("width", "-1", "value_out_of_range", "correct width."),
    ("height", "1 x 2", "number_invalid", "correct height."),
    ("weight", "heavy", "number_invalid", "correct weight."),
    ("status", "on sale", "value_not_allowed", "Status is neither Draft nor Live: 'on sale'; correct status."),
    ("product_is_variant", "maybe", "value_not_allowed", '"maybe" is neither yes (True, yes, 1) nor no (False, no, 0)'),
    ("variant_attributes_text", "S", "value_not_allowed", "'Size: S, Color: Black', which 'S' is not; correct variant"),
    ("categories", " , ", "value_not_allowed", "Categories are names between commas"),
    ("categories", LONG, "value_not_allowed", "A category's name has 256 characters"),
]


@pytest.mark.parametrize(("attribute", "cell", "error_type", "message"), BAD)
def test_a_bad_cell_fails_its_row(tmp_path: Path, attribute: str, cell: str, error_type: str, message: str) -> None:
    columns = {"id": ["7", "8"], "parent_id": ["6", None], "name": ["a", "b"], "price": ["1", "2"]}
    block = checked(tmp_path, columns | {attribute: [cell, None]})

    (found,) = block.errors.rows(named=True)
    assert (found["row_number"], found["severity"], found["error_type"], found["field"], found["raw_value"]) == (
        1, "error", error_type, attribute, cell,
    )  # fmt: skip
    assert message in found["message"]
    failed, good = block.rows.rows(named=True)
    kept = {"row_number": 1, "id": 7, "parent_id": 6, "says_variant": False, "failed": True}
    kept |= {attribute: None} if attribute in kept else {}
    kept |= {"says_variant": True} if attribute == "parent_id" else {}
    assert failed == dict.fromkeys(ROWS) | kept
    assert (good["row_number"], good["failed"], block.failed_rows) == (2, False, 1)


def test_all_bad_cells_of_a_row_are_told(tmp_path: Path) -> None:
    block = checked(
        tmp_path,
        {"price": ["x", "1"], "id": ["5", "y"], "status": ["?", "Live"], "categories": ["a", ","], "stock": ["1", "1"]},
    )

    assert errors(block) == [
        (1, "number_invalid", "price"),
        (1, "value_not_allowed", "status"),
        (2, "number_invalid", "id"),
        (2, "value_not_allowed", "categories"),
    ]


def test_a_column_is_read_by_one_convention(tmp_path: Path) -> None:
    block = checked(
        tmp_path,
        {
            "price": ["1.234,50", "1.234", "2,5", "3.5"],
            "sale_price": ["1,234.50", "1.234", "2.5", "3.5"],
            "sku": ["a", "b", "c", "d"],
        },
    )

    assert block.rows["price"].to_list() == ["1234.5", "1234", "2.5", None]
    assert block.rows["sale_price"].to_list() == ["1234.5", "1.234", "2.5", None]
    assert errors(block) == [(4, "number_invalid", "price")]
    assert 'where decimals are written with ",", as in most cells of this column' in block.errors["message"][0]


def test_rows_that_the_reader_found_wrong(tmp_path: Path) -> None:
    problems = {1: "short", 2: "surplus", 3: "repeated_header", 4: "cell_error", 5: "number_invalid", 6: "short"}
    block = checked(
        tmp_path,
        {
            "id": ["1", "2", "ID", "4", "5", None],
            "price": ["1", "x", "Price", None, None, None],
            "other": ["", "", "", "", "", "only here"],
        },
        problems=problems,
        problem_texts={4: "c1\t#DIV/0!", 5: "c2\t1.2.3"},
    )

    assert block.errors.select("row_number", "severity", "error_type", "field").rows() == [
        (1, "warning", "row_malformed", None),
        (2, "error", "row_malformed", None),
        (3, "error", "row_malformed", None),
        (4, "error", "cell_error", "price"),
        (6, "warning", "row_malformed", None),
        (6, "error", "missing_required_field", None),
    ]
    assert block.errors["message"][3] == '"#DIV/0!" is an error of the spreadsheet, no value; price must be corrected.'
    assert block.rows.select("row_number", "id", "says_variant", "failed", "price").rows() == [
        (1, 1, False, False, "1"),
        (2, None, False, True, None),
        (3, None, True, True, None),  # a header is no product that variants below it could hang on
        (4, 4, False, True, None),
        (5, 5, False, False, None),
        (6, None, True, True, None),
    ]
    assert (block.total_rows, block.failed_rows) == (6, 4)


def test_a_row_without_any_mapped_value_fails(tmp_path: Path) -> None:
    block = checked(tmp_path, {"name": [None, "a"], "price": [None, None], "other": ["Total", "x"]})

    (found,) = block.errors.rows(named=True)
    assert (found["row_number"], found["error_type"], found["field"]) == (1, "missing_required_field", None)
    assert "nothing to import" in found["message"]


def test_with_nothing_mapped_every_row_fails(tmp_path: Path) -> None:
    block = checked(tmp_path, {"other": ["x", "y"]})

    assert (block.total_rows, block.failed_rows, block.rows["failed"].to_list()) == (2, 2, [True, True])


def test_an_index_beyond_the_files_columns_is_left_out(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"a": ["x"]})

    (block,) = check(path, ["a"], {"0": "name", "7": "price"})

    assert (block.rows["title"][0], block.failed_rows) == ("x", 0)


def test_names_of_columns_do_not_matter(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"a": ["1,5"], "b": ["2.5"]})

    (block,) = check(path, ["c1", "c0"], {"0": "price", "1": "weight"})

    assert block.rows.select("price", "weight").rows() == [("1.5", "2.5")]


CELLS = {
    "id": st.sampled_from(["1", "2.0", "x", None]),
    "parent_id": st.sampled_from(["1", "x", None, None]),
    "product_is_variant": st.sampled_from(["True", "False", "?", None, None]),
    "name": st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1),
    "price": st.sampled_from(["1,50", "1.50", "-3", None]),
    "variant_attributes_text": st.sampled_from(["Size: S", "S", None, 'A: "\\b']),
}
PROBLEM = st.sampled_from([None, None, None, None, "short", "surplus", "repeated_header", "cut_quote"])


@example_settings(max_examples=40)
@given(st.lists(st.tuples(PROBLEM, st.fixed_dictionaries(CELLS)), min_size=1, max_size=20), st.integers(1, 7))
def test_every_row_comes_out_once_with_the_keys_that_can_be_read(
    rows: list[tuple[str | None, dict[str, str | None]]], block_rows: int
) -> None:
    columns = {name: [row[name] for _, row in rows] for name in CELLS}
    problems = {number: problem for number, (problem, _) in enumerate(rows, 1) if problem}
    with TemporaryDirectory() as folder:
        found = blocks(Path(folder), columns, block_rows, problems=problems)

    out = pl.concat([block.rows for block in found])
    told = pl.concat([block.errors for block in found]).filter(severity="error")
    assert out["row_number"].to_list() == list(range(1, len(rows) + 1))
    assert sum(block.total_rows for block in found) == len(rows)
    assert out.filter("failed")["row_number"].to_list() == told["row_number"].unique().sort().to_list()
    assert sum(block.failed_rows for block in found) == out["failed"].sum()
    for (problem, cells), row in zip(rows, out.rows(named=True), strict=True):
        malformed = problem not in (None, "short")
        nothing = problem == "repeated_header" or not (malformed or any(cells.values()))
        assert row["id"] == (None if malformed else {"1": 1, "2.0": 2}.get(cells["id"] or ""))
        assert row["parent_id"] == (1 if cells["parent_id"] == "1" and not malformed else None)
        says = not malformed and (cells["product_is_variant"] == "True" or cells["parent_id"] == "x")
        assert row["says_variant"] == (says or nothing)
        if row["failed"]:
            assert all(
                row[name] is None
                for name in ROWS
                if name not in ("row_number", "id", "parent_id", "says_variant", "failed")
            )
        else:
            assert row["title"] == cells["name"]
            assert row["slug_base"] == (slug_of(cells["name"]) if cells["name"] else None)
            assert json.loads(row["variant_attributes"] or "[]") == (
                {"Size: S": [["Size", "S"]], 'A: "\\b': [["A", '"\\b']]}.get(cells["variant_attributes_text"] or "", [])
            )


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.sampled_from(
    ["Kelvin \u212a", "İstanbul", "a" * 300, "a" * LONGEST_MADE_SLUG + " b", "ÀÉ́ x", "\u0301\u0301 x", "!"]
)


@example_settings(max_examples=60)
@given(st.lists(NAMES | st.none(), max_size=8))
def test_slugs_are_made_alike_for_one_name_and_for_many(names: list[str | None]) -> None:
    made = slugs(pl.Series(names, dtype=pl.String)).to_list()

    assert made == [None if name is None else slug_of(name) for name in names]
    assert made == [None if slug is None else slug_of(slug) for slug in made]


@pytest.mark.parametrize("ending", ["xlsx", "ods", "csv"])
def test_the_pages_example_becomes_these_rows(tmp_path: Path, ending: str) -> None:
    path = write_example(tmp_path / f"products.{ending}")
    table = normalise(path, path.name, tmp_path / "rows.parquet", ReadOptions())

    (block,) = check(tmp_path / "rows.parquet", table.columns, proposed_mapping(table.columns))

    every = dict.fromkeys(ROWS) | {
        "failed": False, "title": "My product with variants", "slug_base": "my-product-with-variants",
        "sale_price": "5", "reserved_quantity": 0, "status": "live",
    }  # fmt: skip
    variant = {"parent_id": 6554, "says_variant": True, "weight": "10"}
    assert errors(block) == []
    assert block.rows.rows(named=True) == [
        every | own
        for own in (
            {"row_number": 1, "id": 6554, "says_variant": False, "price": "10", "weight": "10",
             "categories": '["Sale", "Clothing"]'},
            variant | {"row_number": 2, "id": 6557, "price": "11", "weight": "100",
                       "variant_attributes": '[["Size", "S"], ["Color", "Black"]]'},
            variant | {"row_number": 3, "id": 6558, "price": "11",
                       "variant_attributes": '[["Size", "S"], ["Color", "Red"]]'},
            variant | {"row_number": 4, "id": 6559, "price": "12",
                       "variant_attributes": '[["Size", "M"], ["Color", "Black"]]'},
            variant | {"row_number": 5, "id": 6560, "price": "12",
                       "variant_attributes": '[["Size", "M"], ["Color", "Red"]]'},
        )
    ]  # fmt: skip
