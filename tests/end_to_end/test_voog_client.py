"""A client written from Voog's page alone, against a whole system."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from serving_web import WebServer
from systems import System
from voog_page import example, write_example

pytestmark = pytest.mark.system

TERMINATE = "mutation ($run: String!) { terminateRun(runId: $run) { __typename } }"
RUN = "query ($run: ID!) { runOrError(runId: $run) { __typename ... on Run { status } } }"


class Shop:
    """A tenant of its own with its token, as the page has requests."""

    def __init__(self, system: System, web: WebServer) -> None:
        self.system = system
        self.web = web
        self.token = system.new_key(f"t{uuid4().hex[:8]}")
        self.http = httpx.Client(
            base_url=f"{system.api_url}/admin/api/ecommerce/v1", headers={"X-API-TOKEN": self.token}, timeout=60
        )

    def task(self, task_id: int) -> dict[str, Any] | None:
        answer = self.http.get(f"/products_imports/{task_id}")
        return dict(answer.json()) if answer.status_code == 200 else None

    def until(self, task_id: int, *statuses: str) -> dict[str, Any]:
        """Poll a task until it has one of these statuses."""
        end = time.monotonic() + 60
        while (found := self.task(task_id)) is None or found["status"] not in statuses:
            assert time.monotonic() < end, f"{found}\n{self.system.logs()}"
            time.sleep(0.05)
        return found

    def job_and_run(self, task_id: int) -> tuple[str, str]:
        """Wait until a task has a run; returns the ids of its job and of that."""
        end = time.monotonic() + 60
        while True:
            with psycopg.connect(self.system.database_url) as conn:
                row = conn.execute(
                    """select j.uuid, j.run_id from pim.import_jobs j join pim.api_keys k using (tenant_id)
                       where j.voog_id = %s and k.key_hash = sha256(%s) and j.run_id is not null""",
                    (task_id, self.token.encode()),
                ).fetchone()
            if row is not None:
                return str(row[0]), str(row[1])
            assert time.monotonic() < end, self.system.logs()
            time.sleep(0.05)

    def dagster(self, query: str, run: str) -> dict[str, Any]:
        answer = httpx.post(f"{self.system.ui_url}/graphql", json={"query": query, "variables": {"run": run}})
        return dict(answer.json()["data"])

    def run_ends(self, run: str, wanted: str) -> None:
        end = time.monotonic() + 30
        while (status := self.dagster(RUN, run)["runOrError"].get("status")) != wanted:
            assert time.monotonic() < end, f"{status}\n{self.system.logs()}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


@pytest.fixture
def shop(system: System, web: WebServer) -> Iterator[Shop]:
    made = Shop(system, web)
    yield made
    made.http.close()


def being_read(shop: Shop, threads: ThreadPoolExecutor) -> tuple[Future[httpx.Response], str, str]:
    """Create a task whose file does not come; returns the request, which waits, and the ids of its job and run."""
    url = shop.web.silent(f"/{uuid4().hex}.csv", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nID")
    asked = threads.submit(shop.http.post, "/products_imports", json={"file_url": url})
    job, run = shop.job_and_run(1)
    end = time.monotonic() + 30
    while not any(path in url for path in shop.web.asked):
        assert time.monotonic() < end, shop.system.logs()
        time.sleep(0.05)
    return asked, job, run


def shape(value: Any) -> Any:
    """Return what kinds of values stand where."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


def test_the_pages_example_request_by_request(shop: Shop, tmp_path: Path) -> None:
    page_created, page_finished = example("created_task"), example("finished_task")
    url = shop.web.file("/products-import.xlsx", write_example(tmp_path / "products-import.xlsx").read_bytes())

    created = shop.http.post("/products_imports", json={"file_url": url, "language": "en", "overwrite_existing": False})
    detail = shop.http.get("/products_imports/1")
    listed = shop.http.get("/products_imports")
    queued = shop.http.put("/products_imports/1/queue")
    again = shop.http.put("/products_imports/1/queue")
    finished = shop.until(1, "finished", "failed", "cancelled")
    products = shop.http.get("/products").json()
    deleted = shop.http.delete("/products_imports/1")
    gone = shop.http.get("/products_imports/1")

    own = {"file_url": url, "match_key": "id"}
    times = ("started_at", "completed_at", "created_at", "updated_at")
    task = created.json()
    assert created.status_code == 201
    assert json.dumps(task | dict.fromkeys(times)) == json.dumps(
        {**before(page_created, "detected_data"), **own, **page_created, **own} | dict.fromkeys(times)
    )
    assert shape(task) == shape(page_created | {"match_key": "id"})
    assert (detail.json(), listed.json()) == (task, [task])
    assert (queued.status_code, queued.json()) == (
        *(200, task | {"status": "queued", "updated_at": queued.json()["updated_at"]}),
    )
    assert (again.status_code, list(again.json())) == (422, ["message"])
    assert shape(finished).keys() == shape(page_finished).keys() | {"match_key"}
    expected = task | {"status": "finished", "processed_items": 5, "imported_products": 1}
    assert finished == expected | {name: finished[name] for name in times}
    assert None not in [finished[name] for name in times]
    assert [(each["name"], each["variants_count"], each["status"]) for each in products] == [
        ("My product with variants", 4, "live")
    ]
    assert (deleted.status_code, deleted.content, gone.json()) == (204, b"", {"message": "Not found."})


