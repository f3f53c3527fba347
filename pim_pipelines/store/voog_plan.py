"""The plan of a Voog task: one row for each row of its file, saying which product it means and what happens to it.

    action  c create     makes the product                                    counts as created
            u update     writes the product                                   updated
            m merged     what it says is written with its product's first row updated
            f failed     has an error, or no place in the catalogue           failed

Rows that mean one product are written together: of each field the last that is not blank. A product that an earlier
attempt of the job has made is found by its `created_row`, is updated, and still counts as created. A family (a product
and its variants) is in one chunk. What a row means stands in docs/decisions/0007-voog-and-pixee-one-catalogue.md.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from pim_pipelines.store import voog_plan_query
from pim_pipelines.store.voog_families import families

CHUNK_ROWS = 5_000
"""About so many rows are loaded in one transaction: whole families, of which the last may be larger."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a task's run has of its own."""

    staging_id: int

    @property
    def rows(self) -> Identifier:
        """All its rows, as `stage_voog_rows`."""
        return Identifier(f"stage_voog_rows_{self.staging_id}")

    @property
    def errors(self) -> Identifier:
        """What checking found in them, as `stage_voog_errors`."""
        return Identifier(f"stage_voog_errors_{self.staging_id}")

    @property
    def plan(self) -> Identifier:
        """What they mean, as `voog_plan`."""
        return Identifier(f"voog_plan_{self.staging_id}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan is made for. match_key: `id` or `sku`; None: nothing is matched, every row makes a product."""

    tenant: int
    job: int
    attempt: int
    match_key: str | None

    def values(self) -> dict[str, Any]:
        """Return the parameters of the plan's statements."""
        return {"tenant": self.tenant, "job": self.job}


def build(conn: Connection[Any], tables: Tables, scope: Scope) -> int:
    """Plan all rows, in place of an earlier plan; returns how many."""
    _set_planner(conn)
    conn.execute(SQL("drop table if exists {}").format(tables.plan))
    conn.execute(SQL("create table {} (like voog_plan)").format(tables.plan))
    conn.execute(
        SQL("create temp table voog_places on commit drop as {}").format(families(tables.rows)), scope.values()
    )
    planned = _decide(conn, tables, scope, None)
    conn.execute(SQL("create index on {} (chunk)").format(tables.plan))
    conn.execute(SQL("analyze {}").format(tables.plan))
    return planned


def index_rows(conn: Connection[Any], tables: Tables) -> None:
    """Index the staged rows and their errors for the chunks to come; planning does not need that."""
    for table in (tables.rows, tables.errors):
        conn.execute(SQL("create index if not exists {} on {} (row_number)").format(_index(table), table))


def rebuild(conn: Connection[Any], tables: Tables, scope: Scope, chunk: int) -> None:
    """Plan the rows of one chunk again, because the catalogue has changed under them."""
    _set_planner(conn)
    conn.execute(
        SQL(
            """create temp table voog_places on commit drop as
               select row_number, is_variant, parent_row, parent_product, orphan from {} where chunk = {}"""
        ).format(tables.plan, Literal(chunk))
    )
    conn.execute(SQL("delete from {} where chunk = {}").format(tables.plan, Literal(chunk)))
    _decide(conn, tables, scope, chunk)


def _index(table: Identifier) -> Identifier:
    return Identifier(f"{table.as_string().strip(chr(34))}_rows")


def _set_planner(conn: Connection[Any]) -> None:
    # As for `store.plan`: never read the catalogue whole, and never step through n² pairs of the file's own rows,
    # whatever the planner believes of their number. Look-ups are lateral and can only be nested loops.
    conn.execute(
        "select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true),"
        " set_config('jit', 'off', true)"
    )


def _decide(conn: Connection[Any], tables: Tables, scope: Scope, chunk: int | None) -> int:
    conn.execute("analyze pg_temp.voog_places")
    statement = voog_plan_query.insert_statement(
        tables.plan,
        tables.rows,
        match_key=scope.match_key,
        is_retried=scope.attempt > 1,
        chunk=chunk,
        chunk_rows=CHUNK_ROWS,
    )
    return conn.execute(statement, scope.values()).rowcount


def chunks(conn: Connection[Any], tables: Tables) -> list[int]:
    """Return the numbers of the plan's chunks, in order.

    From one to the next by the index: who reads the whole new table marks its rows as committed, which is logged.
    """
    steps = conn.execute(
        SQL(
            """with recursive steps as (
                 select min(chunk) as chunk from {plan}
                 union all
                 select (select min(p.chunk) from {plan} p where p.chunk > s.chunk) from steps s
                 where s.chunk is not null)
               select chunk from steps where chunk is not null"""
        ).format(plan=tables.plan)
    )
    return [row[0] for row in steps]


def counts(conn: Connection[Any], tables: Tables, chunk: int | None = None) -> tuple[dict[str, int], dict[str, int]]:
    """Count the rows, all or a chunk's, by how they count (`c`, `u`, `f`), and the failed ones by their problem."""
    counted = dict.fromkeys("cuf", 0)
    problems: dict[str, int] = {}
    for counts_as, problem, rows in conn.execute(
        SQL("select counts_as::text, problem, count(*) from {} {} group by 1, 2 order by 1, 2").format(
            tables.plan, SQL("" if chunk is None else "where chunk = {}").format(Literal(chunk))
        )
    ):
        counted[counts_as] += rows
        if problem is not None:
            problems[problem] = rows
    return counted, problems


def imported_products(conn: Connection[Any], tables: Tables) -> int:
    """Count the products among what the file's good rows mean and the parents of it, each once."""
    row = conn.execute(
        SQL("select count(distinct coalesce(parent_id, product_id)) from {} where action <> 'f'").format(tables.plan)
    ).fetchone()
    return int(row[0]) if row else 0
