"""The rows file that every reader writes: numbered rows, malformed ones too, in groups of 50,000.

`row_number i32, problem str|null, problem_text str|null`, then `c0, c1, …` str|null.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS_A_GROUP = 50_000
BYTES_A_GROUP = 32 * 1024**2
SAMPLE_ROWS = 5
SAMPLE_CHARACTERS = 1000


class RowsFile:
    """Writes a rows file; blank rows are no rows, a row that repeats `header` says so.

    `header` are the normalised cells of the header row (None: the file has none).
    """

    def __init__(self, target: Path, width: int, header: Sequence[str | None] | None = None) -> None:
        self._names = [f"c{index}" for index in range(width)]
        self._header = header if header is not None and any(header) else None
        self._held: list[pa.Table] = []
        self._held_rows = 0
        self._held_bytes = 0
        self.total_rows = 0
        self.problems: Counter[str] = Counter()
        self.sample: list[list[str | None]] = []
        self.sample_places: list[int] = []
        """which of all rows that came these were, blank ones counted, from 0"""
        self._came = 0
        schema = pa.schema(
            [
                pa.field("row_number", pa.int32(), nullable=False),
                pa.field("problem", pa.string()),
                pa.field("problem_text", pa.string()),
                *(pa.field(name, pa.string()) for name in self._names),
            ]
        )
        self._schema = schema
        self._writer = pq.ParquetWriter(
            target, schema, compression="lz4", use_dictionary=False, write_statistics=["row_number"]
        )

    def __enter__(self) -> "RowsFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush(all_of_it=True)
        self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Add rows: `c0 … c<width-1>`, `problem`, `problem_text`, cells normalised."""
        filled = self._filled(table)
        self._note_places(table.num_rows, filled)
        if filled is not None:
            table = table.filter(filled)
        if not table.num_rows:
            return
        problem = self._with_repeated_header(table)
        numbers = np.arange(self.total_rows + 1, self.total_rows + table.num_rows + 1, dtype=np.int32)
        columns = [pa.array(numbers), problem, table["problem_text"], *(table[name] for name in self._names)]
        table = pa.table(columns, schema=self._schema)
        if problem.null_count < len(problem):
            self.problems.update(value for value in problem.drop_null().to_pylist())
        if len(self.sample) < SAMPLE_ROWS:
            wanted = table.slice(0, SAMPLE_ROWS - len(self.sample)).select(self._names).to_pydict()
            self.sample += [
                [text if text is None else text[:SAMPLE_CHARACTERS] for text in row]
                for row in zip(*wanted.values(), strict=True)
            ]
        self.total_rows += table.num_rows
        self._held.append(table)
        self._held_rows += table.num_rows
        self._held_bytes += table.nbytes
        if self._held_rows >= ROWS_A_GROUP or self._held_bytes >= BYTES_A_GROUP:
            self._flush()

    def _note_places(self, came: int, filled: pa.ChunkedArray | None) -> None:
        wanted = SAMPLE_ROWS - len(self.sample_places)
        if wanted:
            places = np.arange(came) if filled is None else np.flatnonzero(filled.to_numpy())
            self.sample_places += (self._came + places[:wanted]).tolist()
        self._came += came

    def _filled(self, table: pa.Table) -> pa.ChunkedArray | None:
        """Tell which rows are not blank; None: all of them."""
        problem = table["problem"]
        some = None if problem.null_count == len(problem) else pc.fill_null(pc.not_equal(problem, "short"), False)
        for name in self._names:
            valid = table[name].is_valid()
            some = valid if some is None else pc.or_(some, valid)
            if pc.all(some, min_count=0).as_py():
                return None
        return some

    def _with_repeated_header(self, table: pa.Table) -> pa.ChunkedArray:
        problem = table["problem"]
        if self._header is None:
            return problem
        same = None
        for name, text in zip(self._names, self._header, strict=True):
            each = table[name].is_null() if text is None else pc.fill_null(pc.equal(table[name], text), False)
            same = each if same is None else pc.and_(same, each)
            if not pc.any(same).as_py():
                return problem
        return pc.if_else(pc.and_(same, _mild(problem)), "repeated_header", problem)

    def _flush(self, *, all_of_it: bool = False) -> None:
        if not self._held_rows:
            return
        table = pa.concat_tables(self._held)
        take = table.num_rows
        if not all_of_it and self._held_bytes < BYTES_A_GROUP:
            take -= take % ROWS_A_GROUP
        self._writer.write_table(table.slice(0, take), row_group_size=ROWS_A_GROUP)
        rest = table.slice(take)
        self._held = [rest] if rest.num_rows else []
        self._held_rows = rest.num_rows
        self._held_bytes = rest.nbytes


def _mild(problem: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.or_(problem.is_null(), pc.fill_null(pc.equal(problem, "short"), False))
