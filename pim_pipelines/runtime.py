"""What a running system tells the other commands: `$PIM_HOME/runtime.json`, valid while the lock beside it is held."""

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Where a running system is found; `down` names the processes that do not run at this moment."""

    database_url: str
    dagster_database_url: str
    api_url: str
    ui_url: str
    pid: int
    down: list[str] = field(default_factory=list)

    def write(self, home: Path) -> None:
        """Write the file, readable by its owner only: a database URL may hold a password."""
        part = home / "runtime.json.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
            json.dump(asdict(self), file)
        part.replace(home / "runtime.json")

    def with_down(self, names: list[str]) -> "Runtime":
        """Return the same with other processes down."""
        return replace(self, down=names)


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


class SystemLock:
    """The lock that one supervisor a home holds for its life; the kernel drops it when that is killed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file: IO[str] | None = None

    def take(self, seconds: float = 1.0) -> int | None:
        """Take the lock; None when taken, else the pid of the process that holds it.

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
                    file.seek(0)
                    pid = file.read().strip()
                    file.close()
                    return int(pid) if pid.isdigit() else 0
                time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return None

    def release(self) -> None:
        """Drop the lock, and the file that it vouched for."""
        if self._file:
            with suppress(OSError):
                (self._home / "runtime.json").unlink(missing_ok=True)
            self._file.close()
            self._file = None
