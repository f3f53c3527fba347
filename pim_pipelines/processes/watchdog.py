"""Ends what a killed supervisor leaves behind. Run as a script, by `Lifeline`; uses the standard library only.

It reads lines from its standard input: `+ <pid> <signal>` for a process group to end with that
signal, `- <pid>` for one that is gone, `done` for a clean stop. An end of the input without
`done` means that the supervisor was killed: everything is ended, groups of SIGTERM first, those
of SIGINT (PostgreSQL, which others still write to) after them. Its one argument is a marker that
every process of the system carries in its environment: on Linux that finds also those which have
left their process group.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

GRACE_SECONDS = 5.0
PROC = Path("/proc")


def marked(marker: str, *, but: frozenset[int] = frozenset()) -> list[int]:
    """Return the pids of living processes whose environment holds `marker` (Linux; elsewhere none)."""
    found = []
    needle = marker.encode()
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if not entry.name.isdigit() or int(entry.name) in but:
            continue
        try:
            if needle in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # gone meanwhile, or another user's
            continue
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process lives; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        # The command's name stands in brackets and may hold anything.
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return not PROC.is_dir()


def signal_group(pgid: int, signum: int) -> bool:
    """Send a signal to a process group; false when there is none."""
    try:
        os.killpg(pgid, signum)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def signal_process(pid: int, signum: int) -> None:
    """Send a signal to a process, if it is there."""
    try:
        os.kill(pid, signum)
    except (ProcessLookupError, PermissionError):
        return


def strays(marker: str, databases: set[int]) -> list[int]:
    """Return the marked processes but us, PostgreSQL servers and their backends.

    A backend leads a session of its own; only its parent tells what it is.
    """
    me = frozenset({os.getpid()})
    return [pid for pid in marked(marker, but=me) if not {pid, parent(pid)} & databases]


def end(groups: dict[int, int], marker: str, grace: float = GRACE_SECONDS) -> None:
    """End the process groups (pid to signal) and all marked processes; returns when they are gone."""
    databases = {pid for pid, signum in groups.items() if signum == signal.SIGINT}
    _wave(set(groups) - databases, signal.SIGTERM, lambda: strays(marker, databases), grace)
    _wave(databases, signal.SIGINT, lambda: strays(marker, set()), grace)


def parent(pid: int) -> int:
    """Return a process's parent; 0 when there is no such process."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _wave(groups: set[int], signum: int, stray: Callable[[], list[int]], grace: float) -> None:
    for pid in groups:
        signal_process(pid, signum)
    for pid in stray():
        if signum == signal.SIGTERM and pid not in groups:
            signal_process(pid, signum)
    until = time.monotonic() + grace
    while time.monotonic() < until:
        if not any(map(is_alive, groups)) and not any(map(is_alive, stray())):
            break
        time.sleep(0.05)
    for pid in groups:
        signal_group(pid, signal.SIGKILL)
    for pid in stray():
        signal_process(pid, signal.SIGKILL)


def main(marker: str) -> None:
    """Keep the list of groups until the supervisor says `done` or is gone."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        match line.split():
            case ["+", pid, number]:
                groups[int(pid)] = int(number)
            case ["-", pid]:
                groups.pop(int(pid), None)
            case ["done"]:
                return
    end(groups, marker)


if __name__ == "__main__":
    main(sys.argv[1])
