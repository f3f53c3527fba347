"""Import jobs: list, detail, delete, and what is done to them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from api_client import COLUMNS, MAPPING, SUGGESTED, Client, check_problem

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.options import OPTIONS, RULES
from pim_pipelines.store import jobs, previews

covers = pytest.mark.covers
LIST, DETAIL, DELETE = "GET /imports/", "GET /imports/{import_id}", "DELETE /imports/{import_id}"
SAVE = "POST /imports/{import_id}/save-mapping"

LISTED = [
    "id",
    "status",
    "file_name",
    "file_type",
    "file_size",
    "supplier_id",
    "supplier_code",
    "import_type",
    "voog_id",
    "template_id",
    "config_id",
    "batch_id",
    "auto_process",
    "attempt",
    "total_rows",
    "successful_rows",
    "failed_rows",
    "products_created",
    "products_updated",
    "products_skipped",
    "last_error",
    "is_archived",
    "run_id",
    "run_url",
    "validation_rules",
    "import_options",
    "started_at",
    "completed_at",
    "created_at",
    "updated_at",
]


class TestDetail:
    """GET /imports/{import_id}."""

    @covers(DETAIL, "import_id")
    def test_a_new_job_shows_every_field(self, client: Client) -> None:
        body = client.get(f"/imports/{client.make_job(supplier='A').uuid}").json()

        assert list(body) == [*LISTED, "analysis", "suggested_mapping", "column_mapping"]
        assert (body["status"], body["total_rows"], body["started_at"], body["run_url"]) == (
            "pending",
            None,
            None,
            None,
        )
        assert (body["successful_rows"], body["products_skipped"], body["is_archived"]) == (0, 0, False)
        assert body["supplier_code"] == "A"

    @covers(DETAIL, "response.*")
    def test_an_analysed_job_shows_analysis_and_mapping(self, client: Client) -> None:
        body = client.get(f"/imports/{client.make_job('ready').uuid}").json()

        assert body["analysis"]["columns"] == COLUMNS
        assert body["suggested_mapping"] == SUGGESTED
        assert body["column_mapping"] == MAPPING

    def test_the_run_is_linked(self, client: Client) -> None:
        run_id = uuid4()
        body = client.get(f"/imports/{client.make_job('processing', run_id=run_id).uuid}").json()

        assert body["run_id"] == str(run_id)
        assert body["run_url"] == f"{client.settings.dagster_url}/runs/{run_id}"

    def test_times_are_utc_in_whole_seconds(self, client: Client) -> None:
        job = client.make_job("completed", completed_at=datetime(2026, 3, 15, 9, 2, 34, 999_000, UTC))

        body = client.get(f"/imports/{job.uuid}").json()

        assert body["completed_at"] == "2026-03-15T09:02:34Z"

    @pytest.mark.parametrize(
        "import_id",
        [
            "6d5aa20a-feb9-4402-a01e-89bf691f40e8",
            "not-a-uuid",
            "1",
            "%00",
            "..%2f..",
            "550e8400e29b41d4a716446655440000",
            "é",
        ],
    )
    def test_an_unknown_or_malformed_id_is_404(self, client: Client, import_id: str) -> None:
        check_problem(client.get(f"/imports/{import_id}"), 404, "NOT_FOUND")


class TestList:
    """GET /imports/."""

    @covers(LIST, "response.*", "page default 1", "per_page default 20")
    def test_items_carry_every_detail_field_but_analysis_and_mapping(self, client: Client) -> None:
        client.make_job("ready")

        body = client.get("/imports/").json()

        assert list(body["items"][0]) == LISTED
        assert body["meta"] == {
            "total": 1,
            "page": 1,
            "per_page": 20,
            "total_pages": 1,
            "has_next": False,
            "has_previous": False,
        }

    def test_most_recent_first_and_ties_by_id(self, client: Client) -> None:
        same = datetime(2026, 1, 1, tzinfo=UTC)
        made = [client.make_job(created_at=same) for _ in range(3)]
        newest = client.make_job(created_at=datetime(2026, 1, 2, tzinfo=UTC))

        found = [item["id"] for item in client.get("/imports").json()["items"]]

        assert found == [str(job.uuid) for job in (newest, *reversed(made))]

    @covers(LIST, "page", "per_page")
    def test_pages(self, client: Client) -> None:
        made = [str(client.make_job().uuid) for _ in range(5)]

        second = client.get("/imports?page=2&per_page=2").json()
        last = client.get("/imports?page=3&per_page=2").json()

        assert [item["id"] for item in second["items"]] == [made[2], made[1]]
        assert second["meta"]["has_next"] and second["meta"]["has_previous"]
        assert (last["meta"]["has_next"], last["meta"]["total_pages"], len(last["items"])) == (False, 3, 1)

    @pytest.mark.parametrize("page", [2, 10**9, 2**63, 10**30])
    def test_a_page_past_the_end_is_empty(self, client: Client, page: int) -> None:
        client.make_job()

        body = client.get(f"/imports?page={page}").json()

        assert (body["items"], body["meta"]["total"], body["meta"]["page"]) == ([], 1, page)

    @pytest.mark.parametrize(
        "query",
        [
            "page=0",
            "page=-1",
            "page=x",
            "page=",
            "page=1.5",
            "per_page=0",
            "per_page=101",
            f"per_page={'9' * 5000}",
            "status=done",
            "status=COMPLETED",
            "archived=perhaps",
            "supplier_code=a%00b",
        ],
    )
    def test_a_wrong_parameter_is_422_and_named(self, client: Client, query: str) -> None:
        problem = check_problem(client.get(f"/imports?{query}"), 422, "VALIDATION_ERROR")

        assert problem["errors"][0]["field"] == query.partition("=")[0]

    def test_the_largest_page_is_100(self, client: Client) -> None:
        assert client.get("/imports?per_page=100").json()["meta"]["per_page"] == 100

    @covers(LIST, "status", "supplier_code")
    def test_filters_by_status_and_supplier(self, client: Client) -> None:
        wanted = client.make_job("failed", supplier="A")
        client.make_job("failed", supplier="B")
        client.make_job("completed", supplier="A")

        found = client.get("/imports?status=failed&supplier_code=A").json()

        assert [item["id"] for item in found["items"]] == [str(wanted.uuid)]
        assert client.get("/imports?supplier_code=nobody").json()["items"] == []

    @covers(LIST, "archived", "archived default false")
    def test_archived_jobs_are_hidden_unless_asked_for(self, client: Client) -> None:
        shown, hidden = client.make_job("completed"), client.make_job("completed", is_archived=True)

        def ids(query: str) -> set[str]:
            return {item["id"] for item in client.get(f"/imports{query}").json()["items"]}

        assert ids("") == ids("?archived=false") == {str(shown.uuid)}
        assert ids("?archived=true") == {str(hidden.uuid)}
        assert ids("?archived=all") == {str(shown.uuid), str(hidden.uuid)}


EVERY_OPTION: dict[str, Any] = {
    "empty_cells": {"price": "clear"},
    "overwrite_existing": True,
    "create_missing": False,
    "fill_empty_only": False,
    "deactivate_missing": False,
    "default_values": {"currency": "EUR"},
    "transforms": {"title": ["trim", "upper"]},
    "max_error_rate": 0.5,
    "allowed_errors": 3,
    "decimal_separator": ",",
    "sheet": "Products",
    "skip_header_rows": 0,
}
EVERY_RULE: dict[str, Any] = {
    "price": {"required": True, "min": 0, "max": 10_000},
    "title": {"max_length": 120, "pattern": "^[A-Z]", "enum": ["A", "B"], "severity": "warning"},
}


class TestSaveMapping:
    """POST …/save-mapping."""

    @covers(SAVE, *(f"import_options.{name}" for name in OPTIONS))
    @covers(SAVE, *(f"validation_rules.*.{name}" for name in RULES))
    def test_every_option_and_rule_is_taken(self, client: Client) -> None:
        job = client.make_job("ready", supplier="A")
        options = {name: EVERY_OPTION[name] for name in OPTIONS}
        body = {"column_mapping": MAPPING, "import_options": options, "validation_rules": EVERY_RULE}

        answer = client.post(f"/imports/{job.uuid}/save-mapping", json=body)

        assert answer.status_code == 200, answer.text
        assert (answer.json()["import_options"], answer.json()["validation_rules"]) == (options, EVERY_RULE)

    @covers(SAVE, "import_id", "column_mapping", "validation_rules", "import_options", "response.*")
    @pytest.mark.parametrize("status", ["awaiting_mapping", "ready"])
    def test_the_job_is_ready_with_what_was_saved(self, client: Client, status: str) -> None:
        job = client.make_job(status)
        body = {
            "column_mapping": {"ean code": "ean", "Titre produit": None},
            "validation_rules": {"price": {"min": 0}},
            "import_options": {"overwrite_existing": True},
        }

        answer = client.post(f"/imports/{job.uuid}/save-mapping", json=body)

        assert answer.status_code == 200
        assert answer.json() == {
            "id": str(job.uuid),
            "status": "ready",
            "column_mapping": {"EAN Code": "ean", "Titre produit": None},
            "validation_rules": {"price": {"min": 0}},
            "import_options": {"overwrite_existing": True},
        }
        saved = client.job(job.uuid)
        assert (saved.status, saved.column_mapping) == ("ready", answer.json()["column_mapping"])
        assert (saved.validation_rules, saved.import_options) == ({"price": {"min": 0}}, {"overwrite_existing": True})

    @covers(SAVE, "validation_rules default kept", "import_options default kept")
    def test_rules_and_options_that_are_left_out_stay(self, client: Client) -> None:
        job = client.make_job("ready", validation_rules={"price": {"min": 1}}, import_options={"allowed_errors": 3})

        body = client.post(f"/imports/{job.uuid}/save-mapping", json={"column_mapping": MAPPING}).json()

        assert (body["validation_rules"], body["import_options"]) == ({"price": {"min": 1}}, {"allowed_errors": 3})

    def test_how_the_file_was_read_stays_with_new_options(self, client: Client) -> None:
        job = client.make_job("ready", import_options={"skip_header_rows": 2, "allowed_errors": 3})

        body = {"column_mapping": MAPPING, "import_options": {"create_missing": False}}
        client.post(f"/imports/{job.uuid}/save-mapping", json=body)

        assert client.job(job.uuid).import_options == {"skip_header_rows": 2, "create_missing": False}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "column_mapping"),
            ({"column_mapping": None}, "column_mapping"),
            ({"column_mapping": []}, "column_mapping"),
            ({"column_mapping": "ean"}, "column_mapping"),
            ({"column_mapping": {}}, "column_mapping"),
            ({"column_mapping": {"Nothing": "ean"}}, "column_mapping.Nothing"),
            ({"column_mapping": {"EAN Code": "eam"}}, "column_mapping.EAN Code"),
            ({"column_mapping": {"EAN Code": 5}}, "column_mapping.EAN Code"),
            ({"column_mapping": {"EAN Code": "ean", "Prix HT": "ean"}}, "column_mapping.Prix HT"),
            ({"column_mapping": {"Titre produit": "title"}}, "column_mapping"),
            ({"column_mapping": MAPPING, "validation_rules": {"price": {"mim": 1}}}, "validation_rules.price.mim"),
            ({"column_mapping": MAPPING, "validation_rules": []}, "validation_rules"),
            ({"column_mapping": MAPPING, "import_options": {"overwrite": True}}, "import_options.overwrite"),
            ({"column_mapping": MAPPING, "import_options": {"max_error_rate": 2}}, "import_options.max_error_rate"),
        ],
    )
    def test_what_is_wrong_is_422_and_named(self, client: Client, body: object, field: str) -> None:
        job = client.make_job("awaiting_mapping")

        problem = check_problem(client.post(f"/imports/{job.uuid}/save-mapping", json=body), 422, "VALIDATION_ERROR")

        assert field in [error["field"] for error in problem["errors"]]
        assert client.job(job.uuid).status == "awaiting_mapping"

    @pytest.mark.parametrize("status", ["awaiting_mapping", "ready"])
    def test_with_other_rows_to_skip_the_file_is_to_be_read_again(self, client: Client, status: str) -> None:
        job = client.make_job(status, import_options={"skip_header_rows": 2}, run_id=uuid4(), auto_process=True)
        body = {"column_mapping": {"Kod": "ean"}, "import_options": {"skip_header_rows": 3, "allowed_errors": 1}}

        answer = client.post(f"/imports/{job.uuid}/save-mapping", json=body)

        saved = client.job(job.uuid)
        assert (answer.status_code, answer.json()["status"]) == (
            200,
            "pending",
        )  # Dagster is away: a sensor launches it
        assert (saved.status, saved.attempt, saved.run_id, saved.parent_run_id) == ("pending", 2, None, job.run_id)
        assert (saved.column_mapping, saved.analysis, saved.auto_process) == ({"Kod": "ean"}, None, False)
        assert saved.import_options == {"skip_header_rows": 3, "allowed_errors": 1} == answer.json()["import_options"]

    def test_with_the_same_rows_to_skip_nothing_is_read_again(self, client: Client) -> None:
        job = client.make_job("ready", import_options={"skip_header_rows": 2})
        body = {"column_mapping": MAPPING, "import_options": {"skip_header_rows": 2}}

        assert client.post(f"/imports/{job.uuid}/save-mapping", json=body).json()["status"] == "ready"
        assert client.job(job.uuid).attempt == job.attempt

    def test_a_mapping_for_a_file_to_be_read_again_is_checked_as_far_as_it_can_be(self, client: Client) -> None:
        job = client.make_job("ready")
        body = {"column_mapping": {"Kod": "eam"}, "import_options": {"skip_header_rows": 3}}

        problem = check_problem(client.post(f"/imports/{job.uuid}/save-mapping", json=body), 422, "VALIDATION_ERROR")

        assert [error["field"] for error in problem["errors"]] == ["column_mapping.Kod"]
        assert client.job(job.uuid).status == "ready"

    def test_every_problem_is_told_at_once(self, client: Client) -> None:
        job = client.make_job("awaiting_mapping")
        body = {"column_mapping": {"Nothing": "ean"}, "validation_rules": {"x": {}}, "import_options": {"y": 1}}

        problem = check_problem(client.post(f"/imports/{job.uuid}/save-mapping", json=body), 422, "VALIDATION_ERROR")

        fields = {error["field"] for error in problem["errors"]}
        assert {"column_mapping.Nothing", "validation_rules.x", "import_options.y"} <= fields

    def test_a_changed_mapping_forgets_the_dry_run(self, client: Client) -> None:
        job = client.make_job("ready")
        with client.connect() as conn:
            previews.begin(conn, job.id)

        client.post(f"/imports/{job.uuid}/save-mapping", json={"column_mapping": MAPPING})

        check_problem(client.get(f"/imports/{job.uuid}/dry-run"), 404, "NOT_FOUND")


ACTIONS = {
    "save-mapping": {"awaiting_mapping", "ready"},
    "start-processing": {"ready"},
    "cancel": {"pending", "processing"},
    "retry": {"failed", "cancelled"},
    "dry-run": {"pending", "awaiting_mapping", "ready"},
}


@pytest.mark.parametrize("status", list(JobStatus))
@pytest.mark.parametrize("action", list(ACTIONS))
def test_an_action_in_another_status_is_409_and_says_where_it_may_be_asked(
    client: Client, action: str, status: JobStatus
) -> None:
    job = client.make_job(status)

    answer = client.post(f"/imports/{job.uuid}/{action}", json={"column_mapping": MAPPING})

    if status in ACTIONS[action]:
        assert answer.status_code != 409
        return
    problem = check_problem(answer, 409, "INVALID_STATUS")
    assert problem["current_status"] == status
    assert set(problem["allowed_statuses"]) == ACTIONS[action]
    assert client.job(job.uuid).status == status


def test_start_processing_while_dagster_is_away_is_503_and_the_job_stays_ready(client: Client) -> None:
    run_id = uuid4()
    job = client.make_job("ready", run_id=run_id)

    answer = client.post(f"/imports/{job.uuid}/start-processing")

    check_problem(answer, 503, "DAGSTER_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    after = client.job(job.uuid)
    assert (after.status, after.started_at, after.run_id) == ("ready", None, run_id)


@pytest.mark.parametrize("status", ["pending", "awaiting_mapping", "ready"])
def test_a_dry_run_while_dagster_is_away_is_503_and_leaves_nothing(client: Client, status: str) -> None:
    job = client.make_job(status)

    answer = client.post(f"/imports/{job.uuid}/dry-run")

    check_problem(answer, 503, "DAGSTER_UNAVAILABLE")
    assert client.job(job.uuid).status == status
    check_problem(client.get(f"/imports/{job.uuid}/dry-run"), 404, "NOT_FOUND")


@covers("POST /imports/{import_id}/cancel", "import_id", "response.*")
def test_cancel_answers_cancelled_at_once_although_dagster_is_away(client: Client) -> None:
    job = client.make_job("processing", run_id=uuid4(), successful_rows=7)

    answer = client.post(f"/imports/{job.uuid}/cancel")

    assert (answer.status_code, answer.json()) == (200, {"id": str(job.uuid), "status": "cancelled"})
    after = client.job(job.uuid)
    assert (after.status, after.successful_rows) == ("cancelled", 7)
    assert after.completed_at is not None


@covers("POST /imports/{import_id}/retry", "import_id", "response.*")
def test_retry_goes_back_to_pending_with_the_next_attempt_counting_from_zero(client: Client) -> None:
    job = client.make_job(
        "failed", run_id=uuid4(), last_error="it broke", successful_rows=5, failed_rows=1, started_at=datetime.now(UTC)
    )

    answer = client.post(f"/imports/{job.uuid}/retry")

    assert (answer.status_code, answer.json()) == (202, {"id": str(job.uuid), "status": "pending"})
    assert answer.headers["location"] == f"/api/v1/imports/{job.uuid}"
    after = client.job(job.uuid)
    assert (after.status, after.attempt, after.go_through) == ("pending", 2, True)
    assert (after.successful_rows, after.failed_rows, after.last_error, after.started_at) == (0, 0, None, None)
    assert after.column_mapping == MAPPING


@pytest.mark.parametrize(
    ("action", "status", "wins"), [("cancel", "pending", 200), ("retry", "failed", 202), ("cancel", "processing", 200)]
)
def test_of_two_clicks_at_once_one_wins(client: Client, action: str, status: str, wins: int) -> None:
    job = client.make_job(status)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.post(f"/imports/{job.uuid}/{action}"), range(8)))

    assert sorted(answer.status_code for answer in answers) == [wins] + [409] * 7
    losers = [answer.json() for answer in answers if answer.status_code == 409]
    assert all({"current_status", "allowed_statuses"} <= body.keys() for body in losers)


class TestDelete:
    """DELETE /imports/{import_id}."""

    @covers(DELETE, "import_id", "response.*")
    @pytest.mark.parametrize("status", ["pending", "awaiting_mapping", "ready", "completed", "failed", "cancelled"])
    def test_the_job_its_errors_and_its_files_are_gone(self, client: Client, status: str) -> None:
        job = client.make_job(status)
        with client.connect() as conn:
            conn.execute(
                "insert into import_errors (import_id, row_number, n, severity, error_type, message) "
                "values (%s, 1, 0, 'e', 'ean_invalid', 'bad')",
                (job.id,),
            )

        answer = client.ask("DELETE", f"/imports/{job.uuid}")

        assert (answer.status_code, answer.json()) == (200, {"deleted": True, "id": str(job.uuid)})
        check_problem(client.get(f"/imports/{job.uuid}"), 404, "NOT_FOUND")
        check_problem(client.ask("DELETE", f"/imports/{job.uuid}"), 404, "NOT_FOUND")
        assert client.stored_files() == []
        with client.connect() as conn:
            left = conn.execute("select count(*) from import_errors where import_id = %s", (job.id,)).fetchone()
        assert left == (0,)

    @pytest.mark.parametrize("status", ["analyzing", "processing"])
    def test_a_job_that_a_run_works_on_is_409(self, client: Client, status: str) -> None:
        job = client.make_job(status)

        problem = check_problem(client.ask("DELETE", f"/imports/{job.uuid}"), 409, "INVALID_STATUS")

        assert problem["current_status"] == status
        assert not {"analyzing", "processing"} & set(problem["allowed_statuses"])
        assert client.stored_files() != []

    def test_products_stay(self, client: Client) -> None:
        job = client.make_job("completed")
        with client.connect() as conn:
            conn.execute(
                "insert into products (tenant_id, gtin, ean, title, last_import_id, created_import_id) "
                "values (%s, 4006381333931, '4006381333931', 'Stylo', %s, %s)",
                (client.tenant_id, job.id, job.id),
            )

        client.ask("DELETE", f"/imports/{job.uuid}")

        assert client.get("/products/4006381333931").json()["last_import_id"] is None


def test_a_job_that_is_deleted_between_two_looks_is_404(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = client.make_job("completed")
    delete = jobs.delete

    def deleted_by_another(conn, uuid):
        delete(conn, uuid)
        return False

    monkeypatch.setattr(jobs, "delete", deleted_by_another)

    check_problem(client.ask("DELETE", f"/imports/{job.uuid}"), 404, "NOT_FOUND")
