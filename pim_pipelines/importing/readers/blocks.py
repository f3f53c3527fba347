"""Blocks of text to tables of cells: the quick half of the CSV reader.

Records of one width are read by pyarrow all at once; those of another width in a table of their own, padded or
cut; odd ones cell by cell. Then they are put back in order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from pim_pipelines.importing.readers.cells import normalise_cells, unmark
from pim_pipelines.importing.readers.division import Divider, Division, OddRecord, Offsets
from pim_pipelines.importing.readers.records import Marks, scan
from pim_pipelines.importing.readers.text import MARK_BYTES, shown

FEW = 16
MOST_MARKS = 1_000_000


@dataclass(frozen=True)
class _Part:
    """Some records of a block: their offsets, `width` columns, and what is wrong with each."""

    starts: Offsets
    columns: list[pa.Array]
    problem: pa.Array
    problem_text: pa.Array


def tables(blocks: Iterator[bytes], divider: Divider) -> Iterator[pa.Table]:
    """Yield a table a block: `c0 … c<width-1>` (normalised text), `problem`, `problem_text`; blank rows are in it.

    Blocks end with a line end, the first one starts with a data row.
    """
    names = [f"c{index}" for index in range(divider.width)]
    rest = b""
    blocks = _sparse(blocks, divider.marks)
    upcoming = next(blocks, None)
    while upcoming is not None:
        text, upcoming = rest + upcoming, next(blocks, None)
        division = divider.divide(text, final=upcoming is None)
        rest = text[division.consumed :]
        parts = list(_parts(text, division, divider))
        if not parts:
            continue
        made = [
            pa.table([*part.columns, part.problem, part.problem_text], names=[*names, "problem", "problem_text"])
            for part in parts
        ]
        if len(made) == 1:
            yield made[0]
        else:
            order = np.argsort(np.concatenate([part.starts for part in parts]), kind="stable")
            yield pa.concat_tables(made).combine_chunks().take(pa.array(order))


def _sparse(blocks: Iterator[bytes], marks: Marks) -> Iterator[bytes]:
    """Cut blocks of very short cells (or blank lines only), whose arrays would be many times their size."""
    for block in blocks:
        marked = block.count(b"\n") + block.count(marks.delimiter)
        size = len(block) if marked <= MOST_MARKS else max(len(block) * MOST_MARKS // marked, 1)
        start = 0
        while start < len(block):
            stop = block.find(b"\n", min(start + size, len(block)) - 1) + 1
            yield block[start:stop] if stop - start < len(block) else block
            start = stop


def _parts(text: bytes, division: Division, divider: Divider) -> Iterator[_Part]:
    slow = list(division.odd)
    for count in np.unique(division.counts).tolist():
        chosen = division.counts == count
        starts, stops = division.starts[chosen], division.stops[chosen]
        whole = not division.odd and len(starts) == len(division.starts)
        source = text[: division.consumed] if whole else _gathered(text, starts, stops)
        quick = count == divider.width or (len(starts) > FEW and count <= 4 * divider.width + 64)
        part = _read(source, text, starts, stops, count=count, divider=divider) if quick else None
        if part is None:
            pairs = zip(starts.tolist(), stops.tolist(), strict=True)
            slow += [OddRecord(a, b, scan(text, a, b, divider.marks).fields, None) for a, b in pairs]
        else:
            yield part
    if slow:
        yield _odd(text, sorted(slow, key=lambda record: record.start), divider)


def _gathered(text: bytes, starts: Offsets, stops: Offsets) -> bytes:
    """Join records to one text; neighbours are copied in one go."""
    breaks = np.flatnonzero(starts[1:] != stops[:-1] + 1) + 1
    firsts = starts[np.concatenate(([0], breaks))].tolist()
    lasts = stops[np.concatenate((breaks - 1, [len(stops) - 1]))].tolist()
    return b"".join([text[a : b + 1] for a, b in zip(firsts, lasts, strict=True)])


def _read(source: bytes, text: bytes, starts: Offsets, stops: Offsets, *, count: int, divider: Divider) -> _Part | None:
    """Read records of one width; None where pyarrow sees other records than we do."""
    names = [str(index) for index in range(count)]
    quote = divider.marks.quote
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(source),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(source) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=divider.marks.delimiter.decode(),
                quote_char=quote.decode() if quote else False,
                newlines_in_values=quote is not None,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False,
                strings_can_be_null=True,
                null_values=[""],
                column_types=dict.fromkeys(names, pa.string()),
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(starts):
        return None
    wrapped = b'="' in source
    cells = [normalise_cells(column.combine_chunks(), wrapped=wrapped) for column in table.columns]
    number, width = len(starts), divider.width
    problem, detail = pa.nulls(number, pa.string()), pa.nulls(number, pa.string())
    if count < width:
        cells += [pa.nulls(number, pa.string())] * (width - count)
        problem = pa.array(["short"] * number, pa.string())
    elif count > width:
        surplus = cells[width].is_valid()
        for column in cells[width + 1 :]:
            surplus = pc.or_(surplus, column.is_valid())
        cells = cells[:width]
        if pc.any(surplus).as_py():
            problem = pc.if_else(surplus, "surplus", problem)
            detail = _raw(text, starts, stops, surplus)
    part = _Part(starts, cells, problem, detail)
    return _without_marks(part) if MARK_BYTES in source else part


def _raw(text: bytes, starts: Offsets, stops: Offsets, chosen: pa.Array) -> pa.Array:
    values: list[str | None] = [None] * len(starts)
    for index in np.flatnonzero(chosen.to_numpy(zero_copy_only=False)).tolist():
        values[index] = shown(text[starts[index] : stops[index]])
    return pa.array(values, pa.string())


def _without_marks(part: _Part) -> _Part:
    """Say `encoding` of rows with bytes that the encoding does not have, and show these as the replacement sign."""
    cells: list[pa.Array] = []
    wrong = pa.array(np.zeros(len(part.starts), np.bool_))
    detail = part.problem_text
    for column in part.columns:
        readable, found = unmark(column)
        cells.append(readable)
        detail = pc.if_else(pc.and_(found, detail.is_null()), pc.utf8_slice_codeunits(readable, 0, 1000), detail)
        wrong = pc.or_(wrong, found)
    mild = pc.or_(part.problem.is_null(), pc.fill_null(pc.equal(part.problem, "short"), False))
    return _Part(part.starts, cells, pc.if_else(pc.and_(wrong, mild), "encoding", part.problem), detail)


def _odd(text: bytes, records: list[OddRecord], divider: Divider) -> _Part:
    """Make a part of records whose cells were read one by one."""
    width = divider.width
    columns: list[list[str | None]] = [[] for _ in range(width)]
    problems: list[str | None] = []
    details: list[str | None] = []
    for record in records:
        problem = record.problem
        fields = [field.decode("utf-8") for field in record.fields]
        surplus = fields[width:]
        for index, column in enumerate(columns):
            column.append(fields[index] if index < len(fields) else None)
        if problem is None and len(fields) < width:
            problem = "short"
        if problem is None and surplus and any(_any_text(surplus)):
            problem = "surplus"
        problems.append(problem)
        details.append(shown(text[record.start : record.stop]) if problem not in (None, "short") else None)
    part = _Part(
        np.array([record.start for record in records], np.int64),
        [normalise_cells(pa.array(column, pa.string())) for column in columns],
        pa.array(problems, pa.string()),
        pa.array(details, pa.string()),
    )
    return _without_marks(part) if MARK_BYTES in text else part


def _any_text(cells: list[str]) -> list[bool]:
    kept: list[bool] = normalise_cells(pa.array(cells, pa.string())).is_valid().to_pylist()
    return kept
