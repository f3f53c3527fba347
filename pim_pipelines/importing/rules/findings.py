"""What is found wrong with rows, in bulk: the error types, and one frame for all of a block's errors and warnings.

The frame: row_number i32, severity str (`error`, `warning`), error_type str, field str|null, message str, raw_value
str|null. Source of types and default severities: the contract, section 3 ("error_type").
"""

from enum import StrEnum

import polars as pl


class Severity(StrEnum):
    """Whether a finding keeps its row from being loaded."""

    ERROR = "error"
    WARNING = "warning"


class ErrorType(StrEnum):
    """Every error type that a row can have."""

    EAN_INVALID = "ean_invalid"
    EAN_PRECISION_LOST = "ean_precision_lost"
    MISSING_REQUIRED_FIELD = "missing_required_field"
    ROW_MALFORMED = "row_malformed"
    ENCODING_ERROR = "encoding_error"
    REFERENCE_NOT_FOUND = "reference_not_found"
    VALUE_OUT_OF_RANGE = "value_out_of_range"
    VALUE_TOO_LONG = "value_too_long"
    VALUE_NOT_ALLOWED = "value_not_allowed"
    PATTERN_MISMATCH = "pattern_mismatch"
    NUMBER_INVALID = "number_invalid"
    DATE_INVALID = "date_invalid"
    CELL_ERROR = "cell_error"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    EAN_SHARED_BY_SKUS = "ean_shared_by_skus"
    EAN_PENDING = "ean_pending"


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
