"""A tenant, and small Voog files as checking would stage them, to be planned and loaded."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from loading_world import Row, World
from psycopg.sql import SQL, Identifier

from pim_pipelines.importing.voog.values import slug_of
from pim_pipelines.loading.voog import loader, plan
from pim_pipelines.loading.voog.plan import Summary
from pim_pipelines.loading.voog.task import Task, task_of
from pim_pipelines.loading.work import Outcome, Progress, Work

JSON = ("variant_attributes", "categories")


@dataclass
class VoogWorld(World):
    """A tenant in a fresh database; rows are dicts of staged columns, `error` makes one fail."""

    def task(self, **options: Any) -> Task:
        """Make a task that its run is processing."""
        uuid, run = uuid4(), uuid4()
        with self.connect() as conn:
            row = conn.execute(
                """insert into import_jobs (uuid, tenant_id, import_type, status, run_id, voog_id)
                   select %s, %s, 'voog', 'processing', %s, 1 + count(*) from import_jobs returning id""",
                (uuid, self.tenant, run),
            ).fetchone()
            work = Work(
                job_id=row[0] if row else 0,
                uuid=uuid,
                tenant_id=self.tenant,
                supplier_id=None,
                run_id=run,
                attempt=1,
                fields=[],
                options={"match_key": "id", "overwrite_existing": True} | options,
            )
            return task_of(conn, work)

    def again(self, task: Task) -> Task:
        """Fail the task, retry it, and let a new run process it."""
        work = self.retry(task.work)
        with self.connect() as conn:
            return task_of(conn, work)

    def stage_rows(self, task: Task, rows: list[Row]) -> Summary:
        """Stage and plan a file."""
        with self.connect() as conn:
            row = conn.execute(
                """insert into stagings (import_id, run_id, own_tables, may_collide, total_rows, rows_staged)
                   values (%s, %s, true, true, %s, %s) returning id""",
                (task.work.job_id, task.work.run_id, len(rows), len(rows)),
            ).fetchone()
            assert row is not None
            table, errors = (Identifier(f"stage_voog_{name}_{row[0]}") for name in ("rows", "errors"))
            conn.execute(SQL("create table {} (like stage_voog_rows)").format(table))
            conn.execute(SQL("create table {} (like stage_voog_errors)").format(errors))
            with conn.cursor().copy(SQL("copy {} from stdin").format(table)) as copy:
                for number, values in enumerate(rows, 1):
                    copy.write_row([staged(number, values).get(name) for name in COLUMNS])
            conn.cursor().executemany(
                SQL("insert into {} values (%s, 'error', 'number_invalid', 'price', %s, null)").format(errors),
                [(number, values["error"]) for number, values in enumerate(rows, 1) if "error" in values],
            )
        return plan.build(self.connect, task)

    def load_task(self, task: Task, on_chunk: Progress | None = None) -> Outcome:
        return loader.load(self.connect, task, on_chunk)

    def run_task(self, rows: list[Row], **options: Any) -> tuple[Task, tuple[int, int, int]]:
        """Import rows to the end; gives created, updated and failed."""
        task = self.task(**options)
        return task, self.carry_out_task(task, rows)

    def carry_out_task(self, task: Task, rows: list[Row]) -> tuple[int, int, int]:
        summary = self.stage_rows(task, rows)
        done = self.load_task(task)
        counts = done.created, done.updated, done.failed
        assert counts == (summary.tally.created, summary.tally.updated, summary.tally.failed)
        assert self.rows("select relname from pg_class where relname ~ '^(stage_voog.*|voog_plan)_[0-9]+$'") == []
        return counts

    def catalogue(self, *columns: str) -> list[tuple[Any, ...]]:
        """Give columns of the tenant's products, the oldest first."""
        return self.rows(f"select {', '.join(columns)} from products where tenant_id = %s order by id", self.tenant)

    def ids(self) -> list[int]:
        return [row[0] for row in self.catalogue("id")]


COLUMNS = (
    "row_number", "id", "parent_id", "says_variant", "failed", "sku", "title", "slug", "slug_base", "description",
    "og_description", "price", "sale_price", "length", "width", "height", "weight", "stock", "reserved_quantity",
    "status", "variant_attributes", "categories",
)  # fmt: skip


def staged(number: int, values: Row) -> Row:
    """Give a row as it is staged: of a failed one only its keys."""
    keys = {"row_number": number, "says_variant": values.get("says_variant", False), "failed": "error" in values}
    if "error" in values:
        return {name: values[name] for name in ("id", "parent_id") if name in values} | keys
    title = values.get("title")
    return (
        values
        | {name: json.dumps(values[name]) for name in JSON if name in values}
        | {"slug_base": slug_of(title) if title else None}
        | keys
    )
