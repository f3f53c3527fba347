"""The API over a real database: in this process for most tests, behind a real server where the wire matters."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from api_client import Client, TestClient

from api.app import create_app
from pim_pipelines.settings import Settings
from pim_pipelines.store import keys

NewClient = Callable[..., Client]


def closed_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Settings of an API whose Dagster is away."""
    return Settings(
        home=tmp_path,
        database_url=database,
        files_url=None,
        dagster_url=f"http://127.0.0.1:{closed_port()}",
        rate_limits="off",
        max_file_bytes=1_000_000,
    )


@pytest.fixture
def new_client(settings: Settings, connect: Callable[[], psycopg.Connection[Any]]) -> Iterator[NewClient]:
    """Give a function that makes a client with a key of a tenant; settings may be given for an app of its own."""
    opened: list[TestClient] = []

    def make(
        tenant: str = "acme", scopes: tuple[str, ...] = keys.DEFAULT_SCOPES, **changed: Any
    ) -> Client:
        if not opened or changed:
            test_client = TestClient(create_app(settings.model_copy(update=changed)), raise_server_exceptions=False)
            test_client.__enter__()
            opened.append(test_client)
        with connect() as conn:
            row, key = keys.create(conn, tenant, scopes)
            conn.commit()
        return Client(opened[-1], key, row, settings, connect)

    yield make
    for test_client in opened:
        test_client.__exit__(None, None, None)


@pytest.fixture
def client(new_client: NewClient) -> Client:
    """A client of the tenant `acme`, with every scope but admin."""
    return new_client()


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Run the API on a port of its own; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, log_level="warning", access_log=False)
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            for _ in range(100):
                try:
                    httpx.get(f"{address}/healthz", timeout=1)
                    break
                except httpx.TransportError:
                    pass
            yield address
        finally:
            server.should_exit = True
            thread.join(10)
