"""Who runs the embedded PostgreSQL, from where, and where its files are.

PostgreSQL refuses to run as root. Started by root it runs as an unprivileged user, who may not reach
a folder closed to others (a clone in root's home): what he cannot reach is put below a system
folder then. The user's own folders are never opened up.
"""

import hashlib
import logging
import os
import pwd
import secrets
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pim_pipelines.database.binaries import Binaries, installed
from pim_pipelines.errors import ConfigurationError

SYSTEM_FOLDERS = (Path("/var/lib/pim"), Path("/var/tmp/pim"))  # noqa: S108 - made by root, closed to others' writing
NOTE = "database.place"
ACCOUNTS = ("postgres", "nobody")
# sockaddr_un holds 104 bytes on macOS and 108 on Linux, the name `/.s.PGSQL.5432` included.
LONGEST_SOCKET_FOLDER = 85

log = logging.getLogger("pim.database")


@dataclass(frozen=True)
class Place:
    """Where one home's server lives; `owner` is the (uid, gid) to run it as, None for our own."""

    binaries: Binaries
    cluster: Path
    sockets: Path
    owner: tuple[int, int] | None

    @property
    def url(self) -> str:
        """The libpq URL of the database, for the users of this machine who may open the socket."""
        return f"postgresql://pim@/pim?host={str(self.sockets).replace('%', '%25').replace('/', '%2F')}"

    @property
    def is_initialised(self) -> bool:
        """Tell whether the cluster is there."""
        return _is_cluster(self.cluster)


def find(home: Path) -> Place:
    """Find the place of a home's server, and make the folders it needs.

    Raises ConfigurationError when there is none.
    """
    binaries = installed()
    home.mkdir(parents=True, exist_ok=True)
    cluster = home / "database"
    owner = None
    if os.geteuid() == 0:
        cluster = _noted(home) or cluster
        owner = _owner(cluster)
        if not _can_run(binaries, owner):
            binaries = binaries.copy_below(_system_folder())
            log.info("The database's programs are run from %s: others cannot reach the clone.", binaries.package)
            if not _can_run(binaries, owner):
                raise ConfigurationError(
                    f"PostgreSQL must not run as root, and user id {owner[0]} cannot run {binaries.folder}: start PIM "
                    "as an ordinary user, or set PIM_DATABASE_URL to a server of your own."
                )
        cluster = _reachable(cluster, home, owner)
    elif cluster.exists() and not os.access(cluster, os.R_OK | os.X_OK):
        raise ConfigurationError(
            f"The database in {cluster} belongs to another user (it was made by root): start PIM as that user, or "
            "choose another home with --home."
        )
    return Place(binaries, cluster, socket_folder(cluster, owner), owner)


def _owner(cluster: Path) -> tuple[int, int]:
    """Return who runs the server for root: whose the cluster is, else an unprivileged account."""
    if cluster.exists():
        info = cluster.stat()
        if info.st_uid != 0:
            return info.st_uid, info.st_gid
    for name in ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return account.pw_uid, account.pw_gid
    return 65534, 65534


def _try_as(owner: tuple[int, int], command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            user=owner[0],
            group=owner[1],
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _can_run(binaries: Binaries, owner: tuple[int, int]) -> bool:
    return all(_try_as(owner, [binaries.program(name), "--version"]) for name in ("postgres", "initdb"))


def _reachable(cluster: Path, home: Path, owner: tuple[int, int]) -> Path:
    """Return the cluster's place if its owner gets there, else a new one below a system folder, and note that.

    The note is in the home, so that a home which is made anew does not find the data of the one before it.
    """
    nearest = cluster if _is_cluster(cluster) else cluster.parent
    if _try_as(owner, ["/bin/sh", "-c", 'cd "$1"', "sh", str(nearest)]):
        return cluster
    if _is_cluster(cluster):
        raise ConfigurationError(
            f"User id {owner[0]}, who runs the database for root, cannot reach {cluster} any more: a folder on the way "
            "has been closed to others. Open it again, or move the whole home to a folder that others can reach."
        )
    outside = _system_folder() / secrets.token_hex(8) / "database"
    outside.parent.mkdir(mode=0o755)
    (home / NOTE).write_text(f"{outside}\n")
    log.info("The database's files are in %s: others cannot reach %s.", outside, home)
    return outside


def _noted(home: Path) -> Path | None:
    try:
        place = Path((home / NOTE).read_text().strip())
    except FileNotFoundError:
        return None
    if not any(place.is_relative_to(folder) for folder in SYSTEM_FOLDERS) or ".." in place.parts:
        raise ConfigurationError(f"{home / NOTE} names {place}, where no database of PIM can be.")
    return place if place.parent.exists() else None


def _is_cluster(folder: Path) -> bool:
    return (folder / "PG_VERSION").exists()


def _system_folder() -> Path:
    for folder in SYSTEM_FOLDERS:
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        info = folder.lstat()
        if stat.S_ISDIR(info.st_mode) and info.st_uid == 0 and os.access(folder, os.W_OK):
            return folder
    raise ConfigurationError(
        "PostgreSQL must not run as root, others cannot reach this folder, and there is no room for its files in "
        f"{' or '.join(map(str, SYSTEM_FOLDERS))}: start PIM as an ordinary user, choose another home with --home, "
        "or set PIM_DATABASE_URL to a server of your own."
    )


def socket_folder(folder: Path, owner: tuple[int, int] | None = None) -> Path:
    """Return where sockets go that belong into a folder: there, unless the path is too long for a socket's.

    The other one is private to `owner` (ourselves when None); raises ConfigurationError when somebody else
    has made it before us.
    """
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    uid = owner[0] if owner else os.geteuid()
    base = "/run" if os.geteuid() == 0 and os.access("/run", os.W_OK) else os.environ.get("XDG_RUNTIME_DIR", "")
    if not base or not Path(base).is_dir() or len(base) > LONGEST_SOCKET_FOLDER - 24:
        base = "/tmp"  # noqa: S108 - checked below to be ours and closed to others
    short = Path(base) / f"pim-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"
    try:
        short.mkdir(mode=0o700)
        if owner:
            os.chown(short, *owner)
    except FileExistsError:
        pass
    info = short.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != uid or stat.S_IMODE(info.st_mode) & 0o077:
        raise ConfigurationError(f"{short} should be a private folder of user id {uid}: remove it and start again.")
    return short
