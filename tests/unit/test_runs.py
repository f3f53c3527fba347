"""What a run is called, told and tagged."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from pim_pipelines import runs
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store.jobs import Job

ID = UUID("0198b2a4-0000-7000-8000-000000000001")
PARENT = UUID("0198b2a4-0000-7000-8000-000000000002")
NOW = datetime(2026, 3, 15, tzinfo=UTC)
JOB = Job(
    id=1, uuid=ID, tenant_id=1, tenant_code="acme", supplier_id=1, supplier_uuid=None, supplier_code="DEMO",
    template_id=None, template_uuid=None, config_uuid=None, batch_id=None, import_type="manual", voog_id=None,
    status=JobStatus.PENDING, attempt=2, run_id=None, parent_run_id=None, go_through=False, auto_process=False,
    source={"password": "hunter2"}, file_name="x.csv", file_type=None, file_size=1, file_sha256=b"x", analysis=None,
    suggested_mapping=None, column_mapping=None, validation_rules={}, import_options={}, total_rows=None,
    successful_rows=0, failed_rows=0, products_created=0, products_updated=0, products_skipped=0, error_count=0,
    last_error=None, guard_breached=None, is_archived=False, started_at=None, completed_at=None, created_at=NOW,
    updated_at=NOW,
)  # fmt: skip


def test_every_run_is_configured_in_the_same_one_place() -> None:
    config = {"resources": {"import_job": {"config": {"import_id": str(ID), "attempt": 2}}}}

    assert runs.of_import(JOB).run_config == config
    assert runs.of_start(JOB).run_config == config
    assert runs.of_preview(JOB).run_config == config


def test_runs_are_found_by_what_brought_the_file_and_those_of_a_voog_task_by_its_number() -> None:
    tags = runs.of_import(JOB).tags
    of_task = runs.of_start(replace(JOB, import_type="voog", voog_id=7, supplier_id=None, supplier_code=None)).tags

    assert (tags["pim/import_type"], tags.get("pim/voog_id")) == ("manual", None)
    assert (of_task["pim/import_type"], of_task["pim/voog_id"]) == ("voog", "7")
    assert (of_task["pim/supplier"], of_task["pim/load"]) == ("-", "acme:-")


def test_nothing_of_a_source_gets_into_a_run() -> None:
    assert "hunter2" not in str([runs.of_import(JOB), runs.of_start(JOB), runs.of_preview(JOB)])


@pytest.mark.parametrize(
    ("job", "loads"),
    [
        (JOB, False),
        (replace(JOB, auto_process=True), False),  # goes on only with a template
        (replace(JOB, template_id=1), False),
        (replace(JOB, auto_process=True, template_id=1), True),
        (replace(JOB, go_through=True), True),
        (replace(JOB, status=JobStatus.PROCESSING), True),
    ],
)
def test_only_runs_that_may_load_wait_for_other_loads_of_the_supplier(job: Job, loads: bool) -> None:
    assert runs.of_import(job).tags.get("pim/load") == ("acme:DEMO" if loads else None)


def test_start_runs_from_validate_on_as_a_child_of_the_analysis() -> None:
    spec = runs.of_start(replace(JOB, status=JobStatus.PROCESSING, parent_run_id=PARENT))

    assert spec.op_selection == ("validate", "load")
    assert spec.parent_run_id == spec.tags["dagster/parent_run_id"] == spec.tags["dagster/root_run_id"] == str(PARENT)
    assert spec.tags["pim/load"] == "acme:DEMO"


def test_dry_run_never_waits_for_a_load_and_is_nobodys_child() -> None:
    spec = runs.of_preview(replace(JOB, go_through=True, parent_run_id=PARENT))

    assert "pim/load" not in spec.tags
    assert "dagster/parent_run_id" not in spec.tags


def test_uploads_come_before_scheduled_imports() -> None:
    assert "dagster/priority" not in runs.of_import(JOB).tags
    assert runs.of_import(replace(JOB, import_type="scheduled")).tags["dagster/priority"] == "-1"


def test_import_without_a_supplier_has_a_partition() -> None:
    assert runs.partition_of(replace(JOB, supplier_code=None)) == "acme:-"


@pytest.mark.parametrize("code", ["A...B", "A\nB", "A\tB"])
def test_partition_is_one_that_dagster_takes(code: str) -> None:
    from dagster._core.definitions.partitions.utils.base import raise_error_on_invalid_partition_key_substring

    raise_error_on_invalid_partition_key_substring([runs.partition_of(replace(JOB, supplier_code=code))])
