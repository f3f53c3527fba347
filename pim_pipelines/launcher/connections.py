"""Connections of a run to Dagster's storage: few, kept, and tried after a pause."""

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

# A connection that has just worked will work; trying each time would double the round trips.
IDLE_SECONDS = 1.0


def try_idle_connections(engine: Engine) -> None:
    """Try a connection that was idle before it is used again; a dead one is replaced.

    After a restart of the server the next event would be lost otherwise, which is the one that says why
    the run has failed.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_at", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
        except Exception as error:
            raise DisconnectionError from error  # the pool makes a new one, and calls again
