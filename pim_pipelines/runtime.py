"""What a running system tells the other commands: `$PIM_HOME/runtime.json`, valid while the lock beside it is held."""

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO

from pim_pipelines.errors import ConfigurationError


class AlreadyRunning(ConfigurationError):
    """A system of this home runs already."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Where a running system is found.

    `down` names its processes that do not work at this moment, as its supervisor sees it (`database`,
    `code-server`, `worker-host`, `webserver`, `daemon`, `api`): `GET /readyz` shows them. `is_ready` turns
    true once, when all worked for the first time.
    """

    database_url: str
    dagster_database_url: str
    api_url: str
    ui_url: str
    pid: int
    is_ready: bool = False
    down: list[str] = field(default_factory=list)

    def write(self, home: Path) -> None:
        """Write the file, readable by its owner only: a database URL may hold a password."""
        part = home / "runtime.json.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
            json.dump(asdict(self), file)
        part.replace(home / "runtime.json")

    def with_state(self, *, is_ready: bool, down: list[str]) -> "Runtime":
        """Return the same in another state."""
        return replace(self, is_ready=is_ready, down=down)


def read(home: Path) -> Runtime | None:
    """Return what the running system of a home says of itself, None when none runs."""
    if not is_running(home):
        return None
    try:
        return Runtime(**json.loads((home / "runtime.json").read_text()))
    except (OSError, ValueError, TypeError):  # it is just starting, or of another release
        return None


def is_running(home: Path) -> bool:
    """Tell whether a system of this home runs, or is starting."""
    try:
        lock = (home / "pim.lock").open()
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def refuse_second(home: Path) -> None:
    """Raise AlreadyRunning when a system of this home runs."""
    if is_running(home):
        raise _already_running(home)


class SystemLock:
    """The lock that one supervisor a home holds for its life; the kernel drops it when that is killed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file: IO[str] | None = None

    def take(self, seconds: float = 1.0) -> None:
        """Take the lock; raises AlreadyRunning.

        It waits a moment, because `is_running` holds the lock for an instant too.
        """
        file = (self._home / "pim.lock").open("a+")
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    file.close()
                    raise _already_running(self._home) from None
                time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Drop the lock, and the file that it vouched for."""
        if self._file:
            with suppress(OSError):
                (self._home / "runtime.json").unlink(missing_ok=True)
            self._file.close()
            self._file = None


def _already_running(home: Path) -> AlreadyRunning:
    holder = "unknown"
    with suppress(OSError):
        holder = (home / "pim.lock").read_text().strip() or holder
    return AlreadyRunning(f"PIM is already running in {home} (pid {holder}): stop that one first.")
