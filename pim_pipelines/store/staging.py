"""Staging: the narrow keys of a run's checked rows, and its plan, for as long as the run is at work.

Jobs of a few thousand rows share one set of tables; larger ones have their own, made and filled in one transaction
(which PostgreSQL need not log then) and dropped at the end. A staging belongs to a Dagster run, not to a job, so that a
dry run and a load of the same job never share one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection, Copy
from psycopg.errors import LockNotAvailable
from psycopg.sql import SQL, Composed, Identifier, Literal

from pim_pipelines.store.copying import copying

KEY_COLUMNS = ("row_number", "gtin", "gtin_scope", "sku", "row_hash", "has_title")
PLAN_COLUMNS = (
    "row_number",
    "action",
    "counts_as",
    "writes_product",
    "product_id",
    "offer_no",
    "adopts",
    "gtin",
    "gtin_scope",
    "part",
    "bucket",
)
OWN_TABLES = ("stage_keys", "plan", "stage_voog_rows", "stage_voog_errors", "voog_plan")
"""What a staging may have of its own, each named with its id behind: a large job of Pixee's, any of Voog's."""


@dataclass(frozen=True, slots=True)
class Staging:
    """A row of `stagings`. may_collide: several of its rows may mean the same product."""

    id: int
    own_tables: bool
    may_collide: bool
    total_rows: int
    rows_staged: int

    @property
    def keys(self) -> Composed:
        """The keys as something to select `KEY_COLUMNS` from."""
        return _source("stage_keys", KEY_COLUMNS, self.id, self.own_tables)

    @property
    def plan(self) -> Composed:
        """The plan as something to select `PLAN_COLUMNS` from."""
        return _source("plan", PLAN_COLUMNS, self.id, self.own_tables)

    @property
    def keys_table(self) -> Identifier:
        """The table that holds the keys, perhaps with those of others."""
        return _table("stage_keys", self.id, self.own_tables)

    @property
    def plan_table(self) -> Identifier:
        """The table that holds the plan, perhaps with those of others."""
        return _table("plan", self.id, self.own_tables)

    @property
    def mine(self) -> SQL | Composed:
        """A condition on the tables that is true of this staging's rows."""
        return SQL("true") if self.own_tables else SQL("staging_id = {}").format(Literal(self.id))


def _table(name: str, staging_id: int, own_tables: bool) -> Identifier:
    return Identifier(f"{name}_{staging_id}" if own_tables else name)


def _source(name: str, columns: tuple[str, ...], staging_id: int, own_tables: bool) -> Composed:
    if own_tables:
        return SQL("{}").format(_table(name, staging_id, own_tables))
    return SQL("(select {} from {} where staging_id = {})").format(
        SQL(", ").join(map(Identifier, columns)), Identifier(name), Literal(staging_id)
    )


def begin(conn: Connection[Any], *, own_tables: bool) -> int:
    """Give the id of a new staging, whose tables of its own are made where it is to have them."""
    staging_id = new_id(conn)
    if own_tables:
        for name, columns in (("stage_keys", KEY_COLUMNS), ("plan", PLAN_COLUMNS)):
            conn.execute(
                SQL("create table {} as select {} from {} with no data").format(
                    _table(name, staging_id, own_tables), SQL(", ").join(map(Identifier, columns)), Identifier(name)
                )
            )
    return staging_id


def new_id(conn: Connection[Any]) -> int:
    """Give the id of a new staging."""
    row = conn.execute("select nextval('staging_ids')").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def copy_keys(conn: Connection[Any], staging_id: int, *, own_tables: bool) -> Iterator[Copy]:
    """Open a COPY of CSV rows: `KEY_COLUMNS`, in shared tables with the staging's id before them."""
    columns = KEY_COLUMNS if own_tables else ("staging_id", *KEY_COLUMNS)
    with copying(conn, _table("stage_keys", staging_id, own_tables), columns, is_new=own_tables) as copy:
        yield copy


