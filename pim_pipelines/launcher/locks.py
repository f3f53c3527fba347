"""Locks that a process holds for its life: who holds one lives, however it or its parent ends.

`flock` belongs to the open file, which a forked child shares: the host locks a run's file, forks,
and closes its own descriptor; from then on the run's process alone holds it, even when the host
is killed. The holder's pid is in the file, and means something only while the lock is held.
"""

import fcntl
import os
import time
from pathlib import Path

# A reader takes the lock for an instant to see whether it is free, so one refusal proves nothing.
TRIES = 20
PAUSE = 0.005


def acquire(path: Path) -> int | None:
    """Lock a file, making it where it is missing; returns the descriptor, None while another process holds it."""
    for _ in range(TRIES):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            time.sleep(PAUSE)
            continue
        if _is_still(fd, path):
            return fd
        os.close(fd)  # its last holder has removed it meanwhile
    return None


def sign(fd: int, pid: int) -> None:
    """Write the holder's pid into a locked file."""
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{pid}\n".encode(), 0)


def holder(path: Path) -> int | None:
    """Return the pid of the process that holds a lock; None where nobody does, 0 where it has not signed yet."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _pid(fd)
        return None
    finally:
        os.close(fd)


def last_holder(path: Path) -> int | None:
    """Return the pid that is in a lock file, whether or not the process lives; None where there is no file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return _pid(fd)
    finally:
        os.close(fd)


def held(folder: Path) -> dict[str, int]:
    """Return the locks of a folder that are held now: file stem to pid."""
    found = {}
    for path in folder.glob("*.lock"):
        pid = holder(path)
        if pid is not None:
            found[path.stem] = pid
    return found


def sweep(folder: Path, *, older_than: float) -> int:
    """Remove the lock files that nobody holds and nobody has touched for some seconds; returns how many."""
    removed = 0
    limit = time.time() - older_than
    for path in folder.glob("*.lock"):
        try:
            if path.stat().st_mtime > limit or holder(path) is not None:
                continue
            path.unlink()
        except FileNotFoundError:
            continue
        removed += 1
    return removed


def _pid(fd: int) -> int:
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else 0


def _is_still(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
