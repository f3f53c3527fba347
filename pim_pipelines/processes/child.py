"""A child process with a log file, in a session of its own."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pim_pipelines.processes.lifeline import Lifeline
from pim_pipelines.processes.watchdog import is_alive, signal_group

__all__ = ["Child", "is_alive"]


class Child:
    """A started process; `name` is how people call it.

    A session of its own keeps a Ctrl-C in the terminal from reaching it, so that the supervisor
    decides the order in which things stop.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        lifeline: Lifeline,
        stop_signal: signal.Signals = signal.SIGTERM,
        owner: tuple[int, int] | None = None,
        cwd: Path = Path("/"),
    ) -> None:
        """Start it. `owner` is the (uid, gid) to run as, None for our own."""
        self.name = name
        self.log = log
        self.started_at = time.monotonic()
        self.started_at_epoch = time.time()
        self._lifeline = lifeline
        self._stop_signal = stop_signal
        user, group = owner or (None, None)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**environment, **lifeline.environment},
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=[] if owner else None,
                cwd=cwd,
            )
        lifeline.add(self.pid, stop_signal)

    @property
    def pid(self) -> int:
        """The process's id, its session's and its group's too."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit status of an ended process, None while it runs."""
        return self._process.poll()

    def request_stop(self, signum: signal.Signals | None = None) -> None:
        """Ask the process, and only it, to end."""
        if self.poll() is None:
            self._process.send_signal(signum or self._stop_signal)

    def wait(self, seconds: float) -> bool:
        """Wait for the end; false when it still runs after that time."""
        try:
            self._process.wait(timeout=max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End the process and all that is left of its group at once."""
        signal_group(self.pid, signal.SIGKILL)
        self._process.wait()
        self._lifeline.remove(self.pid)

    def stop(self, seconds: float) -> None:
        """Ask it to end, wait, and kill what is left of its group."""
        self.request_stop()
        self.wait(seconds)
        self.kill()

    def log_tail(self, lines: int = 5) -> str:
        """Return the last lines that the process wrote, for an error message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
