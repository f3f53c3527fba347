"""The rows of an XLSX sheet as blocks of columns, merged cells filled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from pim_pipelines.importing.readers.merges import Merges
from pim_pipelines.importing.readers.table import JsonCell
from pim_pipelines.importing.readers.xlsx_cells import Cells, NotStrict, Places, cells_of
from pim_pipelines.importing.readers.xlsx_package import XlsxPackage, damaged
from pim_pipelines.importing.readers.xlsx_rows import Rewriter, merged_ranges, row_pieces
from pim_pipelines.importing.readers.xlsx_texts import XlsxTexts

_MOST_CELLS = 1_000_000


@dataclass
class Block:
    """Some rows: their numbers in the sheet (0-based), their texts by column, and error cells by place in the block.

    Columns without any text or error are left out; rows without any cell are not there.
    """

    numbers: Places
    columns: dict[int, pa.StringArray]
    errors: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def has(self, number: int) -> bool:
        """Tell whether a row is in the block."""
        return bool((self.numbers == number).any())

    def row(self, number: int) -> dict[int, str]:
        """Return the texts of a row by column."""
        place = int(np.flatnonzero(self.numbers == number)[0])
        texts = {column: values[place].as_py() for column, values in self.columns.items()}
        return {column: text for column, text in texts.items() if text is not None}

    def behind(self, number: int) -> "Block":
        """Return the rows below one, with the columns that these have."""
        if not len(self.numbers) or self.numbers[0] > number:
            return self
        start = int(np.searchsorted(self.numbers, number, side="right"))
        errors = {place - start: found for place, found in self.errors.items() if place >= start}
        in_error = {column for found in errors.values() for column, _ in found}
        columns = {column: values[start:] for column, values in self.columns.items()}
        columns = {
            column: values
            for column, values in columns.items()
            if values.null_count < len(values) or column in in_error
        }
        return Block(self.numbers[start:], columns, errors)

    def batch(self) -> pa.RecordBatch:
        """Return the block as the columns `c<column>`, `problem`, `problem_text`."""
        lines: list[str | None] = [None] * len(self.numbers)
        for place, found in self.errors.items():
            lines[place] = "\n".join(f"c{column}\t{shown}" for column, shown in found)
        problem = pa.array(["cell_error" if line else None for line in lines], pa.string())
        places = sorted(self.columns)
        return pa.record_batch(
            [*(self.columns[place] for place in places), problem, pa.array(lines, pa.string())],
            names=[*(f"c{place}" for place in places), "problem", "problem_text"],
        )


class SheetBlocks:
    """Reads a sheet block by block; `head` are its first rows from `start` to `stop` so far, blank ones too.

    In the head merged cells are only filled downwards: a header is looked for in it.
    """

    def __init__(self, package: XlsxPackage, part: str, texts: XlsxTexts, start: int, stop: int) -> None:
        self._package, self._part, self._texts, self._start, self._stop = package, part, texts, start, stop
        self._first: list[tuple[int, dict[int, str | None]]] = []
        self._ranges = merged_ranges(package, part)
        self._merges: Merges | None = None
        self._left = 0

    @property
    def head(self) -> list[list[str | None]]:
        """Give the first rows, all of one width."""
        columns = [column for _, row in self._first for column, text in row.items() if text is not None]
        if not columns:
            return []
        left, behind = min(columns), max(columns) + 1
        last = max(number for number, row in self._first if any(row.values()))
        rows: list[list[str | None]] = [[None] * (behind - left) for _ in range(self._start, last + 1)]
        for number, row in self._first:
            if number <= last:
                rows[number - self._start] = [row.get(column) for column in range(left, behind)]
        merges = Merges(self._ranges, left, behind - left)
        for number, cells in enumerate(rows, start=self._start):
            merges.fill(number, cells, across=False)
        return rows

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in the order of the file."""
        for cells in sheet_cells(self._package, self._part):
            block = self._block(cells)
            self._keep_head(block)
            yield self._filled(block)

    def first_cells(self, header: int, places: Sequence[int], left: int, width: int) -> list[list[JsonCell]]:
        """Return some of the first rows below the header's as JSON has them; reads the sheet's beginning once more.

        `places` are those of the rows among all that have a cell, `left` is the sheet's column of the first one.
        """
        merges = Merges(self._ranges, left, width)
        found: list[list[JsonCell]] = []
        behind = 0
        for cells in sheet_cells(self._package, self._part):
            start = int(np.searchsorted(cells.numbers, header, side="right"))
            for place in places[len(found) :]:
                row = place - behind + start
                if row >= len(cells.numbers):
                    break
                chosen = np.flatnonzero((cells.row == row) & (cells.column >= left) & (cells.column < left + width))
                values: list[JsonCell] = [None] * width
                for column, value in zip(cells.column[chosen], self._texts.first_cells(cells, chosen), strict=True):
                    values[column - left] = value
                merges.fill(int(cells.numbers[row]), values)
                found.append(values)
            behind += len(cells.numbers) - start
            if len(found) == len(places):
                break
        return found

    def _block(self, cells: Cells) -> Block:
        total = len(cells.numbers)
        errors: dict[int, list[tuple[int, str]]] = {}
        for place, shown in self._texts.errors(cells):
            errors.setdefault(int(cells.row[place]), []).append((int(cells.column[place]), shown))
        in_error = {column for found in errors.values() for column, _ in found}
        order = np.argsort(cells.column, kind="stable")
        found, starts = np.unique(cells.column[order], return_index=True)
        columns: dict[int, pa.StringArray] = {}
        for column, chosen in zip(found.tolist(), np.split(order, starts[1:]), strict=True):
            texts = self._texts.column(cells, chosen)
            if texts.null_count == len(texts) and column not in in_error:
                continue
            rows = cells.row[chosen]
            if len(rows) != total or (rows != np.arange(total)).any():
                places = np.full(total, -1, np.int64)
                places[rows] = np.arange(len(rows))
                texts = texts.take(pa.array(places, mask=places < 0))
            columns[column] = texts
        return Block(cells.numbers, columns, errors)

    def _keep_head(self, block: Block) -> None:
        first, behind = np.searchsorted(block.numbers, [self._start, self._stop]).tolist()
        if first == behind:
            return
        columns = {column: texts[first:behind].to_pylist() for column, texts in block.columns.items()}
        for place, number in enumerate(block.numbers[first:behind].tolist()):
            self._first.append((number, {column: texts[place] for column, texts in columns.items()}))

    def _filled(self, block: Block) -> Block:
        """Fill the merged cells of a block."""
        if not self._ranges or not block.columns:
            return block
        if self._merges is None:
            self._left = min(block.columns)
            self._merges = Merges(self._ranges, self._left, 0)
        width = self._merges.widen(max(block.columns) + 1 - self._left)
        if not self._merges.concern(int(block.numbers[-1])):
            return block
        blank: list[str | None] = [None] * len(block.numbers)
        columns = [
            block.columns[place].to_pylist() if place in block.columns else blank
            for place in range(self._left, self._left + width)
        ]
        rows: list[list[Any]] = [list(row) for row in zip(*columns, strict=True)]
        for number, row in zip(block.numbers.tolist(), rows, strict=True):
            self._merges.fill(number, row)
        filled = dict(block.columns)
        for place, texts in enumerate(zip(*rows, strict=True), start=self._left):
            if place in filled or any(texts):
                filled[place] = pa.array(texts, pa.string())
        return Block(block.numbers, filled, block.errors)


