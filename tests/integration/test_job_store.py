"""The import job's row: its moves, its claim, and who wins where two want it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from pim_pipelines.errors import EmptyFile
from pim_pipelines.importing.lifecycle import JobStatus, may_move
from pim_pipelines.importing.voog import failures
from pim_pipelines.store import jobs, moves

Connect = Callable[[], Connection[Any]]
MAPPING: dict[str, str | None] = {"EAN": "ean"}


@pytest.fixture
def tenant(connect: Connect) -> int:
    with connect() as conn:
        row = conn.execute("insert into tenants (code) values ('acme') returning id").fetchone()
        assert row is not None
        return int(row[0])


def make(connect: Connect, tenant: int, status: JobStatus = JobStatus.PENDING, **columns: object) -> UUID:
    uuid = uuid4()
    with connect() as conn:
        jobs.insert(conn, uuid=uuid, tenant_id=tenant, import_type="manual", file_sha256=b"x", column_mapping=MAPPING)
        conn.execute("update import_jobs set status = %s where uuid = %s", (status, uuid))
        for name, value in columns.items():
            conn.execute(f"update import_jobs set {name} = %s where uuid = %s", (value, uuid))
    return uuid


def read(connect: Connect, uuid: UUID) -> jobs.Job:
    with connect() as conn:
        job = jobs.get(conn, uuid)
    assert job is not None
    return job


def test_moves_are_made_only_where_the_state_machine_has_them(connect: Connect, tenant: int) -> None:
    made = {}
    for source in JobStatus:
        for target in JobStatus:
            uuid = make(connect, tenant, source)
            with connect() as conn:
                moved = moves.move(conn, uuid, target)
            assert read(connect, uuid).status is (target if moved else source)
            made[source, target] = moved

    assert made == {(source, target): may_move(source, target) for source in JobStatus for target in JobStatus}


def test_of_many_who_start_a_job_one_wins(connect: Connect, tenant: int) -> None:
    uuid = make(connect, tenant, JobStatus.READY)

    def start(_: int) -> bool:
        with connect() as conn:
            return moves.start(conn, uuid)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(start, range(16)))

    assert won.count(True) == 1


def test_a_second_run_cannot_claim_a_job(connect: Connect, tenant: int) -> None:
    uuid, first, second = make(connect, tenant), uuid4(), uuid4()

    with connect() as conn:
        claimed = moves.claim(conn, uuid, 1, first, JobStatus.ANALYZING)
        again = moves.claim(conn, uuid, 1, first, JobStatus.ANALYZING)
        other = moves.claim(conn, uuid, 1, second, JobStatus.ANALYZING)

    assert claimed is not None and again is not None
    assert claimed.run_id == first
    assert claimed.status is JobStatus.ANALYZING
    assert other is None


def test_a_claim_and_the_note_of_the_launch_may_come_in_either_order(connect: Connect, tenant: int) -> None:
    uuid, run, late = make(connect, tenant), uuid4(), uuid4()

    with connect() as conn:
        moves.claim(conn, uuid, 1, run, JobStatus.ANALYZING)
        assert moves.launched(conn, uuid, 1, run) is True
        assert moves.launched(conn, uuid, 1, late) is False

    assert read(connect, uuid).run_id == run


def test_a_run_of_an_earlier_attempt_cannot_claim(connect: Connect, tenant: int) -> None:
    uuid = make(connect, tenant, JobStatus.FAILED, run_id=uuid4())

    with connect() as conn:
        assert moves.retry(conn, uuid)
        assert moves.claim(conn, uuid, 1, uuid4(), JobStatus.ANALYZING) is None
        assert moves.claim(conn, uuid, 2, uuid4(), JobStatus.ANALYZING) is not None


def test_a_start_whose_launch_failed_is_taken_back(connect: Connect, tenant: int) -> None:
    analysed_by = uuid4()
    uuid = make(connect, tenant, JobStatus.READY, run_id=analysed_by)

    with connect() as conn:
        assert moves.start(conn, uuid)
        assert moves.unstart(conn, uuid)

    job = read(connect, uuid)
    assert (job.status, job.started_at, job.run_id) == (JobStatus.READY, None, analysed_by)


def test_a_start_that_was_claimed_is_not_taken_back(connect: Connect, tenant: int) -> None:
    uuid = make(connect, tenant, JobStatus.READY)

    with connect() as conn:
        moves.start(conn, uuid)
        moves.claim(conn, uuid, 1, uuid4(), JobStatus.PROCESSING)
        assert not moves.unstart(conn, uuid)


def test_retry_counts_from_zero_and_forgets_the_errors(connect: Connect, tenant: int) -> None:
    uuid = make(connect, tenant, JobStatus.FAILED, products_created=7, failed_rows=2, last_error="no", run_id=uuid4())
    with connect() as conn:
        conn.execute(
            """insert into import_errors (import_id, row_number, n, severity, error_type, message)
               select id, 1, 1, 'e', 'ean_invalid', 'x' from import_jobs"""
        )
        assert moves.retry(conn, uuid)
        assert conn.execute("select count(*) from import_errors").fetchone() == (0,)

    job = read(connect, uuid)
    assert (job.status, job.attempt, job.run_id) == (JobStatus.PENDING, 2, None)
    assert (job.products_created, job.failed_rows, job.last_error) == (0, 0, None)


def test_only_a_job_that_had_been_processing_goes_through_on_retry(connect: Connect, tenant: int) -> None:
    early = make(connect, tenant, JobStatus.FAILED)
    late = make(connect, tenant, JobStatus.READY)

    with connect() as conn:
        moves.start(conn, late)
        moves.move(conn, late, JobStatus.FAILED)
        moves.retry(conn, early)
        moves.retry(conn, late)

    assert read(connect, early).go_through is False
    assert read(connect, late).go_through is True


def test_a_job_at_work_is_not_deleted(connect: Connect, tenant: int) -> None:
    kept = set()
    for status in JobStatus:
        uuid = make(connect, tenant, status)
        with connect() as conn:
            if not jobs.delete(conn, uuid):
                kept.add(status)

    assert kept == {JobStatus.ANALYZING, JobStatus.PROCESSING}


def test_a_job_of_another_tenant_is_not_there(connect: Connect, tenant: int) -> None:
    uuid = make(connect, tenant)

    with connect() as conn:
        assert jobs.get(conn, uuid, tenant) is not None
        assert jobs.get(conn, uuid, tenant + 1) is None


def test_a_page_of_jobs_is_newest_first_and_leaves_archived_ones_out(connect: Connect, tenant: int) -> None:
    made = [make(connect, tenant) for _ in range(3)]
    hidden = make(connect, tenant, JobStatus.FAILED)
    with connect() as conn:
        jobs.set_archived(conn, hidden, True)

        page, total = jobs.list_page(conn, tenant, limit=2, offset=0)
        both, all_of_them = jobs.list_page(conn, tenant, archived=None, limit=10, offset=0)

    assert [job.uuid for job in page] == [made[2], made[1]]
    assert (total, all_of_them, len(both)) == (3, 4, 4)


def test_jobs_whose_launch_was_lost_are_found(connect: Connect, tenant: int) -> None:
    lost = make(connect, tenant)
    make(connect, tenant, run_id=uuid4(), status=JobStatus.ANALYZING)
    make(connect, tenant, file_sha256=None)

    with connect() as conn:
        found = [job.uuid for job in jobs.without_run(conn, 0)]

    assert found == [lost]


def test_columns_stay_in_the_order_of_the_file(connect: Connect, tenant: int) -> None:
    uuid, run = make(connect, tenant), uuid4()
    names = ["Prix de vente", "EAN", "a"]

    with connect() as conn:
        moves.claim(conn, uuid, 1, run, JobStatus.ANALYZING)
        moves.save_analysis(
            conn,
            uuid,
            run,
            analysis={"sample": [dict.fromkeys(names, "x")]},
            suggested_mapping={name: {"field": None} for name in names},
            total_rows=1,
            file_type="csv",
            column_mapping=dict.fromkeys(names),
        )

    job = read(connect, uuid)
    assert job.analysis and job.suggested_mapping and job.column_mapping
    assert [list(job.analysis["sample"][0]), list(job.suggested_mapping), list(job.column_mapping)] == [names] * 3


def test_a_voog_task_says_why_it_failed_and_a_retry_forgets_it(connect: Connect, tenant: int) -> None:
    task, upload = (
        make(connect, tenant, JobStatus.PROCESSING, import_type=kind, run_id=uuid4(), queued_at="2026-01-01")
        for kind in ("voog", "manual")
    )
    columns = "failure_reason, failure_details, claimed_at is not null, queued_at is not null"

    def told(uuid: UUID) -> tuple[Any, ...]:
        with connect() as conn:
            row = conn.execute(f"select {columns} from import_jobs where uuid = %s", (uuid,)).fetchone()
        assert row is not None
        return row

    for uuid in (task, upload):
        with connect() as conn:
            run_id = read(connect, uuid).run_id
            assert run_id is not None
            assert moves.claim(conn, uuid, 1, run_id, JobStatus.PROCESSING)
            moves.move(conn, uuid, JobStatus.FAILED, last_error="gone", failure=failures.INTERRUPTED)

    assert told(upload) == (None, None, True, True)
    assert told(task) == (None, failures.INTERRUPTED.details(), True, True)
    with connect() as conn:
        assert moves.retry(conn, task)
    assert told(task) == (None, None, False, True)  # asked to go on once, it still is


def test_what_rows_have_told_of_a_voog_task_stands(connect: Connect, tenant: int) -> None:
    task = make(connect, tenant, JobStatus.PROCESSING, import_type="voog", failure_reason="value_invalid")
    with connect() as conn:
        moves.move(conn, task, JobStatus.FAILED, failure=failures.of_task(EmptyFile("not one row")))
        found = conn.execute("select failure_reason from import_jobs where uuid = %s", (task,)).fetchone()

    assert found == ("value_invalid",)


def test_claimed_at_is_when_the_first_op_began_to_process(connect: Connect, tenant: int) -> None:
    uuid, run_id = make(connect, tenant), uuid4()
    times = []
    for phase in (JobStatus.ANALYZING, JobStatus.PROCESSING, JobStatus.PROCESSING):
        with connect() as conn:
            conn.execute("update import_jobs set status = %s where uuid = %s", (phase, uuid))
            assert moves.claim(conn, uuid, 1, run_id, phase)
            times += conn.execute("select claimed_at from import_jobs where uuid = %s", (uuid,)).fetchall()

    assert times[0] == (None,)
    assert times[1] == times[2] != (None,)
