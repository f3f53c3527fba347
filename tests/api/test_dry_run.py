"""How a dry run is answered, whatever its run does; the runs themselves are in test_launching."""

import threading
import time
from uuid import uuid4

import httpx
import pytest
from api_client import COLUMNS, MAPPING, Client, check_problem

from api.pixee import previews as endpoint
from pim_pipelines.store import previews
from pim_pipelines.store.jobs import Job

covers = pytest.mark.covers
POST, GET = "POST /imports/{import_id}/dry-run", "GET /imports/{import_id}/dry-run"
FIELDS = [
    "job_id",
    "total_rows",
    "preview_rows",
    "preview_rows.row_number",
    "preview_rows.action",
    "validation_errors",
    "validation_errors.row_number",
    "validation_errors.field",
    "validation_errors.message",
    "products_to_create",
    "products_to_update",
    "rows_with_errors",
]

RESULT = {
    "total_rows": 2,
    "preview_rows": [{"row_number": 1, "action": "create", "ean": "4006381333931", "price": 29.99}],
    "validation_errors": [{"row_number": 2, "field": "ean", "message": "EAN checksum invalid"}],
    "products_to_create": 1,
    "products_to_update": 0,
    "rows_with_errors": 1,
    "products_to_deactivate": 3,
}


@pytest.fixture
def job(client: Client) -> Job:
    """A ready job, whose dry run is at work."""
    made = client.make_job("ready")
    with client.connect() as conn:
        previews.begin(conn, made.id)
    return made


def finish(client: Client, job: Job) -> None:
    run_id = uuid4()
    with client.connect() as conn:
        previews.claim(conn, job.id, run_id)
        previews.finish(conn, job.id, run_id, RESULT)


def fail(client: Client, job: Job, code: str) -> None:
    run_id = uuid4()
    with client.connect() as conn:
        previews.claim(conn, job.id, run_id)
        previews.fail(conn, job.id, run_id, "It could not be done: do this.", code)


@covers(POST, "import_id", *(f"response.{name}" for name in FIELDS))
def test_one_that_is_at_work_is_joined_and_its_result_is_the_answer(client: Client, job: Job) -> None:
    later = threading.Timer(0.3, finish, (client, job))
    later.start()

    answer = client.post(f"/imports/{job.uuid}/dry-run")
    later.join()

    assert (answer.status_code, answer.json()) == (200, {"job_id": str(job.uuid), **RESULT})
    assert client.get(f"/imports/{job.uuid}/dry-run").json() == answer.json()


@covers(POST, "response.job_id", "response.status")
@covers(GET, "import_id", "response.*")
def test_after_a_minute_the_answer_is_where_the_result_will_be(
    client: Client, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "WAIT_SECONDS", 0.2)

    answer = client.post(f"/imports/{job.uuid}/dry-run")
    waiting = client.get(answer.headers["location"].removeprefix("/api/v1"))
    finish(client, job)
    found = client.get(answer.headers["location"].removeprefix("/api/v1"))

    assert endpoint.WAIT_SECONDS == 0.2
    assert (answer.status_code, answer.json()) == (202, {"job_id": str(job.uuid), "status": "running"})
    assert answer.headers["location"] == f"/api/v1/imports/{job.uuid}/dry-run"
    assert waiting.status_code == 202
    assert (found.status_code, found.json()["total_rows"]) == (200, 2)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("MAPPING_REQUIRED", 409),
        ("FILE_EMPTY", 422),
        ("FILE_BROKEN", 422),
        ("UNSUPPORTED_FORMAT", 415),
        ("IMPORT_FAILED", 422),
        ("INTERNAL_ERROR", 500),
    ],
)
def test_one_that_failed_says_why(client: Client, job: Job, code: str, status: int) -> None:
    fail(client, job, code)

    problem = check_problem(client.get(f"/imports/{job.uuid}/dry-run"), status, code)

    assert problem["detail"] == "It could not be done: do this."


