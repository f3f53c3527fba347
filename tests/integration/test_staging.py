"""What a run stages is there whole or not at all, and goes away with the run."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from loading_world import Connect, File, World, gtin

from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.pipeline import CheckedBlock
from pim_pipelines.loading import plan, stage
from pim_pipelines.loading.work import Work

FIELDS = ["ean", "sku", "title"]
LARGE = 5_001


@pytest.fixture
def world(connect: Connect, tmp_path: Path) -> World:
    return World(connect, tmp_path)


def file(rows: int, block_rows: int = 2_000) -> File:
    return File([{"ean": gtin(n), "title": "x"} for n in range(rows)], FIELDS, block_rows)


def own_tables(world: World) -> list[str]:
    return [
        name
        for (name,) in world.rows(
            r"select relname from pg_class where relkind = 'r' and relname ~ '^(plan|stage_keys)_\d+$' order by 1"
        )
    ]


def shared_rows(world: World) -> int:
    return int(world.rows("select (select count(*) from stage_keys) + (select count(*) from plan)")[0][0])


def test_small_files_share_tables_and_large_ones_have_their_own(world: World) -> None:
    small, large = world.job("S", FIELDS), world.job("S", FIELDS)

    world.staged(small, file(10))
    world.staged(large, file(LARGE))

    assert shared_rows(world) == 20
    assert len(own_tables(world)) == 2
    assert world.rows("select own_tables, total_rows, rows_staged from stagings order by id") == [
        (False, 10, 10),
        (True, LARGE, LARGE),
    ]


@pytest.mark.parametrize("rows", [10, LARGE])
def test_a_load_leaves_nothing_staged(world: World, rows: int) -> None:
    work = world.job("S", FIELDS)
    world.staged(work, file(rows))

    world.load(work)

    assert (own_tables(world), shared_rows(world)) == ([], 0)
    assert world.rows("select count(*) from stagings") == [(0,)]


@pytest.mark.parametrize("rows", [10, LARGE])
def test_dropping_one_runs_staging_leaves_the_others(world: World, rows: int) -> None:
    dry_run, load = world.job("S", FIELDS), world.job("S", FIELDS)
    world.staged(dry_run, file(rows))
    world.staged(load, file(rows))

    stage.drop(world.connect, dry_run)

    assert world.load(load).created == rows


def test_a_check_that_fails_stages_nothing(world: World) -> None:
    work = world.job("S", FIELDS)

    def failing() -> Iterator[CheckedBlock]:
        yield from file(LARGE).blocks(0)
        raise RuntimeError("the third block is broken")

    with pytest.raises(RuntimeError, match="third block"):
        stage.stage(world.connect, work, failing(), *world.paths(work))

    assert (own_tables(world), shared_rows(world)) == ([], 0)
    assert world.rows("select count(*) from stagings") == [(0,)]


def test_a_database_that_fails_in_staging_fails_the_import_with_advice(world: World) -> None:
    work = world.job("S", FIELDS)

    def cut_off() -> Iterator[CheckedBlock]:
        for number, block in enumerate(file(3 * LARGE).blocks(0)):
            if number == 6:
                with world.connect() as conn:
                    conn.execute(
                        """select pg_terminate_backend(pid) from pg_stat_activity
                           where datname = current_database() and pid <> pg_backend_pid()"""
                    )
            yield block

    with pytest.raises(ImportFailed, match="Retry the import"):
        stage.stage(world.connect, work, cut_off(), *world.paths(work))

    assert own_tables(world) == []


def test_rows_that_are_staged_no_more_are_noticed(world: World) -> None:
    work = world.job("S", FIELDS)
    stage.stage(world.connect, work, file(10).blocks(0), *world.paths(work))
    with world.connect() as conn:
        conn.execute("delete from stage_keys where row_number = 3")

    with pytest.raises(ImportFailed, match="10 rows were staged, but 9"):
        plan.build(world.connect, work)


@pytest.mark.parametrize("rows", [10, LARGE])
def test_a_sweep_takes_what_killed_runs_left_and_nothing_that_is_at_work(world: World, rows: int) -> None:
    at_work, over, deleted = (world.job("S", FIELDS) for _ in range(3))
    for work in (at_work, over, deleted):
        world.staged(work, file(rows))
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'failed' where id = %s", (over.job_id,))
        conn.execute("delete from import_jobs where id = %s", (deleted.job_id,))

    stage.sweep(world.connect)

    assert world.rows("select import_id from stagings") == [(at_work.job_id,)]
    assert world.load(at_work).created == rows
    assert (own_tables(world), shared_rows(world)) == ([], 0)


def test_a_sweep_takes_old_dry_runs_only(world: World) -> None:
    young, old = (_of_a_dry_run(world) for _ in range(2))
    with world.connect() as conn:
        conn.execute("update stagings set created_at = now() - interval '2 hours' where run_id = %s", (old.run_id,))

    stage.sweep(world.connect)

    assert world.rows("select run_id from stagings") == [(young.run_id,)]


def test_a_sweep_leaves_a_table_that_is_being_read(world: World) -> None:
    work = world.job("S", FIELDS)
    world.staged(work, file(LARGE))
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'failed'")
    reader: psycopg.Connection[tuple[object, ...]] = world.connect()
    reader.execute(f"select 1 from {own_tables(world)[0]} limit 1".encode())

    assert stage.sweep(world.connect) == 0
    reader.rollback()

    assert stage.sweep(world.connect) == 1
    assert own_tables(world) == []


def _of_a_dry_run(world: World) -> Work:
    """Stage a file for a run that is not the one that the job is waiting for."""
    work = world.job("S", FIELDS)
    world.staged(work, file(3))
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'ready', run_id = null where id = %s", (work.job_id,))
    return work
