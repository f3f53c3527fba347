"""A Voog task's plan finds the products it matches by index, row by row, however large the catalogue is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loading_world import Connect
from psycopg.sql import SQL
from voog_world import VoogWorld

from pim_pipelines.loading.plan import found
from pim_pipelines.store import voog_plan_query
from pim_pipelines.store.voog_families import families
from pim_pipelines.store.voog_plan import Tables


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize(
    ("match_key", "table", "by"), [("sku", "supplier_products", "(sku ="), ("id", "products", "(id =")]
)
def test_matches_are_looked_up_by_index(connect: Connect, tmp_path: Path, match_key: str, table: str, by: str) -> None:
    world = VoogWorld(connect, tmp_path)
    task = world.task(match_key=match_key)
    world.stage_rows(task, [{"id": n, "sku": f"A{n}", "title": "x"} for n in range(1, 50)])

    with connect() as conn:  # a catalogue that was never analysed, as after the first import
        tables = Tables(found(conn, task.work).id)
        conn.execute("select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true)")
        conn.execute(
            SQL("create temp table voog_places on commit drop as {}").format(families(tables.rows)),
            task.scope.values(),
        )
        statement = voog_plan_query.insert_statement(
            tables.plan, tables.rows, match_key=match_key, is_retried=False, chunk=None, chunk_rows=5_000
        )
        row = conn.execute(SQL("explain (format json) {}").format(statement), task.scope.values()).fetchone()
        conn.rollback()

    assert row is not None
    scans = [node for node in nodes(row[0][0]["Plan"]) if node.get("Relation Name") == table]
    conditions = [node.get("Index Cond", "") + node.get("Recheck Cond", "") for node in scans]
    assert any(by in condition.replace("o.", "").replace("c.", "") for condition in conditions), scans
    assert all(node["Node Type"] != "Seq Scan" for node in scans)
