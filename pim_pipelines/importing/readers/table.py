"""What a reader is told and what it finds out about a file."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pim_pipelines.settings import GIB


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file.

    `skip_header_rows`: physical rows above the header (0: the header is detected); `sheet`: name or
    1-based number, for workbooks; `max_bytes`: the largest file, expanded too.
    """

    skip_header_rows: int = 0
    sheet: str | int | None = None
    max_bytes: int = 2 * GIB


@dataclass(frozen=True)
class Table:
    """What a file turned out to be; its rows are in `rows.parquet`.

    `header_row` is the 0-based physical row of the header, None without one; `columns` are the names in
    file order (`c0, c1, …` in the rows file); `sample` are the first five rows by column name; `sheet` is
    the one of a workbook's `sheets` that was read.
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

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Table":
        """Make a table of what `to_dict` gave."""
        return cls(**values)
