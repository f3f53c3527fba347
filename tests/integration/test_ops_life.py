"""The life of imports as runs of `import_products`: from a file to the catalogue, and every way to stop before."""

from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, AssetSelection, DagsterRunStatus, DynamicPartitionsDefinition, materialize
from ops_world import GOOD, MAPPING, Connect, World, skipped

from pim_pipelines import runs
from pim_pipelines.assets import products
from pim_pipelines.checks import load_checks
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import jobs, moves

UNKNOWN_COLUMNS = "Alpha;Beta\nx1;hello\nx2;world\n"


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path)


def test_file_with_a_template_goes_through_to_the_catalogue(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    result = world.run(uuid)

    job = world.job(uuid)
    assert result.success
    assert job.status is JobStatus.COMPLETED
    assert (job.total_rows, job.products_created, job.failed_rows) == (3, 3, 0)
    assert str(job.run_id) == result.run_id
    assert job.started_at is not None
    assert job.completed_at is not None
    assert world.titles() == ["Boisson 33 cl", "Pâte à tartiner 400 g", "Stylo feutre bleu"]


def test_template_alone_makes_it_ready_but_does_not_start_it(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id)

    result = world.run(uuid)

    job = world.job(uuid)
    assert result.success
    assert skipped(result) == {"validate", "load"}
    assert job.status is JobStatus.READY
    assert job.column_mapping == MAPPING
    assert job.started_at is None
    assert world.titles() == []


def test_template_that_does_not_fit_waits_for_a_mapping_that_starts_from_it(world: World) -> None:
    template = world.template({"Alpha": "sku", "Gamma": "title"})
    uuid = world.upload(UNKNOWN_COLUMNS, template_id=template.id, auto_process=True)

    result = world.run(uuid)

    job = world.job(uuid)
    assert skipped(result) == {"validate", "load"}
    assert job.status is JobStatus.AWAITING_MAPPING
    assert job.column_mapping is None
    assert job.suggested_mapping is not None
    assert job.suggested_mapping["Alpha"]["field"] == "sku"


def test_plain_headers_make_it_ready_with_a_mapping_without_a_template(world: World) -> None:
    uuid = world.upload("EAN,Title,Price\n4006381333931,Pen,1.95\n3017620422003,Spread,3.49\n", auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.READY  # auto_process goes on only where a template was given
    assert job.column_mapping is not None
    assert job.column_mapping["EAN"] == "ean"
    assert job.column_mapping["Title"] == "title"


def test_unknown_columns_wait_for_a_mapping(world: World) -> None:
    uuid = world.upload(UNKNOWN_COLUMNS)

    result = world.run(uuid)

    job = world.job(uuid)
    assert result.success
    assert job.status is JobStatus.AWAITING_MAPPING
    assert job.analysis is not None
    assert job.analysis["columns"] == ["Alpha", "Beta"]
    assert job.analysis["total_rows"] == job.total_rows == 2
    assert set(job.suggested_mapping or {}) == {"Alpha", "Beta"}


def test_start_processing_runs_validate_and_load_alone(world: World) -> None:
    uuid = world.upload()
    first = world.run(uuid)
    save_mapping(world, uuid)

    second = world.start(uuid)

    job = world.job(uuid)
    assert second.success
    assert {event.step_key for event in second.all_events if event.is_step_start} == {"validate", "load"}
    assert job.status is JobStatus.COMPLETED
    assert job.products_created == 3
    assert str(job.parent_run_id) == first.run_id
    tags = world.dagster_run(second).tags
    assert tags["pim/load"] == "acme:DEMO"
    assert tags["dagster/parent_run_id"] == tags["dagster/root_run_id"] == first.run_id


def test_runs_that_only_analyse_do_not_wait_for_a_load(world: World) -> None:
    result = world.run(world.upload())

    tags = world.dagster_run(result).tags
    assert "pim/load" not in tags
    assert (tags["pim/tenant"], tags["pim/supplier"], tags["pim/attempt"]) == ("acme", "DEMO", "1")


def test_second_run_of_one_import_ends_green_with_everything_skipped(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)
    spec = runs.of_import(world.job(uuid))
    world.execute(spec)
    before = world.job(uuid)

    again = world.execute(spec)

    assert again.success
    assert skipped(again) == {"analyze", "validate", "load"}
    assert world.job(uuid) == before


def test_run_of_an_earlier_attempt_does_nothing(world: World) -> None:
    uuid = world.upload()
    old = runs.of_import(world.job(uuid))
    with world.connect() as conn:
        moves.cancel(conn, uuid)
        moves.retry(conn, uuid)

    result = world.execute(old)

    assert result.success
    assert skipped(result) == {"analyze", "validate", "load"}
    assert world.job(uuid).status is JobStatus.PENDING


def test_run_of_an_unknown_import_ends_green(world: World) -> None:
    uuid = world.upload()
    spec = runs.of_import(world.job(uuid))
    with world.connect() as conn:
        jobs.delete(conn, uuid)

    assert world.execute(spec).success


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("EAN;Titre\n", "no rows below it"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
        (b"PK\x03\x04 not really a workbook", ""),
    ],
)
def test_file_that_cannot_be_read_fails_the_import_with_a_sentence(world: World, content: Any, word: str) -> None:
    uuid = world.upload(content)

    result = world.run(uuid)

    job = world.job(uuid)
    assert world.dagster_run(result).status is DagsterRunStatus.FAILURE
    assert job.status is JobStatus.FAILED
    assert job.last_error is not None
    assert word in job.last_error
    assert job.last_error.endswith(".")
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data is not None
    assert failure.step_failure_data.user_failure_data.description == job.last_error


def test_import_whose_file_is_gone_fails_and_is_not_tried_again(world: World) -> None:
    uuid = world.upload()
    world.files.delete(world.job(uuid).source_key)

    result = world.run(uuid)

    assert world.job(uuid).status is JobStatus.FAILED
    assert "no longer in the file store" in (world.job(uuid).last_error or "")
    assert not any(event.is_step_up_for_retry for event in result.all_events)


def test_import_whose_every_row_failed_is_failed_with_the_commonest_reason(world: World) -> None:
    bad = "EAN;Titre\n4006381333932;Stylo\n3017620422004;Pâte\n"
    uuid = world.upload(bad, template_id=world.template({"EAN": "ean", "Titre": "title"}).id, auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.FAILED
    assert (job.total_rows, job.failed_rows, job.error_count) == (2, 2, 2)
    assert "ean_invalid" in (job.last_error or "")
    assert world.rows("select count(*) from import_errors") == [(2,)]


@pytest.mark.parametrize("options", [{"max_error_rate": 0.2}, {"allowed_errors": 0}])
def test_too_many_errors_stop_an_import_before_anything_is_written(world: World, options: dict[str, Any]) -> None:
    content = GOOD + "3017620422004;Code faux;2,00;Ferrero\n"
    template = world.template(MAPPING)
    uuid = world.upload(content, template_id=template.id, auto_process=True, import_options=options)

    result = world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.FAILED
    assert "1 of 4" in (job.last_error or "")
    assert (job.failed_rows, job.products_created) == (1, 0)
    assert world.titles() == []
    assert world.rows("select error_type from import_errors") == [("ean_invalid",)]
    assert {event.step_key for event in result.all_events if event.is_step_start} == {"fetch", "analyze", "validate"}


def test_errors_within_the_limit_are_kept_and_the_rest_is_loaded(world: World) -> None:
    content = GOOD + "3017620422004;Code faux;2,00;Ferrero\n"
    template = world.template(MAPPING)
    uuid = world.upload(content, template_id=template.id, auto_process=True, import_options={"max_error_rate": 0.25})

    world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.COMPLETED
    assert (job.total_rows, job.successful_rows, job.failed_rows) == (4, 3, 1)


def test_retry_of_a_failed_load_goes_through_without_another_start(world: World) -> None:
    content = GOOD + "3017620422004;Code faux;2,00;Ferrero\n"
    template = world.template(MAPPING)
    uuid = world.upload(content, template_id=template.id, auto_process=True, import_options={"allowed_errors": 0})
    world.run(uuid)
    with world.connect() as conn:
        conn.execute("update import_jobs set import_options = '{}'")

    world.retry(uuid)

    job = world.job(uuid)
    assert (job.status, job.attempt) == (JobStatus.COMPLETED, 2)
    assert (job.products_created, job.failed_rows, job.last_error) == (3, 1, None)


def test_retry_of_a_failed_analysis_stops_where_it_would_have(world: World) -> None:
    uuid = world.upload(UNKNOWN_COLUMNS)
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'failed'")

    world.retry(uuid)

    assert world.job(uuid).status is JobStatus.AWAITING_MAPPING


def test_started_import_whose_run_was_never_launched_is_done_by_a_whole_run(world: World) -> None:
    uuid = world.upload()
    world.run(uuid)
    save_mapping(world, uuid)
    with world.connect() as conn:
        moves.start(conn, uuid)

    result = world.run(uuid)  # what the sensor launches: it cannot select ops

    assert result.success
    assert world.job(uuid).status is JobStatus.COMPLETED


def test_file_and_products_are_materialised_for_the_supplier(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    result = world.run(uuid)

    assert DynamicPartitionsDefinition(name="suppliers").get_partition_keys(
        dynamic_partitions_store=world.instance
    ) == ["acme:DEMO"]
    file = world.instance.get_latest_materialization_event(AssetKey("supplier_files"))
    made = world.instance.get_latest_materialization_event(AssetKey("products"))
    assert file is not None and file.asset_materialization is not None
    assert made is not None and made.asset_materialization is not None
    assert file.asset_materialization.partition == made.asset_materialization.partition == "acme:DEMO"
    sha256 = (world.job(uuid).file_sha256 or b"").hex()
    assert (file.asset_materialization.tags or {})["dagster/data_version"] == sha256
    assert made.asset_materialization.metadata["products created"].value == 3
    kinds = [event.event_type_value for event in result.all_events if event.step_key == "load"]
    assert kinds.index("ASSET_MATERIALIZATION") < kinds.index("ASSET_CHECK_EVALUATION")


def test_import_without_a_supplier_has_a_partition_of_its_own(world: World) -> None:
    world.run(world.upload(supplier=False))

    event = world.instance.get_latest_materialization_event(AssetKey("supplier_files"))
    assert event is not None and event.asset_materialization is not None
    assert event.asset_materialization.partition == "acme:-"


def test_every_op_shows_counts_and_a_look_at_the_rows(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    result = world.run(uuid)

    shown = {
        str(event.step_key): dict(event.step_output_data.metadata)
        for event in result.all_events
        if event.is_successful_output and event.step_output_data.metadata
    }
    assert shown["fetch"]["SHA-256"].value == (world.job(uuid).file_sha256 or b"").hex()
    assert shown["analyze"]["rows"].value == 3
    assert "Stylo feutre bleu" in str(shown["analyze"]["first rows"].value)
    assert shown["validate"]["failed rows"].value == 0
    assert "Stylo feutre bleu" in str(shown["validate"]["first sound rows"].value)
    assert shown["load"]["products created"].value == 3
    assert {"rows per second"} <= set(shown["analyze"]) & set(shown["validate"]) & set(shown["load"])


def test_high_error_rate_shows_in_the_check(world: World) -> None:
    content = GOOD + "3017620422004;Code faux;2,00;Ferrero\n"
    uuid = world.upload(content, template_id=world.template(MAPPING).id, auto_process=True)

    result = world.run(uuid)

    checks = {
        evaluation.check_name: evaluation
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
        for evaluation in [event.asset_check_evaluation_data]
    }
    assert set(checks) == {"error_rate", "rows_add_up"}
    assert not checks["error_rate"].passed
    assert "1 of 4" in (checks["error_rate"].description or "")
    assert checks["rows_add_up"].passed


def test_nothing_of_a_finished_run_is_left_but_the_file_and_its_rows(world: World, tmp_path: Path) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    world.run(uuid)

    folder = tmp_path / world.job(uuid).folder
    assert {path.name for path in folder.iterdir()} == {"source", "rows.parquet"}
    assert world.rows("select count(*) from stagings") == [(0,)]


def save_mapping(world: World, uuid: Any) -> None:
    with world.connect() as conn:
        assert moves.save_mapping(conn, uuid, column_mapping=MAPPING, validation_rules=None, import_options=None)


def test_checks_can_be_asked_for_again_and_look_at_each_suppliers_latest_load(world: World) -> None:
    template = world.template(MAPPING)
    bad = GOOD + "3017620422004;Code faux;2,00;Ferrero\n"
    world.run(world.upload(bad, template_id=template.id, auto_process=True))
    world.run(world.upload(GOOD, template_id=template.id, auto_process=True))
    world.run(world.upload(bad, supplier=False, template_id=template.id, auto_process=True))

    result = materialize(
        [products, load_checks],
        selection=AssetSelection.checks(load_checks),
        instance=world.instance,
        resources={"catalogue": world.catalogue},
    )

    checks = {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}
    assert checks["rows_add_up"].passed
    assert not checks["error_rate"].passed
    assert len(checks["error_rate"].metadata["files"].records) == 2  # type: ignore[attr-defined]
    assert "acme:-: 1 of 4" in (checks["error_rate"].description or "")
    assert "acme:DEMO" not in (checks["error_rate"].description or "")
