"""What is in the columns: a sample of the rows, looked at with pandas.

The profile is what column detection weighs headers with, what Dagster shows, and JSON-able, so that it
can be kept with the job.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pim_pipelines.importing.kinds import Mask, kinds

if TYPE_CHECKING:
    from pim_pipelines.importing.readers.table import Table

SAMPLE_ROWS = 2_000
SAMPLE_CELLS = 1_000_000  # a file of 10,000 columns is judged by fewer rows
SAMPLE_GROUPS = 8  # row groups looked into, so that a million rows cost no more than a few thousand
LONGEST_CELL = 2_000  # characters of a cell that patterns look at
DISTINCT = 600  # different values of a column that patterns look at
EXAMPLES = 5
EXAMPLE_LENGTH = 200

NO_COLUMN = {"row_number", "problem", "problem_text"}


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column of the sample holds; every share is of the filled cells.

    `shares`: for each kind of value in `kinds` the share of cells that are of it (absent = none).
    `convention`: `point`, `comma`, `both` or null, by the cells that can only be read one way.
    """

    name: str
    position: int
    filled: int
    fill: float
    distinct: int
    type: str
    shares: dict[str, float] = field(default_factory=dict)
    convention: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    mean_length: float = 0.0
    max_length: int = 0
    mean_words: float = 0.0
    commonest: str | None = None
    commonest_share: float = 0.0
    examples: list[str] = field(default_factory=list)

    def share(self, kind: str) -> float:
        """Return the share of filled cells that are of this kind."""
        return self.shares.get(kind, 0.0)

    @property
    def blank(self) -> bool:
        """Whether no cell of the sample has anything in it."""
        return self.filled == 0

    @property
    def unique(self) -> float:
        """Distinct values per filled cell, 0 to 1."""
        return self.distinct / self.filled if self.filled else 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns of a file as a sample of `rows` rows shows them, in the file's order."""

    rows: int
    has_header: bool
    columns: list[ColumnProfile]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that `json.dumps` takes."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Profile":
        """Read back what `to_dict` gave."""
        return cls(values["rows"], values["has_header"], [ColumnProfile(**column) for column in values["columns"]])


def profile(rows_path: Path, table: "Table") -> Profile:
    """Profile every column by about 2,000 rows spread over the file.

    `rows_path`: rows.parquet with a text column `c0, c1, …` for each of `table.columns`.
    """
    frame = sample(rows_path, len(table.columns))
    # JSON and XML have no header row and name their values all the same.
    has_header = table.header_row is not None or table.file_type in {"json", "ndjson", "xml"}
    return profile_frame(frame.set_axis(table.columns, axis="columns"), has_header=has_header)


def profile_frame(frame: pd.DataFrame, *, has_header: bool = True) -> Profile:
    """Profile a frame of text cells whose column names are the file's; blank cells are null."""
    columns = [_Column(str(name), position, frame.iloc[:, position]) for position, name in enumerate(frame)]
    # All columns' values at once: building the patterns costs more than looking at some hundred values.
    values = pa.chunked_array([column.values for column in columns] or [[]], type=pa.string()).combine_chunks()
    looked_at = _Looks(
        kinds(values), _numbers(values), pc.utf8_length(values), pc.count_substring_regex(values, r"\S+")
    )
    profiles, start = [], 0
    for column in columns:
        end = start + len(column.values)
        profiles.append(column.profile(looked_at, slice(start, end)))
        start = end
    return Profile(len(frame), has_header, profiles)