def before(task: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the members of a task that stand before one."""
    names = list(task)
    return {each: task[each] for each in names[: names.index(name)]}


def test_a_file_that_cannot_be_fetched_makes_a_failed_task(shop: Shop) -> None:
    answer = shop.http.post("/products_imports", json={"file_url": f"{shop.web.url}/none.xlsx"})

    task = answer.json()
    assert (answer.status_code, task["status"], task["failure_reason"]) == (201, "failed", "file_unreachable")
    assert task["failure_reason_details"].keys() == {"key", "message", "line"}
    assert "no such file (404)" in task["failure_reason_details"]["message"]


def test_a_task_queued_while_it_is_read_is_cancelled_by_a_termination_in_dagsters_ui(shop: Shop) -> None:
    with ThreadPoolExecutor(1) as threads:
        asked, _, run = being_read(shop, threads)
        before = shop.until(1, "created")
        queued = shop.http.put("/products_imports/1/queue").json()
        terminated = shop.dagster(TERMINATE, run)["terminateRun"]["__typename"]
        cancelled = shop.until(1, "cancelled")
        answer = asked.result()

    assert (before["total_items"], queued["status"], terminated) == (None, "queued", "TerminateRunSuccess")
    assert (answer.status_code, answer.json()["status"], cancelled["started_at"]) == (201, "cancelled", None)


def test_a_task_deleted_while_it_is_read_leaves_neither_run_nor_file(shop: Shop) -> None:
    with ThreadPoolExecutor(1) as threads:
        asked, job, run = being_read(shop, threads)
        deleted = shop.http.delete("/products_imports/1")
        gone = shop.http.get("/products_imports/1")
        answer = asked.result()

    assert (deleted.status_code, gone.status_code, answer.status_code) == (204, 404, 201)
    shop.run_ends(run, "CANCELED")
    assert not list((shop.system.home / "files").glob(f"*/{job}/*"))


def imported(shop: Shop, url: str, **options: Any) -> dict[str, Any]:
    """Create a task, queue it, and wait for its end."""
    task = shop.http.post("/products_imports", json={"file_url": url} | options).json()
    assert shop.http.put(f"/products_imports/{task['id']}/queue").status_code == 200, task
    return shop.until(task["id"], "finished", "failed")


def test_the_pages_file_ends_as_on_the_page(shop: Shop, tmp_path: Path) -> None:
    path = write_example(tmp_path / "products-import.xlsx")
    page = example("finished_task")

    task = imported(shop, shop.web.file(f"/{uuid4().hex}.xlsx", path.read_bytes()))

    for name in ("status", "total_items", "failed_items", "imported_products", "failure_reason"):
        assert task[name] == page[name], name
    assert task["processed_items"] == task["total_items"]  # the page's 0 is a slip
    assert task["started_at"] <= task["completed_at"]


def test_rows_that_fail_are_told_of_and_so_is_a_mapping_that_does_not_fit(shop: Shop) -> None:
    text = "ID,Parent ID,Name,Price\n1,,Pen,2.50\n2,,Jar,x\n3,2,,\n"
    url = shop.web.file(f"/{uuid4().hex}.csv", text.encode())

    some = imported(shop, url)
    none = imported(shop, url, mapping={"1": "parent_id", "0": "name"})
    misfit = imported(shop, url, mapping={"0": "id", "9": "name"})
    keyless = imported(shop, url, mapping={"2": "name"}, overwrite_existing=True)

    assert (some["status"], some["failed_items"], some["imported_products"]) == ("finished", 2, 1)
    assert (some["failure_reason"], some["failure_reason_details"]["line"]) == ("value_invalid", 2)
    assert [(task["status"], task["failure_reason"]) for task in (none, misfit, keyless)] == [
        ("finished", "parent_not_found"),
        ("failed", "mapping_invalid"),
        ("failed", "mapping_invalid"),
    ]
