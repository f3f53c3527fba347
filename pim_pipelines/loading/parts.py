"""Cut checked rows and their plan into chunks, reading the file once and in order."""

from collections.abc import Iterable, Iterator

import polars as pl

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading.checked import Block
from pim_pipelines.loading.chunk import Chunk
from pim_pipelines.store.plan import SMALL_ROWS
from pim_pipelines.store.plan_query import BUCKETS, PART_ROWS

NOWHERE = -1  # the bucket of errors whose row is not loaded


def chunks(blocks: Iterable[Block], plan: pl.DataFrame, total_rows: int) -> Iterator[Chunk]:
    """Give the chunks of a file, `PART_ROWS` rows at a time.

    plan: of all rows, by row number. Rows that belong with a later row (of the same product) wait for it in memory.
    """
    small = total_rows <= SMALL_ROWS
    rows: list[pl.DataFrame] = []
    findings: list[pl.DataFrame] = []
    at, part = 0, 0
    for block in blocks:
        planned = plan.slice(at, block.rows.height)
        at += block.rows.height
        if not planned["row_number"].equals(block.rows["row_number"]):
            raise ImportFailed("The plan does not fit the checked rows; nothing more was loaded. Retry the import.")
        beside = pl.concat([block.rows, planned.drop("row_number")], how="horizontal")
        rows.append(beside)
        findings.append(_placed(block.errors, beside))
        while _last_row(block) >= (part + 1) * PART_ROWS:
            yield from _cut(part, rows, findings, small=small)
            part += 1
    while rows and (sum(map(len, rows)) or sum(map(len, findings))):
        yield from _cut(part, rows, findings, small=small)
        part += 1
    if at != plan.height:
        raise ImportFailed(f"{plan.height} rows were planned, but {at} are there: retry the import.")


def _last_row(block: Block) -> int:
    last = [frame["row_number"].max() for frame in (block.rows, block.errors) if frame.height]
    return max((int(str(number)) for number in last), default=0)


def _placed(errors: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of each error where its row is loaded; a failed row counts where it stands in the file."""
    placed = errors.join(
        rows.select("row_number", "part", "bucket"), on="row_number", how="left", maintain_order="left"
    )
    return placed.with_columns(
        pl.col("part").fill_null((pl.col("row_number") - 1) // PART_ROWS), pl.col("bucket").fill_null(NOWHERE)
    )


def _cut(part: int, rows: list[pl.DataFrame], findings: list[pl.DataFrame], *, small: bool) -> Iterator[Chunk]:
    """Take a part's rows and errors out of the lists, and give its chunks."""
    mine, mine_found = _take(rows, part), _take(findings, part)
    failed = mine_found.filter(pl.col("bucket") == NOWHERE)["row_number"].n_unique()
    if small:
        if mine.height or failed:
            yield Chunk(part * BUCKETS, part, tuple(range(BUCKETS)), mine, mine_found, failed)
        return
    for bucket in range(BUCKETS):
        chosen = mine.filter(pl.col("bucket") == bucket)
        here = [bucket, NOWHERE] if bucket == 0 else [bucket]
        counted = failed if bucket == 0 else 0
        if chosen.height or counted:
            found = mine_found.filter(pl.col("bucket").is_in(here))
            yield Chunk(part * BUCKETS + bucket, part, (bucket,), chosen, found, counted)


def _take(frames: list[pl.DataFrame], part: int) -> pl.DataFrame:
    together = pl.concat(frames)
    frames[:] = [together.filter(pl.col("part") > part)]
    return together.filter(pl.col("part") == part)
