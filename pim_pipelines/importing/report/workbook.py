"""The rows of a file, a block at a time, with what was found in each beside it.

Either those that failed, because the others were loaded, or all; where all would not fit into a sheet, those that
failed. Cells are as they were in the file, but for numbers that alone would be read otherwise than among all rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import polars as pl
import pyarrow.parquet as pq

from pim_pipelines.importing.mapping.numbers import Convention, unmistakable
from pim_pipelines.importing.pipeline import CheckSpec, column_conventions
from pim_pipelines.importing.report import xlsx
from pim_pipelines.importing.report.spec import OURS, ByRow, Finding, Spec, read_findings
from pim_pipelines.importing.report.xlsx import DOUBTFUL, MOST_CHARACTERS, NOTE, PLAIN, WRONG, Workbook

BLOCK_ROWS = 4096
CELL_BYTES = 50
"""What a cell takes in XML beside its text."""

MOST_SHEETS = 100
ROOM_FOR_FINDINGS = 30_000
_WIDTH, _WIDTHS_OF_OURS = 16, [60, 60, 10]

ABOVE = "These rows stand above the header, as in the file before: it is uploaded again with the same skip_header_rows."


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the file: its key in the rows file, its name, and how its numbers are read where it has such."""

    key: str
    name: str
    convention: Convention | None = None


def make(out: Path, rows: Path, told: TextIO) -> None:
    """Write the workbook of a rows file; raises EOFError where not everything was told."""
    spec = Spec.read(told)
    findings = ByRow(read_findings(told))
    columns = _columns(rows, spec)
    sheet, sheets = _sheets(spec)
    widths = [_WIDTH] * len(columns) + _WIDTHS_OF_OURS
    with pq.ParquetFile(rows) as file, Workbook(out, sheet, sheets, widths) as workbook:
        names = [*(column.name for column in columns), *OURS]
        workbook.head(names, above=ABOVE, rows_above=spec.skipped_rows)
        only_failed = spec.only_failed or not _fits(file.metadata, len(columns), spec.skipped_rows)
        last = spec.skipped_rows + 1
        for rows_read in _blocks(file, columns):
            found = findings.up_to(int(rows_read["row_number"][-1]))
            if only_failed:
                failed = [number for number, of_row in found.items() if any(each.is_error for each in of_row)]
                rows_read = rows_read.filter(pl.col("row_number").is_in(failed))  # noqa: PLW2901
            block = rows_read.head(xlsx.MOST_ROWS - last)
            if block.height:
                workbook.rows(_xml(block, columns, found, spec, first_row=last + 1))
                last += block.height
            if last >= xlsx.MOST_ROWS or workbook.bytes > xlsx.MOST_BYTES:
                break
        workbook.foot(last)
        findings.up_to(2**31)  # the rest of the input, to see its end


def _columns(rows: Path, spec: Spec) -> list[_Column]:
    """Return the columns of the file that stand in the workbook."""
    asked = CheckSpec(spec.columns, spec.column_mapping, import_options=spec.import_options)
    read_as = column_conventions(rows, asked) if spec.fields else {}
    there = [
        _Column(f"c{place}", name, read_as.get(name)) for place, name in enumerate(spec.columns) if name not in OURS
    ]
    return there[: xlsx.MOST_COLUMNS - len(OURS)]


def _sheets(spec: Spec) -> tuple[str, list[str]]:
    """Return the name of the sheet and of all: those of the file, so that the same `sheet` finds the rows again."""
    names = spec.sheets
    folded = {name.casefold() for name in names}
    is_usable = len(folded) == len(names) <= MOST_SHEETS and all(map(xlsx.is_sheet_name, names))
    if spec.sheet in names and is_usable:
        return str(spec.sheet), names
    return "Products", ["Products"]


def _fits(metadata: pq.FileMetaData, columns: int, skipped_rows: int) -> bool:
    """Tell whether all rows fit into one sheet."""
    if metadata.num_rows + 1 + skipped_rows > xlsx.MOST_ROWS:
        return False
    text = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    return bool(1.2 * text + metadata.num_rows * columns * CELL_BYTES < xlsx.MOST_BYTES)


