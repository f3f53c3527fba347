"""Runs of a whole system that do not reach their end: killed, terminated in Dagster's UI, cancelled by the API."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from systems import System

pytestmark = pytest.mark.system

ROWS = 6_000  # more than a small job's, so that staging and load work as on a large file
NOTICED_SECONDS = 30
TERMINATE = "mutation ($run: String!) { terminateRun(runId: $run) { __typename } }"
RUN = "query ($run: ID!) { runOrError(runId: $run) { __typename ... on Run { status } } }"


class Client:
    """A tenant of its own at the API, and Dagster's GraphQL as its UI asks it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.tenant = f"t{uuid4().hex[:8]}"
        self.http = httpx.Client(
            base_url=f"{system.api_url}/api/v1/imports", headers={"X-API-Key": system.new_key(self.tenant)}, timeout=60
        )

    def upload(self) -> str:
        """Upload a file that is ready without a template, and wait until it is."""
        body = "EAN;Titre;Prix\n" + "".join(f"{ean(row)};Produit {row};{row % 90},95\n" for row in range(ROWS))
        answer = self.http.post("/upload", files={"file": ("x.csv", body)}, data={"supplier_code": "DEMO"})
        job = str(answer.json()["id"])
        assert self.wait(job, "ready")["total_rows"] == ROWS
        return job

    def detail(self, job: str) -> dict[str, Any]:
        return dict(self.http.get(f"/{job}").json())

    def wait(self, job: str, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        wait_until(lambda: self.detail(job)["status"] in statuses, seconds)
        found = self.detail(job)
        assert found["status"] in statuses, (found, self.system.logs())
        return found

    def products(self) -> tuple[int, int]:
        """Return how many products the tenant has, and how many EANs."""
        with psycopg.connect(self.system.database_url) as conn:
            row = conn.execute(
                """select count(*), count(distinct gtin) from pim.products p
                   join pim.tenants t on t.id = p.tenant_id where t.code = %s""",
                (self.tenant,),
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    def dagster(self, query: str, run: str) -> dict[str, Any]:
        answer = httpx.post(f"{self.system.ui_url}/graphql", json={"query": query, "variables": {"run": run}})
        return dict(answer.json()["data"])

    def run_status(self, run: str) -> str:
        return str(self.dagster(RUN, run)["runOrError"].get("status"))


@pytest.fixture
def client(system: System) -> Iterator[Client]:
    made = Client(system)
    yield made
    made.http.close()


def ean(row: int) -> str:
    digits = f"376{row:09}"
    total = sum(map(int, digits[0::2])) + 3 * sum(map(int, digits[1::2]))
    return f"{digits}{-total % 10}"


def wait_until(condition: Callable[[], Any], seconds: float) -> Any:
    until = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return value


@contextmanager
def load_held_up(system: System) -> Iterator[None]:
    """Hold the next load at its first write, until the end of the block."""
    with psycopg.connect(system.database_url) as holder:
        holder.execute("lock table pim.products in share mode")
        yield
        holder.rollback()


def started(client: Client, job: str) -> str:
    """Start an import whose load is held up, and wait until it waits; returns its run."""
    assert client.http.post(f"/{job}/start-processing").status_code == 202
    with psycopg.connect(client.system.database_url, autocommit=True) as conn:
        waiting = "select count(*) from pg_locks where not granted and relation = 'pim.products'::regclass"
        assert wait_until(lambda: conn.execute(waiting).fetchone() != (0,), 30), client.system.logs()
    return str(client.detail(job)["run_id"])


def worker(system: System) -> psutil.Process:
    """Return the process of the one run that is at work."""
    supervised = psutil.Process(system.process.pid).children()
    [host] = [process for process in supervised if "pim_pipelines.launcher.host" in " ".join(process.cmdline())]
    [only] = host.children()
    return only


def test_killed_worker_fails_the_import_and_a_retry_completes_it_exactly(client: Client) -> None:
    job = client.upload()
    with load_held_up(client.system):
        run = started(client, job)
        worker(client.system).kill()
        killed = time.monotonic()
        failed = client.wait(job, "failed", seconds=NOTICED_SECONDS)
        assert time.monotonic() - killed < NOTICED_SECONDS
    assert "retry" in failed["last_error"]
    assert client.run_status(run) == "FAILURE"

    assert client.http.post(f"/{job}/retry").status_code == 202
    done = client.wait(job, "completed")

    assert (done["total_rows"], done["successful_rows"], done["products_created"]) == (ROWS, ROWS, ROWS)
    assert client.products() == (ROWS, ROWS)


def test_termination_in_dagsters_ui_cancels_the_import(client: Client) -> None:
    job = client.upload()
    with load_held_up(client.system):
        run = started(client, job)
        assert client.dagster(TERMINATE, run)["terminateRun"]["__typename"] == "TerminateRunSuccess"
        client.wait(job, "cancelled", seconds=20)

    assert wait_until(lambda: client.run_status(run) == "CANCELED", 20)
    assert client.products() == (0, 0)


def test_nothing_is_written_after_a_cancel_was_answered(client: Client) -> None:
    job = client.upload()
    with load_held_up(client.system):
        run = started(client, job)
        answer = client.http.post(f"/{job}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")

    assert wait_until(lambda: client.run_status(run) == "CANCELED", 20)
    assert client.products() == (0, 0)
    cancelled = client.detail(job)
    assert (cancelled["status"], cancelled["successful_rows"]) == ("cancelled", 0)

    assert client.http.post(f"/{job}/retry").status_code == 202
    assert client.wait(job, "completed")["products_created"] == ROWS
