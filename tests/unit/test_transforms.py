"""Cells changed before they are read, and defaults of blank ones: what may be asked, and what comes of it."""

import html
import json
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from checking_rows import write_rows
from hypothesis import given
from hypothesis import strategies as st

from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.mapping.transforms import multiplied, without_html
from pim_pipelines.importing.options import check_columns, check_options
from pim_pipelines.importing.pipeline import CheckSpec, check

SURE = {"sku": "A"}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def problems(work: Callable[[], object]) -> dict[str, str]:
    """Return path → code of the InvalidField that a call raises."""
    with pytest.raises(InvalidField) as caught:
        work()
    return {path: code for path, _, code in caught.value.problems}


def checked(
    folder: Path, columns: Mapping[str, list[str | None]], options: dict[str, Any], **changes: Any
) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Check a file whose columns are named as their fields; those named `x…` are mapped to nothing."""
    height = len(next(iter(columns.values())))
    given = {"sku": [f"S{number}" for number in range(height)], **columns}
    mapping = {name: None if name.startswith("x") else name for name in given}
    options = check_options(options, has_supplier=False)
    path = write_rows(folder, given, problems=changes.pop("problems", None), problem_texts=changes.pop("texts", None))
    blocks = list(check(path, CheckSpec(list(given), mapping, import_options=options, **changes)))
    errors = [row for block in blocks for row in block.errors.select("row_number", "error_type", "raw_value").rows()]
    return [row for block in blocks for row in block.rows.to_dicts()], errors


def one(folder: Path, cell: str | None, steps: object, field: str = "title", **others: str | None) -> Any:
    """Return what a field is read as in a file of one row."""
    columns = {field: [cell]} | {name: [value] for name, value in others.items()}
    rows, errors = checked(folder, columns, {"transforms": {field: steps}})
    assert errors == []
    return rows[0][field]


# --- what may be asked ---------------------------------------------------------------------------


def test_steps_pass_as_given() -> None:
    transforms = {
        "title": ["trim", {"replace": {"from": "x", "to": "y"}}, {"concat": ["Brand"]}, {"trim": True}],
        "price": [{"multiply": 1.2}],
        "cost_price": {"multiply": {"by": "0.81", "decimals": 2}},
        "attributes.since": {"date_format": {"from": ["%d.%m.%Y", "%d.%m.%y"], "to": "%Y"}},
        "brand_name": "upper",
        "color": None,
    }

    assert check_options({"transforms": transforms}, has_supplier=False) == {"transforms": transforms}


@pytest.mark.parametrize(
    ("transforms", "path", "code"),
    [
        (["trim"], "", "invalid"),
        ({"titel": "trim"}, ".titel", "unknown_field"),
        ({"title": "shout"}, ".title", "unknown_transform"),
        ({"title": ["trim", "shout"]}, ".title.1", "unknown_transform"),
        ({"title": [3]}, ".title.0", "type"),
        ({"title": {"trim": True, "upper": True}}, ".title", "type"),
        ({"title": {"trim": " "}}, ".title.trim", "invalid"),
        ({"title": {"multiply": 2}}, ".title.multiply", "not_applicable"),
        ({"price": {"prefix": 2}}, ".price.prefix", "invalid"),
        ({"price": {"concat": ["a"]}}, ".price.concat", "not_applicable"),
        ({"stock": {"date_format": "%Y-%m-%d"}}, ".stock.date_format", "not_applicable"),
        ({"price": [{"multiply": 2}, "trim"]}, ".price.0.multiply", "invalid"),
        ({"price": {"multiply": "two"}}, ".price.multiply", "invalid"),
        ({"price": {"multiply": True}}, ".price.multiply", "invalid"),
        ({"price": {"multiply": "1e400"}}, ".price.multiply", "invalid"),
        ({"price": {"multiply": "NaN"}}, ".price.multiply", "invalid"),
        ({"price": {"multiply": {"by": 2, "decimals": -1}}}, ".price.multiply.decimals", "invalid"),
        ({"price": {"multiply": {"factor": 2}}}, ".price.multiply.factor", "unknown_argument"),
        ({"title": {"prefix": ""}}, ".title.prefix", "invalid"),
        ({"title": {"prefix": "a\x00"}}, ".title.prefix", "invalid"),
        ({"title": {"replace": "x"}}, ".title.replace", "type"),
        ({"title": {"replace": {"to": "x"}}}, ".title.replace.from", "invalid"),
        ({"title": {"replace": {"from": "(", "regex": True}}}, ".title.replace.from", "invalid"),
        ({"title": {"split": {"by": "/", "part": 0}}}, ".title.split.part", "invalid"),
        ({"title": {"concat": []}}, ".title.concat", "invalid"),
        ({"title": {"date_format": "%d.%m"}}, ".title.date_format", "invalid"),
        ({"title": {"date_format": "%Q"}}, ".title.date_format", "invalid"),
        ({"title": {"date_format": {"from": "%Y%m%d", "to": "%Q"}}}, ".title.date_format.to", "invalid"),
        ({"title": [{"date_format": "%Y%m%d"}] * 2}, ".title", "invalid"),
        ({"title": ["trim"] * 21}, ".title", "invalid"),
    ],
)
def test_a_wrong_step_is_refused_by_path(transforms: object, path: str, code: str) -> None:
    found = problems(lambda: check_options({"transforms": transforms}, has_supplier=False))

    assert found == {f"import_options.transforms{path}": code}


@pytest.mark.parametrize(
    ("defaults", "path", "code"),
    [
        ("EUR", "", "invalid"),
        ({"curency": "EUR"}, ".curency", "unknown_field"),
        ({"ean": "4006381333931"}, ".ean", "not_applicable"),
        ({"sku": "A"}, ".sku", "not_applicable"),
        ({"currency": ""}, ".currency", "invalid"),
        ({"currency": 3}, ".currency", "invalid"),
        ({"price": "cheap"}, ".price", "invalid"),
        ({"price": "1,5"}, ".price", "invalid"),
        ({"stock": 1.5}, ".stock", "invalid"),
        ({"stock": True}, ".stock", "invalid"),
        ({"is_active": "yes"}, ".is_active", "invalid"),
        ({"image_urls": []}, ".image_urls", "invalid"),
        ({"attributes.a": "\ud800"}, ".attributes.a", "invalid"),
    ],
)
def test_a_wrong_default_is_refused_by_path(defaults: object, path: str, code: str) -> None:
    found = problems(lambda: check_options({"default_values": defaults}, has_supplier=False))

    assert found == {f"import_options.default_values{path}": code}


def test_the_columns_of_concat_are_found_as_a_mappings_are() -> None:
    options = {"transforms": {"title": ["trim", {"concat": ["märke"]}], "color": {"concat": ["Farbe", "Ton"]}}}

    found = problems(lambda: check_columns(options, ["Marke", "Farbe"]))

    assert check_columns(options, ["Marke", "Farbe", "Ton"])["märke"] == "Marke"
    assert found == {"import_options.transforms.color.concat": "unknown_column"}


# --- what steps do -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "steps", "wanted"),
    [
        ("a", "upper", "A"),
        ("ÀßÇ", "lower", "àßç"),
        ("a (new)", [{"replace": {"from": "(new)"}}, "trim"], "a"),
        ("a.b.c", {"replace": {"from": ".", "to": "$1"}}, "a$1b$1c"),
        ("12 x 30", {"replace": {"from": r"(\d+) x (\d+)", "to": "$2/$1", "regex": True}}, "30/12"),
        ("x", {"replace": {"from": "x"}}, None),
        ("12", {"prefix": "AB-"}, "AB-12"),
        (None, {"prefix": "AB-"}, None),
        ("x", [{"replace": {"from": "x"}}, {"prefix": "AB-"}], None),
        ("A / B / C", {"split": "/"}, "A"),
        ("A / B / C", {"split": {"by": "/", "part": -1}}, "C"),
        ("A / B", {"split": {"by": "/", "part": 3}}, None),
        ("A//B", {"split": {"by": "/", "part": 2}}, None),
        ("31.12.2024", {"date_format": "%d.%m.%Y"}, "2024-12-31"),
        ("31.12.24", {"date_format": {"from": ["%d.%m.%Y", "%d.%m.%y"], "to": "%d %b %Y"}}, "31 Dec 2024"),
        ("2024-01-02 13:04", [{"date_format": {"from": "%Y-%m-%d %H:%M"}}, {"prefix": "on "}], "on 2024-01-02"),
        ("__CLEAR__", "lower", None),
        ("a", ["upper", {"prefix": "b"}], "bA"),
        ("a", [{"prefix": "b"}, "upper"], "BA"),
    ],
)
def test_a_step_changes_a_cell(tmp_path: Path, cell: str | None, steps: object, wanted: str | None) -> None:
    assert one(tmp_path, cell, steps) == wanted


@pytest.mark.parametrize(
    ("cell", "others", "arguments", "wanted"),
    [
        ("Pen", {"x brand": "Bic", "x size": None}, {"columns": ["x brand", "x size"]}, "Pen Bic"),
        ("Pen", {"x brand": "Bic"}, {"columns": ["X BRAND"], "before": True, "separator": ": "}, "Bic: Pen"),
        (None, {"x brand": "Bic"}, {"columns": ["x brand"]}, "Bic"),
        (None, {"x brand": None}, {"columns": ["x brand"]}, None),
        ("__CLEAR__", {"x brand": "Bic"}, {"columns": ["x brand"]}, None),
        ("Pen", {"x brand": "__CLEAR__"}, {"columns": ["x brand"]}, "Pen"),
    ],
)
def test_concat_puts_columns_together(
    tmp_path: Path, cell: str | None, others: dict[str, str | None], arguments: dict[str, Any], wanted: str | None
) -> None:
    assert one(tmp_path, cell, {"concat": arguments}, **others) == wanted


def test_concat_fills_a_field_without_a_column(tmp_path: Path) -> None:
    rows, _ = checked(
        tmp_path,
        {"x brand": ["Bic", None], "x": ["Pen", None]},
        {"transforms": {"title": {"concat": ["x brand", "x"]}}},
    )

    assert [(row["title"], row["has_title"]) for row in rows] == [("Bic Pen", True), (None, False)]


def test_a_transformed_ean_is_read(tmp_path: Path) -> None:
    assert one(tmp_path, "EAN:4006381333931", {"split": {"by": ":", "part": 2}}, field="ean") == "4006381333931"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("<p>One<br/>two &amp; <b>th</b>ree</p><p>four</p>", "One\ntwo & three\nfour"),
        ("<style>p {color: red}</style>a<!-- <b> -->b<script>x < 1</script>", "ab"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("&lt;b&gt; &#8364;5&nbsp;&#x20AC;", "<b> €5 €"),
        ("<td>a</td><td>b</td>", "a b"),
        ("<br>", None),
        ("plain", "plain"),
    ],
)
def test_html_becomes_what_a_reader_sees(tmp_path: Path, cell: str, wanted: str | None) -> None:
    assert one(tmp_path, cell, "strip_html", field="description") == wanted


@given(st.lists(st.none() | TEXT, min_size=1, max_size=5))
def test_stripping_html_leaves_no_tag_and_never_fails(cells: list[str | None]) -> None:
    escaped = [None if cell is None else f"<div class='a'>{html.escape(cell)}</div>" for cell in cells]

    stripped = without_html(pl.Series(escaped, dtype=pl.String)).to_list()

    # What is text stays text, but for blanks; html.unescape takes some control characters away.
    for cell, made in zip(cells, stripped, strict=True):
        if cell is not None and cell.isprintable():
            assert (made or "").split() == cell.split()


# --- numbers -------------------------------------------------------------------------------------


DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=6)
FACTORS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=5)


def canonical(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


@given(st.lists(st.none() | DECIMALS, min_size=1, max_size=6), FACTORS, st.none() | st.integers(0, 4))
def test_products_are_exact(numbers: list[Decimal | None], factor: Decimal, decimals: int | None) -> None:
    texts = pl.Series([None if number is None else canonical(number) for number in numbers], dtype=pl.String)

    made = multiplied(texts, factor, decimals).to_list()

    with localcontext() as context:
        context.prec = 100
        for number, product in zip(numbers, made, strict=True):
            if number is None:
                assert product is None
                continue
            wanted = number * factor
            if decimals is not None:
                wanted = wanted.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            assert product == canonical(wanted)


@pytest.mark.parametrize(
    ("number", "factor", "wanted"),
    [
        ("9" * 29, "10", "9" * 29 + "0"),
        ("9" * 30, "10", None),
        ("0." + "1" * 30, "2", "0." + "2" * 30),
        ("0." + "1" * 30, "0.1", None),
        ("12345678901234567890.123456789", "1.000000001", "12345678913580246791.36913569012345679"),
    ],
)
def test_products_too_long_for_the_fast_way_are_exact_too(number: str, factor: str, wanted: str | None) -> None:
    made = multiplied(pl.Series([number, None]), Decimal(factor)).to_list()

    if wanted is not None and len(wanted) > 32:
        with localcontext() as context:
            context.prec = 100
            wanted = canonical(Decimal(number) * Decimal(factor))
    assert made[1] is None
    assert made[0] == wanted


def test_prices_are_read_by_their_column_and_then_multiplied(tmp_path: Path) -> None:
    prices = ["1.234,50 €", "10", None, "abc", "__CLEAR__"]

    rows, errors = checked(tmp_path, {"price": prices}, {"transforms": {"price": {"multiply": 1.1}}})

    assert [row["price"] for row in rows] == ["1357.95", "11", None, None, None]
    assert [row["clear"] for row in rows] == [None, None, None, None, "price"]
    assert errors == [(4, "number_invalid", "abc")]


def test_the_convention_is_found_in_what_the_steps_leave(tmp_path: Path) -> None:
    steps = [{"split": "|"}, {"multiply": {"by": 2, "decimals": 1}}]

    rows, errors = checked(tmp_path, {"price": ["1,25|per kg.", "1.000,1|x", "3|x"]}, {"transforms": {"price": steps}})

    assert ([row["price"] for row in rows], errors) == (["2.5", "2000.2", "6"], [])


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    rows, _ = checked(tmp_path, {"stock": ["3", "4", "-3"]}, {"transforms": {"stock": {"multiply": 0.5}}})

    assert [row["stock"] for row in rows] == [2, 2, -2]


def test_rules_ask_of_what_the_steps_leave_and_errors_show_the_file(tmp_path: Path) -> None:
    rules = {"price": {"max": 20}, "title": {"max_length": 5}, "color": {"required": True}}
    transforms = {"price": {"multiply": 3}, "title": {"prefix": "new "}, "color": {"replace": {"from": "-"}}}
    columns: dict[str, list[str | None]] = {"price": ["10", "5"], "title": ["ab", "c"], "color": ["-", "red"]}

    rows, errors = checked(tmp_path, columns, {"transforms": transforms}, validation_rules=rules)

    assert [row["row_number"] for row in rows] == [2]
    assert errors == [
        (1, "value_too_long", "ab"),
        (1, "value_out_of_range", "10"),
        (1, "missing_required_field", "-"),
    ]


def test_a_date_in_no_format_keeps_the_value_and_is_told(tmp_path: Path) -> None:
    options = {"transforms": {"attributes.since": {"date_format": "%d.%m.%Y"}}, "empty_cells": "clear"}
    options["default_values"] = {"attributes.since": "never"}

    rows, errors = checked(tmp_path, {"attributes.since": ["1.2.2024", "soon", "31.2.2024", None]}, options)

    assert [json.loads(row["attributes"] or "null") for row in rows] == [
        {"since": "2024-02-01"}, None, None, {"since": "never"},
    ]  # fmt: skip
    assert errors == [(2, "date_invalid", "soon"), (3, "date_invalid", "31.2.2024")]


# --- defaults ------------------------------------------------------------------------------------


def test_defaults_fill_blank_cells_and_fields_without_a_column(tmp_path: Path) -> None:
    defaults = {
        "currency": "EUR", "price": 9.5, "stock": 0, "is_active": False, "attributes.a": "x",
        "image_urls": ["http://a/1", "http://a/2"], "weight": "1.50",
    }  # fmt: skip
    columns: dict[str, list[str | None]] = {
        "price": ["1,5", None],
        "currency": ["USD", None],
        "attributes.a": [None, "y"],
    }

    rows, errors = checked(tmp_path, columns, {"default_values": defaults})

    assert errors == []
    assert [(row["price"], row["currency"], json.loads(row["attributes"])) for row in rows] == [
        ("1.5", "USD", {"a": "x"}),
        ("9.5", "EUR", {"a": "y"}),
    ]
    for row in rows:
        assert (row["stock"], row["is_active"], row["weight"]) == (0, False, "1.5")
        assert json.loads(row["image_urls"]) == ["http://a/1", "http://a/2"]


def test_a_default_comes_before_the_meaning_of_blank_cells_and_before_rules(tmp_path: Path) -> None:
    options = {"empty_cells": {"title": "error", "price": "clear"}, "default_values": {"title": "?", "price": 3}}
    columns: dict[str, list[str | None]] = {"title": [None, "a", "b"], "price": ["4", None, "__CLEAR__"]}

    rows, errors = checked(
        tmp_path, columns, options, validation_rules={"color": {"required": True}, "price": {"min": 4}}
    )
    kept, missing = checked(tmp_path, columns, options | {"default_values": {"color": "red", "title": "?", "price": 3}})

    assert {kind for _, kind, _ in errors} == {"missing_required_field", "value_out_of_range"}
    assert rows == []
    assert missing == []
    assert [(row["title"], row["price"], row["clear"]) for row in kept] == [
        ("?", "4", None), ("a", "3", None), ("b", None, "price"),
    ]  # fmt: skip


def test_a_cell_that_could_not_be_read_is_not_blank(tmp_path: Path) -> None:
    options = {"default_values": {"title": "?"}, "transforms": {"title": {"concat": ["x"]}}}
    columns: dict[str, list[str | None]] = {"title": [None, None], "x": ["a", None]}

    rows, _ = checked(tmp_path, columns, options, problems={1: "cell_error"}, texts={1: "c1\t#N/A"})

    assert [row["title"] for row in rows] == [None, "?"]


def test_options_are_in_the_hash_of_a_row(tmp_path: Path) -> None:
    def hashed(options: dict[str, Any]) -> int:
        return int(checked(tmp_path, {"title": ["a"]}, options)[0][0]["row_hash"])

    asked: list[dict[str, Any]] = [
        {}, {"transforms": {"title": "trim"}}, {"default_values": {"title": "b"}}, {"default_values": {"color": "b"}},
    ]  # fmt: skip
    assert len({hashed(options) for options in asked}) == len(asked)
