"""What a file is, and which mapping its import starts with: read once, profiled, columns recognised.

Everything after analysis reads only `rows.parquet` and the columns' names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pim_pipelines.errors import EmptyFile, InvalidField
from pim_pipelines.importing.fields import Kind, kind_of
from pim_pipelines.importing.mapping import columns as file_columns
from pim_pipelines.importing.mapping.detection import Suggestion, is_beyond_doubt, suggest
from pim_pipelines.importing.mapping.numbers import conventions
from pim_pipelines.importing.options import check_mapping
from pim_pipelines.importing.profile import Profile, profile
from pim_pipelines.importing.readers import normalise
from pim_pipelines.importing.readers.table import ReadOptions, Table

LEAST_SURE = 0.65
"""What a suggestion needs to be imported by without anybody having looked at it; others are proposed only."""

ColumnMapping = dict[str, str | None]

NUMBERS = frozenset({Kind.NUMBER, Kind.MEASURE, Kind.INTEGER})


@dataclass(frozen=True, slots=True)
class Analysis:
    """A file that was read.

    `column_mapping` is the mapping to import by, None where a person has to decide; `fits_template` tells whether
    that was the template's. `suggestions` name every column of the file.
    """

    table: Table
    profile: Profile
    suggestions: dict[str, Suggestion]
    column_mapping: ColumnMapping | None
    fits_template: bool
    warnings: list[str] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Give the `analysis` that the API documents, with the warnings beside it, and the sheets of a workbook."""
        return self.table.described() | {"warnings": self.warnings}

    def suggested_mapping(self) -> dict[str, dict[str, Any]]:
        """Give the `suggested_mapping` that the API documents: `{column: {field, confidence, reason}}`."""
        return {
            column: {"field": found.field, "confidence": found.confidence, "reason": found.reason}
            for column, found in self.suggestions.items()
        }


def analyse(
    source: Path,
    file_name: str,
    rows_path: Path,
    *,
    import_options: Mapping[str, Any],
    max_bytes: int,
    own_mapping: ColumnMapping | None = None,
    template: ColumnMapping | None = None,
) -> Analysis:
    """Read a file into `rows_path` (rows.parquet) and find out what its columns are.

    `own_mapping` is what the job's user saved before (a retry keeps it), or its config says: where it does not fit,
    nothing is guessed in its place. `template` is the mapping of its template.
    Raises the FileError tree; EmptyFile where there are no data rows.
    """
    read_options = ReadOptions(
        skip_header_rows=int(import_options.get("skip_header_rows") or 0),
        sheet=import_options.get("sheet"),
        max_bytes=max_bytes,
    )
    table = normalise(source, file_name, rows_path, read_options)
    if table.total_rows == 0:
        raise EmptyFile("The file has no data rows: there is nothing below its header. Export it again with products.")
    seen = profile(rows_path, table)
    recognised = suggest(seen)
    suggestions = with_template(recognised, template, table.columns) if template else recognised
    from_template = _fitting(template, table.columns)
    column_mapping = _fitting(own_mapping, table.columns) or from_template
    if column_mapping is None and not own_mapping and is_beyond_doubt(recognised):
        sure = {name: found.field if found.confidence >= LEAST_SURE else None for name, found in suggestions.items()}
        column_mapping = _fitting(sure, table.columns)
    return Analysis(
        table=table,
        profile=seen,
        suggestions=suggestions,
        column_mapping=column_mapping,
        fits_template=from_template is not None,
        warnings=[*table.warnings, *_number_warnings(rows_path, table.columns, suggestions, import_options)],
    )


def with_template(
    suggestions: dict[str, Suggestion], template: ColumnMapping, columns: list[str]
) -> dict[str, Suggestion]:
    """Let the template's fields come first: its columns get them, no other column keeps one of them."""
    wanted: ColumnMapping = {}
    for name, target in template.items():
        named = file_columns.find(name.strip(), columns)
        if len(named) == 1:
            wanted[named[0]] = target
    taken = {target for target in wanted.values() if target is not None}
    merged: dict[str, Suggestion] = {}
    for column, found in suggestions.items():
        if column in wanted:
            merged[column] = Suggestion(wanted[column], 1.0, "the template says so")
        elif found.field in taken:
            merged[column] = Suggestion(None, 0.0, f"the template takes {found.field} from another column")
        else:
            merged[column] = found
    return merged


def _fitting(mapping: ColumnMapping | None, columns: list[str]) -> ColumnMapping | None:
    """Return a mapping with the file's own column names; None where the file lacks one of its columns."""
    if not mapping:
        return None
    try:
        return check_mapping(mapping, columns)
    except InvalidField:
        return None


def _number_warnings(
    rows_path: Path, columns: list[str], suggestions: dict[str, Suggestion], import_options: Mapping[str, Any]
) -> list[str]:
    """Name the columns of numbers that can be read in two ways; whoever set the separator has decided."""
    if import_options.get("decimal_separator"):
        return []
    kinds = {column: kind_of(found.field) for column, found in suggestions.items() if found.field}
    wanted = [column for column in columns if kinds.get(column) in NUMBERS]
    if not wanted:
        return []
    whole = [column for column in wanted if kinds[column] is Kind.INTEGER]
    decided = conventions(rows_path, columns, wanted, integers=whole)
    return [warning for column in wanted if (warning := decided[column].warning(column))]
