"""`launch_pending_imports`: what has no run gets one, what a dead run left at work is closed."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from dagster import DagsterRun, DagsterRunStatus, RunRequest, SensorResult, build_sensor_context
from ops_world import MAPPING, Connect, World

from pim_pipelines import runs
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.jobs import import_products, preview_import
from pim_pipelines.resources import Clock
from pim_pipelines.sensors import launch_pending_imports
from pim_pipelines.store import moves, previews, voog_tasks


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path)


def tick(world: World) -> list[RunRequest]:
    """Let the sensor look once; returns the runs it asks for."""
    context = build_sensor_context(
        instance=world.instance,
        resources={"catalogue": world.catalogue, "file_store": world.file_store, "clock": Clock()},
        sensor_name="launch_pending_imports",
    )
    result = launch_pending_imports(context)
    assert isinstance(result, SensorResult)
    return list(result.run_requests or [])


def age(world: World) -> None:
    """Let the grace of fresh uploads pass."""
    with world.connect() as conn:
        conn.execute("update import_jobs set updated_at = now() - interval '1 minute'")


def dagster_run(world: World, status: DagsterRunStatus, uuid: UUID, *, preview: bool = False) -> DagsterRun:
    """Make a run as a launcher has left it."""
    job = world.job(uuid)
    spec = runs.of_preview(job) if preview else runs.of_import(job)
    definition = preview_import if preview else import_products
    return world.instance.create_run_for_job(definition, tags=spec.tags, status=status)


def test_upload_that_was_never_launched_gets_a_run(world: World) -> None:
    uuid = world.upload()
    age(world)

    [request] = tick(world)

    assert request.run_config == runs.of_import(world.job(uuid)).run_config
    assert request.tags["pim/import_id"] == str(uuid)
    assert world.job(uuid).status is JobStatus.PENDING


def test_fresh_upload_is_left_to_the_api(world: World) -> None:
    world.upload()

    assert tick(world) == []


def test_requested_run_carries_the_import_through(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id, auto_process=True)
    age(world)
    [request] = tick(world)

    world.execute(runs.RunSpec(runs.IMPORT_JOB, dict(request.run_config), dict(request.tags)))

    assert world.job(uuid).status is JobStatus.COMPLETED
    assert tick(world) == []


def test_run_that_was_launched_but_not_noted_is_noted_and_not_launched_again(world: World) -> None:
    uuid = world.upload()
    age(world)
    run = dagster_run(world, DagsterRunStatus.STARTING, uuid)

    assert tick(world) == []

    assert str(world.job(uuid).run_id) == run.run_id
    assert world.job(uuid).status is JobStatus.ANALYZING


def test_start_whose_run_was_never_launched_gets_one_that_may_load(world: World) -> None:
    uuid = world.upload(template_id=world.template(MAPPING).id)
    analysed_by = world.run(uuid).run_id
    with world.connect() as conn:
        moves.start(conn, uuid)
    age(world)

    [request] = tick(world)

    assert request.tags["pim/load"] == "acme:DEMO"
    assert request.tags["dagster/parent_run_id"] == analysed_by
    assert world.job(uuid).run_id is None


def test_import_whose_runs_never_begin_fails_after_three(world: World) -> None:
    uuid = world.upload()
    age(world)
    for _ in range(3):
        assert len(tick(world)) == 1
        dagster_run(world, DagsterRunStatus.FAILURE, uuid)

    assert tick(world) == []

    assert world.job(uuid).status is JobStatus.FAILED
    assert "could not be started" in (world.job(uuid).last_error or "")


@pytest.mark.parametrize(
    ("ended", "status", "word"),
    [
        (DagsterRunStatus.FAILURE, JobStatus.FAILED, "retry"),
        (DagsterRunStatus.SUCCESS, JobStatus.FAILED, "Retry"),
        (DagsterRunStatus.CANCELED, JobStatus.CANCELLED, ""),
    ],
)
@pytest.mark.parametrize("at_work", ["analyzing", "processing"])
def test_import_that_a_dead_run_left_at_work_is_closed(
    world: World, at_work: str, ended: DagsterRunStatus, status: JobStatus, word: str
) -> None:
    uuid = world.upload()
    run = dagster_run(world, ended, uuid)
    with world.connect() as conn:
        conn.execute("update import_jobs set status = %s, run_id = %s", (at_work, run.run_id))

    tick(world)

    job = world.job(uuid)
    assert job.status is status
    assert word in (job.last_error or "")
    assert job.completed_at is not None


def voog_task(world: World) -> UUID:
    """Make a task of the Voog API whose run was never launched."""
    uuid = uuid4()
    with world.connect() as conn:
        voog_tasks.insert(
            conn,
            uuid=uuid,
            tenant_id=world.tenant_id,
            source={"type": "http", "url": "https://example.com/x.csv"},
            sealed=None,
            file_name="x.csv",
            file_type=None,
            language=None,
            overwrite_existing=False,
            match_key="id",
            validate_mapping=False,
            mapping=None,
        )
    return uuid


@pytest.mark.parametrize("is_queued", [False, True])
def test_a_voog_task_without_a_run_gets_one_that_may_load_where_it_is_queued(world: World, is_queued: bool) -> None:
    uuid = voog_task(world)
    if is_queued:
        with world.connect() as conn:
            assert voog_tasks.queue(conn, uuid)
    age(world)

    [request] = tick(world)

    assert (request.tags["pim/import_type"], request.tags["pim/voog_id"]) == ("voog", "1")
    assert request.tags.get("pim/load") == ("acme:-" if is_queued else None)


@pytest.mark.parametrize(
    ("ended", "status", "key"),
    [(DagsterRunStatus.FAILURE, "failed", "interrupted"), (DagsterRunStatus.CANCELED, "cancelled", None)],
)
@pytest.mark.parametrize("at_work", ["analyzing", "processing"])
def test_a_voog_task_that_a_dead_run_left_is_closed(
    world: World, at_work: str, ended: DagsterRunStatus, status: str, key: str | None
) -> None:
    uuid = voog_task(world)
    run = dagster_run(world, ended, uuid)
    with world.connect() as conn:
        conn.execute("update import_jobs set status = %s, run_id = %s, queued_at = now()", (at_work, run.run_id))

    tick(world)

    with world.connect() as conn:
        task = voog_tasks.get(conn, world.tenant_id, 1)
    assert task is not None and task.status == status and task.completed_at is not None
    assert (task.failure_reason_details or {}).get("key") == key


@pytest.mark.parametrize(
    "status",
    [
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    ],
)
def test_import_whose_run_goes_on_is_left_alone(world: World, status: DagsterRunStatus) -> None:
    uuid = world.upload()
    run = dagster_run(world, status, uuid)
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'processing', run_id = %s", (run.run_id,))

    tick(world)

    assert world.job(uuid).status is JobStatus.PROCESSING


def test_import_whose_run_was_deleted_can_be_retried(world: World) -> None:
    uuid = world.upload()
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'analyzing', run_id = %s", (uuid4(),))

    tick(world)

    assert world.job(uuid).status is JobStatus.FAILED
    with world.connect() as conn:
        assert moves.retry(conn, uuid)


def test_import_that_waits_for_a_person_is_not_closed(world: World) -> None:
    uuid = world.upload()
    world.run(uuid)
    before = world.job(uuid)

    tick(world)

    assert world.job(uuid) == before


def test_what_a_killed_run_left_staged_is_swept(world: World) -> None:
    uuid = world.upload()
    with world.connect() as conn:
        conn.execute("update import_jobs set status = 'failed', run_id = %s", (uuid,))
        conn.execute(
            """insert into stagings (import_id, run_id, own_tables, may_collide, total_rows, rows_staged)
               select id, run_id, false, false, 0, 0 from import_jobs"""
        )

    tick(world)

    assert world.rows("select count(*) from stagings") == [(0,)]


def test_dry_run_whose_run_died_fails(world: World) -> None:
    uuid = world.upload()
    run = dagster_run(world, DagsterRunStatus.FAILURE, uuid, preview=True)
    with world.connect() as conn:
        job = world.job(uuid)
        previews.begin(conn, job.id)
        previews.launched(conn, job.id, UUID(run.run_id))

    tick(world)

    with world.connect() as conn:
        found = previews.get(conn, world.job(uuid).id)
    assert found is not None
    assert found.state == "failed"
    assert world.job(uuid).status is JobStatus.PENDING


def test_runs_of_dry_runs_are_not_taken_for_the_import(world: World) -> None:
    uuid = world.upload()
    age(world)
    dagster_run(world, DagsterRunStatus.STARTED, uuid, preview=True)

    assert len(tick(world)) == 1
