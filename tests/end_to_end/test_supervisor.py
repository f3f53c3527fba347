"""`pim up`: one of a home, kept running, and gone without a trace when it is to go."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from searching import in_database, in_files, in_texts
from systems import System, running_system

from pim_pipelines import runtime
from pim_pipelines.processes import is_alive

pytestmark = pytest.mark.system

STOP_SECONDS = 15


@contextmanager
def new_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pim-supervised-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def mine() -> Iterator[System]:
    """Give a system that tests may hurt, as long as it recovers."""
    with new_home() as folder, running_system(folder) as system:
        yield system


def pim_up(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pim_pipelines.cli", "up", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def wait_until(condition: Callable[[], Any], seconds: float) -> Any:
    """Return the condition's value once it is true, the last one when it never was."""
    until = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return value


def readiness(system: System) -> httpx.Response | None:
    try:
        return httpx.get(f"{system.api_url}/readyz", timeout=10)
    except httpx.HTTPError:
        return None


def is_ready(system: System) -> bool:
    answer = readiness(system)
    return answer is not None and answer.status_code == 200


def processes_of(system: System) -> list[psutil.Process]:
    """Return every process of a system: the supervisor's descendants, those who left their group too."""
    found: list[psutil.Process] = psutil.Process(system.process.pid).children(recursive=True)
    return found


def program(system: System, part: str) -> psutil.Process:
    """Return the supervisor's child whose command line holds `part`."""
    for process in psutil.Process(system.process.pid).children():
        if part in " ".join(process.cmdline()):
            return process
    raise AssertionError(f"no process {part!r}")


def test_second_up_of_a_home_says_so(mine: System) -> None:
    done = pim_up(PIM_HOME=str(mine.home))

    assert done.returncode == 2
    assert "already running" in done.stderr
    assert str(mine.process.pid) in done.stderr
    assert is_ready(mine)


