"""Where a home's worker host and its runs are found: its socket, and the locks that tell who lives."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from pim_pipelines.errors import ConfigurationError

# sockaddr_un holds 104 bytes on macOS and 108 on Linux.
LONGEST_SOCKET_PATH = 100


class Folder:
    """`<home>/launcher`: `host.lock`, `host.sock` (elsewhere where that path is too long), `runs/<run id>.lock`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "launcher"
        self.runs = self.path / "runs"
        self.host_lock = self.path / "host.lock"

    def make(self) -> None:
        """Make the folders; they are closed to other users, and so is the socket in them."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.runs.mkdir(mode=0o700, exist_ok=True)

    @property
    def socket(self) -> Path:
        """The host's socket. Raises ConfigurationError where the short folder it falls back to is another user's."""
        inside = self.path / "host.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        return _short_folder(self.path) / "host.sock"

    def run_lock(self, run_id: str) -> Path:
        """Return the lock file of a run; `run_id` comes over the socket, so it must not lead elsewhere."""
        if not run_id or "/" in run_id or run_id.startswith("."):
            raise ValueError(f"not a run id: {run_id!r}")
        return self.runs / f"{run_id}.lock"


def _short_folder(path: Path) -> Path:
    name = f"pim-{os.geteuid()}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"
    base = tempfile.gettempdir()
    if len(base) > LONGEST_SOCKET_PATH - 48:
        base = "/tmp"  # noqa: S108 - the folder in it is checked to be ours and closed to others
    folder = Path(base) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) & 0o077:
        raise ConfigurationError(f"{folder} should be a private folder of yours: remove it and start again.")
    return folder
