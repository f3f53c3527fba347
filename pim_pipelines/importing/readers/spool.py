"""Rows whose columns are only known once all have been read: they wait in a file, a block at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.readers.batch_file import BatchFile, cells_of
from pim_pipelines.importing.readers.cells import normalise_cell, normalise_texts, unmark
from pim_pipelines.importing.readers.header import column_names
from pim_pipelines.importing.readers.limits import Limits, TooManyColumns
from pim_pipelines.importing.readers.rows_file import RowsFile
from pim_pipelines.importing.readers.text import MARK, REPLACEMENT


@dataclass(frozen=True)
class NoNumber:
    """A cell whose value should be a number and is none: its row in the block, its column, what stood in it."""

    row: int
    column: str
    shown: str


class Spool:
    """Takes blocks of rows, each with the columns it has, and writes the rows file of all of them.

    `total` is the number of rows so far; `is_blank` while none has any text.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._limits = limits
        self._held = BatchFile(folder)
        self._numbers: dict[str, int] = {}
        self.is_blank = True
        self.total = 0

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Throw the rows away."""
        self._held.close()

    def add(
        self,
        total: int,
        columns: Mapping[str, Sequence[str | None]],
        wrong: Sequence[NoNumber] = (),
        *,
        marked: bool = False,
    ) -> None:
        """Add `total` rows; `marked` where some text in them could not be decoded."""
        arrays: list[pa.Array] = []
        names: list[str] = []
        undecoded = np.zeros(total, np.bool_)
        for name, values in columns.items():
            cells = normalise_texts(_texts(values))
            if marked:
                cells, found = unmark(cells)
                undecoded |= found.to_numpy(zero_copy_only=False)
            self.is_blank = self.is_blank and cells.null_count == total
            arrays.append(cells)
            names.append(f"c{self._number(name)}")
        problem, detail = self._problems(total, wrong)
        if undecoded.any():
            mask = pa.array(undecoded)
            joined = pc.binary_join_element_wise(*arrays, " ", null_handling="skip")
            problem = pc.if_else(mask, "encoding", problem)
            detail = pc.if_else(mask, pc.utf8_slice_codeunits(joined, 0, 1000), detail)
        self._held.add(pa.record_batch([*arrays, problem, detail], names=[*names, "problem", "problem_text"]))
        self.total += total

    def write(self, target: Path) -> tuple[list[str], RowsFile]:
        """Write the rows file; returns the names of its columns, and the file, which is closed."""
        width = len(self._numbers)
        names = column_names([normalise_cell(name.replace(MARK, REPLACEMENT)) for name in self._numbers])
        with RowsFile(target, width) as rows:
            for table in self._held.tables():
                columns = [f"c{place}" for place in range(width)]
                rows.write(
                    pa.table(
                        [*cells_of(table, columns), table["problem"], table["problem_text"]],
                        names=[*columns, "problem", "problem_text"],
                    )
                )
        return names, rows

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._numbers))
        if number >= self._limits.columns:
            raise TooManyColumns(self._limits)
        return number

    def _problems(self, total: int, wrong: Sequence[NoNumber]) -> tuple[pa.Array, pa.Array]:
        if not wrong:
            return pa.nulls(total, pa.string()), pa.nulls(total, pa.string())
        lines: dict[int, list[str]] = {}
        for each in wrong:
            lines.setdefault(each.row, []).append(f"c{self._number(each.column)}\t{each.shown}")
        details = ["\n".join(lines[row]) if row in lines else None for row in range(total)]
        return (
            pa.array(["number_invalid" if detail else None for detail in details], pa.string()),
            pa.array(details, pa.string()),
        )


def _texts(values: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON's escapes can write it
        whole = [None if value is None else _without_halves(value) for value in values]
        return pa.array(whole, pa.string())


def _without_halves(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
