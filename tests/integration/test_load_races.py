"""Loads that are killed, overtaken, cancelled, or at work beside one another: nothing lost, doubled or miscounted."""

import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from loading_world import Connect, File, Row, World, gtin, once

from pim_pipelines.errors import DatabaseUnavailable, ImportFailed
from pim_pipelines.loading import loader, parts, stage
from pim_pipelines.loading.work import Cancelled, Superseded, Work
from pim_pipelines.store import plan_query

FIELDS = ["ean", "sku", "title", "price"]
ROWS = 6_000


@pytest.fixture
def world(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Load files of some thousand rows as millions are loaded: own tables, many parts, two connections."""
    for module in (parts, plan_query):
        monkeypatch.setattr(module, "PART_ROWS", 1_000)
    for module in (parts, loader, stage):
        monkeypatch.setattr(module, "SMALL_ROWS", 0)
    # Neighbouring GTINs share a bucket; these are few, so that all buckets are in use.
    monkeypatch.setattr(plan_query, "BUCKET", plan_query.BUCKET.replace("100000", "100"))
    return World(connect, tmp_path)


def rows(count: int = ROWS) -> list[Row]:
    """Give products, every hundredth of which has an error."""
    made: list[Row] = []
    for number in range(count):
        row: Row = {"ean": gtin(number), "sku": f"S{number}", "title": f"Product {number}", "price": f"{number}.5"}
        made.append(row | ({"error": "wrong"} if number % 100 == 7 else {}))
    return made


def staged(world: World, supplier: str, made: list[Row]) -> tuple[Work, File]:
    file = File(made, FIELDS)
    work = world.job(supplier, FIELDS)
    world.staged(work, file)
    return work, file


def catalogue(world: World) -> tuple[int, int, int]:
    """Count products, their different EANs, and offers."""
    [(products, eans)] = world.rows("select count(*), count(distinct gtin) from products")
    [(offers,)] = world.rows("select count(*) from supplier_products")
    return products, eans, offers


def assert_whole(world: World, work: Work) -> None:
    failed = ROWS // 100
    assert catalogue(world) == (ROWS - failed,) * 3
    assert world.counters(work) == (ROWS - failed, 0, 0, failed)
    assert [number for number, _, _ in world.errors(work)] == list(range(8, ROWS + 1, 100))


def kill_loading_backends(world: World, send: Callable[[psycopg.Connection[Any], int], None]) -> None:
    with world.connect() as conn:
        victims = conn.execute(
            """select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
               and xact_start is not null"""
        ).fetchall()
        for (pid,) in victims:
            send(conn, pid)


def terminate(conn: psycopg.Connection[Any], pid: int) -> None:
    conn.execute("select pg_terminate_backend(%s)", (pid,))


def test_terminated_connection_fails_the_load_and_a_retry_is_exact(world: World) -> None:
    work, file = staged(world, "S", rows())

    with pytest.raises(ImportFailed, match="retry the import"):
        world.load(work, lambda _: kill_loading_backends(world, terminate))
    some, _, _ = catalogue(world)
    again = world.retry(work)
    world.carry_out(again, file)

    assert 0 < some < ROWS - ROWS // 100
    assert_whole(world, again)


def test_server_process_killed_in_mid_load_loses_nothing_that_was_committed(world: World) -> None:
    work, file = staged(world, "S", rows())

    def kill(conn: psycopg.Connection[Any], pid: int) -> None:
        os.kill(pid, signal.SIGKILL)  # PostgreSQL ends all its processes then, and recovers

    def hit(_: Any) -> None:
        try:
            kill_loading_backends(world, kill)
        except (psycopg.Error, DatabaseUnavailable):
            return  # our own connection went with the others

    with pytest.raises(ImportFailed, match="retry the import"):
        world.load(work, hit)
    answer_again(world)
    again = world.retry(work)
    world.carry_out(again, file)

    assert_whole(world, again)


def answer_again(world: World) -> None:
    """Wait until the server has recovered."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            world.connect().close()
            return
        except DatabaseUnavailable:
            time.sleep(0.1)
    raise AssertionError("the server did not come back")


def test_worker_that_was_believed_dead_writes_nothing_more(world: World) -> None:
    work, file = staged(world, "S", rows())
    at_retry: list[tuple[int, int, int]] = []
    later: list[Work] = []

    def overtake() -> None:
        later.append(world.retry(work))
        at_retry.append(catalogue(world))

    with pytest.raises(Superseded):
        world.load(work, once(overtake))
    at_end = catalogue(world)
    world.carry_out(later[0], file)

    assert at_end == at_retry[0]
    assert_whole(world, later[0])


def test_worker_that_comes_back_after_the_retry_has_completed_changes_nothing(world: World) -> None:
    work, file = staged(world, "S", rows())
    again = world.retry(work)
    world.carry_out(again, file)
    before = catalogue(world), world.counters(again), world.errors(again)

    with pytest.raises(Superseded):
        world.load(work)

    assert (catalogue(world), world.counters(again), world.errors(again)) == before
    assert_whole(world, again)


def test_not_a_row_is_committed_after_a_cancel_was_answered(world: World) -> None:
    work, _ = staged(world, "S", rows())
    at_cancel: list[tuple[tuple[int, int, int], tuple[int, ...]]] = []

    def cancel() -> None:
        with world.connect() as conn:
            conn.execute("update import_jobs set status = 'cancelled' where id = %s", (work.job_id,))
        at_cancel.append((catalogue(world), world.counters(work)))

    with pytest.raises(Cancelled):
        world.load(work, once(cancel))

    products, _, _ = catalogue(world)
    assert (catalogue(world), world.counters(work)) == at_cancel[0]
    assert world.counters(work)[0] == products  # what was committed is counted
    assert 0 < products < ROWS - ROWS // 100


def test_two_suppliers_with_the_same_eans_in_opposite_order_both_complete(world: World) -> None:
    made = [row for row in rows() if "error" not in row]
    forth, _ = staged(world, "A", made)
    back, _ = staged(world, "B", made[::-1])

    with ThreadPoolExecutor(2) as pool:
        outcomes = [done.result() for done in [pool.submit(world.load, work) for work in (forth, back)]]

    assert [done.total_rows for done in outcomes] == [len(made)] * 2
    assert sum(done.created for done in outcomes) == len(made)
    assert sum(done.updated for done in outcomes) == len(made)
    assert catalogue(world) == (len(made), len(made), 2 * len(made))
    assert world.rows("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]


def test_of_two_eans_that_want_one_product_the_first_in_the_file_gets_it_in_a_large_file_too(world: World) -> None:
    without_ean = [{"sku": f"S{number}", "title": "old"} for number in range(50)]
    world.run("S", without_ean, ["sku", "title"])
    wanting: list[Row] = [
        {"ean": gtin(1_000 * turn + number), "sku": f"S{number}", "title": f"turn {turn}"}
        for turn in (2, 1)
        for number in range(50)
    ]

    work = world.job("S", FIELDS)
    planned = world.staged(work, File(wanting, FIELDS))
    outcome = world.load(work)

    assert (planned.tally.created, planned.tally.updated) == (50, 50)
    assert (outcome.created, outcome.updated) == (50, 50)
    taken = world.rows(
        "select count(*) from products where gtin / 10 / 1000 = 2 and created_import_id < %s", work.job_id
    )
    assert taken == [(50,)]


def test_locks_of_a_killed_load_do_not_hold_up_the_next(world: World) -> None:
    """A client that dies without a word is noticed by the server, and its transaction ends."""
    made = [row for row in rows() if "error" not in row]
    holder = world.connect()
    holder.execute("select pg_advisory_xact_lock(%s, b) from generate_series(0, %s) b", (world.tenant, 3))
    with socket.socket(fileno=os.dup(holder.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)  # as when its process is killed

    run = world.run("S", made)

    assert run.counts == (len(made), 0, 0, 0)
