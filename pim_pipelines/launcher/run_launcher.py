"""Dagster's run launcher that has a warm worker host fork a process for each run."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Self

from dagster import Field, Float, Int, StringSource

from pim_pipelines import runtime
from pim_pipelines.errors import PimError
from pim_pipelines.launcher import locks, wire
from pim_pipelines.launcher.coordinator import EagerRunCoordinator
from pim_pipelines.launcher.dagster_private import (
    CheckRunHealthResult,
    ConfigurableClass,
    ConfigurableClassData,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    LaunchRunContext,
    QueuedRunCoordinator,
    RunLauncher,
    WorkerStatus,
    serialize_value,
)
from pim_pipelines.launcher.folder import Folder
from pim_pipelines.launcher.host_command import DEFAULT_MODULE, host_command
from pim_pipelines.settings import settings

ANSWER_SECONDS = 10.0
RETRY_SECONDS = 0.05
GRACE_SECONDS = 10.0
KILLED_SECONDS = 2.0

log = logging.getLogger("pim.launcher")


class LaunchFailed(PimError):
    """No worker host has taken the run in time."""


class WarmRunLauncher(RunLauncher[DagsterInstance], ConfigurableClass):
    """Launches runs in processes forked from a warm one, see `host.py`.

    `module` is the code location of a host that is started on demand; `patience_seconds` is how long one
    launch waits for a host that is away, before the run goes back to the queue; `tries` is after how
    many returns to the queue the run fails.
    """

    def __init__(
        self,
        module: str = DEFAULT_MODULE,
        patience_seconds: float = 2.0,
        tries: int = 60,
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._module = module
        self._patience = patience_seconds
        self._tries = tries
        self._inst_data = inst_data
        self._starting = Lock()
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What `dagster.yaml` says of this launcher."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Return the fields of `config:` in `dagster.yaml`."""
        return {
            "module": Field(StringSource, is_required=False, default_value=DEFAULT_MODULE),
            "patience_seconds": Field(Float, is_required=False, default_value=2.0),
            "tries": Field(Int, is_required=False, default_value=60),
        }

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> Self:
        """Make the launcher that `dagster.yaml` describes."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def _folder(self) -> Folder:
        return Folder(settings().home)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Have the run forked; where no host answers, put it back into the queue, which tries again."""
        run = context.dagster_run
        coordinator = self._instance.run_coordinator
        if isinstance(coordinator, EagerRunCoordinator) and not coordinator.admits(run):
            return
        queued = isinstance(coordinator, QueuedRunCoordinator)
        until = time.monotonic() + (self._patience if queued else self._patience * self._tries)
        while True:
            problem = self._ask_host(run)
            if problem is None:
                return
            if time.monotonic() > until:
                break
            time.sleep(RETRY_SECONDS)
        if not queued:
            raise LaunchFailed(problem)
        self._put_back(run, problem)

    def _ask_host(self, run: DagsterRun) -> str | None:
        """Ask for a launch; returns None when a process has the run, else why not."""
        request = {"ask": "launch", "run_id": run.run_id, "until": time.time() + ANSWER_SECONDS}
        try:
            answer = wire.ask(self._folder, request, timeout=ANSWER_SECONDS)
        except wire.HostAway:
            self._start_host()
            return "The worker host is away."
        except wire.NoAnswer as error:
            # It may have forked all the same: then the lock is held, or the run has moved on.
            current = self._instance.get_run_by_id(run.run_id)
            moved_on = current is None or current.status is not DagsterRunStatus.STARTING
            if moved_on or locks.holder(self._folder.run_lock(run.run_id)) is not None:
                return None
            return f"The worker host does not answer ({error})."
        return None if answer.get("ok") else f"The worker host refused the run: {answer.get('error')}."

    def _put_back(self, run: DagsterRun, problem: str) -> None:
        current = self._instance.get_run_by_id(run.run_id)
        if current is None or current.status is not DagsterRunStatus.STARTING:
            return
        tried = self._instance.get_records_for_run(run.run_id, of_type=DagsterEventType.PIPELINE_ENQUEUED).records
        if len(tried) >= self._tries:
            raise LaunchFailed(f"{problem} The run was tried {self._tries} times; see the host's log.")
        log.warning("%s Run %s goes back to the queue.", problem, run.run_id)
        self._instance.report_dagster_event(DagsterEvent.job_enqueue(current), run_id=run.run_id)

    def _start_host(self) -> None:
        """Start a host where no supervisor does (`dagster dev`); it ends after this process has."""
        with self._starting:
            if self._started and self._started.poll() is None:
                return
            if runtime.is_running(settings().home):
                return
            folder = self._folder
            folder.make()
            reference = folder.path / "instance.json"
            with os.fdopen(os.open(reference, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(serialize_value(self._instance.get_ref()))
            log_file = settings().home / "logs" / "worker-host.log"
            log_file.parent.mkdir(parents=True, exist_ok=True)
            with log_file.open("ab") as sink:
                self._started = subprocess.Popen(
                    [*host_command(self._module), "--on-demand", "--instance-ref", str(reference)],
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    start_new_session=True,
                )
            log.info("Started a worker host (pid %s), log %s.", self._started.pid, log_file)

    def terminate(self, run_id: str) -> bool:
        """Ask the run's process to end, and kill it when it does not; returns False for a run that is over."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        pid = locks.holder(self._folder.run_lock(run_id))
        if pid is None:
            # One that is just being forked sees that the run is not to be started any more.
            self._instance.report_run_canceled(run, "No process was at work on this run.")
            return True
        if pid:
            _signal(pid, signal.SIGTERM)
        Thread(target=self._see_it_end, args=(run_id, pid), name=f"terminate-{run_id}", daemon=True).start()
        return True

    def _see_it_end(self, run_id: str, pid: int) -> None:
        lock_file = self._folder.run_lock(run_id)
        until = time.monotonic() + GRACE_SECONDS
        while locks.holder(lock_file) is not None and time.monotonic() < until:
            time.sleep(RETRY_SECONDS)
        holder = locks.holder(lock_file)
        if holder is None or (pid and holder != pid):
            return
        _signal_group(holder, signal.SIGKILL)
        until = time.monotonic() + KILLED_SECONDS
        while locks.holder(lock_file) is not None and time.monotonic() < until:
            time.sleep(RETRY_SECONDS)
        run = self._instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            self._instance.report_run_canceled(run, f"The process did not end in {GRACE_SECONDS:.0f} s and was killed.")

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Tell Dagster's run monitoring that it may ask."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Say whether the run's process lives; runs not launched here (`dagster job execute`) are left alone."""
        lock_file = self._folder.run_lock(run.run_id)
        pid = locks.holder(lock_file)
        if pid is not None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, run_worker_id=str(pid))
        last = locks.last_holder(lock_file)
        if last is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "Not launched by this launcher, or just over.")
        return CheckRunHealthResult(
            WorkerStatus.FAILED,
            f"The run's process (pid {last}) is gone: it was killed, or it crashed.",
            run_worker_id=str(last),
        )

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:
        """Say how the worker host is, for the message of a run that did not start in time."""
        answer = wire.health(settings().home)
        return f"Worker host: {answer}" if answer else "No worker host is running."


def _signal(pid: int, signum: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signum)


def _signal_group(pid: int, signum: int) -> None:
    with suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signum)
        else:
            os.kill(pid, signum)
