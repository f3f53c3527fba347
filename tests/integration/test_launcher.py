"""Runs launched by the warm worker host, against a real PostgreSQL and real processes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import launcher_defs
import psycopg
import pytest
from dagster._core.launcher.base import WorkerStatus
from dagster._core.storage.compute_log_manager import ComputeIOType
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._daemon.monitoring.run_monitoring import monitor_started_run
from launching import Launching, eventually

from pim_pipelines.launcher import locks, wire
from pim_pipelines.launcher.host import ALREADY_RUNNING
from pim_pipelines.launcher.host_command import host_command
from pim_pipelines.launcher.run_launcher import LaunchFailed


@pytest.fixture(scope="module")
def database_url(cluster: str) -> Iterator[str]:
    """Give a database for this module: Dagster's tables in it are made once."""
    name = f"launcher_{os.getpid()}"
    with psycopg.connect(cluster.replace("@/pim?", "@/postgres?"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template migrated strategy file_copy'.encode())
    yield cluster.replace("@/pim?", f"@/{name}?")


@pytest.fixture(scope="module")
def launching(database_url: str) -> Iterator[Launching]:
    """Give an instance in a database of its own."""
    system = Launching(Path(tempfile.mkdtemp(prefix="pim-launch-")), database_url)
    yield system
    system.close()


@pytest.fixture
def warm(launching: Launching) -> Launching:
    """Give the instance with a warm host."""
    if not launching.hosts or launching.hosts[-1].poll() is not None:
        launching.start_host()
    return launching


@pytest.fixture
def hostless(launching: Launching) -> Launching:
    """Give the instance while no host runs."""
    launching.stop_hosts()
    return launching


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_run_succeeds_with_its_events_in_postgres_and_leaves_nothing(warm: Launching, database_url: str) -> None:
    run_id = warm.submit(launcher_defs.four_ops)

    assert warm.end(run_id) is DagsterRunStatus.SUCCESS
    with psycopg.connect(database_url) as connection:
        steps = connection.execute(
            "select step_key from dagster.event_logs "
            "where run_id = %s and dagster_event_type = 'STEP_SUCCESS' order by id",
            [run_id],
        ).fetchall()
        assert [step for (step,) in steps] == ["first", "second", "third", "fourth"]
    eventually(lambda: not list((warm.home / "launcher" / "runs").iterdir()))
    health = wire.health(warm.home)
    assert health is not None
    assert health["runs"] == {}
    with psycopg.connect(database_url) as connection:
        left = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        ).fetchone()
    # The coordinator's one; the host has none, nor has its child left any.
    assert left == (1,)


def test_threads_at_the_fork_are_only_the_harmless_one(warm: Launching) -> None:
    health = wire.health(warm.home)

    assert health is not None
    assert health["threads"] == ["polars-ooc-clea"]


def test_output_of_a_run_is_in_the_files_that_the_ui_reads(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.four_ops)
    warm.end(run_id)

    logs = warm.instance.compute_log_manager
    (key,) = logs.get_log_keys_for_log_key_prefix([run_id, "compute_logs"], ComputeIOType.STDOUT)
    data = logs.get_log_data(key)
    assert data.stdout == b"hello from stdout\nhello from the descriptor\n"
    assert b"hello from stderr\n" in (data.stderr or b"")
    assert logs.is_capture_complete(key)


def test_failed_run_is_reported_as_failed(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.failing)

    assert warm.end(run_id) is DagsterRunStatus.FAILURE


def test_fifty_children_that_work_on_frames_do_not_hang(warm: Launching) -> None:
    runs = [warm.submit(launcher_defs.frames) for _ in range(6)]  # at once
    runs += [warm.create(launcher_defs.frames) for _ in range(44)]
    for run_id in runs[6:]:
        eventually(lambda: len(wire.health(warm.home)["runs"]) < 6, 30)  # type: ignore[index]
        warm.launch(run_id)

    ends = [warm.end(run_id, 60) for run_id in runs]

    assert ends == [DagsterRunStatus.SUCCESS] * 50


def test_killed_worker_is_noticed(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.waiting)
    pid = warm.worker(run_id)
    healthy = warm.instance.run_launcher.check_run_worker_health(warm.run(run_id))
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid))

    health = warm.instance.run_launcher.check_run_worker_health(warm.run(run_id))

    assert healthy.status is WorkerStatus.RUNNING
    assert health.status is WorkerStatus.FAILED
    assert str(pid) in str(health.msg)
    _monitor(warm, run_id)
    assert warm.status(run_id) is DagsterRunStatus.FAILURE


