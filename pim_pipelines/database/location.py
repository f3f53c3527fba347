"""Which database this process works with, and one for its life where there is none yet.

Processes of `pim up` have PIM_DATABASE_URL and PIM_DAGSTER_DATABASE_URL in their environment. What is
started without it (`dagster dev`, `dg`, a script) asks here.
"""

import atexit
import os
from threading import Lock

from pim_pipelines import runtime
from pim_pipelines.database.connections import dagster_url
from pim_pipelines.database.migrate import migrate
from pim_pipelines.database.place import find
from pim_pipelines.database.server import EmbeddedServer, is_running
from pim_pipelines.processes import Lifeline
from pim_pipelines.settings import settings

_lock = Lock()
_found: str | None = None


def database_url() -> str:
    """Return the catalogue's libpq URL.

    In this order: PIM_DATABASE_URL; a running system of PIM_HOME; a server of that home that another
    process has started; else an embedded server is started, which ends with this process. Its URLs
    are put into the environment, so that child processes use the same.
    """
    global _found  # noqa: PLW0603 - one database a process
    if url := settings().database_url:
        return url
    with _lock:
        if _found is None:
            _found = _running_url() or _start()
        return _found


def dagster_database_url() -> str:
    """Return the SQLAlchemy URL (psycopg2, schema `dagster`) of Dagster's storage."""
    return settings().dagster_database_url or dagster_url(database_url())


def _running_url() -> str | None:
    home = settings().home
    if running := runtime.read(home):
        return running.database_url
    if not home.exists():
        return None
    place = find(home)
    return place.url if is_running(place) else None


def _start() -> str:
    lifeline = Lifeline()
    server = EmbeddedServer(settings().home, lifeline)
    server.start()
    atexit.register(_stop, server, lifeline, os.getpid())
    migrate(server.url)
    os.environ["PIM_DATABASE_URL"] = server.url
    os.environ["PIM_DAGSTER_DATABASE_URL"] = dagster_url(server.url)
    return server.url


def _stop(server: EmbeddedServer, lifeline: Lifeline, pid: int) -> None:
    if os.getpid() == pid:  # a forked child runs this too when it ends, and the server is not its own
        server.stop()
        lifeline.close()
