"""The error types that a row can have, and their severities; without frames, so that the API can ask for them.

Source of types and default severities: the contract, section 3 ("error_type").
"""

from enum import StrEnum


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
