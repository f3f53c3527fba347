"""What a forked child does: execute one run, and leave nothing behind."""

import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from pim_pipelines.launcher.dagster_private import (
    DagsterInstance,
    DagsterRunStatus,
    EngineEventData,
    capture_interrupts,
    core_execute_run,
    recon_job_from_origin,
    setup_interrupt_handlers,
)

log = logging.getLogger(__name__)

# A run that is no longer `STARTING` was cancelled, or given up by its launcher, meanwhile.
WANTED = frozenset({DagsterRunStatus.STARTING, DagsterRunStatus.NOT_STARTED})


def work(instance: DagsterInstance, run_id: str, lock_file: Path) -> NoReturn:
    """Execute a run and end the process, whatever happens; the caller has just forked."""
    status = 1
    try:
        _reset_signals()
        with capture_interrupts():
            status = 0 if execute(instance, run_id) else 1
        # While the run is not over for Dagster, the file says that a worker was there: see check_run_worker_health.
        lock_file.unlink(missing_ok=True)
    except BaseException:  # a traceback in the host's log is the last that can be done
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def execute(instance: DagsterInstance, run_id: str) -> bool:
    """Execute a run; returns whether it succeeded. Raises what Dagster could not report itself."""
    run = instance.get_run_by_id(run_id)
    if run is None or run.status not in WANTED:
        log.warning("Run %s is %s, not to be started any more.", run_id, run.status.value if run else "unknown")
        return False
    if run.job_code_origin is None:
        instance.report_run_failed(run, "The run does not say which code it is of.")
        return False
    pid = os.getpid()
    instance.report_engine_event(
        f"Started in a process forked from the warm worker host (pid: {pid}).", run, EngineEventData.in_process(pid)
    )
    succeeded = True
    try:
        for event in core_execute_run(recon_job_from_origin(run.job_code_origin), run, instance, inject_env_vars=True):
            succeeded = succeeded and not event.is_job_failure
    except BaseException:  # reported by core_execute_run before it raises
        succeeded = False
        ended = instance.get_run_by_id(run_id)
        if ended is not None and not ended.is_finished:
            raise
    return succeeded


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for signum in (signal.SIGCHLD, signal.SIGHUP):
        signal.signal(signum, signal.SIG_DFL)
    # Dagster copies the handler of SIGINT to SIGTERM; where the host was started with SIGINT ignored
    # (`pim up &` in a script), a run could not be terminated.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    setup_interrupt_handlers()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
