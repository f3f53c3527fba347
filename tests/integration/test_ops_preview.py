"""Dry runs: what `preview_import` answers, and that it changes nothing."""

from pathlib import Path
from uuid import UUID

import pytest
from dagster import DagsterRunStatus
from ops_world import GOOD, MAPPING, Connect, World, skipped

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import jobs, previews
from pim_pipelines.store.previews import Preview

MIXED = GOOD + "3017620422004;Code faux;2,00;Ferrero\n"


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path)


def result_of(world: World, uuid: UUID) -> Preview:
    with world.connect() as conn:
        found = previews.get(conn, world.job(uuid).id)
    assert found is not None
    return found


def test_preview_says_what_the_whole_file_would_do_and_changes_nothing(world: World) -> None:
    uuid = world.upload(MIXED, template_id=world.template(MAPPING).id)
    world.run(uuid)
    before = world.job(uuid)

    result = world.preview(uuid)

    preview = result_of(world, uuid)
    assert result.success
    assert preview.state == "done"
    assert preview.result is not None
    assert preview.result["products_to_create"] == 3
    assert preview.result["rows_with_errors"] == 1
    assert [row["action"] for row in preview.result["preview_rows"]] == ["create"] * 3
    assert [error["row_number"] for error in preview.result["validation_errors"]] == [4]
    assert world.job(uuid) == before
    assert world.titles() == []
    assert world.rows("select count(*) from import_errors") == [(0,)]


def test_preview_leaves_no_file_and_no_staging(world: World, tmp_path: Path) -> None:
    uuid = world.upload(MIXED, template_id=world.template(MAPPING).id)
    world.run(uuid)

    world.preview(uuid)

    assert {path.name for path in (tmp_path / world.job(uuid).folder).iterdir()} == {"source", "rows.parquet"}
    assert world.rows("select count(*) from stagings") == [(0,)]


def test_pending_import_is_analysed_inside_its_preview_and_stays_pending(world: World, tmp_path: Path) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id)

    world.preview(uuid)

    assert result_of(world, uuid).state == "done"
    assert world.job(uuid).status is JobStatus.PENDING
    assert world.job(uuid).analysis is None
    assert {path.name for path in (tmp_path / world.job(uuid).folder).iterdir()} == {"source"}


def test_preview_without_a_saved_mapping_uses_the_suggested_one(world: World) -> None:
    uuid = world.upload("EAN;Zzz\n4006381333931;Stylo\n3017620422003;Pate\n")
    world.run(uuid)
    assert world.job(uuid).status is JobStatus.AWAITING_MAPPING

    world.preview(uuid)

    preview = result_of(world, uuid)
    assert preview.state == "done"
    assert (preview.result or {})["total_rows"] == 2


def test_preview_without_any_mapping_asks_for_one(world: World) -> None:
    uuid = world.upload("Alpha;Beta\nx;hello\ny;world\n")
    world.run(uuid)

    result = world.preview(uuid)

    preview = result_of(world, uuid)
    assert preview.state == "failed"
    assert preview.result == {"error_code": "MAPPING_REQUIRED"}
    assert "save-mapping" in (preview.message or "")
    assert world.dagster_run(result).status is DagsterRunStatus.FAILURE
    assert world.job(uuid).status is JobStatus.AWAITING_MAPPING


def test_preview_of_a_file_that_cannot_be_read_says_why(world: World) -> None:
    uuid = world.upload(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")

    world.preview(uuid)

    preview = result_of(world, uuid)
    assert preview.state == "failed"
    assert "PDF" in (preview.message or "")
    assert world.job(uuid).status is JobStatus.PENDING


def test_preview_that_another_run_has_is_left_to_it(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id)
    world.run(uuid)
    other = UUID("0198b2a4-0000-7000-8000-000000000009")
    with world.connect() as conn:
        previews.begin(conn, world.job(uuid).id)
        previews.launched(conn, world.job(uuid).id, other)

    result = world.preview(uuid)

    assert result.success
    assert not skipped(result)
    assert result_of(world, uuid).run_id == other
    assert result_of(world, uuid).state == "running"


def test_preview_shows_unchanged_products_as_updates(world: World) -> None:
    template = world.template(MAPPING)
    world.run(world.upload(template_id=template.id, auto_process=True))
    uuid = world.upload(template_id=template.id)
    world.run(uuid)

    world.preview(uuid)

    result = result_of(world, uuid).result or {}
    assert (result["products_to_create"], result["products_to_update"]) == (0, 3)
    with world.connect() as conn:
        assert jobs.get(conn, uuid) == world.job(uuid)