@pytest.mark.parametrize(("flag", "other"), [("--api-port", "--ui-port"), ("--ui-port", "--api-port")])
def test_taken_port_is_named(tmp_path: Path, flag: str, other: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = pim_up(flag, str(port), other, "0", "--home", str(tmp_path / "home"))

    assert done.returncode == 2
    assert f"Port {port} " in done.stderr
    assert flag in done.stderr
    assert not (tmp_path / "home").exists()


def test_secret_key_is_for_its_owner_only(mine: System) -> None:
    assert (mine.home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (mine.home / "runtime.json").stat().st_mode & 0o777 == 0o600


def test_database_is_reached_by_no_port(mine: System) -> None:
    postgres = program(mine, "bin/postgres")

    assert [c for c in postgres.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN] == []


def test_killed_processes_are_started_again_and_readyz_names_them_meanwhile(mine: System) -> None:
    parts = {
        "daemon": "dagster._daemon",
        "worker-host": "pim_pipelines.launcher.host",
        "webserver": "dagster_webserver",
        "code-server": "api grpc",
    }
    victims = {name: program(mine, part) for name, part in parts.items()}

    for victim in victims.values():
        victim.kill()

    def all_are_named() -> bool:
        answer = readiness(mine)
        return answer is not None and answer.status_code == 503 and all(name in answer.text for name in parts)

    assert wait_until(all_are_named, 10)
    assert wait_until(lambda: is_ready(mine), 120), mine.logs()
    assert all(program(mine, part).pid != victims[name].pid for name, part in parts.items())


def test_upload_while_dagster_is_away_is_accepted_and_launched_when_it_is_back(mine: System) -> None:
    headers = {"X-API-Key": mine.new_key("patient")}
    with httpx.Client(base_url=f"{mine.api_url}/api/v1", headers=headers) as client:
        program(mine, "dagster_webserver").kill()

        answer = client.post("/imports/upload", files={"file": ("a.csv", b"EAN;Titre\n4006381333931;Stylo\n")})

        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        job = f"/imports/{answer.json()['id']}"
        assert wait_until(lambda: client.get(job).json()["status"] == "ready", 120), mine.logs()
    assert wait_until(lambda: is_ready(mine), 60)


def test_killed_api_is_started_again(mine: System) -> None:
    program(mine, "uvicorn").kill()

    assert wait_until(lambda: is_ready(mine), 60), mine.logs()


def test_killed_database_is_started_again_with_its_data(mine: System) -> None:
    key = mine.new_key("kept")

    program(mine, "bin/postgres").kill()

    assert wait_until(lambda: (answer := readiness(mine)) is not None and answer.status_code == 503, 10)
    assert wait_until(lambda: is_ready(mine), 60), mine.logs()
    answer = httpx.get(f"{mine.api_url}/api/v1/imports", headers={"X-API-Key": key})
    assert answer.status_code == 200


def test_killed_supervisor_leaves_nothing_and_the_next_one_starts(mine: System) -> None:
    left = processes_of(mine)
    assert len(left) >= 6

    mine.process.kill()
    mine.process.wait()

    gone = wait_until(lambda: not any(is_alive(process.pid) for process in left), STOP_SECONDS + 5)
    assert gone, [process for process in left if is_alive(process.pid)]
    assert runtime.read(mine.home) is None


def upload(system: System, key: str, rows: int) -> str:
    """Upload a large file and start its processing; returns the job's id."""
    lines = "".join(f"{ean(n)};Produit {n};{n % 900},95;Marque {n % 50}\n" for n in range(rows))
    answer = httpx.post(
        f"{system.api_url}/api/v1/imports/upload",
        headers={"X-API-Key": key},
        files={"file": ("large.csv", ("EAN;Titre;Prix HT;Marque\n" + lines).encode())},
        data={"supplier_code": "LOAD"},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ean(number: int) -> str:
    body = f"376{number:09d}"
    check = (10 - sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10) % 10
    return f"{body}{check}"


def test_sigterm_under_load_stops_all_in_time_and_no_job_is_stuck(home: Path) -> None:
    # As after `pim up &` in a script: a shell starts background processes with SIGINT ignored.
    with running_system(home, ignore_sigint=True) as system:
        key = system.new_key("load")
        job = upload(system, key, 150_000)
        headers = {"X-API-Key": key}
        url = f"{system.api_url}/api/v1/imports/{job}"

        def detail() -> dict[str, Any]:
            return dict(httpx.get(url, headers=headers).json())

        assert wait_until(lambda: detail()["status"] not in ("pending", "analyzing"), 120), system.logs()
        assert detail()["status"] == "ready", detail()
        assert httpx.post(f"{url}/start-processing", headers=headers).status_code == 202
        with psycopg.connect(system.database_url, autocommit=True) as conn:
            wait_until(
                lambda: conn.execute(
                    "select 1 from pim.import_jobs where uuid = %s and rows_staged > 0", [job]
                ).fetchone(),
                60,
            )
        left = processes_of(system)

        began = time.monotonic()
        system.process.send_signal(signal.SIGTERM)
        exit_status = system.process.wait(60)

        assert time.monotonic() - began < STOP_SECONDS
        assert exit_status == 0
        assert [process for process in left if is_alive(process.pid)] == []

    with running_system(home) as system:
        url = f"{system.api_url}/api/v1/imports/{job}"

        def settled() -> str:
            status = str(httpx.get(url, headers=headers).json()["status"])
            return status if status not in ("pending", "analyzing", "processing") else ""

        assert wait_until(settled, 90) in ("failed", "completed", "cancelled"), system.logs()
        if settled() != "completed":
            assert httpx.post(f"{url}/retry", headers=headers).status_code == 202
            assert wait_until(settled, 120) == "completed", httpx.get(url, headers=headers).text
        assert httpx.get(url, headers=headers).json()["successful_rows"] == 150_000


def test_a_database_of_ones_own_is_used_and_not_stopped_nor_its_password_shown(home: Path, database: str) -> None:
    planted = {"password": "db-pl4nted"}
    url = database.replace("pim@", f"pim:{planted['password']}@")
    with running_system(home, PIM_DATABASE_URL=url) as system:
        assert system.database_url == url
        assert httpx.get(f"{system.api_url}/api/v1/imports", headers={"X-API-Key": system.new_key("own")}).is_success
        shown = httpx.post(f"{system.ui_url}/graphql", json={"query": "{ instance { info } }"}).text
        # By it `pim` commands find the database while the system runs.
        found = home / "runtime.json"
        assert found.stat().st_mode & 0o777 == 0o600
        assert in_files(planted, home, but=(found,)) == in_texts(planted, [("info", shown)]) == []

    assert not (home / "database").exists()
    assert in_files(planted, home) == in_database(planted, database) == []
    with psycopg.connect(database) as conn:
        assert conn.execute("select code from pim.tenants").fetchall() == [("own",)]
