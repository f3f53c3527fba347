"""Starts the processes of a system in order, keeps them running, and stops them all.

Database and migrations come first; all else starts beside each other, and finds what it needs when
it is there. A process that dies is started again, after a pause that grows; until it works again
`runtime.json` names it as down, which `GET /readyz` shows.
"""

import logging
import os
import shlex
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from pim_pipelines.cli import home as homes
from pim_pipelines.cli.addresses import Addresses
from pim_pipelines.cli.programs import Program, answers, environment, programs
from pim_pipelines.database.connections import dagster_url
from pim_pipelines.database.migrate import head, migrate
from pim_pipelines.database.server import EmbeddedServer
from pim_pipelines.errors import ConfigurationError, DatabaseUnavailable
from pim_pipelines.processes import Child, Lifeline
from pim_pipelines.processes.watchdog import signal_process
from pim_pipelines.runtime import Runtime, SystemLock
from pim_pipelines.settings import Settings

POLL_SECONDS = 0.1
ASK_SECONDS, STOP_SECONDS = 4.0, 7.0  # then what children left behind is asked too; then all but the database is killed
FIRST_PAUSE, LONGEST_PAUSE, SETTLED_SECONDS = 0.2, 30.0, 60.0
DEATHS_AT_START = 4  # of one process before the system was ever ready: it will not come up
DATABASE, DATABASE_PAUSE, DATABASE_STOP_SECONDS = "database", 5.0, 5.0

Say = Callable[[str], None]

log = logging.getLogger("pim.supervisor")


class Keeper:
    """One program that is kept running."""

    def __init__(self, program: Program, start: Callable[[Program], Child]) -> None:
        self.program = program
        self.child: Child | None = None
        self.is_working = False
        self.deaths = 0
        self._start = start
        self._next_start = 0.0

    def tend(self) -> bool:
        """Start the program where it is due; returns whether it has just died."""
        now = time.monotonic()
        if self.child is None:
            if now >= self._next_start:
                self.child = self._start(self.program)
            return False
        if self.child.poll() is None:
            return False
        if now - self.child.started_at > SETTLED_SECONDS:
            self.deaths = 0
        self.deaths += 1
        self._next_start = now + min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.child.kill()
        self.child = None
        self.is_working = False
        return True

    def probe(self) -> None:
        """Find out whether a started process works by now."""
        child = self.child
        if child and not self.is_working and self.program.works(child) and child.poll() is None:
            self.is_working = True
            log.info("%s (pid %s) works after %.1f s", child.name, child.pid, time.monotonic() - child.started_at)


