"""The embedded PostgreSQL server: made at the first start, run as a child, stopped cleanly."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psycopg

from pim_pipelines.database.parameters import parameters
from pim_pipelines.database.place import Place, find
from pim_pipelines.errors import ConfigurationError, DatabaseUnavailable
from pim_pipelines.processes import Child, Lifeline, is_alive

START_SECONDS = 60.0
STOP_SECONDS = 5.0
CONFIGURATION = "pim.conf"


class EmbeddedServer:
    """One home's PostgreSQL. At most one process at a time runs it: it holds a lock while it does."""

    def __init__(self, home: Path, lifeline: Lifeline, *, durable: bool = True, log: Path | None = None) -> None:
        """Say where; nothing is started yet. `durable=False` (tests) leaves out what protects from power cuts."""
        self.home = home
        self.place: Place = find(home)
        self.child: Child | None = None
        self._lifeline = lifeline
        self._durable = durable
        self._log = log or home / "logs" / "postgres.log"
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        """The libpq URL of the database `pim`."""
        return self.place.url

    def start(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Start the server, and return when it answers.

        A server that a killed supervisor left behind is stopped first. Raises ConfigurationError
        when another process runs it, DatabaseUnavailable when it does not start, or is no longer wanted.
        """
        if self.child:
            self.child.kill()
        self._take_lock()
        self._initialise()
        _stop_left_over(self.place.cluster)
        until = time.monotonic() + START_SECONDS
        while True:
            self.child = self._spawn()
            if self._wait_until_ready(until, interrupted):
                break
            tail = self.child.log_tail()
            # Backends of a killed server hold its shared memory for a moment.
            if "still in use" in tail and time.monotonic() < until and not interrupted():
                time.sleep(0.2)
                continue
            self.stop()
            raise DatabaseUnavailable(f"PostgreSQL did not start; {self._log} ends with:\n{tail}")
        self._make_database()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop the server: sessions are ended, data is written; what takes too long is recovered at the next start."""
        if self.child:
            self.child.request_stop(signal.SIGINT)
            if not self.child.wait(seconds):
                self.child.request_stop(signal.SIGQUIT)
                self.child.wait(2.0)
            self.child.kill()
            self.child = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock:
            return
        lock = (self.home / "database.lock").open("a+")
        until = time.monotonic() + 1.0
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    lock.seek(0)
                    pid = lock.read().strip()
                    lock.close()
                    raise ConfigurationError(
                        f"Another process (pid {pid}) runs the database of {self.home}: stop it first."
                    ) from None
                time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _initialise(self) -> None:
        place = self.place
        if place.is_initialised:
            found = (place.cluster / "PG_VERSION").read_text().strip()
            if found != str(place.binaries.major):
                raise ConfigurationError(
                    f"The database in {place.cluster} is of PostgreSQL {found}, the installed programs are of "
                    f"{place.binaries.version}: move it with pg_dump and pg_restore, or choose another home."
                )
        else:
            self._make_cluster()
        (place.cluster / CONFIGURATION).write_text(parameters(durable=self._durable))

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there, so that half a one is never taken for whole."""
        place = self.place
        part = place.cluster.with_name("database.new")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        user, group = place.owner or (None, None)
        if place.owner:
            os.chown(part, *place.owner)
        command = [
            *(place.binaries.program("initdb"), "--pgdata", str(part), "--username", "pim", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            # The files are written out by the first checkpoint; until then there is nothing to lose.
            *("--no-sync", "--no-instructions"),
        ]
        done = subprocess.run(
            command,
            user=user,
            group=group,
            extra_groups=[] if place.owner else None,
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DatabaseUnavailable(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        with (part / "postgresql.conf").open("a") as configuration:
            configuration.write(
                f"\ninclude_if_exists = '{CONFIGURATION}'  # PIM's, written at every start; put yours below\n"
            )
        if place.cluster.is_dir():
            place.cluster.rmdir()
        part.rename(place.cluster)

    def _spawn(self) -> Child:
        place = self.place
        return Child(
            "postgres",
            [
                *(place.binaries.program("postgres"), "-D", str(place.cluster)),
                *("-c", "listen_addresses=", "-c", f"unix_socket_directories={place.sockets}"),
                *("-c", "unix_socket_permissions=0700", "-c", "port=5432"),
            ],
            log=self._log,
            environment={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
            lifeline=self._lifeline,
            stop_signal=signal.SIGINT,
            owner=place.owner,
        )

    def _wait_until_ready(self, until: float, interrupted: Callable[[], bool]) -> bool:
        child = self.child
        while child and child.poll() is None and time.monotonic() < until and not interrupted():
            pid, state = _read_pid_file(self.place.cluster)
            if pid == child.pid and state == "ready":
                return True
            time.sleep(0.01)
        return False

    def _make_database(self) -> None:
        maintenance = self.url.replace("@/pim?", "@/postgres?")
        with psycopg.connect(maintenance, autocommit=True) as conn:
            if not conn.execute("select 1 from pg_database where datname = 'pim'").fetchone():
                conn.execute("create database pim")
                # For people: what connects by our own functions says its schema itself.
                conn.execute("alter database pim set search_path = pim, public")


def is_running(place: Place) -> bool:
    """Tell whether a server of this place lives and answers, whoever started it."""
    pid, state = _read_pid_file(place.cluster)
    return bool(pid) and state == "ready" and _is_server(pid, place.cluster)


def _read_pid_file(cluster: Path) -> tuple[int, str]:
    """Return the pid and the state from `postmaster.pid`, (0, "") when there is none."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
    except (OSError, ValueError, IndexError):
        return 0, ""


def _is_server(pid: int, cluster: Path) -> bool:
    """Tell whether a process is the server of this cluster, not one that has its old pid."""
    if not is_alive(pid):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == cluster.resolve()
    except OSError:
        # No /proc on macOS; there `ps` knows the command line.
        shown = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return str(cluster) in shown.stdout


def _stop_left_over(cluster: Path) -> None:
    """Stop the server that a killed supervisor left, or remove the pid file of one that was killed with it."""
    pid, _ = _read_pid_file(cluster)
    if not pid:
        return
    for signum, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if not _is_server(pid, cluster):
            break
        os.kill(pid, signum)
        until = time.monotonic() + seconds
        while _is_server(pid, cluster) and time.monotonic() < until:
            time.sleep(0.02)
    # PostgreSQL would refuse to start if the pid in it belonged to another process of the same user by now.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
