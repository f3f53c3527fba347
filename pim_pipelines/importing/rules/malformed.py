"""Rows that the reader itself found wrong (`row_problem` codes of `rows.parquet`), as findings."""

from dataclasses import dataclass

import polars as pl

from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.importing.rules.findings import findings


@dataclass(frozen=True, slots=True)
class _Problem:
    error_type: ErrorType
    severity: Severity
    message: str


PROBLEMS: dict[str, _Problem] = {
    "short": _Problem(
        ErrorType.ROW_MALFORMED,
        Severity.WARNING,
        "The row has fewer cells than the header; the missing ones are taken for blank.",
    ),
    "surplus": _Problem(
        ErrorType.ROW_MALFORMED,
        Severity.ERROR,
        "The row has more cells than the header, so its values may stand in wrong columns; quote cells that contain "
        "the delimiter.",
    ),
    "repeated_header": _Problem(
        ErrorType.ROW_MALFORMED, Severity.ERROR, "The row repeats the header; remove it from the file."
    ),
    "cut_quote": _Problem(
        ErrorType.ROW_MALFORMED,
        Severity.ERROR,
        "A quoted cell of this row never ends, as where a file was cut off; send the whole file again.",
    ),
    "encoding": _Problem(
        ErrorType.ENCODING_ERROR,
        Severity.ERROR,
        "The row has bytes that the file's encoding does not know; save the file as UTF-8 and send it again.",
    ),
}

MALFORMED = [code for code, problem in PROBLEMS.items() if problem.severity is Severity.ERROR]
"""Problems after which no cell of the row can be trusted: nothing else is looked for in it."""


def malformed_findings(block: pl.DataFrame) -> list[pl.DataFrame]:
    """Write the findings of a block (row_number, problem, problem_text) for its problem codes."""
    found = []
    for code in block["problem"].drop_nulls().unique(maintain_order=True):
        problem = PROBLEMS[code]
        found.append(
            findings(
                block.filter(pl.col("problem") == code),
                severity=problem.severity,
                error_type=problem.error_type,
                field=None,
                message=pl.lit(problem.message),
                raw=pl.col("problem_text"),
            )
        )
    return found
