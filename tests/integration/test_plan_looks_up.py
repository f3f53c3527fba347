"""The plan's time grows neither with the catalogue (looked up by index, never read whole) nor faster than the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loading_world import Connect, File, Row, World, gtin

from pim_pipelines.loading.work import Work
from pim_pipelines.store import plan_query, staging
from pim_pipelines.store.plan_query import Shape

OTHERS = 100_000
MINE = 6_000  # more than a small job: with tables of its own


@pytest.fixture
def world(connect: Connect, tmp_path: Path) -> World:
    """Give a tenant with many products of supplier S, and none that the files of these tests name."""
    world = World(connect, tmp_path)
    supplier = world.supplier("S")
    with connect() as conn:
        conn.execute(
            """with made as (
                 insert into products (tenant_id, gtin, ean, sku, title)
                 select %(tenant)s, case when n %% 10 > 0 then 5000000000000 + n * 10 end, null, 'Z' || n, 'x'
                 from generate_series(1, %(others)s) n returning id, sku)
               insert into supplier_products (tenant_id, supplier_id, product_id, sku)
               select %(tenant)s, %(supplier)s, id, sku from made""",
            {"tenant": world.tenant, "others": OTHERS, "supplier": supplier},
        )
        conn.execute("analyze products, supplier_products")
    return world


def planned(world: World, work: Work, shape: Shape) -> list[dict[str, Any]]:
    """Give the nodes of the way that PostgreSQL takes for the plan's statement."""
    with world.connect() as conn:
        # As `store.plan` does.
        conn.execute("select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true)")
        staged = staging.find(conn, work.run_id)
        assert staged is not None
        statement = plan_query.insert_statement(staged, shape).as_string(conn)
        answer = conn.execute(f"explain (format json) {statement}".encode(), work.scope.values()).fetchone()
        conn.rollback()
    assert answer is not None
    return list(_nodes(answer[0][0]["Plan"]))


def scans(nodes: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Give `(node type, table)` of every scan of the catalogue."""
    catalogue = {"products", "supplier_products"}
    return {(node["Node Type"], node["Relation Name"]) for node in nodes if node.get("Relation Name") in catalogue}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def staged(world: World, rows: list[Row], supplier: str | None = "S") -> Work:
    work = world.job(supplier, ["ean", "sku", "title"])
    world.staged(work, File(rows, work.fields))
    return work


@pytest.mark.parametrize("supplier", ["S", None])
@pytest.mark.parametrize("may_collide", [True, False])
def test_a_large_catalogue_is_never_read_whole(world: World, may_collide: bool, supplier: str | None) -> None:
    rows: list[Row] = [{"ean": gtin(n), "sku": f"A{n}", "title": "x"} for n in range(MINE)]
    work = staged(world, rows + [{"sku": f"B{n}", "title": "x"} for n in range(MINE if may_collide else 0)], supplier)

    nodes = planned(
        world,
        work,
        Shape(
            may_collide=may_collide,
            has_offers=True,
            has_products=True,
            has_eanless=True,
            use_hits=False,
            has_supplier=supplier is not None,
        ),
    )

    found = scans(nodes)
    assert ("Index Scan", "products") in found
    assert {node for node, _ in found} <= {"Index Scan", "Index Only Scan"}


def test_sets_of_the_files_rows_are_never_compared_row_by_row(world: World) -> None:
    rows: list[Row] = [{"ean": gtin(n), "sku": f"A{n}", "title": "x"} for n in range(MINE)]
    work = staged(world, rows + [{"sku": f"B{n}", "title": "x"} for n in range(MINE)])

    nodes = planned(
        world,
        work,
        Shape(may_collide=True, has_offers=True, has_products=True, has_eanless=True, use_hits=True, has_supplier=True),
    )

    repeated = [node["Plans"][1] for node in nodes if node["Node Type"] == "Nested Loop"]
    assert repeated
    assert not [node for inner in repeated for node in _nodes(inner) if node["Node Type"] == "CTE Scan"]


def test_unchanged_rows_are_found_by_one_pass_over_the_suppliers_offers(world: World) -> None:
    work = staged(world, [{"ean": gtin(n), "sku": f"A{n}", "title": "x"} for n in range(MINE)])

    nodes = planned(
        world,
        work,
        Shape(
            may_collide=False, has_offers=True, has_products=True, has_eanless=True, use_hits=True, has_supplier=True
        ),
    )

    found = scans(nodes)
    assert {node for node, table in found if table == "products"} <= {"Index Scan", "Index Only Scan"}
    assert ("Seq Scan", "supplier_products") not in found


def test_a_load_never_reads_all_products(world: World) -> None:
    world.run("S", [{"ean": gtin(n), "sku": f"A{n}", "title": "x"} for n in range(MINE)])
    before = _whole_reads(world)

    run = world.run("S", [{"ean": gtin(n), "sku": f"A{n}", "title": "y"} for n in range(MINE)])

    assert run.counts == (0, MINE, 0, 0)
    assert _whole_reads(world) == before


def _whole_reads(world: World) -> list[tuple[Any, ...]]:
    """Count the sequential scans of the catalogue; connections that are closed have reported theirs."""
    return world.rows(
        """select relname, seq_scan from pg_stat_user_tables
           where relname in ('products', 'supplier_products') order by 1"""
    )
