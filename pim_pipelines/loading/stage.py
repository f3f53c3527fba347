"""Stage checked rows: whole to disk, their keys to the database, while the next block is being checked."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pim_pipelines.loading.checked import ERRORS, FrameWriter, csv
from pim_pipelines.loading.relay import Sums, relay
from pim_pipelines.loading.work import Connect, Connection, Staged, Work
from pim_pipelines.store import missing, staging
from pim_pipelines.store.plan import SMALL_ROWS

if TYPE_CHECKING:
    from pim_pipelines.importing.pipeline import CheckedBlock


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
        return relay(ahead, writing.write, on_block)


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
    """Writes blocks down, in one transaction."""

    def __init__(
        self, conn: Connection, work: Work, checked_path: Path, errors_path: Path, *, own_tables: bool
    ) -> None:
        self._conn, self._work, self._own_tables = conn, work, own_tables
        self._checked_path, self._errors_path = checked_path, errors_path
        self._gtins: list[pl.Series] = []
        self._spared: list[pl.DataFrame] = []
        self._some_without_gtin = False

    def write(self, blocks: "Iterator[CheckedBlock]", sums: Sums) -> None:
        """Write all blocks, and note the staging."""
        with self._conn.transaction():
            staging_id = staging.begin(self._conn, own_tables=self._own_tables)
            with (
                staging.copy_keys(self._conn, staging_id, own_tables=self._own_tables) as copy,
                FrameWriter(self._checked_path) as rows,
                FrameWriter(self._errors_path) as errors,
            ):
                for block in blocks:
                    copy.write(csv(self._keys(block.rows, staging_id)))
                    rows.write(block.rows)
                    errors.write(block.errors.select(pl.col(name).cast(kind) for name, kind in ERRORS.items()))
                    if block.spared is not None and block.spared.height:
                        self._spared.append(block.spared.select(missing.SPARED_COLUMNS))
            if self._spared:
                missing.spare(self._conn, staging_id, csv(self._marked(pl.concat(self._spared).unique(), staging_id)))
            staging.finish(
                self._conn,
                self._staging(staging_id, sums.staged()),
                import_id=self._work.job_id,
                run_id=self._work.run_id,
            )

    def _keys(self, rows: pl.DataFrame, staging_id: int) -> pl.DataFrame:
        gtins = rows["gtin"]
        self._some_without_gtin = self._some_without_gtin or gtins.null_count() > 0
        self._gtins.append(gtins)
        keys = rows.select(staging.KEY_COLUMNS)
        return keys if self._own_tables else self._marked(keys, staging_id)

    @staticmethod
    def _marked(rows: pl.DataFrame, staging_id: int) -> pl.DataFrame:
        return rows.select(pl.lit(staging_id).alias("staging_id"), pl.all())

    def _staging(self, staging_id: int, sums: Staged) -> staging.Staging:
        gtins = pl.concat(self._gtins) if self._gtins else pl.Series([], dtype=pl.Int64)
        collide = self._some_without_gtin or gtins.n_unique() < gtins.len()
        return staging.Staging(staging_id, self._own_tables, collide, sums.total_rows, sums.rows_staged)
