"""What the endpoints work with: the database, the file store, Dagster, and the settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from psycopg import Connection
from psycopg_pool import ConnectionPool

from api.runs import Runs
from pim_pipelines.files import FileStore
from pim_pipelines.settings import Settings

DATABASE_SECONDS = 3.0
"""How long a request waits for a connection; longer, and the database counts as away."""


@dataclass(frozen=True)
class ApiServices:
    """One of each a process."""

    settings: Settings
    pool: ConnectionPool[Connection[Any]]
    files: FileStore
    runs: Runs

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """Give a connection; its transaction is committed at the end of the block, before any answer."""
        with self.pool.connection(timeout=DATABASE_SECONDS) as conn:
            yield conn


def _of_request(request: Request) -> ApiServices:
    services: ApiServices = request.app.state.services
    return services


Services = Annotated[ApiServices, Depends(_of_request)]
