"""What rows that failed may still mean, so that `deactivate_missing` does not take their products for gone.

A valid EAN means its product, an SKU the supplier's product of that SKU. A flawed EAN may mean any of a range: with a
wrong check digit those that begin alike, in scientific notation those that are shortened to it.
"""

import re
from decimal import Decimal

import polars as pl

from pim_pipelines.importing.rules.gtin import SCIENTIFIC

COLUMNS: dict[str, pl.DataType] = {"low_gtin": pl.Int64(), "high_gtin": pl.Int64(), "sku": pl.String()}

_DIGITS = range(7, 15)  # without a leading zero or two, a code is shorter
_END = 10**14


def spared(typed: pl.DataFrame) -> pl.DataFrame:
    """Give what typed rows may mean, each once; a row without any identifier means nothing."""
    named = typed.select("gtin", "sku", code="ean code" if "ean code" in typed.columns else pl.lit(None, pl.String))
    named = named.filter(~pl.all_horizontal(pl.all().is_null())).unique(maintain_order=True)
    ranges = [
        (gtin, gtin) if gtin is not None else meant_by(code) if code else None
        for gtin, code in named.select("gtin", "code").iter_rows()
    ]
    low, high = ([None if found is None else found[end] for found in ranges] for end in (0, 1))
    return pl.DataFrame({"low_gtin": low, "high_gtin": high, "sku": named["sku"]}, schema=COLUMNS)


def meant_by(code: str) -> tuple[int, int] | None:
    """Return the first and the last number that a flawed, cleaned code may stand for; None where it says too little."""
    if re.match(SCIENTIFIC, code):
        mantissa, exponent = re.split("[eE]", code.replace(",", "."))
        if len(exponent) > 3:
            return None
        number = Decimal(mantissa).scaleb(int(exponent))
        step = Decimal(1).scaleb(int(exponent) - len(mantissa.partition(".")[2]))
        return (int(number - step / 2), int(number + step / 2)) if number < _END else None
    digits = re.sub("[^0-9]", "", code)
    if len(digits) not in _DIGITS or not digits.strip("0"):
        return None
    start = int(digits) // 10 * 10
    return start, start + 9
