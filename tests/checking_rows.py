"""Small `rows.parquet` files for the tests of checking, of the shape that readers write."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl


def write_rows(
    folder: Path,
    columns: Mapping[str, Sequence[str | None]],
    *,
    problems: dict[int, str] | None = None,
    problem_texts: dict[int, str] | None = None,
    row_group_size: int = 50_000,
) -> Path:
    """Write rows of the named columns; `problems` gives row numbers their problem codes, `problem_texts` details."""
    height = len(next(iter(columns.values())))
    problem = [(problems or {}).get(number) for number in range(1, height + 1)]
    texts = {number: f"raw text of a {code} row" for number, code in (problems or {}).items()} | (problem_texts or {})
    frame = pl.DataFrame(
        {
            "row_number": pl.Series(range(1, height + 1), dtype=pl.Int32),
            "problem": pl.Series(problem, dtype=pl.String),
            "problem_text": pl.Series([texts.get(number) for number in range(1, height + 1)], dtype=pl.String),
            **{f"c{place}": pl.Series(cells, dtype=pl.String) for place, cells in enumerate(columns.values())},
        }
    )
    path = folder / "rows.parquet"
    frame.write_parquet(path, compression="lz4", row_group_size=row_group_size)
    return path
