"""A whole system for a benchmark: `pim up` in a temporary home on free ports, and a client of its API."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PIM = str(Path(sys.executable).with_name("pim"))


@dataclass
class System:
    """A running system; `client` speaks to `/api/v1` with an admin key, `pid` is the supervisor's."""

    home: Path
    client: httpx.Client
    database_url: str
    pid: int
    seconds_to_ready: float
    highest: dict[str, int] = field(default_factory=dict)  # peaks seen so far, those of processes that ended too

    def upload(self, path: Path, **fields: str) -> str:
        """Upload a file and return the import job's id."""
        with path.open("rb") as file:
            answer = self.client.post("/imports/upload", files={"file": (path.name, file)}, data=fields)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def wait(self, job: str, *statuses: str, every: float = 0.01, limit: float = 600) -> dict[str, Any]:
        """Poll a job until it has one of the statuses (or has failed), and return its detail."""
        end, looked = time.monotonic() + limit, 0.0
        while time.monotonic() < end:
            if every > 0.02 and time.monotonic() - looked > 0.3:
                self.peaks()
                looked = time.monotonic()
            detail: dict[str, Any] = self.client.get(f"/imports/{job}").json()
            if detail["status"] in statuses:
                return detail
            if detail["status"] in {"failed", "cancelled"}:
                raise RuntimeError(f"job {job} is {detail['status']}: {detail['last_error']}")
            time.sleep(every)
        raise TimeoutError(f"job {job} did not reach {statuses} in {limit} s")

    def template(self, name: str, mapping: dict[str, str]) -> str:
        """Make a mapping template and return its id."""
        answer = self.client.post("/mapping-templates", json={"name": name, "column_mapping": mapping})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def peaks(self) -> dict[str, int]:
        """Return the peak memory, in MiB, of every process of the system seen so far, by command and pid."""
        self.highest |= {f"{name} ({pid})": peak for pid, name, peak in _family(self.pid)}
        return self.highest


def _family(root: int) -> Iterator[tuple[int, str, int]]:
    """Walk a process and all its descendants: pid, what it runs, VmHWM in MiB."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    wanted = {root}
    while more := {pid for pid, parent in parents.items() if parent in wanted} - wanted:
        wanted |= more
    for pid in sorted(wanted):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:60].strip()
        except OSError:
            continue
        peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        if peak:
            yield pid, command, int(peak[0]) // 1024


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def system(**settings: str) -> Iterator[System]:
    """Start everything, rate limits off and with more settings, and stop it again."""
    home = Path(tempfile.mkdtemp(prefix="pim-bench-"))
    home.chmod(0o711)  # run by root, PostgreSQL is another user's process
    api, ui = free_port(), free_port()
    env = os.environ | {"PIM_HOME": str(home), "PIM_RATE_LIMITS": "off", **settings}
    started = time.monotonic()
    process = subprocess.Popen(
        [PIM, "up", "--home", str(home), "--api-port", str(api), "--ui-port", str(ui)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("PIM is ready"):
                break
        else:
            raise RuntimeError(f"pim up ended with {process.wait()}; its logs are in {home}/logs")
        ready = time.monotonic() - started
        key = json.loads(
            subprocess.check_output([PIM, "keys", "create", "--tenant", "bench", "--json"], env=env, text=True)
        )["key"]
        database = subprocess.check_output([PIM, "db", "url"], env=env, text=True).strip()
        base = f"http://127.0.0.1:{api}/api/v1"
        with httpx.Client(base_url=base, headers={"X-API-Key": key}, timeout=600) as client:
            yield System(home, client, database, process.pid, ready)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        shutil.rmtree(home, ignore_errors=True)