class Supervisor:
    """A whole system, from `run` to a signal."""

    def __init__(self, settings: Settings, home: Path, addresses: Addresses, say: Say) -> None:
        self.home = home
        self._settings = settings
        self._addresses = addresses
        self._say = say
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._lock = SystemLock(home)
        self._lifeline: Lifeline | None = None
        self._server: EmbeddedServer | None = None
        self._keepers: list[Keeper] = []
        self._database_is_up = False
        self._database_pause_until = 0.0
        self.was_ready = False
        self._answers_ready = False

    def run(self, when_ready: Callable[[], None] | None = None) -> None:
        """Start everything and return when a signal (or `request_stop`) has stopped it all.

        `when_ready` is called once, in a thread of its own. Raises PimError when the system cannot start.
        """
        self._catch_signals()
        started = time.monotonic()
        try:
            self._start()
            prober = threading.Thread(target=self._probe, name="probe", daemon=True)
            prober.start()
            while not self._stopping.wait(POLL_SECONDS):
                self._tend()
                if not self.was_ready and self._answers_ready:
                    self.was_ready = True
                    self._announce(time.monotonic() - started)
                    if when_ready:
                        threading.Thread(target=when_ready, name="when-ready", daemon=True).start()
        finally:
            self._stop()

    def request_stop(self) -> None:
        """Have `run` stop everything and return; a second request no longer waits for anything."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def down(self) -> list[str]:
        """Return the names of what does not work at this moment."""
        names = [] if self._database_is_up else [DATABASE]
        return names + [keeper.program.name for keeper in self._keepers if not keeper.is_working]

    def _catch_signals(self) -> None:
        # Installed before any child is started, also over an ignored SIGINT (`pim up &` in a script): Dagster's
        # processes copy the handler that they find, and with an ignored one never stop on SIGTERM.
        def stop(_signum: int, _frame: FrameType | None) -> None:
            self.request_stop()

        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, stop)

    def _start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        homes.prepare(self.home)
        homes.log_to(self.home / "logs" / "supervisor.log")
        self._lifeline = lifeline = Lifeline()
        url = self._settings.database_url
        if url is None:
            self._server = EmbeddedServer(self.home, lifeline)
            url = self._server.url
        self._runtime = Runtime(
            database_url=url,
            dagster_database_url=dagster_url(url),
            api_url=self._addresses.api_url,
            ui_url=self._addresses.ui_url,
            pid=os.getpid(),
        )
        variables = environment(os.environ, self._settings, self.home, self._addresses, url)

        def start(program: Program) -> Child:
            return Child(
                program.name,
                program.command,
                log=self.home / "logs" / f"{program.name}.log",
                environment=variables,
                lifeline=lifeline,
                cwd=self.home / "dagster",
            )

        self._keepers = [
            Keeper(program, start) for program in programs(self.home, self._addresses, self._settings.log_level)
        ]
        self._publish()
        for keeper in self._keepers:
            if not keeper.program.needs_database:
                keeper.tend()
        self._open_database(url)

    def _open_database(self, url: str) -> None:
        if self._server:
            self._server.start(self._stopping.is_set)
        if migrate(url):
            self._say(f"The database's schema is new, or has been brought up to date (revision {head()}).")
        self._database_is_up = True

    def _tell(self, line: str) -> None:
        log.warning("%s", line)
        self._say(line)

    def _tend_database(self) -> None:
        server = self._server
        if server is None or (server.child and server.child.poll() is None):
            return
        if self._database_is_up:
            self._database_is_up = False
            self._publish()
            self._tell("The database has stopped: it is started again.")
        if time.monotonic() < self._database_pause_until:
            return
        try:
            server.start(self._stopping.is_set)
            self._database_is_up = True
        except DatabaseUnavailable as error:
            self._database_pause_until = time.monotonic() + DATABASE_PAUSE
            self._tell(str(error))

    def _tend(self) -> None:
        """Start again what has died."""
        self._tend_database()
        for keeper in self._keepers:
            if keeper.tend():
                self._tell(f"The {keeper.program.name} has stopped: it is started again.")
                if not self.was_ready and keeper.deaths >= DEATHS_AT_START:
                    log = self.home / "logs" / f"{keeper.program.name}.log"
                    raise ConfigurationError(f"The {keeper.program.name} does not start; see the end of {log}.")
        self._publish()

    def _publish(self) -> None:
        """Write runtime.json where something has changed."""
        current = self._runtime.with_state(is_ready=self.was_ready, down=self.down())
        if current != self._runtime or not (self.home / "runtime.json").exists():
            self._runtime = current
            current.write(self.home)

    def _probe(self) -> None:
        """Find out, beside the starting and stopping, what works by now."""
        while not self._stopping.wait(POLL_SECONDS):
            for keeper in self._keepers:
                keeper.probe()
            if not self.was_ready and not self.down():
                # The API has the last word: what it needs of the others may be more than that they work.
                self._answers_ready = answers(f"{self._addresses.api_url}/readyz")

    def _announce(self, seconds: float) -> None:
        self._publish()
        self._say(f"API       {self._addresses.api_url}  (documentation: {self._addresses.api_url}/docs)")
        self._say(f"Dagster   {self._addresses.ui_url}")
        self._say(f'Database  psql "$(PIM_HOME={shlex.quote(str(self.home))} pim db url)"')
        self._say(f"PIM is ready after {seconds:.1f} s; Ctrl-C stops it.")

    def _stop(self) -> None:
        """End everything: first what uses the database, then that. Nothing is left, whatever it takes."""
        self._stopping.set()
        log.info("stopping")
        if lifeline := self._lifeline:
            self._stop_children(lifeline)
            log.info("all but the database have stopped")
            if self._server:
                self._server.stop(0.0 if self._hurry.is_set() else DATABASE_STOP_SECONDS)
            lifeline.close()
        log.info("stopped")
        self._lock.release()

    def _stop_children(self, lifeline: Lifeline) -> None:
        """Ask the children, then what they have left in sessions of their own (runs), and kill what stays."""
        children = [keeper.child for keeper in self._keepers if keeper.child]
        postgres = self._server.child.pid if self._server and self._server.child else None
        for child in children:
            child.request_stop()
        began, asked = time.monotonic(), set[int]()
        while time.monotonic() < began + STOP_SECONDS and not self._hurry.is_set():
            living = any(child.poll() is None for child in children)
            if not living or time.monotonic() > began + ASK_SECONDS:
                strays = lifeline.strays(postgres)
                for pid in set(strays) - asked:
                    signal_process(pid, signal.SIGTERM)
                asked.update(strays)
                if not living and not strays:
                    break
            time.sleep(0.05)
        for child in children:
            child.kill()
        for pid in lifeline.strays(postgres):
            signal_process(pid, signal.SIGKILL)
