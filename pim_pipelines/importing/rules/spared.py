"""What rows that failed may still mean, so that `deactivate_missing` does not take their products for gone.

A valid EAN means its product, an SKU the supplier's product of that SKU. A flawed EAN may mean any of a range: with a
wrong check digit those that begin alike, in scientific notation those that are shortened to it. In a malformed row any
cell may be the identifier. A code too long to be one may mean any product, and so may what a file that was cut off no
longer has: they are told by a row without range and SKU. A row that names nothing means no product: suppliers' files
have such rows all the time, and nothing would ever be deactivated if they meant any.
"""

import re
from decimal import Decimal

import polars as pl

from pim_pipelines.importing.rules.gtin import SCIENTIFIC

COLUMNS: dict[str, pl.DataType] = {"low_gtin": pl.Int64(), "high_gtin": pl.Int64(), "sku": pl.String()}

ANYTHING = pl.DataFrame({name: [None] for name in COLUMNS}, schema=COLUMNS)
"""What a row may mean of which nothing can be told."""

_DIGITS = range(7, 15)  # without a leading zero or two, a code is shorter
_END = 10**14


def spared(typed: pl.DataFrame) -> pl.DataFrame:
    """Give what typed rows may mean, each once."""
    code = "ean code" if "ean code" in typed.columns else pl.lit(None, pl.String)
    named = typed.select("gtin", "sku", code=code).unique(maintain_order=True)
    found = []
    for gtin, sku, code in named.iter_rows():
        low, high = (gtin, gtin) if gtin is not None else (code and meant_by(code)) or (None, None)
        if low is not None or sku is not None or (code and _is_too_long(code)):
            found.append((low, high, sku))
    return pl.DataFrame(found, schema=COLUMNS, orient="row").unique(maintain_order=True)


def _is_too_long(code: str) -> bool:
    """Tell whether a code has more digits than any GTIN, written out: two in a cell, or a number of a wrong size."""
    return bool(re.match(SCIENTIFIC, code)) or sum(map(str.isdigit, code)) >= _DIGITS.stop


def spared_by_cells(rows: pl.DataFrame) -> pl.DataFrame:
    """Give what rows may mean whose cells may stand in wrong columns: each cell is an SKU or an EAN."""
    cells = rows.select(pl.concat_list(pl.all()).explode()).to_series().drop_nulls().unique(maintain_order=True)
    ranges = [meant_by(cell) or (None, None) for cell in cells]
    low, high = ([found[end] for found in ranges] for end in (0, 1))
    return pl.DataFrame({"low_gtin": low, "high_gtin": high, "sku": cells}, schema=COLUMNS)


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
