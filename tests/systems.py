"""Whole systems for tests: `pim up` in a home of their own, on free ports."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pim_pipelines import database as db
from pim_pipelines import runtime
from pim_pipelines.store import keys


@dataclass(frozen=True)
class System:
    """A whole system that is up: `pim up` in a temporary home."""

    home: Path
    api_url: str
    ui_url: str
    database_url: str
    process: subprocess.Popen[str]
    environment: dict[str, str]

    def new_key(self, tenant: str, scopes: Sequence[str] = keys.DEFAULT_SCOPES) -> str:
        """Make an API key of a tenant, which is made where it is new."""
        with db.connect(self.database_url) as connection:
            return keys.create(connection, tenant, scopes)[1]

    def pim(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `pim` command against this system."""
        return subprocess.run(
            [sys.executable, "-m", "pim_pipelines.cli", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def logs(self) -> str:
        """Return the ends of all logs, for a failed test's output."""
        return "\n".join(f"--- {log.name}\n{log.read_text()[-2000:]}" for log in (self.home / "logs").glob("*.log"))

    def stop(self, seconds: float = 30) -> int:
        """Stop it as an operator does, and return the exit status."""
        self.process.terminate()
        return self.process.wait(seconds)


@contextmanager
def running_system(home: Path, *, ignore_sigint: bool = False, **settings: str) -> Iterator[System]:
    """Run `pim up` in a home on free ports, with more settings, and stop it at the end of the block.

    `ignore_sigint` starts it as a shell does in the background of a script.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIM_", "DAGSTER_"))}
    environment |= {"PIM_HOME": str(home), **settings}
    command = [sys.executable, "-m", "pim_pipelines.cli", "up", "--api-port", "0", "--ui-port", "0"]
    if ignore_sigint:
        command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    # Its errors are this process's: pytest shows them with a test that fails.
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        reader = threading.Thread(target=process.stdout.read if process.stdout else None, daemon=True)
        try:
            said = _read_until_ready(process)
            found = runtime.read(home)
            assert found and found.pid == process.pid, f"pim up ended with {process.wait()}: {said}"
            reader.start()  # what it says later must not fill the pipe
            yield System(home, found.api_url, found.ui_url, found.database_url, process, environment)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)
            if reader.ident:
                reader.join(5)


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stdout or ():
        said += line
        if line.startswith("PIM is ready"):
            break
    return said
