"""Connections to the catalogue, and the same database's URL in the forms that others want."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from pim_pipelines.errors import ConfigurationError, DatabaseUnavailable

OLDEST_VERSION = 18
CATALOGUE_SCHEMA = "pim"
DAGSTER_SCHEMA = "dagster"
CONNECT_SECONDS = 10

Connection = psycopg.Connection[Any]
Connect = Callable[[], Connection]


def conninfo(url: str, schema: str = CATALOGUE_SCHEMA) -> str:
    """Return the connection string of a database, with a schema as its search path."""
    given = _parts(url)
    options = f"{given.get('options') or ''} -c search_path={schema}".strip()
    return make_conninfo(**{"connect_timeout": CONNECT_SECONDS, "application_name": "pim", **given, "options": options})


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """Open a connection to the catalogue (schema `pim`); raises DatabaseUnavailable."""
    try:
        return psycopg.connect(conninfo(url), autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"The database does not answer: {str(error).strip()}") from error


def connector(url: str) -> Connect:
    """Return a function that opens a connection to the catalogue."""
    return lambda: connect(url)


def pool(url: str, *, min_size: int = 1, max_size: int = 10) -> ConnectionPool[Connection]:
    """Return a pool of connections to the catalogue, not opened yet; a broken one is replaced when taken."""
    return ConnectionPool(
        conninfo(url),
        min_size=min_size,
        max_size=max_size,
        open=False,
        check=ConnectionPool.check_connection,
        name="pim",
    )


def check_version(conn: Connection) -> None:
    """Raise ConfigurationError when the server is older than PostgreSQL 18."""
    major, minor = divmod(conn.info.server_version, 10000)
    if major < OLDEST_VERSION:
        raise ConfigurationError(
            f"PIM needs PostgreSQL {OLDEST_VERSION} or newer, and PIM_DATABASE_URL leads to {major}.{minor}: upgrade "
            "that server, or leave PIM_DATABASE_URL unset to use the embedded one."
        )


def sqlalchemy_url(url: str, driver: str, schema: str) -> str:
    """Return the URL for SQLAlchemy, with a driver (`psycopg`, `psycopg2`) and a schema as the search path."""
    given = _parts(url)
    options = f"{given.pop('options', None) or ''} -csearch_path={schema}".strip()
    user = quote(str(given.pop("user", "") or ""), safe="")
    password = quote(str(given.pop("password", "") or ""), safe="")
    database = quote(str(given.pop("dbname", "") or ""), safe="")
    account = f"{user}:{password}@" if password else f"{user}@" if user else ""
    query = {name: str(value) for name, value in given.items() if value is not None}
    return f"postgresql+{driver}://{account}/{database}?{urlencode({**query, 'options': options}, quote_via=quote)}"


def dagster_url(url: str) -> str:
    """Return the URL of Dagster's storage: psycopg2, because its webserver fails under psycopg 3."""
    return sqlalchemy_url(url, "psycopg2", DAGSTER_SCHEMA)


def _parts(url: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        # libpq's message quotes parts of the URL, and with them perhaps the password.
        raise ConfigurationError(
            "PIM_DATABASE_URL is not a PostgreSQL URL: it should look like postgresql://user:password@host:5432/name."
        ) from error
