"""The warm worker host: `python -m pim_pipelines.launcher.host [--module M] [--home DIR] [--instance-ref FILE]`.

It imports everything once and forks a child for each run, which is then at work after some
milliseconds instead of seconds. It listens only when it is warm. One a home: a second one exits
with status 3 (on demand: 0). SIGTERM or SIGINT ends its runs and itself; when its parent is gone, it
ends when its last run has ended (under a supervisor at once). A killed host's runs go on, and the
next host finds them by their locks. On demand (`dagster dev`), where people edit code, a launch after
a change makes it start afresh.
"""

import argparse
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from pim_pipelines.errors import ConfigurationError
from pim_pipelines.launcher import locks, warmup
from pim_pipelines.launcher.folder import Folder
from pim_pipelines.launcher.host_command import DEFAULT_MODULE
from pim_pipelines.launcher.host_socket import HostSocket, Request
from pim_pipelines.launcher.sources import PROJECT, LoadedSources
from pim_pipelines.settings import settings

if TYPE_CHECKING:
    from pim_pipelines.launcher.dagster_private import DagsterInstance

ALREADY_RUNNING = 3
TICK_SECONDS = 1.0
SWEEP_SECONDS = 60.0
# A killed worker's file says so to Dagster's run monitoring, which asks every few seconds; long enough for
# a daemon that was away for a day.
KEEP_LOCKS_SECONDS = 86_400.0
# Less than a supervisor gives us (`pim up`: 7 s).
STOP_SECONDS = 5.0

log = logging.getLogger("pim.worker_host")


