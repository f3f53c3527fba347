"""What Dagster is told: a change to a job, an op, an asset, a check or a sensor shows here in review."""

import subprocess
import sys
from typing import Any

import pytest
from dagster import AssetKey, DefaultScheduleStatus, DefaultSensorStatus, JobDefinition, OpDefinition, SensorDefinition
from dagster._core.definitions.dependency import Node

from pim_pipelines.definitions import defs


def job(name: str) -> JobDefinition:
    return defs.resolve_job_def(name)


def op_of(node: Node) -> OpDefinition:
    assert isinstance(node.definition, OpDefinition)
    return node.definition


def sensor(name: str) -> SensorDefinition:
    return defs.resolve_sensor_def(name)


JOBS = ["import_products", "look_for_new_files", "preview_import", "reimport_latest_file"]


def test_jobs_are_the_import_its_dry_run_and_what_brings_files() -> None:
    names = {found.name for found in defs.get_repository_def().get_all_jobs() if not found.name.startswith("__")}
    assert names == set(JOBS)


def test_import_runs_four_ops_one_after_the_other() -> None:
    order = [node.name for node in job("import_products").nodes_in_topological_order]
    assert order == ["fetch", "analyze", "validate", "load"]
    assert [node.name for node in job("preview_import").nodes] == ["preview"]


def test_outputs_that_may_be_missing_end_a_run_early() -> None:
    outputs = {
        node.name: {out.name: out.is_required for out in node.definition.output_defs}
        for node in job("import_products").nodes
    }
    assert outputs == {
        "fetch": {"received": False},
        "analyze": {"analysis": True, "go_on": False},
        "validate": {"checked": False},
        "load": {"loaded": True},
    }


def test_only_fetch_is_tried_again() -> None:
    policies = {node.name: op_of(node).retry_policy for node in job("import_products").nodes}
    fetch = policies.pop("fetch")
    assert fetch is not None
    assert fetch.max_retries == 2
    assert set(policies.values()) == {None}


def test_every_op_runs_in_the_process_of_its_run() -> None:
    assert {job(name).executor_def.name for name in JOBS} == {"in_process"}


def test_no_op_waits_for_a_pool() -> None:
    assert {op_of(node).pool for node in job("import_products").nodes} == {None}


@pytest.mark.parametrize("name", JOBS)
def test_everything_that_a_person_sees_is_described(name: str) -> None:
    ops = [node.definition for node in job(name).nodes]
    assert job(name).description
    assert all(op.description for op in ops)
    assert all(out.description for op in ops for out in op.output_defs)


def test_the_import_is_named_in_one_place_whichever_ops_run() -> None:
    config = {"resources": {"import_job": {"config": {"import_id": "0198b2a4-0000-7000-8000-000000000001"}}}}
    whole, rest = job("import_products"), job("import_products").get_subset(op_selection=["validate", "load"])
    for selected in (whole, rest, job("preview_import")):
        assert selected.run_config_schema.config_type is not None
        assert _is_valid(selected, config)
        assert not _is_valid(selected, {})


def _is_valid(selected: JobDefinition, config: dict[str, Any]) -> bool:
    from dagster import validate_run_config
    from dagster._core.errors import DagsterInvalidConfigError

    try:
        validate_run_config(selected, config)
    except DagsterInvalidConfigError:
        return False
    return True


def test_assets_are_files_and_the_products_made_of_them() -> None:
    graph = defs.resolve_asset_graph()
    specs = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
    assert set(specs) == {"supplier_files", "products"}
    assert {key.to_user_string() for key in specs["products"].parent_keys} == {"supplier_files"}
    for spec in specs.values():
        assert spec.description
        assert spec.owners == ["team:catalogue"]
        assert spec.group_name == "imports"
        assert spec.partitions_def is not None
        assert spec.partitions_def.name == "suppliers"  # type: ignore[attr-defined]
    assert specs["supplier_files"].kinds == {"file", "csv"}
    assert specs["products"].kinds == {"postgres", "table"}


def test_products_are_checked_for_errors_and_for_rows_lost() -> None:
    keys = defs.resolve_asset_graph().asset_check_keys
    assert {(key.asset_key.to_user_string(), key.name) for key in keys} == {
        ("products", "error_rate"),
        ("products", "rows_add_up"),
    }


@pytest.mark.parametrize(
    ("name", "seconds", "jobs"),
    [
        ("launch_pending_imports", 5, {"import_products", "look_for_new_files"}),
        ("on_new_file", 60, {"look_for_new_files"}),
    ],
)
def test_sensors_run_from_the_first_start_on(name: str, seconds: int, jobs: set[str]) -> None:
    assert sensor(name).minimum_interval_seconds == seconds
    assert sensor(name).default_status is DefaultSensorStatus.RUNNING
    assert {target.job_name for target in sensor(name).targets} == jobs
    assert sensor(name).description


def test_schedule_ticks_every_five_minutes_from_the_first_start_on() -> None:
    [schedule] = defs.get_repository_def().schedule_defs
    assert schedule.name == "check_scheduled_imports"
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("*/5 * * * *", "UTC")
    assert schedule.default_status is DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "look_for_new_files"
    assert schedule.description


def test_reimport_has_the_partitions_of_the_assets() -> None:
    assert (
        job("reimport_latest_file").partitions_def
        == defs.resolve_asset_graph().get(AssetKey("products")).partitions_def
    )


def test_resources_are_the_catalogue_the_files_the_secrets_the_clock_and_the_import() -> None:
    assert set(defs.resources or {}) == {"catalogue", "file_store", "secret_box", "clock", "import_job"}


def test_definitions_load_without_running_any_frame_code() -> None:
    # A worker host that has run frame code cannot fork: its children hang. Polars starts threads when it works.
    program = (
        "import threading, pim_pipelines.definitions\n"
        "from pathlib import Path\n"
        "names = sorted(p.joinpath('comm').read_text().strip() for p in Path('/proc/self/task').iterdir())\n"
        "print(','.join(names))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=_environment(),
    )
    assert set(done.stdout.strip().split(",")) <= {"python", "python3", "polars-ooc-clea", "polars-ooc-clean"}


def _environment() -> dict[str, str]:
    import os

    return os.environ | {
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "_RJEM_MALLOC_CONF": "background_thread:false,narenas:2",
        "OPENBLAS_NUM_THREADS": "1",
    }
