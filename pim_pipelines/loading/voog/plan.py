"""Plan what happens to every row of a Voog task."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg

from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.voog.values import slug_of
from pim_pipelines.loading.plan import found
from pim_pipelines.loading.voog.task import Task
from pim_pipelines.loading.work import Connect, Connection
from pim_pipelines.store import voog_categories, voog_plan
from pim_pipelines.store.chunks import Tally
from pim_pipelines.store.voog_plan import Tables


@dataclass(frozen=True, slots=True)
class Summary:
    """What the plan will do, in rows, and why those fail that it fails, by problem."""

    tally: Tally
    problems: dict[str, int]


def build(connect: Connect, task: Task) -> Summary:
    """Plan the run's staged rows, and make the categories that they name.

    Raises ImportFailed where not every row is there, or the database fails.
    """
    try:
        with closing(connect()) as conn:
            with conn.transaction():
                staged = found(conn, task.work)
            tables = Tables(staged.id)
            with _beside(connect, task, tables), conn.transaction():
                planned = voog_plan.build(conn, tables, task.scope)
                # Here, and not once it is committed: the first to read a table then writes all of it to the log.
                counted, problems = voog_plan.counts(conn, tables)
            if planned != staged.total_rows:
                raise ImportFailed(
                    f"{staged.total_rows} rows were staged, but {planned} could be planned: nothing was loaded. "
                    "Retry the import."
                )
        return Summary(Tally(counted["c"], counted["u"], 0, counted["f"]), problems)
    except psycopg.Error as error:
        raise ImportFailed(
            "The database failed while the import was being planned; nothing was loaded. Retry the import."
        ) from error


@contextmanager
def _beside(connect: Connect, task: Task, tables: Tables) -> Iterator[None]:
    """Do what does not hang on the plan by another connection meanwhile: one server process would leave a core idle."""

    def prepare() -> None:
        with closing(connect()) as conn, conn.transaction():
            _make_categories(conn, tables, task)
            voog_plan.index_rows(conn, tables)

    with ThreadPoolExecutor(1, thread_name_prefix="plan") as thread:
        prepared = thread.submit(prepare)
        yield
        prepared.result()


def _make_categories(conn: Connection, tables: Tables, task: Task) -> None:
    for names in voog_categories.missing(conn, tables, task.work.tenant_id, task.language):
        voog_categories.make(conn, task.work.tenant_id, task.language, names, list(map(slug_of, names)))
