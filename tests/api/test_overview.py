"""Recent jobs, statistics, and what is archived."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from api_client import Client, check_problem

from pim_pipelines.importing.lifecycle import CAN_ARCHIVE, JobStatus

covers = pytest.mark.covers
RECENT, STATS = "GET /imports/recent", "GET /imports/stats"
ARCHIVE, UNARCHIVE = "POST /imports/{import_id}/archive", "POST /imports/{import_id}/unarchive"


def config(client: Client, name: str = "nightly") -> tuple[int, UUID]:
    """Make an automated config, as far as a job needs one; returns its row id and its UUID."""
    with client.connect() as conn:
        row = conn.execute(
            """insert into import_configs (tenant_id, name, schedule, source)
               values (%s, %s, '0 2 * * *', '{}') returning id, uuid""",
            (client.tenant_id, name),
        ).fetchone()
    assert row
    return row[0], row[1]


class TestRecent:
    """GET /imports/recent."""

    @covers(RECENT, "limit default 10", "response.*")
    def test_the_latest_ten_with_the_fields_of_the_list(self, client: Client) -> None:
        began = datetime(2026, 1, 1, tzinfo=UTC)
        made = [client.make_job(created_at=began + timedelta(hours=hour)) for hour in range(12)]

        body = client.get("/imports/recent").json()

        assert list(body) == ["items"]
        assert [item["id"] for item in body["items"]] == [str(job.uuid) for job in reversed(made[2:])]
        assert list(body["items"][0]) == list(client.get("/imports/").json()["items"][0])

    @covers(RECENT, "limit")
    def test_as_many_as_asked_for(self, client: Client) -> None:
        newest = [client.make_job() for _ in range(3)][-1]

        assert [item["id"] for item in client.get("/imports/recent?limit=1").json()["items"]] == [str(newest.uuid)]
        assert len(client.get("/imports/recent/?limit=100").json()["items"]) == 3

    @covers(RECENT, "limit max 100")
    @pytest.mark.parametrize("limit", ["101"])
    def test_at_most_a_hundred(self, client: Client, limit: str) -> None:
        problem = check_problem(client.get(f"/imports/recent?limit={limit}"), 422, "VALIDATION_ERROR")

        assert problem["errors"][0]["field"] == "limit"

    @pytest.mark.parametrize("limit", ["0", "-1", "x", ""])
    def test_a_wrong_limit_is_422(self, client: Client, limit: str) -> None:
        check_problem(client.get(f"/imports/recent?limit={limit}"), 422, "VALIDATION_ERROR")

    def test_archived_and_other_tenants_jobs_are_not_shown(self, client: Client, new_client: Any) -> None:
        client.make_job("completed", is_archived=True)
        new_client("other").make_job()

        assert client.get("/imports/recent").json() == {"items": []}


class TestStats:
    """GET /imports/stats."""

    @covers(STATS, "response.*")
    def test_the_documented_body(self, client: Client) -> None:
        done = {"successful_rows": 90, "failed_rows": 10, "products_created": 60, "products_updated": 25}
        client.make_job("completed", **done)
        client.make_job("completed", **done, is_archived=True)
        client.make_job("failed", failed_rows=7)
        client.make_job("cancelled", successful_rows=3, products_created=3)
        client.make_job("ready")

        assert client.get("/imports/stats").json() == {
            "total_jobs": 5,
            "completed_jobs": 2,
            "failed_jobs": 1,
            "total_rows_processed": 210,
            "total_products_created": 123,
            "total_products_updated": 50,
            "success_rate": 66.7,
        }

    def test_of_no_job_all_are_zero(self, client: Client) -> None:
        assert set(client.get("/imports/stats").json().values()) == {0}

    @pytest.mark.parametrize(
        ("completed", "failed", "rate"), [(1, 0, 100.0), (0, 1, 0.0), (138, 4, 97.2), (1, 7, 12.5), (1, 2, 33.3)]
    )
    def test_the_success_rate_has_one_decimal(self, client: Client, completed: int, failed: int, rate: float) -> None:
        with client.connect() as conn:
            conn.execute(
                """insert into import_jobs (uuid, tenant_id, import_type, status)
                   select gen_random_uuid(), %s, 'manual', case when n <= %s then 'completed' else 'failed' end
                   from generate_series(1, %s) n""",
                (client.tenant_id, completed, completed + failed),
            )

        assert client.get("/imports/stats").json()["success_rate"] == rate

    def test_deleted_jobs_do_not_count(self, client: Client) -> None:
        job = client.make_job("completed")

        client.ask("DELETE", f"/imports/{job.uuid}")

        assert client.get("/imports/stats/").json()["total_jobs"] == 0

    def test_another_tenants_jobs_do_not_count(self, client: Client, new_client: Any) -> None:
        new_client("other").make_job("completed")

        assert client.get("/imports/stats").json()["total_jobs"] == 0


class TestArchive:
    """POST …/archive, POST …/unarchive."""

    @covers(ARCHIVE, "import_id", "response.*")
    @pytest.mark.parametrize("status", sorted(CAN_ARCHIVE))
    def test_a_job_that_has_ended_is_hidden(self, client: Client, status: JobStatus) -> None:
        job = client.make_job(status)

        answer = client.post(f"/imports/{job.uuid}/archive")

        assert answer.status_code == 200
        assert answer.json() == {"id": str(job.uuid), "status": str(status), "is_archived": True}
        assert client.get("/imports/").json()["items"] == []
        assert client.get(f"/imports/{job.uuid}").json()["is_archived"] is True

    @pytest.mark.parametrize("status", sorted(set(JobStatus) - CAN_ARCHIVE))
    def test_any_other_is_409(self, client: Client, status: JobStatus) -> None:
        job = client.make_job(status)

        problem = check_problem(client.post(f"/imports/{job.uuid}/archive"), 409, "INVALID_STATUS")

        assert (problem["current_status"], set(problem["allowed_statuses"])) == (status, {*CAN_ARCHIVE})
        assert client.job(job.uuid).is_archived is False

    @covers(UNARCHIVE, "import_id", "response.*")
    def test_an_archived_job_is_shown_again(self, client: Client) -> None:
        job = client.make_job("completed", is_archived=True)

        answer = client.post(f"/imports/{job.uuid}/unarchive")

        assert (answer.status_code, answer.json()) == (
            200,
            {"id": str(job.uuid), "status": "completed", "is_archived": False},
        )
        assert [item["id"] for item in client.get("/imports/").json()["items"]] == [str(job.uuid)]

    @pytest.mark.parametrize(("action", "archived"), [("archive", True), ("unarchive", False)])
    def test_done_twice_is_done(self, client: Client, action: str, archived: bool) -> None:
        job = client.make_job("failed")

        answers = [client.post(f"/imports/{job.uuid}/{action}") for _ in range(2)]

        assert [answer.json()["is_archived"] for answer in answers] == [archived, archived]

    @pytest.mark.parametrize("action", ["archive", "unarchive"])
    def test_an_unknown_job_is_404(self, client: Client, new_client: Any, action: str) -> None:
        others = new_client("other").make_job("completed").uuid

        for uuid in (others, uuid4(), "x"):
            check_problem(client.post(f"/imports/{uuid}/{action}"), 404, "NOT_FOUND")

    def test_an_archived_job_that_is_retried_is_shown_again(self, client: Client) -> None:
        job = client.make_job("failed", is_archived=True)

        client.post(f"/imports/{job.uuid}/retry")

        assert client.job(job.uuid).is_archived is False


class TestConfigFilter:
    """GET /imports/?config_id=…."""

    @covers("GET /imports/", "config_id", "response.items.config_id")
    def test_only_the_jobs_of_a_config(self, client: Client) -> None:
        (nightly, uuid), (hourly, _) = config(client), config(client, "hourly")
        wanted = client.make_job("completed", config_id=nightly)
        client.make_job("completed", config_id=hourly)
        client.make_job("completed")

        items = client.get(f"/imports/?config_id={uuid}").json()["items"]

        assert [(item["id"], item["config_id"]) for item in items] == [(str(wanted.uuid), str(uuid))]
        assert client.get(f"/imports/?config_id={uuid4()}").json()["items"] == []

    def test_a_malformed_config_is_422(self, client: Client) -> None:
        check_problem(client.get("/imports/?config_id=x"), 422, "VALIDATION_ERROR")
