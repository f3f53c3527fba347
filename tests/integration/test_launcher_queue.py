"""The coordinator: at once what may run at once, and never more than may run."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import launcher_defs
import psycopg
import pytest
from dagster import DagsterInstance
from dagster._core.events import DagsterEvent
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from launching import Launching, eventually

from pim_pipelines.launcher.coordinator import TURN

QUEUED = DagsterRunStatus.QUEUED


@pytest.fixture(scope="module")
def launching(cluster: str) -> Iterator[Launching]:
    """Give an instance with a warm host, in a database of its own."""
    name = f"queue_{os.getpid()}"
    with psycopg.connect(cluster.replace("@/pim?", "@/postgres?"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template migrated strategy file_copy'.encode())
    system = Launching(Path(tempfile.mkdtemp(prefix="pim-launch-")), cluster.replace("@/pim?", f"@/{name}?"))
    system.start_host()
    yield system
    system.close()


@pytest.fixture
def queue(launching: Launching) -> Iterator[Launching]:
    """Give the instance with nothing running or queued, before and after."""
    yield launching
    for run in launching.instance.get_runs():
        launching.go(run.run_id)
        if run.status is QUEUED:
            launching.instance.run_coordinator.cancel_run(run.run_id)
    for run in launching.instance.get_runs():
        if run.status is not DagsterRunStatus.NOT_STARTED:
            launching.end(run.run_id)


@pytest.fixture
def daemon(queue: Launching) -> Iterator[None]:
    """Empty the queue as Dagster's daemon does, with an instance of its own."""
    instance = queue.open_instance()
    context: Any = SimpleNamespace(instance=instance, create_request_context=lambda: None)
    over = threading.Event()

    def loop() -> None:
        with QueuedRunCoordinatorDaemon(interval_seconds=0) as emptier:
            while not over.wait(0.02):
                for _ in emptier.run_iteration(context):
                    pass

    thread = threading.Thread(target=loop)
    thread.start()
    yield
    over.set()
    thread.join()
    instance.dispose()


def load(code: str) -> dict[str, str]:
    return {"pim/load": f"acme:{code}"}


def test_run_is_launched_at_once_without_a_daemon(queue: Launching) -> None:
    run_id = queue.submit(launcher_defs.waiting)

    assert queue.status(run_id) is not QUEUED
    queue.worker(run_id)


def test_second_load_of_a_supplier_waits_and_others_do_not(queue: Launching) -> None:
    first = queue.submit(launcher_defs.waiting, load("A"))

    second = queue.submit(launcher_defs.waiting, load("A"))
    other = queue.submit(launcher_defs.waiting, load("B"))
    analysis = queue.submit(launcher_defs.waiting)

    assert queue.status(second) is QUEUED
    assert QUEUED not in {queue.status(first), queue.status(other), queue.status(analysis)}


def test_load_does_not_overtake_a_queued_one(queue: Launching) -> None:
    first = queue.submit(launcher_defs.waiting, load("A"))
    queue.submit(launcher_defs.waiting, load("A"))
    queue.go(first)
    queue.end(first)

    third = queue.submit(launcher_defs.waiting, load("A"))

    assert queue.status(third) is QUEUED


def test_no_more_runs_than_the_bound(queue: Launching) -> None:
    runs = [queue.submit(launcher_defs.waiting) for _ in range(8)]

    statuses = [queue.status(run_id) for run_id in runs]

    assert statuses[6:] == [QUEUED, QUEUED]
    assert QUEUED not in statuses[:6]


def test_racing_loads_of_a_supplier_never_overlap(queue: Launching, daemon: None) -> None:
    instances = [queue.open_instance() for _ in range(4)]  # each takes its turns as another process would
    runs = [[queue.create(launcher_defs.waiting, load("A"), seconds=0.1) for _ in range(4)] for _ in instances]
    begin = threading.Barrier(len(instances))

    def submit(instance: DagsterInstance, mine: list[str]) -> None:
        begin.wait()
        for run_id in mine:
            instance.submit_run(run_id, workspace=None)  # type: ignore[arg-type]
            time.sleep(0.05)

    threads = [threading.Thread(target=submit, args=pair) for pair in zip(instances, runs, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = [queue.end(run_id, 120) for mine in runs for run_id in mine]

    assert ends == [DagsterRunStatus.SUCCESS] * 16
    spans = sorted(
        tuple(map(float, (queue.home / f"{run_id}.span").read_text().split())) for mine in runs for run_id in mine
    )
    overlaps = [(one, next_one) for one, next_one in pairwise(spans) if next_one[0] < one[1]]
    assert overlaps == []
    for instance in instances:
        instance.dispose()


def test_run_that_the_daemon_took_too_early_goes_back_to_the_queue(queue: Launching) -> None:
    """The daemon has read what is active before another run of the supplier was launched at once."""
    late = queue.create(launcher_defs.waiting, load("A"))
    active = queue.submit(launcher_defs.waiting, load("A"))
    queue.instance.report_dagster_event(DagsterEvent.job_enqueue(queue.run(late)), run_id=late)

    queue.launch(late)  # what the daemon does

    assert queue.status(late) is QUEUED
    assert queue.status(active) is not QUEUED
    assert not (queue.home / f"{late}.pid").exists()


def test_run_is_queued_when_the_turn_does_not_come(
    queue: Launching, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("pim_pipelines.launcher.coordinator.TURN_SECONDS", 1)
    with psycopg.connect(queue.environment["PIM_DATABASE_URL"]) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [TURN])

        run_id = queue.submit(launcher_defs.waiting)

    assert queue.status(run_id) is QUEUED


def test_queued_run_is_cancelled_without_a_worker(queue: Launching) -> None:
    queue.submit(launcher_defs.waiting, load("A"))
    second = queue.submit(launcher_defs.waiting, load("A"))

    assert queue.instance.run_coordinator.cancel_run(second)

    assert queue.status(second) is DagsterRunStatus.CANCELED


def test_bounds_come_from_the_instance_s_configuration(queue: Launching) -> None:
    overrides = {"concurrency": {"runs": {"max_concurrent_runs": 0}}}
    instance = DagsterInstance.from_ref(InstanceRef.from_dir(str(queue.dagster_home), overrides=overrides))
    run_id = queue.create(launcher_defs.waiting)

    instance.submit_run(run_id, workspace=None)  # type: ignore[arg-type]

    assert eventually(lambda: queue.status(run_id)) is QUEUED
    instance.dispose()
