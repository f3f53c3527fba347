"""What is in the columns: a sample of the rows, looked at with pandas.

The profile is what column detection weighs headers with, what Dagster shows, and JSON-able, so that it
can be kept with the job.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pim_pipelines.importing.kinds import kinds

if TYPE_CHECKING:
    from pim_pipelines.importing.readers.table import Table

SAMPLE_ROWS = 2_000
SAMPLE_CELLS = 1_000_000  # a file of 10,000 columns is judged by fewer rows
SAMPLE_GROUPS = 8  # row groups looked into, so that a million rows cost no more than a few thousand
LONGEST_CELL = 2_000  # characters of a cell that patterns look at
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
    columns = [column_profile(name, position, frame[f"c{position}"]) for position, name in enumerate(table.columns)]
    return Profile(len(frame), has_header, columns)


def profile_frame(frame: pd.DataFrame, *, has_header: bool = True) -> Profile:
    """Profile a frame of text cells whose column names are the file's; blank cells are null."""
    columns = [column_profile(str(name), position, frame.iloc[:, position]) for position, name in enumerate(frame)]
    return Profile(len(frame), has_header, columns)


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


def column_profile(name: str, position: int, cells: "pd.Series[str]") -> ColumnProfile:
    """Profile one column of text cells."""
    present = cells.dropna()
    filled = len(present)
    if filled == 0:
        return ColumnProfile(name, position, 0, 0.0, 0, "blank")
    counts = present.value_counts()
    # Patterns look at each distinct value once; its count is its weight.
    values = counts.index.to_series().astype("str").str.slice(0, LONGEST_CELL)
    weights = counts.to_numpy() / filled
    shares = _shares(values, weights)
    minimum, maximum = _range(values, shares)
    lengths = values.str.len().to_numpy()
    words = values.str.count(r"\S+").to_numpy()
    return ColumnProfile(
        name=name,
        position=position,
        filled=filled,
        fill=round(filled / len(cells), 4),
        distinct=len(counts),
        type=_type(shares),
        shares=shares,
        convention=_convention(shares),
        minimum=minimum,
        maximum=maximum,
        mean_length=round(float((lengths * weights).sum()), 1),
        max_length=int(present.str.len().max()),
        mean_words=round(float((words * weights).sum()), 1),
        commonest=str(counts.index[0])[:EXAMPLE_LENGTH],
        commonest_share=round(float(weights[0]), 4),
        examples=[str(value)[:EXAMPLE_LENGTH] for value in present.drop_duplicates().head(EXAMPLES)],
    )


def _shares(values: "pd.Series[str]", weights: "np.ndarray[Any, Any]") -> dict[str, float]:
    found: dict[str, float] = {}
    for kind, mask in kinds(values).items():
        share = float(weights[mask.to_numpy(dtype=bool)].sum())
        if share > 0:
            found[kind] = round(min(share, 1.0), 4)
    return found


def _range(values: "pd.Series[str]", shares: dict[str, float]) -> tuple[float | None, float | None]:
    """Give the least and the greatest number, read roughly: it tells 24 % VAT from a price of 2,400."""
    if shares.get("number", 0.0) < 0.5:
        return None, None
    digits = values.str.extract(r"([-+]?\d[\d.,]*)", expand=False).dropna()
    comma = digits.str.contains(r",\d{1,2}$") & ~digits.str.contains(r"\.\d{1,2}$")
    plain = digits.where(~comma, digits.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))
    numbers = pd.to_numeric(plain.str.replace(",", "", regex=False), errors="coerce").dropna()
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else (None, None)


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
