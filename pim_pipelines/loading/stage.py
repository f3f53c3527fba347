"""Stage checked rows: whole to disk, their keys to the database, while the next block is being checked."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

import polars as pl
import psycopg

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading.checked import ERRORS, FrameWriter, csv
from pim_pipelines.loading.work import Connect, Connection, Staged, Work
from pim_pipelines.store import missing, staging
from pim_pipelines.store.plan import SMALL_ROWS

if TYPE_CHECKING:
    from pim_pipelines.importing.pipeline import CheckedBlock

AHEAD = 1  # block that may wait to be written


def stage(  # noqa: PLR0917 - the steps of the work all begin connect, work, …
    connect: Connect,
    work: Work,
    blocks: "Iterable[CheckedBlock]",
    checked_path: Path,
    errors_path: Path,
    on_block: Callable[[Staged], None] | None = None,
) -> Staged:
    """Write the rows to `checked_path`, their errors to `errors_path`, and the keys to the run's staging tables.

    `on_block` is told the sums so far, after each block. Raises ImportFailed when the database fails; nothing is staged
    then.
    """
    ahead, small = _look_ahead(iter(blocks))
    with closing(connect()) as conn:
        writing = _Writing(conn, work, checked_path, errors_path, own_tables=not small)
        thread = Thread(target=writing.run, name="stage", daemon=True)
        thread.start()
        try:
            for block in ahead:
                if writing.failure is not None:
                    break
                writing.queue.put(block)
                writing.count(block)
                if on_block is not None:
                    on_block(writing.staged())
        except BaseException:
            writing.stopped = True
            raise
        finally:
            writing.queue.put(None)
            thread.join()
        if isinstance(writing.failure, psycopg.Error):
            raise ImportFailed(
                "The database failed while the checked rows were being staged; nothing was loaded. Retry the import."
            ) from writing.failure
        if writing.failure is not None:
            raise writing.failure
    return writing.staged()


def drop(connect: Connect, work: Work) -> None:
    """Remove what the run has staged, if it has."""
    with closing(connect()) as conn, conn.transaction():
        found = staging.find(conn, work.run_id)
        if found is not None:
            staging.drop(conn, found)


def sweep(connect: Connect) -> int:
    """Remove what killed runs have left staged; returns how many stagings."""
    with closing(connect()) as conn, conn.transaction():
        return staging.sweep(conn)


def _look_ahead(blocks: "Iterator[CheckedBlock]") -> "tuple[Iterator[CheckedBlock], bool]":
    """Read as many blocks as it takes to tell whether the file is small."""
    seen: list[CheckedBlock] = []
    rows = 0
    for block in blocks:
        seen.append(block)
        rows += block.total_rows
        if rows > SMALL_ROWS:
            return chain(seen, blocks), False
    return iter(seen), True


class _Writing:
    """The thread that writes blocks down, in one transaction."""

    def __init__(
        self, conn: Connection, work: Work, checked_path: Path, errors_path: Path, *, own_tables: bool
    ) -> None:
        self.queue: Queue[CheckedBlock | None] = Queue(AHEAD)
        self.failure: BaseException | None = None
        self.stopped = False
        self._conn, self._work, self._own_tables = conn, work, own_tables
        self._checked_path, self._errors_path = checked_path, errors_path
        self._total = self._failed = 0
        self._by_type: Counter[str] = Counter()
        self._gtins: list[pl.Series] = []
        self._spared: list[pl.DataFrame] = []
        self._some_without_gtin = False

    def count(self, block: "CheckedBlock") -> None:
        """Add a block to the sums."""
        self._total += block.total_rows
        self._failed += block.failed_rows
        if block.errors.height:
            types = block.errors["error_type"].value_counts()
            self._by_type.update(dict(zip(types["error_type"], types["count"], strict=True)))

    def staged(self) -> Staged:
        """Return the sums."""
        return Staged(self._total, self._failed, dict(self._by_type))

    def run(self) -> None:
        """Write blocks until None comes; whatever goes wrong is kept in `failure`, and the queue emptied."""
        done = False
        try:
            with self._conn.transaction():
                staging_id = staging.begin(self._conn, own_tables=self._own_tables)
                with (
                    staging.copy_keys(self._conn, staging_id, own_tables=self._own_tables) as copy,
                    FrameWriter(self._checked_path) as rows,
                    FrameWriter(self._errors_path) as errors,
                ):
                    while (block := self.queue.get()) is not None:
                        copy.write(csv(self._keys(block.rows, staging_id)))
                        rows.write(block.rows)
                        errors.write(block.errors.select(pl.col(name).cast(kind) for name, kind in ERRORS.items()))
                        if block.spared is not None and block.spared.height:
                            self._spared.append(block.spared.select(missing.SPARED_COLUMNS))
                    done = True
                if self.stopped:
                    raise psycopg.Rollback
                if self._spared:
                    missing.spare(
                        self._conn, staging_id, csv(self._marked(pl.concat(self._spared).unique(), staging_id))
                    )
                staging.finish(
                    self._conn, self._staging(staging_id), import_id=self._work.job_id, run_id=self._work.run_id
                )
        except BaseException as error:  # the other thread raises it
            self.failure = error
            while not done and self.queue.get() is not None:
                pass

    def _keys(self, rows: pl.DataFrame, staging_id: int) -> pl.DataFrame:
        gtins = rows["gtin"]
        self._some_without_gtin = self._some_without_gtin or gtins.null_count() > 0
        self._gtins.append(gtins)
        keys = rows.select(staging.KEY_COLUMNS)
        return keys if self._own_tables else self._marked(keys, staging_id)

    @staticmethod
    def _marked(rows: pl.DataFrame, staging_id: int) -> pl.DataFrame:
        return rows.select(pl.lit(staging_id).alias("staging_id"), pl.all())

    def _staging(self, staging_id: int) -> staging.Staging:
        gtins = pl.concat(self._gtins) if self._gtins else pl.Series([], dtype=pl.Int64)
        collide = self._some_without_gtin or gtins.n_unique() < gtins.len()
        return staging.Staging(staging_id, self._own_tables, collide, self._total, self._total - self._failed)
