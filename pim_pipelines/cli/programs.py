"""The processes of a system: how each is started, and how it is known to work."""

import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

from pim_pipelines.cli.addresses import Addresses
from pim_pipelines.cli.home import secret_key
from pim_pipelines.database import dagster_url
from pim_pipelines.database.place import socket_folder
from pim_pipelines.launcher import wire
from pim_pipelines.processes import Child
from pim_pipelines.settings import Settings

PROBE_SECONDS = 5.0
LOCATIONS = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"
HEARTBEATS = "{ instance { daemonHealth { allDaemonStatuses { required healthy lastHeartbeatTime } } } }"


@dataclass(frozen=True)
class Program:
    """One process of the system; `works` tells whether a started one does its work."""

    name: str
    command: list[str]
    works: Callable[[Child], bool]
    needs_database: bool = True


def code_socket(home: Path) -> Path:
    """Return the Unix socket of the code server."""
    return socket_folder(home / "run") / "code.sock"


def programs(home: Path, addresses: Addresses, log_level: str) -> list[Program]:
    """Return the processes of a system, the slowest to start first."""
    python = sys.executable
    workspace = str(home / "dagster" / "workspace.yaml")
    api, ui = addresses.api_url, addresses.ui_url
    return [
        Program(
            "code-server",
            [
                # Not `code-server start`, which puts a second process before this one so that code can be
                # reloaded: 3 s of a core at each start, and the worker host would not reload with it.
                *(python, "-m", "dagster", "api", "grpc", "--socket", str(code_socket(home))),
                *("--module-name", "pim_pipelines.definitions", "--location-name", "pim_pipelines"),
                "--use-python-environment-entry-point",
                *("--log-level", log_level),
            ],
            lambda _: _accepts(code_socket(home)) and code_location_works(ui),
            needs_database=False,
        ),
        Program(
            "webserver",
            [
                *(python, "-m", "dagster_webserver", "--workspace", workspace),
                *("--host", addresses.host, "--port", str(addresses.ui_port), "--dagster-log-level", log_level),
            ],
            lambda _: answers(f"{ui}/server_info"),
        ),
        Program(
            "worker-host",
            [python, "-m", "pim_pipelines.launcher.host"],
            lambda child: (wire.health(home) or {}).get("pid") == child.pid,
        ),
        Program(
            "daemon",
            [python, "-m", "dagster._daemon", "run", "--workspace", workspace, "--log-level", log_level],
            lambda child: daemon_works(ui, since=child.started_at_epoch),
        ),
        Program(
            "api",
            [
                *(python, "-m", "uvicorn", "api.app:create_app", "--factory"),
                *("--host", addresses.host, "--port", str(addresses.api_port)),
                *("--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "5"),
                # Clients keep connections for a while; uvicorn's 5 s would close them under an upload.
                *("--timeout-keep-alive", "75"),
                *("--log-level", log_level),
            ],
            lambda _: answers(f"{api}/healthz"),
        ),
    ]


def environment(
    base: Mapping[str, str], settings: Settings, home: Path, addresses: Addresses, database_url: str
) -> dict[str, str]:
    """Return what the processes find in their environment: absolute places, whoever asks from wherever."""
    return {
        **base,
        "PIM_HOME": str(home),
        "PIM_DATABASE_URL": database_url,
        "PIM_DAGSTER_DATABASE_URL": dagster_url(database_url),
        "PIM_DAGSTER_URL": addresses.ui_url,
        "PIM_API_URL": addresses.api_url,
        "PIM_CODE_SERVER_SOCKET": str(code_socket(home)),
        "PIM_SECRET_KEY": settings.secret_key or secret_key(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "PYTHONUNBUFFERED": "1",
        # Background threads of allocators would not survive the worker host's forks; each arena keeps what was freed
        # in it, and without a number there are four a core.
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "_RJEM_MALLOC_CONF": "background_thread:false,narenas:2",
        "OPENBLAS_NUM_THREADS": "1",
    }


def code_location_works(ui_url: str) -> bool:
    """Tell whether Dagster's web server has loaded our code location."""
    answer = _graphql(ui_url, LOCATIONS)
    entries = answer.get("workspaceOrError", {}).get("locationEntries") or []
    return bool(entries) and all(
        (entry.get("locationOrLoadError") or {}).get("__typename") == "RepositoryLocation" for entry in entries
    )


def daemon_works(ui_url: str, since: float = 0.0) -> bool:
    """Tell whether every daemon that is wanted is healthy, by heartbeats younger than `since` (epoch seconds)."""
    answer = _graphql(ui_url, HEARTBEATS)
    daemons = answer.get("instance", {}).get("daemonHealth", {}).get("allDaemonStatuses") or []
    wanted = [daemon for daemon in daemons if daemon["required"]]
    return bool(wanted) and all(
        daemon["healthy"] and (daemon["lastHeartbeatTime"] or 0.0) >= since for daemon in wanted
    )


def answers(url: str) -> bool:
    """Tell whether a GET of a URL succeeds."""
    try:
        return _client().get(url).is_success
    except httpx.HTTPError:
        return False


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    # One for all probes, without TLS: making a context of certificates takes longer than asking.
    return httpx.Client(timeout=PROBE_SECONDS, trust_env=False, verify=False)  # noqa: S501 - only this machine is asked


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PROBE_SECONDS)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _graphql(ui_url: str, query: str) -> dict[str, Any]:
    """Ask Dagster; an empty answer when it cannot be had."""
    try:
        response = _client().post(f"{ui_url}/graphql", json={"query": query})
        return dict(response.json().get("data") or {})
    except (httpx.HTTPError, ValueError, AttributeError):
        return {}
