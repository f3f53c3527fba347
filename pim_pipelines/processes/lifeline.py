"""A watchdog process that outlives its supervisor just long enough to end what that had started."""

import signal
import subprocess
import sys
import uuid
from pathlib import Path

from pim_pipelines.processes import watchdog

MARKER = "PIM_SYSTEM"


class Lifeline:
    """What a supervisor holds so that nothing survives it, even after SIGKILL.

    The watchdog notices its standard input ending; no other process holds the writing end.
    """

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(watchdog.__file__)), f"{MARKER}={self.id}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    @property
    def environment(self) -> dict[str, str]:
        """What the children must have in their environment to be found again."""
        return {MARKER: self.id}

    def add(self, pid: int, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        """Have a process group (led by `pid`) ended with `stop_signal` when this process is killed."""
        self._say(f"+ {pid} {int(stop_signal)}")

    def remove(self, pid: int) -> None:
        """Forget a process group that has ended."""
        self._say(f"- {pid}")

    def strays(self, database: int | None = None) -> list[int]:
        """Return this system's living processes, ourselves and a PostgreSQL server with its backends left out.

        Also those which have left their process group; only Linux tells, elsewhere there are none.
        """
        return watchdog.strays(f"{MARKER}={self.id}", {database} if database else set())

    def close(self) -> None:
        """End the watchdog: everything has been stopped in order."""
        self._say("done")
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=5)

    def _say(self, line: str) -> None:
        if self._process.stdin is None or self._process.poll() is not None:
            return
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            return
