"""What is found wrong with rows, in bulk: the error types, and one frame for all of a block's errors and warnings.

The frame: row_number i32, severity str (`error`, `warning`), error_type str, field str|null, message str, raw_value
str|null. Source of types and default severities: the contract, section 3 ("error_type").
"""

import polars as pl

from pim_pipelines.importing.rules.error_types import ErrorType, Severity

COLUMNS: dict[str, pl.DataType] = {
    "row_number": pl.Int32(),
    "severity": pl.String(),
    "error_type": pl.String(),
    "field": pl.String(),
    "message": pl.String(),
    "raw_value": pl.String(),
}
"""The columns of the errors frame."""

LONGEST_RAW_VALUE = 1_000
_LONGEST_SHOWN = 80


def shown(cells: pl.Expr) -> pl.Expr:
    """Quote cells for a sentence, long ones cut."""
    start = cells.str.head(_LONGEST_SHOWN)  # first, so that nothing below walks through a megabyte
    is_cut = start.str.len_chars() == _LONGEST_SHOWN
    cut = pl.when(is_cut).then(start.str.head(_LONGEST_SHOWN - 1) + "…").otherwise(start)
    return pl.concat_str(pl.lit('"'), cut, pl.lit('"'))


def sentence(*parts: str | pl.Expr) -> pl.Expr:
    """Put a message together of fixed text and expressions (never `pl.format`: callers' texts may hold braces)."""
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part.cast(pl.String) for part in parts])


def findings(
    rows: pl.DataFrame, *, severity: Severity, error_type: ErrorType, field: str | None, message: pl.Expr, raw: pl.Expr
) -> pl.DataFrame:
    """Write one finding for each of the given rows."""
    return rows.select(
        "row_number",
        pl.lit(severity.value).alias("severity"),
        pl.lit(error_type.value).alias("error_type"),
        pl.lit(field, pl.String).alias("field"),
        message.alias("message"),
        raw.cast(pl.String).str.head(LONGEST_RAW_VALUE).alias("raw_value"),
    )


def gathered(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put findings together by row number; those of one row keep the order of `parts`."""
    found = [part for part in parts if part.height]
    if not found:
        return pl.DataFrame(schema=COLUMNS)
    return pl.concat(found).sort("row_number", maintain_order=True)
