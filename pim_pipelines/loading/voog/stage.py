"""Stage the rows of a Voog task, their values and their errors, while the next block is being checked."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from pim_pipelines.loading.checked import csv
from pim_pipelines.loading.relay import Sums, relay
from pim_pipelines.loading.work import Connect, Staged, Work
from pim_pipelines.store import voog_staging

if TYPE_CHECKING:
    from pim_pipelines.importing.voog.rows import VoogBlock

ROWS_A_COPY = 10_000
"""So many are written as CSV at once: descriptions may be long."""


def stage(
    connect: Connect, work: Work, blocks: "Iterable[VoogBlock]", on_block: Callable[[Staged], None] | None = None
) -> Staged:
    """Write all rows and their errors to the run's staging tables, in one transaction.

    `on_block` is told the sums so far, after each block. Raises ImportFailed when the database fails; nothing is staged
    then. What is staged is removed by `loading.stage.drop`.
    """
    with closing(connect()) as conn:

        def write(blocks: "Iterator[VoogBlock]", sums: Sums) -> None:
            with conn.transaction():
                staging_id = voog_staging.begin(conn)
                for block in blocks:
                    for rows in block.rows.select(voog_staging.ROW_COLUMNS).iter_slices(ROWS_A_COPY):
                        voog_staging.put_rows(conn, staging_id, csv(rows))
                    for errors in block.errors.select(voog_staging.ERROR_COLUMNS).iter_slices(ROWS_A_COPY):
                        voog_staging.put_errors(conn, staging_id, csv(errors))
                total = sums.staged().total_rows
                voog_staging.finish(conn, staging_id, total, import_id=work.job_id, run_id=work.run_id)

        return relay(blocks, write, on_block)
