"""All names of Dagster that it does not document and the launcher needs; nothing else imports any.

`tests/unit/test_launcher_contract.py` says what is expected of each. Dagster is pinned to one minor
release for their sake: see docs/decisions/0001-warm-run-launcher.md for what to look at when it moves.
"""

from dagster import DagsterEvent, DagsterEventType, DagsterInstance, JobDefinition, reconstructable
from dagster._core.code_pointer import CodePointer
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.events import EngineEventData
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, RunLauncher, WorkerStatus
from dagster._core.run_coordinator.base import SubmitRunContext
from dagster._core.run_coordinator.queued_run_coordinator import QueuedRunCoordinator, RunQueueConfig
from dagster._core.storage.compute_log_manager import CapturedLogContext
from dagster._core.storage.dagster_run import DagsterRun, DagsterRunStatus, RunsFilter
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module
from dagster._grpc.impl import core_execute_run
from dagster._serdes import ConfigurableClass, ConfigurableClassData, deserialize_value, serialize_value
from dagster._utils.error import serializable_error_info_from_exc_info
from dagster._utils.hosted_user_process import recon_job_from_origin
from dagster._utils.interrupts import capture_interrupts, setup_interrupt_handlers
from dagster_postgres import DagsterPostgresStorage, PostgresRunStorage
from sqlalchemy import Engine

__all__ = [
    "CapturedLogContext",
    "CheckRunHealthResult",
    "ConfigurableClass",
    "ConfigurableClassData",
    "DagsterEvent",
    "DagsterEventType",
    "DagsterInstance",
    "DagsterPostgresStorage",
    "DagsterRun",
    "DagsterRunStatus",
    "EngineEventData",
    "InstanceRef",
    "LaunchRunContext",
    "LocalComputeLogManager",
    "PostgresRunStorage",
    "QueuedRunCoordinator",
    "RunLauncher",
    "RunQueueConfig",
    "RunStorage",
    "RunsFilter",
    "SubmitRunContext",
    "WorkerStatus",
    "capture_interrupts",
    "core_execute_run",
    "deserialize_value",
    "loadable_targets_from_python_module",
    "recon_job_from_origin",
    "reconstructable",
    "serializable_error_info_from_exc_info",
    "serialize_value",
    "setup_interrupt_handlers",
]


def load_jobs(module: str, working_directory: str) -> list[JobDefinition]:
    """Return all jobs of a module's definitions, built the way a run worker builds them."""
    jobs: list[JobDefinition] = []
    for target in loadable_targets_from_python_module(module, working_directory):
        pointer = CodePointer.from_module(module, target.attribute, working_directory)
        jobs += ReconstructableRepository(pointer).get_definition().get_all_jobs()
    return jobs


def storage_engines(instance: DagsterInstance) -> list[Engine]:
    """Return the engines of an instance's PostgreSQL storages, and none of others'."""
    storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    return [engine for storage in storages if isinstance(engine := getattr(storage, "_engine", None), Engine)]


class RunStorage(PostgresRunStorage):
    """PostgresRunStorage that does not look up the columns of its table for every event (3 ms, six times a run)."""

    _has_run_stats: bool = False

    def has_run_stats_index_cols(self) -> bool:
        """Tell whether a migration of 2021 was applied; asked until it was."""
        if not self._has_run_stats:
            self._has_run_stats = super().has_run_stats_index_cols()
        return self._has_run_stats


def open_instance(serialized_ref: str | None) -> DagsterInstance:
    """Open the instance of a serialized reference, else DAGSTER_HOME's."""
    if serialized_ref is None:
        return DagsterInstance.get()
    return DagsterInstance.from_ref(deserialize_value(serialized_ref, InstanceRef))
