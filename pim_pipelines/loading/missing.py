"""The end of a load with `deactivate_missing`: products that the supplier's file no longer has."""

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading.transaction import OVERTAKEN, TRIES, stopped
from pim_pipelines.loading.work import Connection, Work
from pim_pipelines.store import chunks, missing
from pim_pipelines.store.plan_query import BUCKETS
from pim_pipelines.store.staging import Staging

BATCH = 20_000
"""So many products are delisted in one transaction."""


def deactivate(conn: Connection, work: Work, staged: Staging) -> int | None:
    """Delist what the file no longer has, after all its rows are loaded; returns how many products became inactive.

    None where a row that failed may mean any product. Raises Cancelled or Superseded when the job is not this run's any
    more; batches that were committed stay.
    """
    with conn.transaction():
        if missing.is_held(conn, staged):
            return None
        gone = missing.find(conn, staged, work.scope)
    return sum(_batch(conn, work, gone[start : start + BATCH]) for start in range(0, len(gone), BATCH))


def _batch(conn: Connection, work: Work, product_ids: list[int]) -> int:
    for _ in range(TRIES):
        try:
            with conn.transaction():
                for bucket in range(BUCKETS):  # in the order of every load, so that none waits for the other
                    conn.execute("select pg_advisory_xact_lock(%s, %s)", (work.tenant_id, bucket))
                deactivated = missing.deactivate(conn, work.writer, product_ids)
                if not chunks.hold(conn, work.holder):
                    raise stopped(conn, work)
            return deactivated
        except OVERTAKEN:
            conn.rollback()
    raise ImportFailed("Other imports kept changing products that this one was to deactivate: retry it later.")
