"""GTINs one by one: cleaning, check digit, canonical form, restricted ranges; and the columns' way held to it."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pim_pipelines.importing.rules import gtin, gtin_columns


def slow_check_digit(body: str) -> int:
    """Do it as GS1's own worked example does: place by place from the left of the padded 17 places."""
    total = 0
    for place, digit in enumerate(body.rjust(17, "0")):
        total += int(digit) * (3 if place % 2 == 0 else 1)
    return next(check for check in range(10) if (total + check) % 10 == 0)


bodies = st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))
valid_codes = bodies.filter(lambda body: body.strip("0")).map(lambda body: body + str(slow_check_digit(body)))


@settings(deadline=None)
@given(bodies)
def test_check_digit_is_that_of_the_general_specifications(body: str) -> None:
    assert gtin.check_digit(body) == slow_check_digit(body)


@settings(deadline=None)
@given(valid_codes, st.integers(0, 9))
def test_only_one_last_digit_is_valid(code: str, last: int) -> None:
    changed = code[:-1] + str(last)

    assert (gtin.parse(changed) is not None) == (changed == code)


@pytest.mark.parametrize(
    ("written", "ean"),
    [
        ("4006381333931", "4006381333931"),
        ("036000291452", "0036000291452"),
        ("0036000291452", "0036000291452"),
        ("00036000291452", "0036000291452"),
        ("10614141000415", "10614141000415"),
        ("96385074", "96385074"),
        ("0000096385074", "0000096385074"),
        (" 4006381 333931\u00a0", "4006381333931"),
        ("400-6381-333931", "4006381333931"),
        ("'4006381333931", "4006381333931"),
        ("'4823063106221'", "4823063106221"),
        ('"4006381333931"', "4006381333931"),
        ("„4006381333931“", "4006381333931"),
        ("4006381333931.0", "4006381333931"),
        ("4006381333931,00", "4006381333931"),
        ("\u200b4006381333931\ufeff", "4006381333931"),
    ],
)
def test_codes_are_read_as_files_write_them(written: str, ean: str) -> None:
    found = gtin.parse(written)

    assert found is not None
    assert found.ean == ean


@pytest.mark.parametrize(
    ("written", "flaw"),
    [
        ("4006381333930", gtin.Flaw.CHECK_DIGIT),
        ("89686170115", gtin.Flaw.LENGTH),
        ("3600029145", gtin.Flaw.LENGTH),
        ("123456789012345678901", gtin.Flaw.LENGTH),
        ("0000000000000", gtin.Flaw.ONLY_ZEROS),
        ("00000000", gtin.Flaw.ONLY_ZEROS),
        ("123ABC7890", gtin.Flaw.NOT_DIGITS),
        ("４００６３８１３３３９３１", gtin.Flaw.NOT_DIGITS),
        ("4006381333931,4006381333948", gtin.Flaw.NOT_DIGITS),
        ("4.00638E+12", gtin.Flaw.PRECISION_LOST),
        ("4,00638E+12", gtin.Flaw.PRECISION_LOST),
        ("4.006381333931E+12", gtin.Flaw.PRECISION_LOST),
        ("4E12", gtin.Flaw.PRECISION_LOST),
    ],
)
def test_bad_codes_are_told_apart(written: str, flaw: gtin.Flaw) -> None:
    assert gtin.parse(written) is None
    assert gtin.find_flaw(gtin.clean(written)) is flaw


@pytest.mark.parametrize("written", ["", "-", "''", " - "])
def test_nothing_left_after_cleaning_is_blank(written: str) -> None:
    read = gtin_columns.read_gtins(pl.Series([written]))

    assert gtin.clean(written) == ""
    assert read.row(0) == (None, None, None, None)


@pytest.mark.parametrize(
    ("body", "restricted"),
    [
        ("020000000000", True),
        ("040000000000", True),
        ("200000000000", True),
        ("299999999999", True),
        ("030000000000", False),
        ("010000000000", False),
        ("050000000000", False),
        ("190000000000", False),
        ("300000000000", False),
        ("1200000000000", False),
        ("2000000", True),
        ("0123456", True),
        ("1234567", False),
        ("9638507", False),
        ("000002012345", True),  # a padded GTIN-8 of a restricted range, whatever its form
        ("20000000000", True),  # UPC-A number system 2
        ("40000000000", True),
        ("36000291452"[:11], False),
    ],
)
def test_restricted_ranges_name_a_product_within_one_supplier(body: str, restricted: bool) -> None:
    code = gtin.parse(body + str(gtin.check_digit(body)))

    assert code is not None
    assert code.is_restricted is restricted
    assert code.scope(7) == (7 if restricted else 0)


def test_the_forms_of_one_number_are_one_product() -> None:
    forms = [gtin.parse(code) for code in ("96385074", "0000096385074", "00000096385074", "000096385074")]

    assert {form.number for form in forms if form} == {96385074}
    assert {form.is_restricted for form in forms if form} == {False}


decorated = st.builds(
    lambda code, before, after: before + code + after,
    st.one_of(valid_codes, bodies, st.text("0123456789", max_size=16), st.text(max_size=6)),
    st.sampled_from(["", "'", '"', " ", "-", "«", "+"]),
    st.sampled_from(["", "'", '"', " ", ".0", ",00", ".5", "E+12", "\u200b"]),
)


@settings(deadline=None)
@given(st.lists(st.none() | decorated, max_size=30))
def test_columns_are_read_as_single_codes_are(cells: list[str | None]) -> None:
    read = gtin_columns.read_gtins(pl.Series(cells, dtype=pl.String))
    scopes = read.select(gtin_columns.scope(pl.col("gtin"), 7)).to_series()

    for cell, (code, number, ean, flaw), scope in zip(cells, read.iter_rows(), scopes, strict=True):
        single = gtin.parse(cell) if cell is not None else None
        assert (number, ean) == ((single.number, single.ean) if single else (None, None))
        assert (code or "") == gtin.clean(cell or "")
        assert flaw == (gtin.find_flaw(code) if code else None)
        assert scope == (single.scope(7) if single else 0)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("4006381333930", "EAN checksum invalid: 4006381333930 should end in 1"),
        ("89686170115", "with its leading zero, 089686170115, it would be valid"),
        ("89686170116", "has 11 digits (expected 8, 12, 13 or 14)."),
        ("123ABC7890", "other characters than digits"),
        ("0000000000000", "only zeros"),
        ("4.00638E+12", "spreadsheet has shortened it"),
    ],
)
def test_messages_say_what_to_do(written: str, words: str) -> None:
    read = gtin_columns.read_gtins(pl.Series([written]))
    flaw = gtin.Flaw(read["flaw"].item())

    message = read.select(gtin_columns.flaw_message(flaw, pl.col("code"), pl.col("code"))).item()

    assert words in message
