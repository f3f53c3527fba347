"""`gtin.py` for whole columns at once, in Polars; the rules and the words stay there."""

import polars as pl

from pim_pipelines.importing.rules.gtin import (
    BLANKS_AND_HYPHENS,
    LENGTHS,
    QUOTES,
    SCIENTIFIC,
    TRAILING_ZERO_DECIMALS,
    Flaw,
)

_MOST_DIGITS = 14


def read_gtins(cells: pl.Series) -> pl.DataFrame:
    """Read a text column as GTINs.

    Returns a frame of the same height: code str (the cleaned cell, null where nothing is left), gtin i64 and ean str
    (null unless valid), flaw str (a `Flaw`, null where valid or blank).
    """
    code = _clean(cells)
    read = pl.DataFrame({"code": code}).with_columns(number=_number(pl.col("code")))
    read = read.with_columns(valid=(pl.col("number") > 0) & (_weighted_sum(pl.col("number")) % 10 == 0))
    valid = pl.col("valid").fill_null(False)
    flaw = _flaw() if (read["code"].is_not_null() & ~read["valid"].fill_null(False)).any() else pl.lit(None, pl.String)
    return read.select(
        "code",
        gtin=pl.when(valid).then("number"),
        ean=pl.when(valid).then(_canonical(pl.col("code"))),
        flaw=pl.when(pl.col("code").is_not_null() & ~valid).then(flaw),
    )


def scope(gtin: pl.Expr, supplier_id: int) -> pl.Expr:
    """Give the `gtin_scope` (i32) of numbers: the supplier for restricted ones, else 0; see `gtin.is_restricted`."""
    as_gtin8 = (gtin // 10**7).is_in([0, 2])
    as_gtin13 = (gtin < 10**13) & ((gtin // 10**12 == 2) | (gtin // 10**11).is_in([2, 4]))
    restricted = pl.when(gtin < 10**8).then(as_gtin8).otherwise(as_gtin13)
    return pl.when(restricted).then(pl.lit(supplier_id, pl.Int32)).otherwise(pl.lit(0, pl.Int32))


def flaw_message(flaw: Flaw, code: pl.Expr, shown: pl.Expr) -> pl.Expr:
    """Word what is wrong with codes of one flaw and what to do; `shown` is the cell as it goes into the sentence."""
    match flaw:
        case Flaw.PRECISION_LOST:
            return pl.format(
                "EAN lost its last digits: a spreadsheet has shortened it to {}; format the column as text there and "
                "export the file again.",
                shown,
            )
        case Flaw.NOT_DIGITS:
            return pl.format(
                "EAN invalid: {} has other characters than digits (expected 8, 12, 13 or 14 digits).", shown
            )
        case Flaw.LENGTH:
            padded = pl.concat_str(pl.lit("0"), code)
            is_valid = (code.str.len_bytes() == 11) & (_weighted_sum(_number(padded)) % 10 == 0)
            hint = pl.when(is_valid).then(pl.format("; with its leading zero, {}, it would be valid", padded))
            digits = code.str.len_bytes()
            return pl.format(
                "EAN invalid: {} has {} digits (expected 8, 12, 13 or 14){}.", shown, digits, hint.otherwise(pl.lit(""))
            )
        case Flaw.ONLY_ZEROS:
            return pl.format("EAN invalid: {} is only zeros; leave the cell blank where there is none.", shown)
        case Flaw.CHECK_DIGIT:
            number = code.cast(pl.Int64, strict=False)
            right_digit = (10 - _weighted_sum(number // 10 * 10) % 10) % 10
            return pl.format(
                "EAN checksum invalid: {} should end in {}; correct the code or leave the cell blank.",
                shown,
                right_digit,
            )


def _clean(cells: pl.Series) -> pl.Series:
    """Do as `gtin.clean`; columns of bare digits, nearly all, are left as they are."""
    if cells.str.contains(r"^[0-9]+$").all(ignore_nulls=True):
        return cells.alias("code")
    bare = cells.str.replace_all(f"[{BLANKS_AND_HYPHENS}]", "").str.strip_chars(QUOTES)
    bare = bare.str.replace(TRAILING_ZERO_DECIMALS, "")
    return bare.set(bare == "", None).alias("code")


def _number(code: pl.Expr) -> pl.Expr:
    """Give codes of a GTIN's length as integers, all others as null."""
    has_length = code.str.len_bytes().is_in(LENGTHS)
    return pl.when(has_length & code.str.contains(r"^[0-9]+$")).then(code).cast(pl.Int64, strict=False)


def _weighted_sum(number: pl.Expr) -> pl.Expr:
    """Sum digits times 1, 3, 1, 3 … from the right; a multiple of 10 for a valid code of any length."""
    digits = [number // 10**place % 10 for place in range(_MOST_DIGITS)]
    return pl.sum_horizontal(digits[0::2]) + 3 * pl.sum_horizontal(digits[1::2])


def _canonical(code: pl.Expr) -> pl.Expr:
    length = code.str.len_bytes()
    return (
        pl.when(length == 12)
        .then(pl.concat_str(pl.lit("0"), code))
        .when((length == 14) & code.str.starts_with("0"))
        .then(code.str.slice(1))
        .otherwise(code)
    )


def _flaw() -> pl.Expr:
    code = pl.col("code")
    return (
        pl.when(code.str.contains(SCIENTIFIC))
        .then(pl.lit(Flaw.PRECISION_LOST.value))
        .when(~code.str.contains(r"^[0-9]+$"))
        .then(pl.lit(Flaw.NOT_DIGITS.value))
        .when(~code.str.len_bytes().is_in(LENGTHS))
        .then(pl.lit(Flaw.LENGTH.value))
        .when(pl.col("number") == 0)
        .then(pl.lit(Flaw.ONLY_ZEROS.value))
        .otherwise(pl.lit(Flaw.CHECK_DIGIT.value))
    )
