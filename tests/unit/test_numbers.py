"""Numbers in both conventions: which one a column follows, and exact decimal text out of its cells."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from checking_rows import write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from pim_pipelines.importing.fields import Kind
from pim_pipelines.importing.mapping.numbers import Convention, Decimals, conventions, read_numbers


def read(text: str | None, decimal: Decimals = ".", kind: Kind = Kind.NUMBER, *, percent: bool = False) -> object:
    """Read one cell."""
    return read_numbers(pl.Series([text], dtype=pl.String), kind, Convention(decimal), percent=percent).item()


def plain(number: Decimal) -> str:
    """Write a decimal as the catalogue shows it, the slow way."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


amounts = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=4)
groupings = {".": [",", " ", "\u00a0", "\u202f", "'", "’", ""], ",": [".", " ", "\u00a0", "\u202f", "'", "’", ""]}
around = st.sampled_from(
    ["{}", "{} €", "€{}", "€ {}", "{}€", "{} EUR", "EUR {}", "{} zł", "$ {}", "{} Kč", "Rs. {}", "৳ {}", "{}\u00a0грн."]
)


@settings(deadline=None)
@given(amounts, st.integers(0, 4), st.sampled_from([".", ","]), st.data())
def test_a_formatted_decimal_is_read_back_exactly(
    amount: Decimal, places: int, decimal: Decimals, data: st.DataObject
) -> None:
    amount = round(amount, places)
    group = data.draw(st.sampled_from(groupings[decimal]))
    number = f"{amount:,.{places}f}".replace(",", "\x00").replace(".", decimal).replace("\x00", group)

    assert read(data.draw(around).format(number), decimal) == plain(amount)


@settings(deadline=None)
@given(amounts, st.sampled_from([".", ","]))
def test_what_was_read_is_read_again_as_the_same(amount: Decimal, decimal: Decimals) -> None:
    once = read(str(amount).replace(".", decimal), decimal)

    assert isinstance(once, str)
    assert read(once, ".") == once


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value="-1e20", max_value="1e20", places=9))
def test_scientific_notation_is_exact(amount: Decimal) -> None:
    assert read(f"{amount:.30e}") == plain(amount)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.none() | st.text("0123456789.,' -+€kg()eE%–", max_size=9), max_size=20), st.sampled_from([".", ","]))
def test_a_cell_reads_the_same_in_any_company(cells: list[str | None], decimal: Decimals) -> None:
    for kind in (Kind.NUMBER, Kind.MEASURE, Kind.INTEGER):
        together = read_numbers(pl.Series(cells, dtype=pl.String), kind, Convention(decimal)).to_list()

        assert together == [read(cell, decimal, kind) for cell in cells]


@settings(deadline=None)
@given(st.text(max_size=12), st.sampled_from([".", ","]))
def test_anything_else_is_null_or_a_plain_decimal(text: str, decimal: Decimals) -> None:
    number = read(text, decimal)

    assert number is None or plain(Decimal(str(number))) == number


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1 234,56 €", ",", "1234.56"),
        ("1'234.50", ".", "1234.5"),
        ("৳ 123,599", ".", "123599"),
        ("1,23,599", ".", "123599"),
        ("549.00 PKR", ".", "549"),
        ("R$ 12,00", ",", "12"),
        ("-$5", ".", "-5"),
        ("$-5", ".", "-5"),
        ("(5.00)", ".", "-5"),
        ("−5", ".", "-5"),
        ("5-", ".", "-5"),
        ("12,-", ",", "12"),
        ("12.–", ".", "12"),
        ("12,– €", ",", "12"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("007", ".", "7"),
        ("+3", ".", "3"),
        ("-0.00", ".", "0"),
        ("1e3", ".", "1000"),
        ("2,5E-02", ",", "0.025"),
        ("10.077777777777778", ".", "10.077777777777778"),
        ("1.234", ".", "1.234"),
        ("1.234", ",", "1234"),
        ("'29.90", ".", "29.9"),
        ("1´234.50", ".", "1234.5"),
    ],
)
def test_numbers_are_read(text: str, decimal: Decimals, number: str) -> None:
    assert read(text, decimal) == number


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("12,5", "."),  # contradicts its column: not twelve and a half, not 125
        ("12.5", ","),
        ("1.2.3", "."),
        ("12,34,5", "."),
        ("1,,234", "."),
        ("abc", "."),
        ("NA", "."),
        ("on request", "."),
        ("1-2", "."),
        ("10 - 20", "."),
        ("12 kg", "."),  # a unit behind a price is no price
        ("10 %", "."),
        ("1/2", "."),
        ("9" * 31, "."),
        ("1e99", "."),
        (".", "."),
        ("€", "."),
    ],
)
def test_what_is_no_number_is_null(text: str, decimal: Decimals) -> None:
    assert read(text, decimal) is None


