"""One chunk into the catalogue, in one transaction that the fence ends."""

from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg import errors as pg

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading import plan as planning
from pim_pipelines.loading.checked import csv
from pim_pipelines.loading.chunk import Cargo, Chunk, cargo, new_product_columns
from pim_pipelines.loading.work import Cancelled, Connection, LoadStopped, Superseded, Work
from pim_pipelines.store import chunks, errors, offers, outbox, pending, plan, products
from pim_pipelines.store.chunks import Tally
from pim_pipelines.store.outbox import Event
from pim_pipelines.store.staging import Staging
from pim_pipelines.store.writing import Stale

TRIES = 10
"""So often a chunk is planned again because another import was there first."""

OVERTAKEN = (Stale, pg.UniqueViolation, pg.DeadlockDetected, pg.SerializationFailure)

Planned = TypeVar("Planned")


def carried_through(
    conn: Connection,
    planned: Planned,
    carry_out: Callable[[Planned], Tally],
    plan_again: Callable[[Planned], Planned],
    tries: int,
) -> Tally:
    """Carry out what is planned in a transaction, and where other imports were there first, plan it again.

    Raises what `carry_out` raises otherwise, with nothing kept; ImportFailed when others never let it through.
    """
    for _ in range(tries):
        try:
            return carry_out(planned)
        except OVERTAKEN:
            conn.rollback()
            planned = plan_again(planned)
        except (LoadStopped, psycopg.Error):
            if not conn.closed:
                conn.rollback()
            raise
    raise ImportFailed(
        "Other imports kept changing the same products while this one was loading: retry it when they are done."
    )


def load_chunk(conn: Connection, work: Work, staged: Staging, chunk: Chunk) -> Tally:
    """Load a chunk; what other imports do meanwhile changes its plan, never its exactness.

    Raises Cancelled or Superseded when the job is not this run's any more, ImportFailed when others never let it
    through, psycopg.Error when the database fails; nothing of the chunk is kept then.
    """
    return carried_through(
        conn,
        chunk,
        lambda planned: _carry_out(conn, work, planned, cargo(planned, work)),
        lambda planned: _plan_again(conn, work, staged, planned),
        TRIES,
    )


def _plan_again(conn: Connection, work: Work, staged: Staging, chunk: Chunk) -> Chunk:
    rows = chunk.live
    with conn.transaction():
        plan.rebuild(conn, staged, work.scope, rows, part=chunk.part, bucket=chunk.buckets[0])
        again = planning.read(plan.packed(conn, staged, rows=rows))
    return chunk.planned_again(again)


def _carry_out(conn: Connection, work: Work, chunk: Chunk, load: Cargo) -> Tally:
    with conn.transaction():
        # A crash may cost the last chunks, which a retry then finds missing; waiting for the disk would cost more.
        conn.execute("select set_config('synchronous_commit', 'off', true)")
        for bucket in chunk.buckets:
            conn.execute("select pg_advisory_xact_lock(%s, %s)", (work.tenant_id, bucket))
        _put_products(conn, work, load)
        if load.waiting:
            pending.queue(conn, work.writer, load.waiting)
        if load.with_ean.height and pending.any_open(conn, work.tenant_id):
            pending.resolve(conn, work.writer, *(load.with_ean[name].to_list() for name in load.with_ean.columns))
        if load.findings.height:
            errors.copy(conn, csv(load.findings.head(errors.room(conn, work.job_id))))
        if not chunks.finish(conn, work.holder, chunk.number, load.tally):
            raise stopped(conn, work)
    return load.tally


def _put_products(conn: Connection, work: Work, load: Cargo) -> None:
    if load.new_skus:
        offers.refuse_taken_skus(conn, work.writer, load.new_skus)
    if load.new_products:
        products.copy_new(conn, new_product_columns(work), load.new_products)
        if Event.PRODUCT_CREATED in outbox.wanted(conn, work.tenant_id):
            outbox.put_products(conn, work.tenant_id, Event.PRODUCT_CREATED, load.new_ids.to_list())
    if load.new_offers:
        offers.copy_new(conn, offers.COLUMNS, load.new_offers)
    if load.changes:
        products.receive(conn, work.columns, load.changes)
        products.change(conn, work.writer, work.columns, load.kinds)


def stopped(conn: Connection, work: Work) -> LoadStopped:
    """Say why the job is not this run's to load any more."""
    status = chunks.standing(conn, work.holder)
    if status is None:
        return Superseded("Another attempt has taken over this import.")
    if status == "cancelled":
        return Cancelled("The import was cancelled.")
    return Superseded(f"The import is {status}, so this run loads nothing more.")
