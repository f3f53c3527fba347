"""Carry out the plan: chunk by chunk, over two connections, until it adds up."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg

from pim_pipelines.errors import DatabaseUnavailable, ImportFailed
from pim_pipelines.loading import missing, stage
from pim_pipelines.loading import plan as planning
from pim_pipelines.loading.checked import blocks
from pim_pipelines.loading.chunk import Chunk
from pim_pipelines.loading.crew import Crew
from pim_pipelines.loading.parts import chunks as cut
from pim_pipelines.loading.transaction import load_chunk, stopped
from pim_pipelines.loading.work import Connect, Connection, Outcome, Progress, Work
from pim_pipelines.store import chunks, errors, plan, staging
from pim_pipelines.store.chunks import Tally
from pim_pipelines.store.plan import SMALL_ROWS
from pim_pipelines.store.staging import Staging


def load(
    connect: Connect, work: Work, checked_path: Path, errors_path: Path, on_chunk: Progress | None = None
) -> Outcome:
    """Load what is staged and planned, and drop the staging; `on_chunk` is told the sums after each chunk.

    Raises Cancelled or Superseded when the job is not this run's any more, ImportFailed when the database fails or the
    counters do not add up. Chunks that were committed stay; a retry goes on from them.
    """
    with at_work(connect, work) as conn:
        staged = _ready(conn, work)
        with conn.transaction():
            planned = planning.read(plan.packed(conn, staged))
        todo = cut(blocks(checked_path, errors_path), planned, staged.total_rows)
        del planned
        if staged.total_rows <= SMALL_ROWS:
            _load_here(conn, work, staged, todo, on_chunk)
        else:
            Crew[Chunk](connect, lambda conn, chunk: load_chunk(conn, work, staged, chunk), on_chunk).load(todo)
        outcome = reconciled(conn, work, staged.total_rows)
        if work.deactivates_missing and not outcome.all_failed:
            outcome = replace(outcome, deactivated=missing.deactivate(conn, work, staged))
        return outcome


@contextmanager
def at_work(connect: Connect, work: Work) -> Iterator[Connection]:
    """Give the connection of a load; at its end, whichever, what was staged for it is dropped.

    A failure of the database within is raised as ImportFailed.
    """
    try:
        with closing(connect()) as conn:
            yield conn
    except (psycopg.Error, DatabaseUnavailable) as error:
        raise ImportFailed(
            f"The database failed while the import was loading ({type(error).__name__}). What was committed before "
            "is kept: retry the import, and it goes on from there."
        ) from error
    finally:
        with suppress(psycopg.Error, DatabaseUnavailable):
            stage.drop(connect, work)


def _ready(conn: Connection, work: Work) -> Staging:
    with conn.transaction():
        staged = planning.found(conn, work)
        there = staging.count_keys(conn, staged)
        if there != staged.rows_staged:
            raise ImportFailed(
                f"{staged.rows_staged} rows were staged, but {there} are there: nothing was loaded. Retry the import."
            )
        if not chunks.begin(conn, work.holder, staged.rows_staged):
            raise stopped(conn, work)
    return staged


def _load_here(conn: Connection, work: Work, staged: Staging, todo: Iterator[Chunk], on_chunk: Progress | None) -> None:
    total = Tally()
    for chunk in todo:
        total += load_chunk(conn, work, staged, chunk)
        if on_chunk is not None:
            on_chunk(total)


def reconciled(conn: Connection, work: Work, total_rows: int) -> Outcome:
    """Compare what was to be loaded with what the chunks say; raises ImportFailed where it does not add up."""
    with conn.transaction():
        done = chunks.total(conn, work.holder)
        shown = chunks.counters(conn, work.holder)
        for name, rows in (("its chunks", done.rows), ("its counters", shown.rows)):
            if rows != total_rows:
                raise ImportFailed(
                    f"The import does not add up: the file has {total_rows} rows, {name} have {rows} "
                    f"({total_rows - rows:+d}). Retry the import."
                )
        reason = None
        if done.failed == done.rows:
            found = errors.commonest(conn, work.job_id)
            reason = f"{found[1]} ({found[0]}, {found[2]} of {done.rows} rows)" if found else None
    return Outcome(done.created, done.updated, done.skipped, done.failed, reason)
