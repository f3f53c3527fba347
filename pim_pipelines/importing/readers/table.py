"""What a reader is told and what it finds out about a file."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pim_pipelines.settings import GIB

JsonCell = str | int | float | bool | None
"""A cell by its type: a number as it is written, a text (also an empty one), or None where there is no cell."""


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file.

    `skip_header_rows`: physical rows above the header (0: the header is detected); `sheet`: name or
    1-based number, for workbooks; `max_bytes`: the largest file, expanded too; `first_cells`: of how many rows
    the cells are wanted by their types (at most `rows_file.SAMPLE_ROWS`).
    """

    skip_header_rows: int = 0
    sheet: str | int | None = None
    max_bytes: int = 2 * GIB
    first_cells: int = 0


@dataclass(frozen=True)
class Table:
    """What a file turned out to be; its rows are in `rows.parquet`.

    `header_row` is the 0-based physical row of the header, None without one; `columns` are the names in
    file order (`c0, c1, …` in the rows file); `sample` are the first five rows by column name; `sheet` is
    the one of a workbook's `sheets` that was read; `first_cells` are the first rows as JSON has them
    (`first_cells.py`), where they were asked for.
    """

    file_type: str
    encoding: str | None
    delimiter: str | None
    header_row: int | None
    columns: list[str]
    total_rows: int
    sample: list[dict[str, str | None]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)
    first_cells: list[list[JsonCell]] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Give what a job keeps of it as its `analysis`."""
        sheets = {"sheet": self.sheet, "sheets": self.sheets} if self.sheet else {}
        return {
            "format": str(self.file_type),
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header_row": self.header_row,
            "columns": self.columns,
            "total_rows": self.total_rows,
            "sample": self.sample,
            "warnings": self.warnings,
            **sheets,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Table":
        """Make a table of what `to_dict` gave."""
        return cls(**values)
