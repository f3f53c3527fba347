"""What a Voog task stages is there whole, failed rows too, or not at all, and goes away with the run."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from checking_rows import write_rows
from loading_world import Connect, World

from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.voog.rows import ROWS, VoogBlock, check
from pim_pipelines.loading import stage as stages
from pim_pipelines.loading.voog.stage import stage
from pim_pipelines.loading.work import Staged, Work
from pim_pipelines.store.voog_staging import ROW_COLUMNS

COLUMNS = ["id", "name", "price", "variant_attributes_text", "product_is_variant"]
MAPPING: dict[str, str | None] = {str(place): name for place, name in enumerate(COLUMNS)}


@pytest.fixture
def world(connect: Connect, tmp_path: Path) -> World:
    return World(connect, tmp_path)


def blocks(folder: Path) -> Iterator[VoogBlock]:
    """Check five rows in three blocks; the second and the last are bad."""
    path = write_rows(
        folder,
        {
            "id": ["1", "2", "3", None, "x"],
            "name": ['Say "hi",\nworld', "b", None, "d", "e"],
            "price": ["0.30000000000000000004", "-1", None, "12.50", "y"],
            "variant_attributes_text": [None, None, 'A: "\\b', None, None],
            "product_is_variant": [None, None, "True", None, None],
        },
    )
    return check(path, COLUMNS, MAPPING, block_rows=2)


def own_tables(world: World) -> list[str]:
    names = world.rows(
        r"select relname from pg_class where relkind = 'r' and relname ~ '^stage_voog_.*_\d+$' order by 1"
    )
    return [name for (name,) in names]


def job(world: World) -> Work:
    return world.job(None, [])


def test_every_row_and_every_error_is_staged(world: World, tmp_path: Path) -> None:
    told: list[Staged] = []
    staged = stage(world.connect, job(world), blocks(tmp_path), told.append)

    assert staged == Staged(5, 2, {"value_out_of_range": 1, "number_invalid": 2})
    assert [sums.total_rows for sums in told] == [2, 4, 5]
    errors, rows = own_tables(world)
    kept = "row_number, id, says_variant, failed, title, slug_base, price::text, variant_attributes::text"
    assert world.rows(f"select {kept} from {rows} order by row_number") == [
        (1, 1, False, False, 'Say "hi",\nworld', "say-hi-world", "0.30000000000000000004", None),
        (2, 2, False, True, None, None, None, None),
        (3, 3, True, False, None, None, None, '[["A", "\\"\\\\b"]]'),
        (4, None, False, False, "d", "d", "12.5", None),
        (5, None, False, True, None, None, None, None),
    ]
    assert world.rows(f"select row_number, severity, error_type, field, raw_value from {errors} order by 1, 4") == [
        (2, "error", "value_out_of_range", "price", "-1"),
        (5, "error", "number_invalid", "id", "x"),
        (5, "error", "number_invalid", "price", "y"),
    ]
    assert world.rows("select own_tables, total_rows, rows_staged from stagings") == [(True, 5, 5)]


def test_the_staged_columns_are_the_checked_ones(world: World) -> None:
    there = world.rows(
        "select column_name::text from information_schema.columns where table_name = 'stage_voog_rows'"
        " and table_schema = current_schema() order by ordinal_position"
    )
    assert [name for (name,) in there] == list(ROW_COLUMNS) == list(ROWS)


def test_a_database_that_fails_in_between_leaves_nothing(world: World, tmp_path: Path) -> None:
    def failing() -> Iterator[VoogBlock]:
        found = blocks(tmp_path)
        yield next(found)
        with world.connect() as conn:
            conn.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and datname = current_database() and backend_type = 'client backend'"
            )
        yield from found

    with pytest.raises(ImportFailed, match="Retry the import"):
        stage(world.connect, job(world), failing())

    assert (own_tables(world), world.rows("select count(*) from stagings")) == ([], [(0,)])


def test_a_value_that_the_database_refuses_leaves_nothing(world: World, tmp_path: Path) -> None:
    bad = [VoogBlock(b.rows.with_columns(price=pl.lit("no number")), b.errors, 2, 0) for b in blocks(tmp_path)]

    with pytest.raises(ImportFailed, match="nothing was loaded"):
        stage(world.connect, job(world), bad)

    assert own_tables(world) == []


def test_a_check_that_fails_leaves_nothing(world: World, tmp_path: Path) -> None:
    def failing() -> Iterator[VoogBlock]:
        yield next(blocks(tmp_path))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        stage(world.connect, job(world), failing())

    assert own_tables(world) == []


def test_what_was_staged_is_replaced_dropped_and_swept(world: World, tmp_path: Path) -> None:
    kept, killed = job(world), job(world)
    for work in (kept, kept, killed):
        stage(world.connect, work, blocks(tmp_path))
    assert len(own_tables(world)) == 4

    stages.drop(world.connect, kept)
    assert len(own_tables(world)) == 2

    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'failed' where id = %s", (killed.job_id,))
    assert stages.sweep(world.connect) == 1
    assert (own_tables(world), world.rows("select count(*) from stagings")) == ([], [(0,)])
