"""Waiting, in an answer, for what a run is about to write into the database."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from api.problems import DATABASE_AWAY
from api.services import ApiServices

WAITS_SECONDS = 10.0
"""How long an answer waits before it says how far things are."""

PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5

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


async def awaited(
    services: ApiServices,
    row: Row,
    is_over: Callable[[Row], bool],
    read: Callable[[Connection[Any]], Row | None],
    seconds: float,
) -> Row:
    """Do the same without holding a thread between two looks, so that many can wait; the looks become rarer.

    A row that is gone and a database that goes away end the waiting: what was asked for is done all the same.
    """
    until, pause = time.monotonic() + seconds, PAUSE_SECONDS

    def look() -> Row | None:
        with services.connection() as conn:
            return read(conn)

    while not is_over(row) and time.monotonic() < until:
        await anyio.sleep(pause)
        pause = min(pause * 1.2, LONGEST_PAUSE_SECONDS)
        try:
            found = await run_in_threadpool(look)
        except DATABASE_AWAY:
            break
        if found is None:
            break
        row = found
    return row