def _blocks(file: pq.ParquetFile, columns: list[_Column]) -> Iterator[pl.DataFrame]:
    wanted = ["row_number", *(column.key for column in columns)]
    for batch in file.iter_batches(BLOCK_ROWS, columns=wanted):
        block = pl.from_arrow(batch)
        assert isinstance(block, pl.DataFrame)  # noqa: S101 - a batch is a table
        if block.height:
            yield block


def _xml(
    block: pl.DataFrame, columns: list[_Column], found: dict[int, list[Finding]], spec: Spec, *, first_row: int
) -> str:
    numbers = block["row_number"].to_list()
    place_of = {number: place for place, number in enumerate(numbers)}
    long = _too_long(block, columns)
    styles: dict[str, list[str]] = {}
    errors, warnings = [""] * block.height, [""] * block.height
    for number, of_row in found.items():
        if number not in place_of:  # beyond the last row of the sheet
            continue
        place = place_of[number]
        errors[place] = _said([each for each in of_row if each.is_error])
        warnings[place] = _said([each for each in of_row if not each.is_error])
        for each in sorted(of_row, key=lambda finding: finding.is_error):  # an error's style is the one that stays
            if each.field in spec.fields:
                of_column = styles.setdefault(spec.fields[each.field], [PLAIN] * block.height)
                of_column[place] = WRONG if each.is_error else DOUBTFUL
    for column, places in long.items():
        for place in places:
            note = f"{column}: the text is longer than a workbook's cell can hold, and was left out here"
            warnings[place] = f"{warnings[place]}; {note}" if warnings[place] else note
    cells = [_cells(block, column, styles.get(column.name), set(long.get(column.name, ()))) for column in columns]
    said = [[xlsx.cell(text, NOTE) for text in texts] for texts in (errors, warnings, map(str, numbers))]
    opened = [f'<row r="{row}">' for row in range(first_row, first_row + block.height)]
    series = [pl.Series(opened), *cells, *map(pl.Series, said)]
    lines = pl.DataFrame([each.alias(str(place)) for place, each in enumerate(series)]).select(
        pl.concat_str(pl.all(), pl.lit("</row>"))
    )
    return "".join(lines.to_series().to_list())


def _said(findings: list[Finding]) -> str:
    text = "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in findings)
    return text if len(text) <= ROOM_FOR_FINDINGS else f"{text[:ROOM_FOR_FINDINGS]}…"


def _too_long(block: pl.DataFrame, columns: list[_Column]) -> dict[str, list[int]]:
    """Return, by column, the places of texts that no cell of a workbook can hold."""
    found: dict[str, list[int]] = {}
    for column in columns:
        series = block[column.key]
        longest = series.str.len_bytes().max()
        if not isinstance(longest, int) or longest <= MOST_CHARACTERS:
            continue
        for place in (series.str.len_bytes() > MOST_CHARACTERS).arg_true():
            if len(series[place].encode("utf-16-le", "replace")) > 2 * MOST_CHARACTERS:
                found.setdefault(column.name, []).append(place)
    return found


def _cells(block: pl.DataFrame, column: _Column, styles: list[str] | None, left_out: set[int]) -> pl.Series:
    """Return the cells of a column in XML."""
    texts = block[column.key]
    if left_out:
        texts = pl.Series([None if place in left_out else text for place, text in enumerate(texts)], dtype=pl.String)
    if column.convention:
        texts = unmistakable(texts, column.convention)
    text = pl.col("text").str.replace_all(xlsx.UNWRITABLE, "").str.replace_all(xlsx.CODE, xlsx.CODE_ESCAPED)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.str.replace_all(character, entity, literal=True)
    style = pl.lit(PLAIN) if styles is None else pl.col("style")
    frame = pl.DataFrame({"text": texts} | ({} if styles is None else {"style": styles}))
    return frame.select(
        pl.when(pl.col("text").is_null())
        .then(pl.concat_str(pl.lit('<c s="'), style, pl.lit('"/>')))
        .otherwise(
            pl.concat_str(pl.lit('<c s="'), style, pl.lit('" t="inlineStr"><is><t>'), text, pl.lit("</t></is></c>"))
        )
        .alias("cell")
    ).to_series()
