"""The reader of XLSX workbooks: streamed, so that memory does not grow with the sheet.

Only the shared strings are held, closely packed. The sheet's XML is read twice: for its merged cells, which it tells
last, and for its rows. Numbers keep the digits that the file has; no stored dimension is asked.
"""

import re
from contextlib import closing
from functools import cached_property
from itertools import chain
from pathlib import Path

import pyarrow as pa

from pim_pipelines.errors import EmptyFile
from pim_pipelines.importing.readers.batch_file import BatchFile, cells_of
from pim_pipelines.importing.readers.header import ROWS_LOOKED_AT, Header, column_names, find_header
from pim_pipelines.importing.readers.limits import Limits
from pim_pipelines.importing.readers.marks import Marks, too_far
from pim_pipelines.importing.readers.rows_file import RowsFile
from pim_pipelines.importing.readers.sheet_table import SheetNames, sheet_table, too_wide
from pim_pipelines.importing.readers.sheets import nothing_to_skip_to, sheet_wanted
from pim_pipelines.importing.readers.sniff import FileType
from pim_pipelines.importing.readers.table import JsonCell, ReadOptions, Table
from pim_pipelines.importing.readers.xlsx_blocks import Block, SheetBlocks
from pim_pipelines.importing.readers.xlsx_formats import style_codes
from pim_pipelines.importing.readers.xlsx_package import SheetPart, XlsxPackage
from pim_pipelines.importing.readers.xlsx_strings import shared_strings
from pim_pipelines.importing.readers.xlsx_texts import XlsxTexts

_PLACE = re.compile(r"(?m)^c(\d+)(?=\t)")


def read_xlsx(path: Path, target: Path, options: ReadOptions, limits: Limits) -> Table:
    """Write the rows of one sheet to `target`; raises the `FileError` tree."""
    with closing(XlsxPackage(path, options.max_bytes)) as package:
        return _Reading(package, target, options, limits).table()


class _Reading:
    """A workbook on its way to a rows file."""

    def __init__(self, package: XlsxPackage, target: Path, options: ReadOptions, limits: Limits) -> None:
        self._package, self._target, self._options, self._limits = package, target, options, limits
        self._names = [sheet.name for sheet in package.sheets]
        self._visible = [sheet for sheet in package.sheets if sheet.is_visible and sheet.has_cells]

    @cached_property
    def _texts(self) -> XlsxTexts:
        return XlsxTexts(
            shared_strings(self._package),
            style_codes(self._package),
            counts_from_1904=self._package.counts_from_1904,
        )

    def table(self) -> Table:
        """Read the sheet that is wanted, else the first visible one with data."""
        if self._options.sheet not in (None, ""):
            name = sheet_wanted(self._options.sheet, self._names)
            found = self._read(next(sheet for sheet in self._package.sheets if sheet.name == name))
            if found is None:
                raise EmptyFile(f"The sheet “{name}” of the workbook is empty. Please name one with products.")
            return found
        for sheet in self._visible:
            if (found := self._read(sheet)) is not None:
                return found
        raise EmptyFile("The workbook has no data in any visible sheet. Please check the export and upload it again.")

    def _read(self, sheet: SheetPart) -> Table | None:
        """Read a sheet; None where it has no text."""
        skip = self._options.skip_header_rows
        wanted = skip + 2 * ROWS_LOOKED_AT
        reading = SheetBlocks(self._package, sheet.part, self._texts, skip, wanted)
        blocks = iter(reading.blocks())
        first: list[Block] = []
        last, left = -1, self._limits.columns
        for block in blocks:
            self._check_reach(sheet, block)
            last, left = int(block.numbers[-1]), min(left, min(block.columns, default=left))
            if last >= skip:
                first.append(block)
            if last + 1 >= wanted:
                break
        if left == self._limits.columns:
            return None
        head = reading.head
        if not head:
            raise nothing_to_skip_to(skip, last + 1)
        index = skip if skip else find_header(head).index
        cells = next((block.row(index) for block in first if index is not None and block.has(index)), {})
        width = max(cells, default=-1) + 1
        with BatchFile(self._target.parent) as held:
            for block in chain(first, blocks):
                self._check_reach(sheet, block)
                left = min(left, min(block.columns, default=left))
                below = block.behind(-1 if index is None else index)
                if below.numbers.size:
                    width = max(width, max(below.columns, default=-1) + 1)
                    held.add(below.batch())
            named = [cells.get(place) for place in range(left, width)]
            header = Header(index, column_names(named), named if index is not None else None)
            return self._written(sheet, held, header, left, reading)

    def _check_reach(self, sheet: SheetPart, block: Block) -> None:
        """Raise BrokenFile where a text stands in a column that is none of a table's."""
        columns = max(block.columns, default=-1) + 1
        if columns <= self._limits.columns:
            return
        reach = Marks(rows=int(block.numbers[-1]) + 1, columns=columns)
        if reach.rows * reach.columns > self._limits.cells:
            raise too_far(sheet.name, reach)
        raise too_wide(columns, self._limits)

    def _written(self, sheet: SheetPart, held: BatchFile, header: Header, left: int, reading: SheetBlocks) -> Table:
        width = len(header.names)
        with RowsFile(self._target, width, header.cells) as rows:
            for table in held.tables():
                rows.write(_moved(table, left, width))
        names = SheetNames(sheet.name, [each.name for each in self._visible], self._names)
        first: list[list[JsonCell]] = []
        if places := rows.sample_places[: self._options.first_cells]:
            first = reading.first_cells(-1 if header.index is None else header.index, places, left, width)
        return sheet_table(str(FileType.XLSX), names, header, rows, first)


def _moved(table: pa.Table, left: int, width: int) -> pa.Table:
    """Return a batch with all columns of the table, the first one of the sheet's that has text as `c0`."""
    cells = cells_of(table, (f"c{left + place}" for place in range(width)))
    detail = table["problem_text"]
    if left and detail.null_count < len(detail):
        shifted = [text and _PLACE.sub(lambda found: f"c{int(found[1]) - left}", text) for text in detail.to_pylist()]
        detail = pa.array(shifted, pa.string())
    names = [*(f"c{place}" for place in range(width)), "problem", "problem_text"]
    return pa.table([*cells, table["problem"], detail], names=names)