def test_a_mapping_that_is_saved_meanwhile_ends_it(client: Client, job: Job) -> None:
    later = threading.Timer(
        0.3, client.post, (f"/imports/{job.uuid}/save-mapping",), {"json": {"column_mapping": MAPPING}}
    )
    later.start()

    answer = client.post(f"/imports/{job.uuid}/dry-run")
    later.join()

    check_problem(answer, 409, "DRY_RUN_SUPERSEDED")


def test_a_run_that_lost_the_row_writes_nothing(client: Client, job: Job) -> None:
    run_id = uuid4()
    with client.connect() as conn:
        assert previews.claim(conn, job.id, run_id)
    client.post(f"/imports/{job.uuid}/save-mapping", json={"column_mapping": MAPPING})

    with client.connect() as conn:
        written = previews.finish(conn, job.id, run_id, RESULT)

    assert not written
    check_problem(client.get(f"/imports/{job.uuid}/dry-run"), 404, "NOT_FOUND")


def test_two_runs_cannot_have_one_dry_run(client: Client, job: Job) -> None:
    first, second = uuid4(), uuid4()

    with client.connect() as conn:
        claims = [previews.claim(conn, job.id, run_id) for run_id in (first, second, first)]

    assert claims == [True, False, True]


def test_one_that_says_nothing_for_long_does_not_hold_up_the_next(client: Client, job: Job) -> None:
    with client.connect() as conn:
        conn.execute(
            "update import_previews set created_at = now() - interval '20 minutes' where import_id = %s", (job.id,)
        )

    answer = client.post(f"/imports/{job.uuid}/dry-run")

    check_problem(answer, 503, "DAGSTER_UNAVAILABLE")  # it tried to launch another


def test_a_job_whose_columns_nobody_knows_wants_a_mapping_first(client: Client) -> None:
    nothing = {name: {"field": None, "confidence": 0.0, "reason": ""} for name in COLUMNS}
    no_identifier = nothing | {"Titre produit": {"field": "title", "confidence": 0.9, "reason": ""}}

    for suggested in ({}, nothing, no_identifier):
        job = client.make_job("awaiting_mapping", suggested_mapping=suggested)
        check_problem(client.post(f"/imports/{job.uuid}/dry-run"), 409, "MAPPING_REQUIRED")


def test_a_job_whose_file_has_not_come_is_409(client: Client) -> None:
    job = client.make_job("pending", file_sha256=None)

    problem = check_problem(client.post(f"/imports/{job.uuid}/dry-run"), 409, "INVALID_STATUS")

    assert problem["current_status"] == "pending"


def test_there_is_none_before_the_first(client: Client) -> None:
    job = client.make_job("ready")

    check_problem(client.get(f"/imports/{job.uuid}/dry-run"), 404, "NOT_FOUND")


def test_waiting_does_not_hold_up_other_requests(
    client: Client, monkeypatch: pytest.MonkeyPatch, serve, settings
) -> None:
    monkeypatch.setattr(endpoint, "WAIT_SECONDS", 3.0)
    waiting = []
    for _ in range(60):
        job = client.make_job("ready")
        with client.connect() as conn:
            previews.begin(conn, job.id)
        waiting.append(job)

    with serve(settings) as address:
        threads = [
            threading.Thread(
                target=httpx.post,
                args=(f"{address}/api/v1/imports/{job.uuid}/dry-run",),
                kwargs={"headers": {"X-API-Key": client.key}, "timeout": 30},
            )
            for job in waiting
        ]
        for thread in threads:
            thread.start()
        time.sleep(1.0)
        began = time.monotonic()
        answer = httpx.get(f"{address}/api/v1/imports", headers={"X-API-Key": client.key}, timeout=30)
        took = time.monotonic() - began
        for thread in threads:
            thread.join()

    assert answer.status_code == 200
    assert took < 2.0