def sample(rows_path: Path, width: int) -> pd.DataFrame:
    """Read about `SAMPLE_ROWS` rows: the file's first and some from row groups spread over it."""
    wanted = max(1, min(SAMPLE_ROWS, SAMPLE_CELLS // max(width, 1)))
    columns = [f"c{position}" for position in range(width)]
    with pq.ParquetFile(rows_path) as file:
        blocks = list(_blocks(file, columns, wanted))
        rows = pa.Table.from_batches(blocks, schema=pa.schema([file.schema_arrow.field(name) for name in columns]))
    frame: pd.DataFrame = rows.to_pandas()
    # A column without any value comes as objects; all are text for what follows.
    return frame.astype("str")


def _blocks(file: pq.ParquetFile, columns: list[str], wanted: int) -> Iterator[pa.RecordBatch]:
    groups = file.num_row_groups
    if groups == 0:
        return
    chosen = sorted({round(i * (groups - 1) / max(SAMPLE_GROUPS - 1, 1)) for i in range(min(groups, SAMPLE_GROUPS))})
    share = -(-wanted // len(chosen))
    for group in chosen:
        step = max(1, file.metadata.row_group(group).num_rows // share)
        if groups > 1 and group > 0:
            step = 1  # other groups give variety enough: their first rows are cheap, the whole group is not
        left = share
        for batch in file.iter_batches(batch_size=4_096, row_groups=[group], columns=columns):
            taken = batch.take(pa.array(np.arange(0, batch.num_rows, step)[:left]))
            left -= taken.num_rows
            yield taken
            if left <= 0:
                break


class _Looks(NamedTuple):
    """What was seen of the values of all columns, one after the other."""

    kinds: dict[str, Mask]
    numbers: "np.ndarray[Any, np.dtype[np.float64]]"
    lengths: "np.ndarray[Any, np.dtype[np.int32]]"
    words: "np.ndarray[Any, np.dtype[np.int32]]"


class _Column:
    """A column's cells, its different values (some of them, of very many) and the share of cells of each."""

    def __init__(self, name: str, position: int, cells: "pd.Series[str]") -> None:
        self.name, self.position, self.rows = name, position, len(cells)
        # A Counter, not value_counts: a file of 10,000 columns would wait half a minute for the latter.
        self.counts = Counter[str](cells[cells.notna()].tolist())
        self.filled = self.counts.total()
        seen = self.counts.most_common()[:: max(1, -(-len(self.counts) // DISTINCT))]
        self.values = pa.array([value[:LONGEST_CELL] for value, _ in seen], type=pa.string())
        weights = np.array([count for _, count in seen], dtype=np.float64)
        self.weights = weights / max(weights.sum(), 1)

    def profile(self, looked_at: _Looks, own: slice) -> ColumnProfile:
        """Make the profile of what was seen at the column's own places."""
        filled = self.filled
        if filled == 0:
            return ColumnProfile(self.name, self.position, 0, 0.0, 0, "blank")
        shares = {
            kind: round(share, 4)
            for kind, mask in looked_at.kinds.items()
            if (share := min(float(self.weights[mask[own]].sum()), 1.0)) > 0
        }
        numbers = looked_at.numbers[own][~np.isnan(looked_at.numbers[own])]
        commonest, times = self.counts.most_common(1)[0]
        is_numeric = shares.get("number", 0.0) >= 0.5 and len(numbers) > 0
        return ColumnProfile(
            name=self.name,
            position=self.position,
            filled=filled,
            fill=round(filled / self.rows, 4),
            distinct=len(self.counts),
            type=_type(shares),
            shares=shares,
            convention=_convention(shares),
            minimum=float(numbers.min()) if is_numeric else None,
            maximum=float(numbers.max()) if is_numeric else None,
            mean_length=round(float((looked_at.lengths[own] * self.weights).sum()), 1),
            max_length=max(map(len, self.counts)),
            mean_words=round(float((looked_at.words[own] * self.weights).sum()), 1),
            commonest=commonest[:EXAMPLE_LENGTH],
            commonest_share=round(times / filled, 4),
            examples=[value[:EXAMPLE_LENGTH] for value in islice(self.counts, EXAMPLES)],
        )


def _numbers(values: pa.StringArray) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Read numbers roughly, NaN where there is none: enough to tell 24 % VAT from a price of 2,400."""
    digits = values.to_pandas().astype("str").str.extract(r"([-+]?\d[\d.,]*)", expand=False)
    comma = (digits.str.contains(r",\d{1,2}$") & ~digits.str.contains(r"\.\d{1,2}$")).fillna(False).astype(bool)
    plain = digits.where(~comma, digits.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))
    numbers = pd.to_numeric(plain.str.replace(",", "", regex=False), errors="coerce")
    return np.asarray(numbers.to_numpy(dtype="float64", na_value=np.nan))


TYPES = ["gtin", "boolean_word", "date", "image", "url", "integer", "number", "measure", "html"]


def _type(shares: dict[str, float]) -> str:
    """Name what most cells are: the first kind that nine cells in ten are of."""
    for kind in TYPES:
        if shares.get(kind, 0.0) >= 0.9:
            return {"boolean_word": "boolean", "number": "decimal"}.get(kind, kind)
    return "text"


def _convention(shares: dict[str, float]) -> str | None:
    point, comma = shares.get("only_point", 0.0) > 0, shares.get("only_comma", 0.0) > 0
    if point and comma:
        return "both"
    return "point" if point else "comma" if comma else None
