"""Waiting, in an answer, for what a run is about to write into the database."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from psycopg import Connection

from api.services import ApiServices

WAITS_SECONDS = 10.0
"""How long an answer waits before it says how far things are."""

PAUSE_SECONDS = 0.05

Row = TypeVar("Row")


def waited_for(
    services: ApiServices,
    row: Row,
    is_over: Callable[[Row], bool],
    read: Callable[[Connection[Any]], Row | None],
) -> Row:
    """Return a row when it `is_over`, or as it is after some seconds; one that is gone stays as it was."""
    until = time.monotonic() + WAITS_SECONDS
    while not is_over(row) and time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
        with services.connection() as conn:
            row = read(conn) or row
    return row