def test_the_cells_read_from_stay_as_they_are() -> None:
    cells = pl.Series(["1,50", "2 €", "x", None])

    read_numbers(cells, Kind.NUMBER, Convention(","))

    assert cells.to_list() == ["1,50", "2 €", "x", None]


@pytest.mark.parametrize(("text", "number"), [("12 kg", "12"), ("1.5l", "1.5"), ('27"', "27"), ("0.5 m³", "0.5")])
def test_units_are_dropped_in_measures(text: str, number: str) -> None:
    assert read(text, ".", Kind.MEASURE) == number


def test_dimensions_are_no_measure() -> None:
    assert read("10 x 20 cm", ".", Kind.MEASURE) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("75", 75),
        ("75.0", 75),
        ("1,000", 1000),
        (">10", 10),
        ("10+", 10),
        ("≥ 5", 5),
        ("5 pcs", 5),
        ("-3", -3),
        ("75.5", None),
        ("<5", None),
        ("True", None),
        ("9" * 19, None),
    ],
)
def test_integers_are_whole(text: str, number: int | None) -> None:
    assert read(text, ".", Kind.INTEGER) == number


def test_percent_is_dropped_where_a_rate_is_wanted() -> None:
    assert read("20 %", percent=True) == "20"


@pytest.mark.parametrize(
    ("cells", "convention"),
    [
        (["1,234.56", "5"], Convention(".")),
        (["1.234,56", "5"], Convention(",")),
        (["5,90", "1.234"], Convention(",")),
        (["5.90", "1,234"], Convention(".")),
        (["1.234.567"], Convention(",")),
        (["1,234,567"], Convention(".")),
        (["0,125"], Convention(",")),
        (["1234,567"], Convention(",")),
        (["1 234,567"], Convention(",")),
        (["12,-"], Convention(",")),
        (["12,50 €", None, "text, with 1 comma"], Convention(",")),
        (["7", "8"], Convention(".")),
        ([None], Convention(".")),
        (["1.234"], Convention(".", is_ambiguous=True)),
        (["1,234"], Convention(".", is_ambiguous=True)),
        (["1.234", "7"], Convention(".", is_ambiguous=True)),
        (["5,90", "6,10", "7.25"], Convention(",", is_mixed=True)),
        (["5,90", "7.25"], Convention(".", is_mixed=True)),
    ],
)
def test_a_column_has_one_convention(tmp_path: Path, cells: list[str | None], convention: Convention) -> None:
    path = write_rows(tmp_path, {"text": ["x"] * len(cells), "price": cells})

    assert conventions(path, ["text", "price"], ["price"]) == {"price": convention}


def test_grouped_integers_are_told_by_their_decimals(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"stock": ["1.500", "1.000"]})

    found = conventions(path, ["stock"], ["stock"], integers=["stock"])

    assert found == {"stock": Convention(",")}


def test_the_convention_is_that_of_the_whole_column(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"price": ["1.234"] * 120_000 + ["5,90"]})

    assert conventions(path, ["price"], ["price"])["price"].decimal == ","


@settings(deadline=None, max_examples=25)
@given(st.lists(amounts, min_size=1, max_size=12), st.sampled_from([".", ","]), st.sampled_from(["{}", "{} €"]))
def test_a_column_of_money_is_read_back_whatever_its_convention(
    prices: list[Decimal], decimal: Decimals, around: str
) -> None:
    prices = [round(price, 2) for price in prices]
    swap = str.maketrans(",.", ",." if decimal == "." else ".,")
    cells = [around.format(f"{price:,.2f}".translate(swap)) for price in prices]
    with TemporaryDirectory() as folder:
        path = write_rows(Path(folder), {"price": cells})
        found = conventions(path, ["price"], ["price"])["price"]

    assert found == Convention(decimal)
    assert read_numbers(pl.Series(cells), Kind.NUMBER, found).to_list() == [plain(price) for price in prices]


def test_doubt_is_worded_for_the_user() -> None:
    assert "decimal_separator" in (Convention(is_ambiguous=True).warning("Prix") or "")
    assert '"Prix"' in (Convention(is_mixed=True).warning("Prix") or "")
    assert Convention(",").warning("Prix") is None
