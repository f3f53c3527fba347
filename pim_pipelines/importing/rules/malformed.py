"""Rows and cells that the reader itself found wrong (`problem` codes of `rows.parquet`), as findings.

A problem of the row has a detail for its reader in `problem_text`. A problem of cells has a line a cell there,
`c<position><tab><what stood in it>`, and the cells themselves are blank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pim_pipelines.importing.mapping.columns import MappedColumn
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.importing.rules.findings import findings, sentence, shown


@dataclass(frozen=True, slots=True)
class _Problem:
    error_type: ErrorType
    severity: Severity
    message: str


CUT_OFF = "cut_quote"
"""Behind a row with this problem the file may have had more rows."""

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
    CUT_OFF: _Problem(
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

CELL_PROBLEMS: dict[str, tuple[ErrorType, str]] = {
    "cell_error": (ErrorType.CELL_ERROR, " is an error of the spreadsheet, no value"),
    "number_invalid": (ErrorType.NUMBER_INVALID, " is no number"),
}
"""Problems of single cells: what they are to the caller, and what the sentence says of the cell's text."""


def malformed_findings(block: pl.DataFrame) -> list[pl.DataFrame]:
    """Write the findings of a block (row_number, problem, problem_text) for the problems of its rows."""
    found = []
    for code in block["problem"].drop_nulls().unique(maintain_order=True):
        problem = PROBLEMS.get(code)
        if problem is None:
            continue
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


def cell_findings(
    block: pl.DataFrame, columns: Sequence[MappedColumn], rules: Mapping[str, Mapping[str, Any]]
) -> list[pl.DataFrame]:
    """Write the findings of a block for the problems of its cells, those of mapped columns only.

    They are warnings, unless `severity` in the rules of their field says otherwise.
    """
    found = []
    for code, (error_type, reason) in CELL_PROBLEMS.items():
        rows = block.filter(pl.col("problem") == code)
        for column in columns if rows.height else ():
            severity = Severity(rules.get(column.field, {}).get("severity", Severity.WARNING))
            is_warning = severity is Severity.WARNING
            consequence = "keeps the value it had." if is_warning else "must be corrected."
            raw = pl.col("problem_text").str.extract(_line(column.key))
            found.append(
                findings(
                    rows.filter(raw.is_not_null()),
                    severity=severity,
                    error_type=error_type,
                    field=column.field,
                    message=sentence(shown(raw), f"{reason}; {column.field} {consequence}"),
                    raw=raw,
                )
            )
    return found


def unread_cells(block: pl.DataFrame, key: str) -> pl.Series | None:
    """Tell which cells of a column are blank only because the reader could not take them; None: no cell is."""
    if "problem" not in block.columns or block["problem"].null_count() == block.height:
        return None
    named = pl.col("problem_text").str.contains(_line(key))
    return block.select((pl.col("problem").is_in(list(CELL_PROBLEMS)) & named).fill_null(False)).to_series()


def _line(key: str) -> str:
    return rf"(?m)^{key}\t(.*)$"
