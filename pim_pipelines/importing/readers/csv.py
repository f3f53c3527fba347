"""The reader of text tables: CSV, TSV, pipe-separated and their relatives, gzip and zip of them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pim_pipelines.errors import BrokenFile, EmptyFile
from pim_pipelines.importing.readers import blocks
from pim_pipelines.importing.readers.cells import normalise_cell
from pim_pipelines.importing.readers.compressed import unpacked
from pim_pipelines.importing.readers.dialect import (
    Dialect,
    SampleRow,
    declared_delimiter,
    detect_dialect,
    sample_rows,
)
from pim_pipelines.importing.readers.division import Divider
from pim_pipelines.importing.readers.encoding import detect_encoding
from pim_pipelines.importing.readers.header import ROWS_LOOKED_AT, Header, find_header, header_at
from pim_pipelines.importing.readers.limits import LIMITS, Limits
from pim_pipelines.importing.readers.rows_file import RowsFile
from pim_pipelines.importing.readers.sniff import FileFormat
from pim_pipelines.importing.readers.table import ReadOptions, Table
from pim_pipelines.importing.readers.text import MARK, REPLACEMENT, lines

# A width that a fifth of the rows have is one of the table, whatever the header says.
_COMMON = 0.2


def read(source: Path, target: Path, file_format: FileFormat, options: ReadOptions, limits: Limits = LIMITS) -> Table:
    """Write a text table's rows to `target`; raises the `FileError` tree."""
    with unpacked(source, target.parent, file_format, options.max_bytes) as plain:
        return _read(plain, target, str(file_format.file_type), options, limits)


def _read(source: Path, target: Path, file_type: str, options: ReadOptions, limits: Limits) -> Table:
    encoding = detect_encoding(source)
    sample = _Sample.of(source, encoding, options.skip_header_rows, limits)
    header, dialect = sample.header, sample.dialect
    width = len(header.names)
    if width > limits.columns:
        raise BrokenFile(
            f"The file has {width:,} columns; at most {limits.columns:,} can be read. "
            "Please export only the columns that are wanted."
        )
    divider = Divider(dialect.marks, width, sample.widths | {width}, limits)
    with RowsFile(target, width, header.cells) as rows:
        for table in blocks.tables(_behind(source, encoding, dialect, sample, limits), divider):
            rows.write(table)
    if not rows.total_rows:
        raise EmptyFile("The file has a header but no rows below it. Please export it with its products.")
    return Table(
        file_type=file_type,
        encoding=encoding,
        delimiter=dialect.delimiter,
        header_row=header.index,
        columns=header.names,
        total_rows=rows.total_rows,
        sample=[dict(zip(header.names, row, strict=True)) for row in rows.sample],
        warnings=[*sample.warnings, *_warnings(rows)],
        first_cells=[[cell or "" for cell in row] for row in rows.sample[: options.first_cells]],
    )


class _Sample:
    """The beginning of a file, and what it tells: dialect, header, where the data starts."""

    def __init__(self, text: bytes, skip: int, *, whole: bool) -> None:
        declared = declared_delimiter(text)
        self.start = declared[1] if declared else 0
        body = text[self.start :]
        table = _behind_lines(body, skip)
        self.dialect: Dialect = detect_dialect(table, declared[0] if declared else None, whole=whole)
        plain = self.dialect.plain(body)
        self.rows: list[SampleRow] = sample_rows(plain, self.dialect.marks, skip + 2 * ROWS_LOOKED_AT, whole=whole)
        self.warnings: list[str] = []

    @classmethod
    def of(cls, source: Path, encoding: str, skip: int, limits: Limits) -> "_Sample":
        """Read as much of a file as its header needs; raises EmptyFile where there is none."""
        text = b""
        pieces = lines(source, encoding, replace(limits, block=min(limits.block, limits.sample)))
        whole = False
        wanted = limits.sample
        while True:
            while len(text) < wanted and not whole:
                piece = next(pieces, None)
                text += piece or b""
                whole = piece is None
            sample = cls(text[: text.find(b"\n", wanted) + 1] if len(text) > wanted else text, skip, whole=whole)
            if whole or len(sample.rows) > skip + 1:
                break
            wanted = 2 * len(text)
        sample._find_header(skip)
        return sample

    def _find_header(self, skip: int) -> None:
        if all(row.blank for row in self.rows):
            raise EmptyFile("The file has no text in it. Please check the export and upload it again.")
        cells = [[normalise_cell(_text(field)) for field in row.fields] for row in self.rows]
        if skip >= len(cells) or not any(map(any, cells[skip:])):
            raise EmptyFile(
                f"skip_header_rows is {skip}, but the file has only {len(cells)} rows. Please give a smaller number."
            )
        self.header: Header = header_at(cells, skip) if skip else find_header(cells)
        behind = self.header.index + 1 if self.header.index is not None else 0
        # Offset of the first data row in the text without frames, behind the `sep=` line.
        self.data = self.rows[behind - 1].stop if behind else 0
        body = [row for row in self.rows[behind:] if not row.blank]
        counts = [len(row.fields) for row in body]
        self.widths = frozenset(count for count in counts if counts.count(count) >= _COMMON * len(counts))
        named = len(cells[behind - 1]) if behind else len(self.header.names)
        if len(self.header.names) > named:
            more = ", ".join(self.header.names[named:][:5])
            self.warnings.append(f"The rows have more cells than the header names; the others are called {more}.")


def _behind_lines(text: bytes, number: int) -> bytes:
    """Leave out lines that the caller says are above the table; none where there are no more behind them."""
    position = 0
    for _ in range(number):
        position = text.find(b"\n", position) + 1
        if not position or position == len(text):
            return text
    return text[position:]


def _behind(source: Path, encoding: str, dialect: Dialect, sample: _Sample, limits: Limits) -> Iterator[bytes]:
    """Yield the text behind the header, in blocks that end with a line end."""
    pieces = lines(source, encoding, limits)
    first = next(pieces, b"")
    while len(first) < sample.start:
        first += next(pieces)
    skip = sample.data
    for piece in chain([first[sample.start :]], pieces):
        block = dialect.plain(piece)
        if skip >= len(block):
            skip -= len(block)
            continue
        yield block[skip:] if skip else block
        skip = 0


def _text(field: bytes) -> str:
    return field.decode("utf-8", errors="ignore").replace(MARK, REPLACEMENT)


_SENTENCES = {
    "short": "{} rows have fewer cells than there are columns; what is missing is blank.",
    "surplus": "{} rows have text in more cells than there are columns and are not loaded.",
    "encoding": "{} rows have bytes that the file's encoding does not have and are not loaded.",
    "repeated_header": "{} rows repeat the header and are not loaded.",
    "cut_quote": "{} rows have a quote that is never closed and are not loaded.",
}


def _warnings(rows: RowsFile) -> list[str]:
    return [
        _SENTENCES[problem].format(f"{count:,}") if count != 1 else _one(_SENTENCES[problem])
        for problem, count in sorted(rows.problems.items())
    ]


def _one(sentence: str) -> str:
    return (
        sentence.format("1")
        .replace("1 rows have", "1 row has")
        .replace("1 rows repeat", "1 row repeats")
        .replace("are not loaded", "is not loaded")
    )
