"""A file that is not to be loaded, because too many of its rows are bad: only its errors are written down."""

from contextlib import closing
from pathlib import Path

import polars as pl

from pim_pipelines.loading import plan as planning
from pim_pipelines.loading import stage
from pim_pipelines.loading.checked import Block, blocks, csv
from pim_pipelines.loading.chunk import Chunk, cargo
from pim_pipelines.loading.transaction import stopped
from pim_pipelines.loading.work import Connect, Work
from pim_pipelines.store import chunks, errors, plan
from pim_pipelines.store.plan import Action


def refuse(connect: Connect, work: Work, checked_path: Path, errors_path: Path) -> None:
    """Write the errors and warnings of a file, count its failed rows, and drop its staging; no product is touched.

    Raises Cancelled or Superseded when the job is not this run's any more.
    """
    with closing(connect()) as conn:
        with conn.transaction():
            planned = planning.read(plan.packed(conn, planning.found(conn, work)))
        at = 0
        for number, block in enumerate(blocks(checked_path, errors_path)):
            beside = pl.concat([block.rows, planned.slice(at, block.rows.height).drop("row_number")], how="horizontal")
            at += block.rows.height
            load = cargo(_bad_rows(number, block, beside), work)
            with conn.transaction():
                if load.findings.height:
                    errors.copy(conn, csv(load.findings.head(errors.room(conn, work.job_id))))
                if not chunks.finish(conn, work.holder, number, load.tally):
                    raise stopped(conn, work)
    stage.drop(connect, work)


def _bad_rows(number: int, block: Block, beside: pl.DataFrame) -> Chunk:
    """Make a chunk of what has failed in a block: in checking, or because the plan has no place for it."""
    rejected = beside.filter(pl.col("action") == Action.REJECT.value)
    failed = block.errors.filter(pl.col("severity") == "error")["row_number"].n_unique()
    return Chunk(number, 0, (), rejected, block.errors, failed)
