"""What the launcher expects of Dagster's undocumented names; read this first when Dagster is upgraded."""

import importlib.metadata
import inspect
import signal
from pathlib import Path
from typing import Any

from dagster import in_process_executor, job, op
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import RunLauncher

from pim_pipelines.launcher import dagster_private
from pim_pipelines.launcher.compute_logs import FileComputeLogManager
from pim_pipelines.launcher.coordinator import EagerRunCoordinator
from pim_pipelines.launcher.nothing import do_nothing
from pim_pipelines.launcher.run_launcher import WarmRunLauncher
from pim_pipelines.launcher.storage import PimDagsterStorage

LAUNCHER = Path(dagster_private.__file__).parent
REPOSITORY = LAUNCHER.parents[1]


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_dagster_is_of_the_minor_release_that_this_was_written_for() -> None:
    assert importlib.metadata.version("dagster").startswith("1.13.")


def test_private_names_are_imported_in_one_module_only() -> None:
    others = [path.name for path in LAUNCHER.glob("*.py") if path.name != "dagster_private.py"]

    offenders = [name for name in others if "dagster._" in (LAUNCHER / name).read_text()]

    assert offenders == []


def test_a_run_is_executed_by_a_generator_of_its_events() -> None:
    assert inspect.isgeneratorfunction(dagster_private.core_execute_run)
    assert parameters(dagster_private.core_execute_run)[:4] == [
        "recon_job",
        "dagster_run",
        "instance",
        "inject_env_vars",
    ]


def test_a_job_is_found_again_by_its_origin() -> None:
    origin = dagster_private.reconstructable(do_nothing).get_python_origin()

    assert dagster_private.recon_job_from_origin(origin).get_definition().name == "do_nothing"


def test_definitions_are_built_once_and_shared() -> None:
    first = dagster_private.load_jobs("pim_pipelines.launcher.nothing", str(REPOSITORY))
    second = dagster_private.load_jobs("pim_pipelines.launcher.nothing", str(REPOSITORY))

    assert [job.name for job in first] == ["do_nothing"]
    assert first[0] is second[0]


def test_interrupts_are_captured_and_sigterm_follows_sigint() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        dagster_private.setup_interrupt_handlers()
        assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
        with dagster_private.capture_interrupts():
            assert signal.getsignal(signal.SIGTERM) is signal.getsignal(signal.SIGINT)
            assert signal.getsignal(signal.SIGTERM) is not signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


def test_launcher_and_coordinator_answer_what_dagster_asks() -> None:
    assert parameters(RunLauncher.launch_run) == parameters(WarmRunLauncher.launch_run)
    assert parameters(RunLauncher.terminate) == parameters(WarmRunLauncher.terminate)
    assert parameters(RunLauncher.check_run_worker_health) == parameters(WarmRunLauncher.check_run_worker_health)
    base = dagster_private.QueuedRunCoordinator
    assert parameters(base.submit_run) == parameters(EagerRunCoordinator.submit_run)
    assert isinstance(base.dequeue_interval_seconds, property)
    assert {"max_concurrent_runs", "tag_concurrency_limits"} <= set(dagster_private.RunQueueConfig._fields)


def test_run_storage_is_asked_for_its_columns_by_this_name() -> None:
    source = inspect.getsource(dagster_private.PostgresRunStorage.handle_run_event)

    assert "self.has_run_stats_index_cols()" in source


def test_logs_are_at_the_paths_that_the_ui_reads() -> None:
    base = dagster_private.LocalComputeLogManager
    assert parameters(base.get_captured_local_path) == ["self", "log_key", "extension", "partial"]
    assert 'get_captured_local_path(log_key, "complete")' in inspect.getsource(base.complete_artifact_path)
    assert issubclass(FileComputeLogManager, base)


def test_dagster_yaml_names_our_classes_and_is_accepted(tmp_path: Path) -> None:
    reference = InstanceRef.from_dir(str(tmp_path), config_dir=str(REPOSITORY))

    assert reference.storage_data is not None
    assert (reference.storage_data.module_name, reference.storage_data.class_name) == (
        PimDagsterStorage.__module__,
        PimDagsterStorage.__name__,
    )
    assert isinstance(reference.run_launcher, WarmRunLauncher)
    assert isinstance(reference.run_coordinator, EagerRunCoordinator)
    assert isinstance(reference.compute_log_manager, FileComputeLogManager)
    settings: dict[str, Any] = dict(reference.settings)
    assert settings["run_monitoring"]["max_resume_run_attempts"] == 0
    assert not settings["telemetry"]["enabled"]


def test_in_process_run_captures_its_output_by_the_compute_log_manager() -> None:
    @op
    def nothing() -> None: ...

    @job(executor_def=in_process_executor)
    def small() -> None:
        nothing()

    events = small.execute_in_process().all_events

    assert any(event.event_type_value == "LOGS_CAPTURED" for event in events)
