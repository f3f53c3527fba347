"""The PostgreSQL server and connections to it.

    connect(url)             a psycopg 3 connection to the catalogue (search_path `pim`); DatabaseUnavailable
    connector(url)           the same as a function without arguments, what the loader and the ops take
    pool(url, max_size=…)    a psycopg_pool.ConnectionPool, not opened yet
    database_url()           the catalogue of this process, by its environment; starts an embedded server at need
    dagster_database_url()   Dagster's storage of this process, for SQLAlchemy; likewise (for dagster.yaml's storage)
    migrate(url)             brings the schema up to date
    dagster_url(url)         the SQLAlchemy URL of Dagster's storage in a given database

Nothing here imports dagster. Importing this package does no work and starts nothing.
"""

from pim_pipelines.database.connections import (
    Connect,
    Connection,
    check_version,
    connect,
    connector,
    dagster_url,
    pool,
)
from pim_pipelines.database.location import dagster_database_url, database_url
from pim_pipelines.database.migrate import migrate

__all__ = [
    "Connect",
    "Connection",
    "check_version",
    "connect",
    "connector",
    "dagster_database_url",
    "dagster_url",
    "database_url",
    "migrate",
    "pool",
]
