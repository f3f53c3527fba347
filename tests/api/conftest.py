"""The API over a real database: in this process for most tests, behind a real server where the wire matters.

One database and one app serve all tests; each has tenants of its own, and sees nothing of the others'.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import uvicorn
from api_client import Client, TestClient
from claims import Exchange, claims_of, undescribed, unfounded
from cryptography.fernet import Fernet

from api.app import create_app
from pim_pipelines import database as db
from pim_pipelines.settings import Settings
from pim_pipelines.store import keys

NewClient = Callable[..., Client]


def closed_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def api_database(cluster: str) -> str:
    """Give the URL of the database of all API tests; it goes with its cluster."""
    with psycopg.connect(cluster.replace("@/pim?", "@/postgres?"), autocommit=True) as connection:
        connection.execute("create database api_tests template migrated strategy file_copy")
    return cluster.replace("@/pim?", "@/api_tests?")


@pytest.fixture(scope="session")
def settings(api_database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an API whose Dagster is away."""
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=api_database,
        files_url=None,
        dagster_url=f"http://127.0.0.1:{closed_port()}",
        rate_limits="off",
        secret_key=Fernet.generate_key().decode(),
        max_file_bytes=1_000_000,
    )


@pytest.fixture(scope="session")
def app_client(settings: Settings) -> Iterator[TestClient]:
    """The app of most tests."""
    with TestClient(create_app(settings), raise_server_exceptions=False) as test_client:
        yield test_client


@pytest.fixture(autouse=True)
def claims_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check that a test has really asked what its `covers` marks say: docs/api-coverage.md is made of them."""
    Exchange.noted.clear()
    yield
    wrong = unfounded(claims_of(request.node), Exchange.noted)
    assert not wrong, f"this test does not show {wrong}"
    more = undescribed(Exchange.noted)
    assert not more, f"OpenAPI does not describe {more}"


@pytest.fixture
def new_client(app_client: TestClient, settings: Settings) -> Iterator[NewClient]:
    """Give a function that makes a client with a key of a tenant; changed settings make an app of its own."""
    opened: list[TestClient] = []
    suffix = uuid4().hex[:8]

    def make(tenant: str = "acme", scopes: tuple[str, ...] = keys.DEFAULT_SCOPES, **changed: Any) -> Client:
        test_client, own = app_client, settings
        if changed:
            own = settings.model_copy(update=changed)
            test_client = TestClient(create_app(own), raise_server_exceptions=False)
            test_client.__enter__()
            opened.append(test_client)
        with db.connect(settings.database_url or "") as conn:
            row, key = keys.create(conn, f"{tenant}-{suffix}", scopes)
        return Client(test_client, key, row, own, db.connector(settings.database_url or ""))

    yield make
    for test_client in opened:
        test_client.__exit__(None, None, None)


@pytest.fixture
def client(new_client: NewClient) -> Client:
    """A client of a new tenant, with every scope but admin."""
    return new_client()


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Run the API on a port of its own; gives its address."""
    config = uvicorn.Config(create_app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            httpx.get(f"{address}/healthz", timeout=10)  # answered when the app is up
            yield address
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture
def serve() -> Callable[[Settings], Any]:
    """Give the function that runs the API on a port of its own."""
    return served
