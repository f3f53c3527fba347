"""Carry out a Voog task's plan: chunk by chunk, over two connections, until it adds up."""

from pim_pipelines.importing.voog.failures import Failure, Reason, of_row
from pim_pipelines.loading.crew import Crew
from pim_pipelines.loading.loader import at_work, reconciled
from pim_pipelines.loading.plan import found
from pim_pipelines.loading.transaction import carried_through, stopped
from pim_pipelines.loading.voog.task import Task
from pim_pipelines.loading.work import Connect, Connection, Outcome, Progress
from pim_pipelines.store import chunks, voog_categories, voog_findings, voog_plan, voog_products
from pim_pipelines.store.chunks import Tally
from pim_pipelines.store.voog_findings import PARENT_NOT_FOUND
from pim_pipelines.store.voog_plan import Tables

TRIES = 1_000
"""So often a chunk is planned again. Of two tasks whose products want the same slugs each chunk may meet each of the
other's, and each time one of the two has got further: more than the chunks of a file, so that only a fault ends it.
"""


def load(connect: Connect, task: Task, on_chunk: Progress | None = None) -> Outcome:
    """Load what is staged and planned, and drop the staging; `on_chunk` is told the sums after each chunk.

    Raises Cancelled or Superseded when the job is not this run's any more, ImportFailed when the database fails or the
    counters do not add up. Chunks that were committed stay; a retry goes on from them.
    """
    with at_work(connect, task.work) as conn:
        with conn.transaction():
            staged = found(conn, task.work)
            tables = Tables(staged.id)
            todo = voog_plan.chunks(conn, tables)
            if not chunks.begin(conn, task.work.holder, staged.total_rows):
                raise stopped(conn, task.work)
        if len(todo) > 1:
            Crew[int](connect, lambda conn, chunk: load_chunk(conn, task, tables, chunk), on_chunk).load(todo)
        else:
            total = sum((load_chunk(conn, task, tables, chunk) for chunk in todo), Tally())
            if on_chunk is not None:
                on_chunk(total)
        outcome = reconciled(conn, task.work, staged.total_rows)
        _note_end(conn, task, tables)
        return outcome


def load_chunk(conn: Connection, task: Task, tables: Tables, chunk: int) -> Tally:
    """Load a chunk; what other imports do meanwhile changes its plan, never its exactness.

    Raises Cancelled or Superseded when the job is not this run's any more, ImportFailed when others never let it
    through, psycopg.Error when the database fails; nothing of the chunk is kept then.
    """
    return carried_through(
        conn,
        chunk,
        lambda number: _carry_out(conn, task, tables, number),
        lambda number: _plan_again(conn, task, tables, number),
        TRIES,
    )


def _plan_again(conn: Connection, task: Task, tables: Tables, chunk: int) -> int:
    with conn.transaction():
        voog_plan.rebuild(conn, tables, task.scope, chunk)
    return chunk


def _carry_out(conn: Connection, task: Task, tables: Tables, chunk: int) -> Tally:
    work, language = task.work, task.language
    with conn.transaction():
        # A crash may cost the last chunks, which a retry then finds missing; waiting for the disk would cost more.
        conn.execute("select set_config('synchronous_commit', 'off', true)")
        counted = voog_plan.counts(conn, tables, chunk)[0]
        voog_products.put_chunk(conn, tables, work.writer, task.manner, chunk)
        voog_categories.put(conn, work.tenant_id, language)
        findings = voog_findings.put(conn, tables, work.job_id, chunk)
        if task.matched_by == "sku":
            voog_products.refuse_taken_skus(conn, work.writer)
        tally = Tally(counted["c"], counted["u"], 0, counted["f"], findings)
        if not chunks.finish(conn, work.holder, chunk, tally):
            raise stopped(conn, work)
    return tally


def _note_end(conn: Connection, task: Task, tables: Tables) -> None:
    with conn.transaction():
        failure = _failure(voog_findings.first_error(conn, task.work.job_id))
        products = voog_plan.imported_products(conn, tables)
        if not voog_findings.note_end(conn, task.work.holder, products, failure):
            raise stopped(conn, task.work)


def _failure(first: tuple[int, str, str] | None) -> Failure | None:
    if first is None:
        return None
    row_number, error_type, message = first
    return of_row(Reason.PARENT_NOT_FOUND if error_type == PARENT_NOT_FOUND else error_type, message, row_number)