class Host:
    """Accepts requests at the socket and forks; single-threaded, so that a fork copies no lock that is held."""

    def __init__(
        self, folder: Folder, instance: "DagsterInstance", module: str, host_lock: int, *, supervised: bool
    ) -> None:
        """Take over the home: from here on launches are answered."""
        self._folder = folder
        self._instance = instance
        self._module = module
        self._host_lock = host_lock
        self._supervised = supervised
        self._parent = os.getppid()
        self._started_at = time.time()
        self._sources = None if supervised else LoadedSources([Path.cwd(), PROJECT])
        self._children: dict[int, str] = {}
        self._forked = 0
        self._stopping = False
        self._swept_at = 0.0
        self._wake, wakened = socket.socketpair()
        self._wake.setblocking(False)
        wakened.setblocking(False)
        self._wakened = wakened
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._socket = HostSocket(folder.socket, self._selector)

    def run(self) -> None:
        """Serve until told to stop, or until nobody is left to serve."""
        signal.set_wakeup_fd(self._wakened.fileno(), warn_on_full_buffer=False)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        while not self._stopping:
            for key, _ in self._selector.select(TICK_SECONDS):
                if key.fileobj is self._wake:
                    self._drain()
                elif request := self._socket.read(key):
                    self._try_to_answer(request)
            self._reap()
            self._look_around()
        self._socket.close()
        self._end_runs()

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _drain(self) -> None:
        try:
            while self._wake.recv(4096):
                pass
        except BlockingIOError:
            return

    def _try_to_answer(self, request: Request) -> None:
        try:
            self._answer(request)
        except Exception as error:
            log.exception("Could not do what was asked: %s", request.message)
            request.answer({"ok": False, "error": f"{type(error).__name__}: {error}"})

    def _answer(self, request: Request) -> None:
        match request.message.get("ask"):
            case "launch":
                if time.time() > float(request.message.get("until", 0)):
                    request.answer({"ok": False, "error": "too late: who asked no longer waits"})
                    return
                if self._sources and (changed := self._sources.changed()):
                    request.answer({"ok": False, "error": "the code has changed, and is being loaded again"})
                    self._start_afresh(changed)
                request.answer(self._launch(request))
            case "health":
                request.answer(
                    {
                        "ok": True,
                        "pid": os.getpid(),
                        "module": self._module,
                        "started_at": self._started_at,
                        "runs": locks.held(self._folder.runs),
                        "forked": self._forked,
                        "threads": warmup.other_threads(),
                    }
                )
            case other:
                request.answer({"ok": False, "error": f"unknown request {other!r}"})

    def _launch(self, request: Request) -> dict[str, object]:
        run_id = str(request.message.get("run_id"))
        lock_file = self._folder.run_lock(run_id)
        lock = locks.acquire(lock_file)
        if lock is None:
            return {"ok": True, "pid": locks.holder(lock_file), "already": True}
        try:
            pid = os.fork()
            if pid == 0:
                self._become_worker(request, run_id, lock_file)
            locks.sign(lock, pid)
        finally:
            os.close(lock)  # the child holds it from now on, alone
        self._children[pid] = run_id
        self._forked += 1
        return {"ok": True, "pid": pid}

    def _become_worker(self, request: Request, run_id: str, lock_file: Path) -> NoReturn:
        try:
            # A group of its own: what signals the host's group does not end runs that a next host takes over.
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            request.leave()
            self._socket.leave()
            self._selector.close()
            self._wake.close()
            self._wakened.close()
            os.close(self._host_lock)
            from pim_pipelines.launcher.worker import work  # noqa: PLC0415 - imported already, by `main`

            work(self._instance, run_id, lock_file)
        finally:
            os._exit(1)  # whatever happens, a child must not go on as a host

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            run_id = self._children.pop(pid, "of a former host")
            if os.WIFSIGNALED(status):
                log.warning("The worker of run %s (pid %s) was killed by signal %s.", run_id, pid, os.WTERMSIG(status))

    def _start_afresh(self, changed: list[str]) -> None:
        """Replace this process's program by a new one; its children stay its children, and go on."""
        log.info("The code has changed (%s): starting afresh.", ", ".join(changed))
        self._socket.close()
        os.execv(sys.executable, [sys.executable, "-m", "pim_pipelines.launcher.host", *sys.argv[1:]])  # noqa: S606

    def _look_around(self) -> None:
        now = time.monotonic()
        if now - self._swept_at > SWEEP_SECONDS:
            self._swept_at = now
            locks.sweep(self._folder.runs, older_than=KEEP_LOCKS_SECONDS)
        if os.getppid() == self._parent:
            return
        if self._supervised:
            log.warning("The supervisor is gone.")
            self._stopping = True
        elif not locks.held(self._folder.runs):
            log.info("Who started this host is gone, and no run is at work.")
            self._stopping = True

    def _end_runs(self) -> None:
        """End all runs of this home, those of a killed predecessor too; Dagster marks them as failed."""
        asked = locks.held(self._folder.runs)
        for pid in asked.values():
            _signal(pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while (left := locks.held(self._folder.runs)) and time.monotonic() < until:
            self._reap()
            time.sleep(0.02)
        for run_id, pid in left.items():
            log.warning("Run %s (pid %s) did not end in time.", run_id, pid)
            _signal(pid, signal.SIGKILL)
        self._reap()


def _signal(pid: int, signum: int) -> None:
    if pid > 0:
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Warm up and serve; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pim_pipelines.launcher.host", description=__doc__)
    parser.add_argument("--module", default=DEFAULT_MODULE, help="the code location (default: %(default)s)")
    parser.add_argument("--home", type=Path, default=None, help="default: PIM_HOME")
    parser.add_argument("--instance-ref", type=Path, help="a serialized InstanceRef instead of DAGSTER_HOME's")
    parser.add_argument("--on-demand", action="store_true", help="started by a launcher, without a supervisor")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level=logging.INFO)
    # A parent that has both ignored would make the host deaf until it serves; ended during the warm-up, it just ends.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    folder = Folder((options.home or settings().home).absolute())
    folder.make()
    host_lock = locks.acquire(folder.host_lock)
    if host_lock is None:
        log.info("A worker host (pid %s) of %s runs already.", locks.holder(folder.host_lock), folder.home)
        return 0 if options.on_demand else ALREADY_RUNNING
    locks.sign(host_lock, os.getpid())
    try:
        instance = warm_up(options.module, options.instance_ref)
    except ConfigurationError as error:
        log.error("%s", error)
        return 1
    host = Host(folder, instance, options.module, host_lock, supervised=not options.on_demand)
    log.info("Warm, and waiting for runs of %s at %s.", options.module, folder.socket)
    host.run()
    return 0


def warm_up(module: str, instance_ref: Path | None) -> "DagsterInstance":
    """Make this process warm, and check that it can be forked; returns the instance that its children use."""
    began = time.monotonic()
    warmup.quieten_libraries()
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    warmup.import_everything(module)
    warmup.fill_caches(module)
    from pim_pipelines.launcher.dagster_private import open_instance  # noqa: PLC0415

    instance = open_instance(instance_ref.read_text() if instance_ref else None)
    warmup.open_storages(instance)
    warmup.execute_nothing(instance)
    jobs = warmup.build_definitions(module)
    warmup.close_connections(instance)
    warmup.check_threads()
    warmup.freeze()
    log.info("Warm after %.1f s: %s jobs.", time.monotonic() - began, jobs)
    return instance


if __name__ == "__main__":
    sys.exit(main())
