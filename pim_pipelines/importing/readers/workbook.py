"""The reader of workbooks: XLSX, XLS and ODS, and gzip and zip of them.

XLSX has a reader of its own. Values of the others come from calamine, a chunk of rows at a time; what it does not tell
(error cells, zero-padded numbers, percentages) from the file itself. The header is found as in a text table. Merged
cells have their top left cell's value; of two header rows the lower one names the columns.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from pim_pipelines.errors import BrokenFile, EmptyFile, UnsupportedFormat
from pim_pipelines.importing.readers.cells import normalise_cell
from pim_pipelines.importing.readers.compressed import unpacked
from pim_pipelines.importing.readers.first_cells import number_cell, typed_cell
from pim_pipelines.importing.readers.header import ROWS_LOOKED_AT, Header, column_names, find_header, header_at
from pim_pipelines.importing.readers.limits import LIMITS, Limits
from pim_pipelines.importing.readers.marks import Marks
from pim_pipelines.importing.readers.merges import Merges
from pim_pipelines.importing.readers.ods_marks import OdsMarks, Written
from pim_pipelines.importing.readers.rows_file import RowsFile
from pim_pipelines.importing.readers.sheet_table import SheetNames, sheet_table, too_wide
from pim_pipelines.importing.readers.sheets import nothing_to_skip_to, sheet_wanted
from pim_pipelines.importing.readers.sniff import FileFormat, FileType, sniff
from pim_pipelines.importing.readers.table import JsonCell, ReadOptions, Table
from pim_pipelines.importing.readers.values import text_column, text_of
from pim_pipelines.importing.readers.xls_marks import XlsMarks
from pim_pipelines.importing.readers.xlsx import read_xlsx

CHUNK_ROWS = 5_000


class _MarksOf(Protocol):
    """What is in a workbook beside its values."""

    def of(self, sheet: str) -> Marks:
        """Read the marks of a sheet."""

    def close(self) -> None:
        """Close the file."""


def read(source: Path, target: Path, file_format: FileFormat, options: ReadOptions, limits: Limits = LIMITS) -> Table:
    """Write the rows of one sheet to `target`; raises the `FileError` tree."""
    with unpacked(source, target.parent, file_format, options.max_bytes) as path:
        file_type = sniff(path, "").file_type if file_format.compression else file_format.file_type
        if file_type is FileType.XLSX:
            return read_xlsx(path, target, options, limits)
        with _opened(path, file_type, options, limits) as (book, extras):
            sheet, marks = _chosen(book, extras, options.sheet)
            written = extras.written if isinstance(extras, OdsMarks) else None
            return _Sheet(sheet, marks, book, limits, written).write(target, file_type, options)


@contextmanager
def _opened(
    path: Path, file_type: FileType, options: ReadOptions, limits: Limits
) -> Iterator[tuple[CalamineWorkbook, _MarksOf]]:
    try:
        extras: _MarksOf
        if file_type is FileType.ODS:
            extras = OdsMarks(path, options.max_bytes, limits.cells)
        elif file_type is FileType.XLS:
            extras = XlsMarks(path, limits.cells)
        else:
            raise UnsupportedFormat("The file in the archive is no workbook. Please upload it as it is.")
        # The library goes by a file's ending, and a workbook may be called anything.
        with closing(extras), TemporaryDirectory(prefix="pim-workbook-") as folder:
            link = Path(folder) / f"workbook.{file_type}"
            link.symlink_to(path.absolute())
            with CalamineWorkbook.from_path(link) as book:
                yield book, extras
    except PasswordError as error:
        raise UnsupportedFormat("The workbook has a password. Please save it without one.") from error
    except (CalamineError, OverflowError) as error:  # a duration that Python has not
        raise _broken() from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a bug of the library met a damaged file
            raise _broken() from error
        raise


def _broken() -> BrokenFile:
    return BrokenFile("The workbook is damaged, or of a kind that cannot be read. Please save it again as XLSX or CSV.")


def _chosen(book: CalamineWorkbook, extras: _MarksOf, wanted: str | int | None) -> tuple[CalamineSheet, Marks]:
    """Return the sheet that is wanted, else the first visible one with data."""
    if wanted not in (None, ""):
        name = sheet_wanted(wanted, book.sheet_names)
        sheet, marks = _loaded(book, extras, name)
        if not sheet.height:
            raise EmptyFile(f"The sheet “{name}” of the workbook is empty. Please name one with products.")
        return sheet, marks
    for each in _visible(book):
        sheet, marks = _loaded(book, extras, each)
        if any(normalise_cell(text_of(value)) for row in sheet.iter_rows() for value in row):
            return sheet, marks
    raise EmptyFile("The workbook has no data in any visible sheet. Please check the export and upload it again.")


def _visible(book: CalamineWorkbook) -> list[str]:
    return [
        each.name
        for each in book.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
    ]


def _loaded(book: CalamineWorkbook, extras: _MarksOf, name: str) -> tuple[CalamineSheet, Marks]:
    marks = extras.of(name)  # first: it refuses what would not fit into memory
    return book.get_sheet_by_name(name), marks


class _Sheet:
    """A sheet on its way to a rows file."""

    def __init__(
        self,
        sheet: CalamineSheet,
        marks: Marks,
        book: CalamineWorkbook,
        limits: Limits,
        written: Callable[[str, Sequence[int]], Written] | None,
    ) -> None:
        self._sheet, self._marks, self._book, self._limits, self._written = sheet, marks, book, limits, written
        self._left = sheet.start[1] if sheet.start else 0
        self._merged = marks.merged or sheet.merged_cell_ranges or []

    def write(self, target: Path, file_type: FileType, options: ReadOptions) -> Table:
        header = self._header(options.skip_header_rows)
        width = len(header.names)
        if width > self._limits.columns:
            raise too_wide(width, self._limits)
        with RowsFile(target, width, header.cells) as rows:
            behind = header.index + 1 if header.index is not None else 0
            for table in self._tables(behind, width):
                rows.write(table)
        names = SheetNames(self._sheet.name, _visible(self._book), list(self._book.sheet_names))
        first = [behind + place for place in rows.sample_places[: options.first_cells]]
        return sheet_table(str(file_type), names, header, rows, self._first_cells(first, width))

    def _first_cells(self, numbers: Sequence[int], width: int) -> list[list[JsonCell]]:
        """Return the rows of these numbers as JSON has them."""
        if not numbers:
            return []
        written = self._written(self._sheet.name, numbers) if self._written else {}
        rows = {number: row for number, row in enumerate(islice(self._rows(), numbers[-1] + 1)) if number in numbers}
        return [
            [self._json(number, place, value, written) for place, value in enumerate(rows[number][:width])]
            for number in numbers
        ]

    def _json(self, number: int, place: int, value: Any, written: Written) -> JsonCell:
        column = self._left + place
        marked = self._marks.within(column, number, number + 1)
        texts, wrong = text_column([value], marked)
        text: str | None = texts[0].as_py()
        if isinstance(value, str):
            is_there = not wrong and (value or (number, column) in written)
            return (text or "") if is_there else None
        if isinstance(value, float | int) and not isinstance(value, bool) and marked is None:
            return number_cell(written.get((number, column)) or repr(value), text)
        return typed_cell(value, text)

    def _rows(self, *, across: bool = True) -> Iterator[list[Any]]:
        rows: Iterator[list[Any]] = self._sheet.iter_rows()
        if not self._merged:
            yield from rows
            return
        merges = Merges(self._merged, self._left, self._sheet.width)
        for number, row in enumerate(rows):
            merges.fill(number, row, across=across)
            yield row

    def _header(self, skip: int) -> Header:
        head = [_cells(row) for row in islice(self._rows(across=False), skip + 2 * ROWS_LOOKED_AT)]
        if skip >= len(head) or not any(map(any, head[skip:])):
            raise nothing_to_skip_to(skip, len(head))
        found = header_at(head, skip) if skip else find_header(head)
        if found.index is None:
            width = self._used([], 0)
            return Header(None, column_names([None] * width), None)
        cells = _cells(next(islice(self._rows(), found.index, None)))
        width = self._used(cells, found.index + 1)
        cells = cells[:width]
        return Header(found.index, column_names(cells), cells)

    def _used(self, header: list[str | None], start: int) -> int:
        """Return the number of columns up to the last one with text in or below the header."""
        used = next((place for place in range(len(header), 0, -1) if header[place - 1]), 0)
        for row in islice(self._sheet.iter_rows(), start, None):
            if used == len(row):
                break
            used += next((place for place in range(len(row) - used, 0, -1) if _has_text(row[used + place - 1])), 0)
        return used

    def _tables(self, start: int, width: int) -> Iterator[pa.Table]:
        rows = islice(self._rows(), start, None)
        names = [f"c{place}" for place in range(width)]
        while chunk := list(islice(rows, CHUNK_ROWS)):
            errors: dict[int, list[str]] = {}
            columns = []
            for place, values in zip(range(width), zip(*chunk, strict=True), strict=False):
                marked = self._marks.within(self._left + place, start, start + len(chunk))
                texts, wrong = text_column(values, marked)
                for row, shown in wrong:
                    errors.setdefault(row, []).append(f"c{place}\t{shown}")
                columns.append(texts)
            detail = ["\n".join(errors[row]) if row in errors else None for row in range(len(chunk))]
            problem = ["cell_error" if each else None for each in detail]
            yield pa.table(
                [*columns, pa.array(problem, pa.string()), pa.array(detail, pa.string())],
                names=[*names, "problem", "problem_text"],
            )
            start += len(chunk)


def _cells(row: list[Any]) -> list[str | None]:
    return [normalise_cell(text_of(value)) for value in row]


def _has_text(value: Any) -> bool:
    return value != "" and (not isinstance(value, str) or normalise_cell(value) is not None)