def finish(conn: Connection[Any], staging: Staging, *, import_id: int, run_id: UUID) -> None:
    """Note what was staged; a staging that this run had before is dropped."""
    note(conn, staging, import_id=import_id, run_id=run_id)
    if staging.own_tables:
        conn.execute(SQL("analyze {}").format(staging.keys_table))


def note(conn: Connection[Any], staging: Staging, *, import_id: int, run_id: UUID) -> None:
    """Enter a staging among `stagings`, in place of the one that this run had before."""
    previous = find(conn, run_id)
    if previous is not None:
        drop(conn, previous)
    conn.execute(
        """insert into stagings (id, import_id, run_id, own_tables, may_collide, total_rows, rows_staged)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        (
            staging.id,
            import_id,
            run_id,
            staging.own_tables,
            staging.may_collide,
            staging.total_rows,
            staging.rows_staged,
        ),
    )


def find(conn: Connection[Any], run_id: UUID) -> Staging | None:
    """Return a run's staging."""
    row = conn.execute(
        "select id, own_tables, may_collide, total_rows, rows_staged from stagings where run_id = %s", (run_id,)
    ).fetchone()
    return Staging(*row) if row else None


def count_keys(conn: Connection[Any], staging: Staging) -> int:
    """Count the keys that are there, which must be `rows_staged`."""
    row = conn.execute(SQL("select count(*) from {} k").format(staging.keys)).fetchone()
    return int(row[0]) if row else 0


def drop(conn: Connection[Any], staging: Staging) -> None:
    """Remove a staging and all it holds."""
    if staging.own_tables:
        own = [Identifier(f"{name}_{staging.id}") for name in OWN_TABLES]
        conn.execute(SQL("drop table if exists {}").format(SQL(", ").join(own)))
    else:
        for table in (staging.keys_table, staging.plan_table):
            conn.execute(SQL("delete from {} where {}").format(table, staging.mine))
    conn.execute("delete from stage_spared where staging_id = %s", (staging.id,))
    conn.execute("delete from stagings where id = %s", (staging.id,))


def sweep(conn: Connection[Any], older_than_seconds: float = 3600) -> int:
    """Drop what killed runs left behind; returns how many stagings.

    That is: stagings of a job's run when the job is over, of other runs (dry runs) when they are old, and tables whose
    job was deleted. A table that somebody still reads is left for the next time.
    """
    swept = 0
    leftovers = conn.execute(
        """select s.id, s.own_tables, s.may_collide, s.total_rows, s.rows_staged
           from stagings s join import_jobs j on j.id = s.import_id
           where (j.run_id = s.run_id and j.status in ('completed', 'failed', 'cancelled'))
              or (j.run_id is distinct from s.run_id and s.created_at < now() - make_interval(secs => %s))
           order by s.id""",
        (older_than_seconds,),
    ).fetchall()
    for row in leftovers:
        swept += _drop_unless_in_use(conn, Staging(*row))
    orphans = conn.execute(
        r"""select distinct substring(c.relname from '\d+$')::bigint from pg_class c
            where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
              and c.relname ~ ('^(' || array_to_string(%s::text[], '|') || ')_\d+$')
              and not exists (select from stagings s where s.id = substring(c.relname from '\d+$')::bigint)""",
        (list(OWN_TABLES),),
    ).fetchall()
    for (staging_id,) in orphans:
        swept += _drop_unless_in_use(conn, Staging(staging_id, True, False, 0, 0))
    for table in ("stage_keys", "plan", "stage_spared"):
        conn.execute(
            SQL("delete from {} t where not exists (select from stagings s where s.id = t.staging_id)").format(
                Identifier(table)
            )
        )
    return swept


def _drop_unless_in_use(conn: Connection[Any], staging: Staging) -> int:
    try:
        with conn.transaction():
            conn.execute("select set_config('lock_timeout', '500ms', true)")
            drop(conn, staging)
    except LockNotAvailable:
        return 0
    return 1
