"""How large the parts of a text table may be; beyond these a file is no product list."""

from dataclasses import dataclass

from pim_pipelines.errors import BrokenFile

MIB = 1024**2


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes; tests make them small to reach every block boundary."""

    block: int = 4 * MIB
    """how much text is taken at a time"""
    sample: int = MIB // 4
    """how much text dialect and header are told by"""
    line: int = 16 * MIB
    """the longest line: beyond it nobody wrote a row"""
    open_cell: int = 4 * MIB
    """how far a quoted cell over several lines may reach before its closing quote counts as lost"""
    resume: int = MIB // 4
    """how far behind a lost quote the next good row is looked for"""
    columns: int = 2000
    depth: int = 100
    """how deep objects and elements may lie in one another"""
    cells: int = 6_000_000
    """how many cells a sheet of XLS or ODS may span: the workbook library holds all of them, in some 150 bytes each"""


LIMITS = Limits()


class TooManyColumns(BrokenFile):
    """The records have more different fields than a table has columns."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(
            f"The records have more than {limits.columns:,} different fields; no more columns can be read. "
            "Please export only the fields that are wanted."
        )
