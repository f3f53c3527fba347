"""Fixtures that all layers share: real PostgreSQL databases, and the whole system up."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from systems import System, running_system

from pim_pipelines import database as db
from pim_pipelines.database.server import EmbeddedServer
from pim_pipelines.processes import Lifeline

TEMPLATE = "migrated"

# The same examples in every run, so that a change is judged by what it changes. New ones are looked for by
# `make test ARGS=--hypothesis-profile=default`; what it finds becomes an example of its test.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Give the libpq URL of an embedded PostgreSQL of this pytest process, its catalogue migrated."""
    home = Path(tempfile.mkdtemp(prefix="pim-tests-"))
    home.chmod(0o711)  # run by root, the server is another user's process and its files are there
    lifeline = Lifeline()
    server = EmbeddedServer(home, lifeline, durable=False)
    server.start()
    try:
        db.migrate(server.url)
        _run(server.url, f'alter database pim rename to "{TEMPLATE}"')
        yield server.url
    finally:
        server.stop()
        lifeline.close()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def database(cluster: str) -> Iterator[str]:
    """Give the libpq URL of a fresh database with the migrated schema and nothing in it."""
    name = f"t_{uuid4().hex[:12]}"
    _run(cluster, f'create database "{name}" template "{TEMPLATE}" strategy file_copy')
    yield _named(cluster, name)
    _run(cluster, f'drop database "{name}" with (force)')


@pytest.fixture
def connect(database: str) -> Iterator[Callable[[], psycopg.Connection[Any]]]:
    """Give a function that opens connections to the fresh database, search_path `pim`.

    What a test leaves open is closed after it.
    """
    opened: list[psycopg.Connection[Any]] = []

    def open_one() -> psycopg.Connection[Any]:
        connection = db.connect(database)
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        connection.close()


def _named(url: str, name: str) -> str:
    return url.replace("@/pim?", f"@/{name}?")


def _run(url: str, statement: str) -> None:
    with psycopg.connect(_named(url, "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Give a whole system, one for all tests of this pytest process: they must not stop it."""
    home = Path(tempfile.mkdtemp(prefix="pim-system-"))
    home.chmod(0o711)
    try:
        # Tests fetch from and post to this machine, and ask more often than a tenant may.
        with running_system(home, PIM_EGRESS_ALLOW="127.0.0.1", PIM_RATE_LIMITS="off") as running:
            yield running
    finally:
        shutil.rmtree(home, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests must share a process: a module's; and all that need a whole system, so that only one is up."""
    for item in items:
        whole = "end_to_end" in item.path.parts or item.get_closest_marker("system") is not None
        item.add_marker(pytest.mark.xdist_group("system" if whole else item.nodeid.split("::")[0]))
