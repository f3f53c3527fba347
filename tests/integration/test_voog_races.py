"""Voog tasks that are cancelled, overtaken, or at work beside other imports: nothing lost, doubled or miscounted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from loading_world import Connect, Row, gtin, once
from voog_world import VoogWorld

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading import stage
from pim_pipelines.loading.voog.task import Task
from pim_pipelines.loading.work import Cancelled, Superseded
from pim_pipelines.store import voog_plan

FAMILIES = 40
NOBODYS = 10**9  # from here on no product has the ID


@pytest.fixture
def world(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VoogWorld:
    """Load files of a hundred rows as large ones are loaded: many chunks, two connections."""
    monkeypatch.setattr(voog_plan, "CHUNK_ROWS", 15)
    return VoogWorld(connect, tmp_path)


def rows() -> list[Row]:
    """Give families of a product and two variants, every tenth of which has a row that fails."""
    made: list[Row] = []
    for number in range(FAMILIES):
        made += [
            {
                "id": NOBODYS + number,
                "sku": f"P{number}",
                "title": "Shirt",
                "price": "5",
                "categories": [f"C{number % 3}"],
            },
            {"parent_id": NOBODYS + number, "sku": f"V{number}", "says_variant": True},
            {"parent_id": NOBODYS + number, "says_variant": True} | ({"error": "bad"} if number % 10 == 7 else {}),
        ]
    return made


COUNTS = (3 * FAMILIES - FAMILIES // 10, 0, FAMILIES // 10)


def state(world: VoogWorld) -> list[tuple[Any, ...]]:
    """Give the whole catalogue, but for ids and times."""
    return world.rows(
        """select c.created_row, p.created_row, c.title, c.slug, c.sku, c.price, c.position,
             (select array_agg(o.sku) from supplier_products o where o.product_id = c.id),
             (select array_agg(k.name) from product_categories x join categories k on k.id = x.category_id
              where x.product_id = c.id)
           from products c left join products p on p.id = c.parent_id where c.tenant_id = %s order by 1, 3""",
        world.tenant,
    )


def test_slugs_skus_and_families_of_many_chunks_are_as_of_one(
    world: VoogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, counts = world.run_task(rows())
    in_chunks = state(world)
    monkeypatch.setattr(voog_plan, "CHUNK_ROWS", 1_000_000)
    other = VoogWorld(world.connect, world.folder)
    other.run_task(rows())

    assert counts == COUNTS
    assert in_chunks == state(other)
    assert len({slug for *_, slug, _, _, _, _, _ in in_chunks if slug}) == FAMILIES


def stopped(world: VoogWorld, task: Task, then: Callable[[], Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        world.load_task(task, once(then))


@pytest.mark.parametrize("match_key", ["id", "sku"])
def test_crash_after_some_chunks_and_a_retry_come_to_what_one_run_comes_to(world: VoogWorld, match_key: str) -> None:
    def crash() -> None:
        raise ImportFailed("crashed")

    task = world.task(match_key=match_key)
    world.stage_rows(task, rows())
    stopped(world, task, crash, ImportFailed)
    some = len(world.ids())
    again = world.again(task)

    assert world.carry_out_task(again, rows()) == COUNTS
    assert 0 < some < COUNTS[0]
    other = VoogWorld(world.connect, world.folder)
    other.run_task(rows(), match_key=match_key)
    assert state(world) == state(other)
    assert world.rows("select imported_products, failed_rows from import_jobs where id = %s", task.work.job_id) == [
        (FAMILIES, FAMILIES // 10)
    ]


def test_not_a_row_is_committed_after_a_cancel_was_answered(world: VoogWorld) -> None:
    task = world.task()
    world.stage_rows(task, rows())
    at_cancel: list[int] = []

    def cancel() -> None:
        with world.connect() as conn:
            conn.execute("update import_jobs set status = 'cancelled' where id = %s", (task.work.job_id,))
        at_cancel.append(len(world.ids()))

    stopped(world, task, cancel, Cancelled)

    assert [len(world.ids())] == at_cancel
    assert world.counters(task.work)[0] == at_cancel[0] < COUNTS[0]


def test_worker_that_was_believed_dead_writes_nothing_more(world: VoogWorld) -> None:
    task = world.task()
    world.stage_rows(task, rows())
    later: list[Task] = []
    stopped(world, task, lambda: later.append(world.again(task)), Superseded)

    assert world.carry_out_task(later[0], rows()) == COUNTS
    assert len(world.ids()) == COUNTS[0]


@pytest.mark.parametrize(("match_key", "made"), [("id", 2 * COUNTS[0]), ("sku", None)])
def test_two_tasks_of_one_file_at_once(world: VoogWorld, match_key: str, made: int | None) -> None:
    """Both were planned before either is loaded: slugs part them, and by SKU the second finds what the first made."""
    tasks = [world.task(match_key=match_key) for _ in range(2)]
    with_sku = [row | {"sku": row.get("sku", f"W{number}")} for number, row in enumerate(rows())]
    for task in tasks:
        world.stage_rows(task, with_sku)

    with ThreadPoolExecutor(2) as pool:
        outcomes = [done.result() for done in [pool.submit(world.load_task, task) for task in tasks]]

    assert [done.total_rows for done in outcomes] == [len(with_sku)] * 2
    assert len(world.ids()) == (made or COUNTS[0])
    assert sum(done.created for done in outcomes) == len(world.ids())
    slugs = [slug for (slug,) in world.catalogue("slug") if slug]
    assert len(set(slugs)) == len(slugs) == (2 if made else 1) * FAMILIES


def test_pixees_load_of_the_same_products_at_the_same_time(world: VoogWorld) -> None:
    file: list[Row] = [{"ean": gtin(n), "sku": f"S{n}", "title": "old", "price": "1"} for n in range(200)]
    world.run("S", file)
    task = world.task(match_key="sku")
    world.stage_rows(task, [{"sku": f"S{n}", "stock": n} for n in reversed(range(200))])

    with ThreadPoolExecutor(2) as pool:
        voog = pool.submit(world.load_task, task)
        pixee = pool.submit(world.run, "S", [row | {"price": "2"} for row in file])

    assert (voog.result().updated, pixee.result().counts) == (200, (0, 200, 0, 0))
    assert world.rows("select count(*), sum(price)::int, sum(stock)::int from products") == [(200, 400, 19900)]


def test_a_product_made_with_the_sku_since_the_plan_is_updated(world: VoogWorld) -> None:
    task = world.task(match_key="sku")
    world.stage_rows(task, [{"sku": "A", "title": "Voog"}])
    world.run("S", [{"sku": "A", "title": "Pixee"}])

    outcome = world.load_task(task)

    assert (outcome.created, outcome.updated) == (0, 1)
    assert world.catalogue("title") == [("Voog",)]


def test_what_a_killed_task_staged_is_swept(world: VoogWorld) -> None:
    task = world.task()
    world.stage_rows(task, rows())
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'failed' where id = %s", (task.work.job_id,))

    assert stage.sweep(world.connect) == 1
    assert world.rows("select relname from pg_class where relname ~ 'voog.*_[0-9]+$'") == []
