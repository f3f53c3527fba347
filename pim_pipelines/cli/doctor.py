"""`pim doctor`: whether everything is as it should be, a line each."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import typer

from pim_pipelines import runtime
from pim_pipelines.cli import programs
from pim_pipelines.cli.json_lines import AsJson, print_json
from pim_pipelines.cli.target import catalogue_url
from pim_pipelines.database import check_version, connect
from pim_pipelines.database.migrate import current, head
from pim_pipelines.errors import ConfigurationError, PimError
from pim_pipelines.settings import settings
from pim_pipelines.sources.egress import Egress

LEAST_ROOM = 2 * 1024**3

Check = Callable[[], str]


class Bad(Exception):
    """What is wrong, and what to do about it."""


def doctor(as_json: AsJson = False) -> None:
    """Check database, migrations, daemons, code location, disk and configuration. Exit status 1 if any is bad."""
    is_well = True
    for name, check in _checks():
        try:
            is_ok, found = True, check()
        except (Bad, PimError) as error:
            is_ok, found = False, str(error)
        is_well &= is_ok
        if as_json:
            print_json({"check": name, "ok": is_ok, "detail": found})
        else:
            print(f"{'ok   ' if is_ok else 'BAD  '} {name}: {found}")
    if not is_well:
        raise typer.Exit(1)


def _checks() -> Iterator[tuple[str, Check]]:
    try:
        settings()
    except ConfigurationError as error:
        reason = str(error)
        yield "configuration", lambda: _bad(reason)
        return  # nothing else can be looked for without it
    home = settings().home
    yield "configuration", lambda: _configuration(home)
    yield "disk", lambda: _disk(home)
    yield "database", _database
    yield "migrations", _migrations
    running = runtime.read(home)
    if running is None:
        yield "system", lambda: _bad(f"no PIM is running in {home}; start it with `pim up`")
        return
    yield "processes", lambda: _processes(running)
    yield "code location", lambda: _code_location(running.ui_url)
    yield "daemons", lambda: _daemons(running.ui_url)
    yield "api", lambda: _api(running.api_url)


def _bad(reason: str) -> str:
    raise Bad(reason)


def _configuration(home: Path) -> str:
    key = home / "secret.key"
    if key.exists() and key.stat().st_mode & 0o077:
        raise Bad(f"{key} can be read by others; close it with `chmod 600 {key}`")
    if not key.exists() and not settings().secret_key:
        raise Bad(f"there is no {key} yet; `pim up` makes it")
    Egress(settings().egress_allow)
    return f"home {home}"


def _disk(home: Path) -> str:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    text = f"{free / 1024**3:.1f} GiB free"
    if free < LEAST_ROOM:
        raise Bad(f"only {text} at {home}; imports need room for the file, its rows and the database's log")
    return text


def _database() -> str:
    with connect(catalogue_url()) as connection:
        check_version(connection)
        major, minor = divmod(connection.info.server_version, 10000)
    return f"PostgreSQL {major}.{minor}, {'your own' if settings().database_url else 'embedded'}"


def _migrations() -> str:
    with connect(catalogue_url()) as connection:
        at = current(connection)
    if at != head():
        raise Bad(f"at revision {at or 'none'}, wanted is {head()}; `pim up` brings it up to date")
    return f"revision {at}"


def _processes(running: runtime.Runtime) -> str:
    if running.down:
        raise Bad(f"down: {', '.join(running.down)}; see the logs in {settings().home / 'logs'}")
    return f"all run (supervisor pid {running.pid})"


def _code_location(ui_url: str) -> str:
    if not programs.code_location_works(ui_url):
        raise Bad(f"Dagster has not loaded it; {ui_url}/locations says why")
    return "loaded"


def _daemons(ui_url: str) -> str:
    if not programs.daemon_works(ui_url):
        raise Bad(f"not all have a recent heartbeat; see {ui_url}/health")
    return "heartbeats are recent"


def _api(api_url: str) -> str:
    try:
        response = httpx.get(f"{api_url}/readyz", timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise Bad(f"{api_url} does not answer ({error})") from error
    if not response.is_success:
        raise Bad(f"{api_url}/readyz answers {response.status_code}: {response.text[:300]}")
    return f"{api_url} is ready"
