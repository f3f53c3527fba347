"""The table that a workbook's sheet is, whichever reader has read it."""

from dataclasses import dataclass

from pim_pipelines.errors import BrokenFile, EmptyFile
from pim_pipelines.importing.readers.header import Header
from pim_pipelines.importing.readers.limits import Limits
from pim_pipelines.importing.readers.rows_file import RowsFile
from pim_pipelines.importing.readers.sheets import warnings_of
from pim_pipelines.importing.readers.table import JsonCell, Table


def too_wide(columns: int, limits: Limits) -> BrokenFile:
    """Return the error of a sheet with more columns than a table may have."""
    return BrokenFile(
        f"The sheet has {columns:,} columns; at most {limits.columns:,} can be read. "
        "Please export only the columns that are wanted."
    )


@dataclass(frozen=True)
class SheetNames:
    """The sheet that was read, and all that its workbook has: the visible ones, and every one, in their order."""

    read: str
    visible: list[str]
    every: list[str]


def sheet_table(
    file_type: str, names: SheetNames, header: Header, rows: RowsFile, first_cells: list[list[JsonCell]]
) -> Table:
    """Return the table of a sheet whose rows are written; raises EmptyFile where there are none."""
    if not rows.total_rows:
        raise EmptyFile("The sheet has a header but no rows below it. Please export it with its products.")
    others = [name for name in names.visible if name != names.read]
    return Table(
        file_type=file_type,
        encoding=None,
        delimiter=None,
        header_row=header.index,
        columns=header.names,
        total_rows=rows.total_rows,
        sample=[dict(zip(header.names, row, strict=True)) for row in rows.sample],
        warnings=warnings_of(names.read, others, rows.problems),
        sheet=names.read,
        sheets=names.every,
        first_cells=first_cells,
    )