def test_runs_go_on_when_the_host_is_killed_and_a_new_host_takes_over(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.waiting)
    pid = warm.worker(run_id)
    old = warm.hosts[0]
    old.kill()
    old.wait()

    health = warm.instance.run_launcher.check_run_worker_health(warm.run(run_id))
    assert health.status is WorkerStatus.RUNNING
    new = warm.start_host()
    answer = wire.health(warm.home)
    assert answer is not None
    assert answer["pid"] == new.pid
    assert answer["runs"] == {run_id: pid}
    assert warm.end(warm.submit(launcher_defs.four_ops)) is DagsterRunStatus.SUCCESS
    warm.go(run_id)
    assert warm.end(run_id) is DagsterRunStatus.SUCCESS
    eventually(lambda: not is_alive(pid))


def test_terminated_run_is_canceled_at_once(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.waiting)
    pid = warm.worker(run_id)

    began = time.monotonic()
    assert warm.instance.run_coordinator.cancel_run(run_id)

    assert warm.end(run_id) is DagsterRunStatus.CANCELED
    assert time.monotonic() - began < 5
    eventually(lambda: not is_alive(pid))


def test_worker_that_does_not_listen_is_killed_and_its_run_canceled(
    warm: Launching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pim_pipelines.launcher.run_launcher.GRACE_SECONDS", 1.0)
    run_id = warm.submit(launcher_defs.waiting, deaf=True)
    pid = warm.worker(run_id)

    assert warm.instance.run_launcher.terminate(run_id)

    assert warm.end(run_id) is DagsterRunStatus.CANCELED
    assert not is_alive(pid)


def test_run_that_is_over_cannot_be_terminated(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.four_ops)
    warm.end(run_id)

    assert not warm.instance.run_launcher.terminate(run_id)


def test_stopped_host_ends_its_runs_and_they_are_failed(warm: Launching) -> None:
    run_id = warm.submit(launcher_defs.waiting)
    pid = warm.worker(run_id)

    warm.hosts[0].send_signal(signal.SIGTERM)

    assert warm.hosts[0].wait(30) == 0
    assert warm.status(run_id) is DagsterRunStatus.FAILURE
    assert not is_alive(pid)
    assert wire.health(warm.home) is None


def test_second_host_of_a_home_says_so_and_exits(warm: Launching) -> None:
    second = subprocess.run(host_command("launcher_defs"), capture_output=True, text=True, timeout=30, check=False)

    assert second.returncode == ALREADY_RUNNING
    assert "runs already" in second.stderr


def test_launch_waits_in_the_queue_while_the_host_is_away(hostless: Launching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pim_pipelines.runtime.is_running", lambda _home: True)  # supervised: no host on demand
    monkeypatch.setattr(hostless.instance.run_launcher, "_patience", 0.1)

    run_id = hostless.submit(launcher_defs.four_ops)
    assert hostless.status(run_id) is DagsterRunStatus.QUEUED
    hostless.start_host()
    hostless.launch(run_id)

    assert hostless.end(run_id) is DagsterRunStatus.SUCCESS


def test_launch_fails_after_the_last_try(hostless: Launching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pim_pipelines.runtime.is_running", lambda _home: True)
    monkeypatch.setattr(hostless.instance.run_launcher, "_patience", 0.0)
    monkeypatch.setattr(hostless.instance.run_launcher, "_tries", 2)

    run_id = hostless.submit(launcher_defs.four_ops)
    hostless.launch(run_id)
    with pytest.raises(LaunchFailed, match="2 times"):
        hostless.launch(run_id)

    assert hostless.status(run_id) is DagsterRunStatus.FAILURE


def test_host_is_started_on_demand_and_ends_with_who_started_it(hostless: Launching) -> None:
    script = (
        "import sys, time, launcher_defs\n"
        "from dagster import DagsterInstance\n"
        "instance = DagsterInstance.get()\n"
        "instance.run_launcher._patience = 120\n"
        "instance.launch_run(sys.argv[1], workspace=None)\n"
    )
    run_id = hostless.create(launcher_defs.waiting, seconds=3.0)
    subprocess.run([sys.executable, "-c", script, run_id], check=True, timeout=180)

    assert hostless.end(run_id) is DagsterRunStatus.SUCCESS
    eventually(lambda: locks.holder(hostless.home / "launcher" / "host.lock") is None)
    assert wire.health(hostless.home) is None


def test_host_on_demand_starts_afresh_when_the_code_has_changed(hostless: Launching) -> None:
    source = hostless.home / "code" / "edited_defs.py"
    source.parent.mkdir()
    text = "import launcher_defs\ndefs = launcher_defs.defs\n"
    source.write_text(text)
    host = hostless.start_host("--module", "edited_defs", "--on-demand", cwd=source.parent)
    before = hostless.submit(launcher_defs.waiting)
    hostless.worker(before)
    began = wire.health(hostless.home)
    source.write_text(text + "# changed\n")

    refused = hostless.ask(ask="launch", run_id=hostless.create(launcher_defs.four_ops), until=time.time() + 5)

    assert not refused["ok"]
    eventually(lambda: hostless.is_warm(host), 120)
    after = wire.health(hostless.home)
    assert began is not None
    assert after is not None
    assert after["pid"] == began["pid"]
    assert after["started_at"] > began["started_at"]
    assert list(after["runs"]) == [before]
    hostless.go(before)
    assert hostless.end(before) is DagsterRunStatus.SUCCESS


def test_host_answers_nonsense_and_goes_on(warm: Launching) -> None:
    answers = [
        warm.ask(ask="launch", run_id="../x", until=time.time() + 5),
        warm.ask(ask="launch", run_id="x", until="never"),
        warm.ask(ask="dance"),
    ]

    assert [answer["ok"] for answer in answers] == [False] * 3
    assert warm.end(warm.submit(launcher_defs.four_ops)) is DagsterRunStatus.SUCCESS


def test_host_refuses_a_code_location_that_works_on_frames_when_it_is_imported(hostless: Launching) -> None:
    source = hostless.home / "bad" / "hasty_defs.py"
    source.parent.mkdir()
    source.write_text(
        "import polars\npolars.DataFrame({'a': [2, 1]}).lazy().sort('a').collect()\nfrom launcher_defs import defs\n"
    )

    done = subprocess.run(
        host_command("hasty_defs"), cwd=source.parent, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 1
    assert "a fork would be unsafe" in done.stderr
    assert "polars-0" in done.stderr


def test_request_that_nobody_waits_for_any_more_is_refused(warm: Launching) -> None:
    run_id = warm.create(launcher_defs.four_ops)

    answer = warm.ask(ask="launch", run_id=run_id, until=time.time() - 1)

    assert not answer["ok"]
    assert warm.status(run_id) is DagsterRunStatus.NOT_STARTED


def test_run_cancelled_before_its_process_starts_is_not_executed(warm: Launching) -> None:
    run_id = warm.create(launcher_defs.waiting, seconds=0)
    warm.instance.report_run_canceled(warm.run(run_id))

    answer = warm.ask(ask="launch", run_id=run_id, until=time.time() + 5)

    assert answer["ok"]
    eventually(lambda: wire.health(warm.home)["runs"] == {})  # type: ignore[index]
    assert not (warm.home / f"{run_id}.span").exists()


def _monitor(system: Launching, run_id: str) -> None:
    """Do what the daemon's run monitoring does every 5 s."""
    import logging

    record = system.instance.get_run_record_by_id(run_id)
    assert record is not None
    monitor_started_run(system.instance, None, record, logging.getLogger("test"))  # type: ignore[arg-type]
