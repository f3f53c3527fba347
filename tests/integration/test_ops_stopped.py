"""Imports that are stopped in the middle: cancelled, terminated, shut down, or hit by an error nobody foresaw."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from dagster import DagsterRunStatus, ExecuteInProcessResult, RunsFilter
from dagster._utils.interrupts import capture_interrupts
from ops_world import MAPPING, Connect, World

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import jobs, moves


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path)


@contextmanager
def load_held_up(world: World, then: Callable[[], None]) -> Iterator[None]:
    """Hold the load at its first write; when it waits there, do something, then let it go on."""
    holder = world.connect()
    holder.execute("lock table products in share mode")

    def wait_and_do() -> None:
        with world.connect() as conn:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                waiting = conn.execute("select count(*) from pg_locks where not granted").fetchone()
                if waiting and waiting[0]:
                    then()
                    break
                time.sleep(0.02)
        holder.rollback()

    thread = threading.Thread(target=wait_and_do)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def run_interrupted(world: World, uuid: UUID, *, terminated: bool) -> ExecuteInProcessResult | None:
    """Run an import that is interrupted while it loads; None where the interrupt ends the run's process too."""

    def interrupt() -> None:
        if terminated:
            [run] = world.instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED]))
            world.instance.report_run_canceling(run)
        os.kill(os.getpid(), signal.SIGINT)

    with load_held_up(world, interrupt), capture_interrupts():
        return world.run(uuid)


def test_cancel_in_mid_load_leaves_nothing_of_the_chunk_and_cancels_the_run(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    def cancel() -> None:
        with world.connect() as conn:
            assert moves.cancel(conn, uuid)

    with load_held_up(world, cancel):
        result = world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.CANCELLED
    assert (job.products_created, job.last_error) == (0, None)
    assert world.titles() == []
    assert world.dagster_run(result).status is DagsterRunStatus.CANCELED


def test_cancelled_import_can_be_retried_to_its_end(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    def cancel() -> None:
        with world.connect() as conn:
            moves.cancel(conn, uuid)

    with load_held_up(world, cancel):
        world.run(uuid)

    world.retry(uuid)

    assert world.job(uuid).status is JobStatus.COMPLETED
    assert len(world.titles()) == 3


def test_termination_in_dagster_cancels_the_import(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    run_interrupted(world, uuid, terminated=True)

    [run] = world.instance.get_runs()
    assert run.status is DagsterRunStatus.CANCELED
    assert world.job(uuid).status is JobStatus.CANCELLED
    assert world.titles() == []


def test_shut_down_fails_the_import_so_that_it_can_be_retried(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    run_interrupted(world, uuid, terminated=False)

    job = world.job(uuid)
    assert job.status is JobStatus.FAILED
    assert "stopped while this import was at work" in (job.last_error or "")
    world.retry(uuid)
    assert world.job(uuid).status is JobStatus.COMPLETED


def test_unforeseen_error_fails_the_import_without_internals(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)
    with world.connect() as conn:
        conn.execute("alter table import_jobs add constraint broken check (analysis is null)")

    result = world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.FAILED
    assert result.run_id in (job.last_error or "")
    assert "broken" not in (job.last_error or "")
    assert "broken" in str([event for event in result.all_events if event.is_step_failure])


def test_job_deleted_meanwhile_ends_the_run_as_canceled(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)

    def delete() -> None:
        with world.connect() as conn:
            moves.cancel(conn, uuid)
            assert jobs.delete(conn, uuid)

    with load_held_up(world, delete):
        result = world.run(uuid)

    assert world.dagster_run(result).status is DagsterRunStatus.CANCELED
    assert world.titles() == []