def sheet_cells(package: XlsxPackage, part: str) -> Iterator[Cells]:
    """Yield the cells of a sheet in the order of the file."""
    rewriter, last = Rewriter(), -1
    for piece in row_pieces(package, part):
        cells = _cells(piece, rewriter)
        if not len(cells.numbers):
            continue
        cells = replace(cells, numbers=_ascending(cells.numbers, last + 1))
        rewriter.row = last = int(cells.numbers[-1])
        yield from _parts(cells)


def _ascending(numbers: Places, least: int) -> Places:
    """Return the numbers of rows, each above the one before it: some programs give several rows the same one."""
    steps = np.arange(len(numbers))
    ascending: Places = np.maximum.accumulate(np.maximum(numbers, least) - steps) + steps
    return ascending


def _cells(piece: bytes, rewriter: Rewriter) -> Cells:
    try:
        return cells_of(piece)
    except NotStrict:
        try:
            return cells_of(rewriter.rewritten(piece))
        except NotStrict as error:
            raise damaged() from error


def _parts(cells: Cells) -> Iterator[Cells]:
    """Yield the cells of so few rows at a time that a table of them is not much larger than they are."""
    columns = len(np.unique(cells.column))
    rows = max(_MOST_CELLS // max(columns, 1), 1)
    if rows >= len(cells.numbers):
        yield cells
        return
    for start in range(0, len(cells.numbers), rows):
        first, behind = np.searchsorted(cells.row, [start, start + rows]).tolist()
        yield Cells(
            cells.numbers[start : start + rows],
            cells.row[first:behind] - start,
            cells.column[first:behind],
            cells.kind[first:behind],
            cells.kinds,
            cells.raw[first:behind],
        )
