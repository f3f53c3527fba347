"""The second API's tasks: created, queued, deleted; Dagster is away, so that nothing goes on by itself."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_client import Client
from test_voog_import_files import CONTENT, sent
from voog_client import URL, VoogClient, check_error

from api.voog import creating
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.languages import CODES

TASKS = "/products_imports"


@pytest.fixture
def voog(client: Client) -> VoogClient:
    return VoogClient(client)


def create(voog: VoogClient, **body: Any) -> dict[str, Any]:
    answer = voog.ask("POST", TASKS, json={"file_url": URL, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def job_of(voog: VoogClient, task: dict[str, Any]) -> Any:
    found = voog.task(task["id"])
    assert found is not None
    return voog.client.job(found.uuid)


def no_tasks(voog: VoogClient) -> bool:
    with voog.client.connect() as conn:
        row = conn.execute(
            """select last_voog_id, (select count(*) from import_jobs where tenant_id = t.id)
               from tenants t where id = %s""",
            (voog.client.tenant_id,),
        ).fetchone()
    return row == (0, 0) and voog.client.stored_files() == []


class TestCreate:
    """POST: what it takes, and that what it refuses makes nothing."""

    def test_the_pages_request_makes_a_task_that_waits_for_its_run(self, voog: VoogClient) -> None:
        task = create(voog, language="en", overwrite_existing=False)

        assert (task["id"], task["status"], task["file_url"], task["match_key"]) == (1, "created", URL, "id")
        assert "validate_mapping" not in task
        unread = ("total_items", "detected_data", "mapping", "imported_products", "started_at", "completed_at")
        assert [task[name] for name in unread] == [None] * 6
        job = job_of(voog, task)
        assert (job.status, job.import_type, job.file_name) == ("pending", "voog", "products-import.xlsx")
        assert job.source == {"type": "http", "url": URL}
        assert voog.ask("GET", f"{TASKS}/1").json() == task

    def test_every_attribute_is_kept(self, voog: VoogClient) -> None:
        sent_mapping = {"3": "name", "0": "sku", "1": None}

        task = create(
            voog,
            language="ET",
            overwrite_existing=True,
            match_key="sku",
            validate_mapping=True,
            mapping=sent_mapping,
            nonsense=[1],
        )

        assert (task["language"], task["overwrite_existing"], task["match_key"]) == ("et", True, "sku")
        assert list(task["mapping"].items()) == [("0", "sku"), ("1", None), ("3", "name")]
        assert job_of(voog, task).import_options == {
            "language": "et",
            "overwrite_existing": True,
            "match_key": "sku",
            "validate_mapping": True,
        }

    def test_members_that_are_null_are_left_out_and_a_body_may_be_wrapped(self, voog: VoogClient) -> None:
        with voog.client.connect() as conn:
            conn.execute("update tenants set language = 'fi' where id = %s", (voog.client.tenant_id,))
        names = ("language", "overwrite_existing", "match_key", "validate_mapping", "mapping")

        answer = voog.ask("POST", TASKS, json={"products_import": {"file_url": URL, **dict.fromkeys(names)}})

        task = answer.json()
        assert answer.headers["location"] == "/admin/api/ecommerce/v1/products_imports/1"
        assert (task["language"], task["overwrite_existing"], task["match_key"], task["mapping"]) == (
            *("fi", False, "id", None),
        )

    def test_numbers_are_a_tenants_own_and_none_comes_twice(self, voog: VoogClient, new_client: Any) -> None:
        with ThreadPoolExecutor(4) as threads:
            found = sorted(task["id"] for task in threads.map(lambda _: create(voog), range(8)))

        assert found == list(range(1, 9))
        assert create(VoogClient(new_client("other")))["id"] == 1

    @pytest.mark.parametrize(
        ("field", "value", "text"),
        [
            ("file_url", None, "must be text."),
            ("file_url", 7, "must be text."),
            ("file_url", "", "String should have at least 1 character"),
            ("file_url", "products.xlsx", "must be a whole HTTP or HTTPS address"),
            ("file_url", "ftp://example.com/a.csv", "must be a whole HTTP or HTTPS address"),
            ("file_url", "https:///a.csv", "must be a whole HTTP or HTTPS address"),
            ("file_url", "https://example.com:99999/", "must be a whole HTTP or HTTPS address"),
            ("file_url", "https://example.com/\x00", "must be a whole HTTP or HTTPS address"),
            ("file_url", "http://testserver/admin/import_files/1/x/a.csv", "is not an import file that is ready"),
            ("language", "xx", "is not a language"),
            ("language", "english", "is not a language"),
            ("language", 1, "must be text."),
            ("match_key", "ean", "must be id or sku."),
            ("match_key", ["id"], "must be id or sku."),
            ("overwrite_existing", "true", "must be true or false."),
            ("overwrite_existing", 1, "must be true or false."),
            ("validate_mapping", {}, "must be true or false."),
            ("mapping", ["id"], "must be an object of column indices"),
            ("mapping", {"0": "ean"}, "'ean' is not one of supported_attributes."),
            ("mapping", {"x": "id"}, "'x' is not a column index"),
            ("mapping", {"0": "id", "1": "id"}, "id is mapped to columns 0 and 1"),
        ],
    )
    def test_a_wrong_value_is_422_and_makes_nothing(self, voog: VoogClient, field: str, value: Any, text: str) -> None:
        answer = voog.ask("POST", TASKS, json={"file_url": URL, field: value})

        body = check_error(answer, 422, "Validation failed.")
        assert list(body["errors"]) == [field]
        assert text in body["errors"][field][0]
        assert no_tasks(voog)

    def test_all_that_is_wrong_is_said_at_once_in_a_list_a_field(self, voog: VoogClient) -> None:
        answer = voog.ask("POST", TASKS, json={"language": "xx", "mapping": {"0": "ean", "x": "id"}})

        assert check_error(answer, 422, "Validation failed.")["errors"] == {
            "file_url": ["is required."],
            "language": ["is not a language: write its two letters (ISO 639-1), as en or et."],
            "mapping": [
                "'ean' is not one of supported_attributes.",
                "'x' is not a column index: columns are counted from 0.",
            ],
        }
        assert no_tasks(voog)

    @pytest.mark.parametrize(
        ("content", "kind", "status", "message"),
        [
            (b"{not json", "application/json", 400, "must be a JSON object"),
            (b'{"file_url": "\xff"}', "application/json", 400, "must be a JSON object"),
            (b"[]", "application/json", 400, "must be a JSON object"),
            (b"null", "application/json", 400, "must be a JSON object"),
            (b'{"products_import": 1}', "application/json", 400, "must be a JSON object"),
            (b"", "application/json", 400, "must be a JSON object"),
            (b"[" * 100_000, "application/json", 400, "must be a JSON object"),
            (b"file_url=https://example.com/a.csv", "application/x-www-form-urlencoded", 415, "Content-Type"),
            (b'{"file_url": "https://example.com/a.csv"}', "text/plain", 415, "Content-Type"),
            (b'{"file_url": "https://example.com/\\ud800"}', "application/json", 422, "Validation failed."),
        ],
    )
    def test_what_is_not_a_json_object_is_refused(
        self, voog: VoogClient, content: bytes, kind: str, status: int, message: str
    ) -> None:
        answer = voog.ask("POST", TASKS, content=content, headers={"Content-Type": kind})

        check_error(answer, status, message)
        assert no_tasks(voog)

    def test_a_key_that_may_only_read_creates_queues_and_deletes_nothing(self, voog: VoogClient, new_client) -> None:
        reader = VoogClient(new_client(scopes=("imports:read",)))

        for method, path in (("POST", TASKS), ("PUT", f"{TASKS}/1/queue"), ("DELETE", f"{TASKS}/1")):
            check_error(reader.ask(method, path, json={"file_url": URL}), 403, "imports:write")

    def test_what_an_address_hides_is_neither_shown_nor_stored_in_clear(self, voog: VoogClient) -> None:
        task = create(voog, file_url="https://ann:hush@example.com/prices.csv?key=hush")

        assert task["file_url"] == "https://example.com/prices.csv"
        with voog.client.connect() as conn:
            row = conn.execute("select j::text from import_jobs j where uuid = %s", (job_of(voog, task).uuid,))
            assert "hush" not in str(row.fetchone())

    def test_an_import_file_is_taken_from_storage(self, voog: VoogClient) -> None:
        file = sent(voog.client)

        task = create(voog, file_url=file["public_url"])

        job = job_of(voog, task)
        assert (task["file_url"], job.file_name, job.file_size) == (file["public_url"], "Preise é.csv", len(CONTENT))
        assert (voog.client.files / job.source_key).read_bytes() == CONTENT
        assert job.file_sha256 is not None

    def test_a_mapping_that_does_not_fit_is_422_with_every_reason_and_no_task(
        self, voog: VoogClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []

        def analysed(services: Any, job: Any) -> bool:
            """Leave what the run leaves, where the mapping does not fit."""
            asked.append(job.voog_id)
            analysis = json.dumps({"detected_data": [{"column": "ID", "values": []}]})
            with services.connection() as conn:
                conn.execute(
                    """update import_jobs set status = 'failed', analysis = %s, failure_reason = 'mapping_invalid'
                       where uuid = %s""",
                    (analysis, job.uuid),
                )
            return True

        monkeypatch.setattr(creating, "launch_import", analysed)
        body = {"file_url": URL, "mapping": {"1": "name"}}

        strict = voog.ask("POST", TASKS, json=body | {"validate_mapping": True})
        lax = voog.ask("POST", TASKS, json=body)

        assert check_error(strict, 422, "Validation failed.")["errors"] == {
            "mapping": [
                "column 1 does not exist: the file has 1 columns, counted from 0.",
                "no column is mapped to id, which products are matched by (match_key).",
            ]
        }
        assert voog.task(asked[0]) is None
        assert (lax.status_code, lax.json()["status"], lax.json()["failure_reason"]) == (
            *(201, "failed", "mapping_invalid"),
        )

    def test_where_analysis_takes_too_long_the_answer_comes_without_it(
        self, voog: VoogClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(creating, "launch_import", lambda _services, _job: True)
        monkeypatch.setattr(creating, "WAITS_SECONDS", 0.2)

        task = create(voog, validate_mapping=True)

        assert (task["status"], task["detected_data"]) == ("created", None)


class TestQueue:
    """PUT …/queue: only from created, once."""

    def test_a_task_that_is_ready_is_queued_and_waits_for_its_run(self, voog: VoogClient) -> None:
        task = voog.make_task()

        answer = voog.ask("PUT", f"{TASKS}/{task.id}/queue")

        assert (answer.status_code, answer.json()["status"], answer.json()["started_at"]) == (200, "queued", None)
        assert answer.json() == voog.ask("GET", f"{TASKS}/{task.id}").json()
        job = voog.client.job(task.uuid)
        assert (job.status, job.run_id) == (JobStatus.PROCESSING, None)

    @pytest.mark.parametrize("status", ["pending", "analyzing"])
    def test_a_task_that_is_being_read_goes_on_by_itself(self, voog: VoogClient, status: str) -> None:
        task = voog.make_task(status="created", analysis=None, column_mapping=None)
        with voog.client.connect() as conn:
            conn.execute("update import_jobs set status = %s where uuid = %s", (status, task.uuid))

        first, second = (voog.ask("PUT", f"{TASKS}/{task.id}/queue") for _ in range(2))

        assert (first.status_code, first.json()["status"]) == (200, "queued")
        check_error(second, 422, "The task is queued: only a task that is created can be queued.")
        job = voog.client.job(task.uuid)
        assert (job.status, job.go_through) == (status, True)

    @pytest.mark.parametrize("status", ["queued", "started", "finished", "failed", "cancelled"])
    def test_from_any_other_status_it_is_422(self, voog: VoogClient, status: str) -> None:
        task = voog.make_task(status)

        check_error(voog.ask("PUT", f"{TASKS}/{task.id}/queue"), 422, f"The task is {status}")
        assert voog.client.job(task.uuid).status == task.job_status

    def test_of_two_who_queue_one_wins(self, voog: VoogClient) -> None:
        task = voog.make_task()

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: voog.ask("PUT", f"{TASKS}/{task.id}/queue"), range(4)))

        assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]


class TestDelete:
    """DELETE: removes what is created or over, cancels the rest."""

    @pytest.mark.parametrize("status", ["created", "finished", "failed", "cancelled"])
    def test_a_task_that_is_created_or_over_is_removed_with_its_file(self, voog: VoogClient, status: str) -> None:
        task = voog.make_task(status)

        answer = voog.ask("DELETE", f"{TASKS}/{task.id}")

        assert (answer.status_code, answer.content) == (204, b"")
        assert voog.ask("GET", f"{TASKS}/{task.id}").status_code == 404
        assert voog.client.stored_files() == []

    @pytest.mark.parametrize("status", ["queued", "started"])
    def test_a_task_at_work_is_cancelled_and_removed_when_it_is_deleted_again(
        self, voog: VoogClient, status: str
    ) -> None:
        task = voog.make_task(status)

        first = voog.ask("DELETE", f"{TASKS}/{task.id}")
        between = voog.ask("GET", f"{TASKS}/{task.id}").json()
        second = voog.ask("DELETE", f"{TASKS}/{task.id}")

        assert (first.status_code, between["status"], second.status_code) == (204, "cancelled", 204)
        assert between["completed_at"] is not None
        assert voog.task(task.id) is None
        assert voog.client.stored_files() == []

    def test_a_task_that_is_queued_while_it_is_read_is_cancelled(self, voog: VoogClient) -> None:
        task = voog.make_task("created")
        with voog.client.connect() as conn:
            conn.execute("update import_jobs set status = 'analyzing', queued_at = now() where uuid = %s", (task.uuid,))

        assert voog.ask("DELETE", f"{TASKS}/{task.id}").status_code == 204
        assert voog.ask("GET", f"{TASKS}/{task.id}").json()["status"] == "cancelled"

    def test_a_number_is_not_given_again(self, voog: VoogClient) -> None:
        voog.ask("DELETE", f"{TASKS}/{create(voog)['id']}")

        assert create(voog)["id"] == 2

    @pytest.mark.parametrize(("method", "end"), [("PUT", "/queue"), ("DELETE", "")])
    def test_another_tenants_task_and_another_apis_import_are_not_found(
        self, voog: VoogClient, new_client: Any, method: str, end: str
    ) -> None:
        other = VoogClient(new_client("other"))
        task = other.make_task()
        voog.client.make_job("ready")

        assert voog.ask(method, f"{TASKS}/{task.id}{end}").json() == {"message": "Not found."}
        assert other.job_status(task) == "ready"


def test_languages_are_those_of_iso_639_1() -> None:
    assert len(CODES) == 183
    assert {"en", "et", "de", "zh", "he", "uk"} <= CODES
