"""Brings the catalogue's schema up to date, and makes room for Dagster's.

The scripts are in `store/migrations/versions`; a file's name begins with its revision, four digits.
"""

from pathlib import Path

import psycopg

from pim_pipelines.database.connections import (
    CATALOGUE_SCHEMA,
    DAGSTER_SCHEMA,
    Connection,
    check_version,
    connect,
    sqlalchemy_url,
)
from pim_pipelines.errors import ConfigurationError

SCRIPTS = Path(__file__).parents[1] / "store" / "migrations"
LOCK = 7461_0001  # of two processes that migrate at once, one waits


def head() -> str:
    """Return the newest revision there is a script for."""
    return max(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def current(conn: Connection) -> str | None:
    """Return the revision that a database is at, None for an empty one."""
    try:
        with conn.transaction():
            row = conn.execute(f"select version_num from {CATALOGUE_SCHEMA}.alembic_version").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return None
    return str(row[0]) if row else None


def migrate(url: str) -> bool:
    """Bring a database up to date; returns whether there was anything to do.

    Raises DatabaseUnavailable, and ConfigurationError for a server that is too old or a database
    that a newer release has migrated.
    """
    with connect(url, autocommit=True) as conn:
        check_version(conn)
        conn.execute("select pg_advisory_lock(%s)", [LOCK])
        for schema in (CATALOGUE_SCHEMA, DAGSTER_SCHEMA):
            # Not `create schema if not exists` alone: that wants the right to create even when there is nothing to do.
            if not conn.execute("select 1 from pg_namespace where nspname = %s", [schema]).fetchone():
                conn.execute(f"create schema if not exists {schema}")
        at = current(conn)
        if at == head():
            return False
        if at is not None and at > head():
            raise ConfigurationError(
                f"The database is at revision {at}, and this release knows revisions up to {head()}: it has been "
                "used by a newer release. Install that one."
            )
        _upgrade(url)
    return True


def _upgrade(url: str) -> None:
    # Imported only when there is something to do: together they cost a good part of a second.
    import sqlalchemy  # noqa: PLC0415
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = sqlalchemy.create_engine(
        sqlalchemy_url(url, "psycopg", CATALOGUE_SCHEMA), poolclass=sqlalchemy.pool.NullPool
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
