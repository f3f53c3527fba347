"""Voog tasks of a whole system that do not reach their end: terminated in Dagster's UI, deleted by the API."""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from systems import System
from test_runs_stopped import TERMINATE, Client, load_held_up, wait_until

pytestmark = pytest.mark.system

ROWS = 6_000
TASKS = "/ecommerce/v1/products_imports"


class VoogClient(Client):
    """The same tenant at the Voog API."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        token = {"X-API-TOKEN": self.http.headers["X-API-Key"]}
        self.voog = httpx.Client(base_url=f"{system.api_url}/admin/api", headers=token, timeout=60)

    def send(self, content: bytes) -> str:
        """Send a file; returns its `public_url`."""
        made = self.voog.post("/import_files", json={"filename": "products.csv", "size": len(content)}).json()
        assert httpx.put(made["upload_url"], content=content).is_success
        return str(self.voog.put(made["confirm_url"]).json()["public_url"])

    def create(self) -> int:
        """Make a task of a file of our own, and wait until it is analysed."""
        body = "Name,Product code,Price\n" + "".join(f"Product {row},P-{row},{row % 90}.95\n" for row in range(ROWS))
        answer = self.voog.post(TASKS, json={"file_url": self.send(body.encode())})
        assert answer.status_code == 201, answer.text
        task = int(answer.json()["id"])
        assert wait_until(lambda: self.task(task)["total_items"] == ROWS, 30), self.task(task)
        return task

    def task(self, task: int) -> dict[str, Any]:
        return dict(self.voog.get(f"{TASKS}/{task}").json())

    def started(self, task: int) -> str:
        """Queue a task whose load is held up, and wait until it waits; returns its run."""
        assert self.voog.put(f"{TASKS}/{task}/queue").status_code == 200
        with psycopg.connect(self.system.database_url, autocommit=True) as conn:
            waiting = "select count(*) from pg_locks where not granted and relation = 'pim.products'::regclass"
            assert wait_until(lambda: conn.execute(waiting).fetchone() != (0,), 30), self.system.logs()
        assert self.task(task)["status"] == "started"
        [job] = self.http.get("/").json()["items"]
        assert (job["import_type"], job["voog_id"]) == ("voog", task)
        return str(job["run_id"])


@pytest.fixture
def client(system: System) -> Iterator[VoogClient]:
    made = VoogClient(system)
    yield made
    made.http.close()
    made.voog.close()


@pytest.mark.parametrize("by", ["dagster", "delete"])
def test_a_started_task_that_is_stopped_is_cancelled_and_has_written_nothing(client: VoogClient, by: str) -> None:
    task = client.create()
    with load_held_up(client.system):
        run = client.started(task)
        if by == "dagster":
            assert client.dagster(TERMINATE, run)["terminateRun"]["__typename"] == "TerminateRunSuccess"
        else:
            assert client.voog.delete(f"{TASKS}/{task}").status_code == 204
        assert wait_until(lambda: client.task(task)["status"] == "cancelled", 20), client.task(task)

    assert wait_until(lambda: client.run_status(run) == "CANCELED", 20)
    found = client.task(task)
    assert (found["processed_items"], found["imported_products"]) == (0, None)
    assert found["completed_at"] is not None
    assert client.products() == (0, 0)
