"""How long it takes from submitting a run to its first op and to its end: our launcher beside Dagster's own.

    .venv/bin/python -m benchmarks.launching [--tries 10]

Both launch the same job of two ops that do nothing, from the same process, with all events in the same
PostgreSQL, turn by turn. Dagster's DefaultRunLauncher has its code server up and warm, and no queue before it;
ours goes through the queue. The job's module imports no frames, which favours Dagster's launcher: it would import
them for each run of ours, 2 s more. Prints medians and their ratio. Trust the ratios.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, reconstructable
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import GrpcServerTarget

from pim_pipelines.database import dagster_url, migrate
from pim_pipelines.database.server import EmbeddedServer
from pim_pipelines.launcher import wire
from pim_pipelines.launcher.host_command import host_command
from pim_pipelines.launcher.nothing import do_nothing
from pim_pipelines.processes import Lifeline
from pim_pipelines.settings import settings

REPOSITORY = Path(__file__).parents[1]
MODULE = "pim_pipelines.launcher.nothing"
STOCK = {
    "run_launcher": {"module": "dagster", "class": "DefaultRunLauncher", "config": {}},
    "run_coordinator": {"module": "dagster._core.run_coordinator", "class": "DefaultRunCoordinator", "config": {}},
    "compute_logs": {
        "module": "dagster._core.storage.local_compute_log_manager",
        "class": "LocalComputeLogManager",
        "config": {"base_dir": {"env": "PIM_HOME"}},
    },
}
FIRST_OP = "STEP_START"
ENDS = ("PIPELINE_SUCCESS", "PIPELINE_FAILURE", "PIPELINE_CANCELED")


class Side:
    """One launcher: an instance, and the workspace that it launches in."""

    def __init__(self, name: str, home: Path, overrides: dict[str, Any], socket: Path) -> None:
        self.name = name
        reference = InstanceRef.from_dir(str(home / "dagster"), config_dir=str(REPOSITORY), overrides=overrides)
        self.instance = DagsterInstance.from_ref(reference)
        # As the webserver does; otherwise each statement costs a connection.
        self.instance.optimize_for_webserver(60_000, 3600, 5)
        target = GrpcServerTarget(host="localhost", port=None, socket=str(socket), location_name="bench")
        self.process_context = WorkspaceProcessContext(self.instance, target)
        self.workspace = self.process_context.create_request_context()
        self.origin = RemoteJobOrigin(
            RemoteRepositoryOrigin(
                GrpcServerCodeLocationOrigin(host="localhost", socket=str(socket), location_name="bench"),
                f"__repository__{do_nothing.name}",
            ),
            do_nothing.name,
        )

    def once(self) -> tuple[float, float, float]:
        """Submit a run and wait for its end; returns seconds to the call's return, to the first op, to the end."""
        run = self.instance.create_run_for_job(
            do_nothing,
            remote_job_origin=self.origin,
            job_code_origin=reconstructable(do_nothing).get_python_origin(),
        )
        began = time.time()
        self.instance.submit_run(run.run_id, self.workspace)
        returned = time.time() - began
        while not self._run(run.run_id).is_finished:
            time.sleep(0.01)
        if not self._run(run.run_id).is_success:
            raise RuntimeError(f"{self.name}: run {run.run_id} is {self._run(run.run_id).status}")
        times: dict[str, float] = {}
        for entry in self.instance.all_logs(run.run_id):
            if entry.dagster_event:
                times.setdefault(entry.dagster_event.event_type_value, entry.timestamp - began)
        return returned, times[FIRST_OP], next(times[name] for name in ENDS if name in times)

    def _run(self, run_id: str) -> Any:
        run = self.instance.get_run_by_id(run_id)
        if run is None:
            raise RuntimeError(f"run {run_id} is gone")
        return run

    def close(self) -> None:
        """Close the connections and the client of the code server."""
        self.process_context.__exit__(None, None, None)
        self.instance.dispose()


@contextmanager
def process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program beside this one."""
    with log.open("ab") as sink:
        started = subprocess.Popen(command, stdout=sink, stderr=sink, start_new_session=True)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def wait_for(ready: Any, what: str) -> None:
    """Wait until something is ready."""
    until = time.monotonic() + 120
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.05)


def measure(home: Path, tries: int) -> dict[str, list[tuple[float, float, float]]]:
    """Measure both sides, turn by turn, after one run of each that does not count."""
    socket = home / "code.sock"
    code_server = [sys.executable, "-m", "dagster", "api", "grpc", "--socket", str(socket), "--module-name", MODULE]
    with ExitStack() as stack:
        stack.enter_context(process([*code_server, "--location-name", "bench"], home / "code.log"))
        stack.enter_context(process(host_command(MODULE), home / "host.log"))
        wait_for(lambda: wire.health(home), f"the worker host; see {home / 'host.log'}")
        wait_for(socket.exists, "the code server")
        sides = [Side("warm", home, {}, socket), Side("stock", home, STOCK, socket)]
        for side in sides:
            stack.callback(side.close)
            side.once()
        results: dict[str, list[tuple[float, float, float]]] = {side.name: [] for side in sides}
        for _ in range(tries):
            for side in sides:
                results[side.name].append(side.once())
        return results


def main() -> None:
    """Set up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=10)
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="pim-launching-"))
    home.chmod(0o711)  # run by root, PostgreSQL is another user's process
    lifeline = Lifeline()
    server = EmbeddedServer(home, lifeline)
    try:
        server.start()
        migrate(server.url)
        (home / "dagster").mkdir()
        shutil.copy(REPOSITORY / "dagster.yaml", home / "dagster")
        os.environ.update(
            PIM_HOME=str(home),
            PIM_DATABASE_URL=server.url,
            PIM_DAGSTER_DATABASE_URL=dagster_url(server.url),
            DAGSTER_HOME=str(home / "dagster"),
        )
        settings.cache_clear()
        results = measure(home, arguments.tries)
    finally:
        server.stop()
        lifeline.close()
        shutil.rmtree(home, ignore_errors=True)
    print(f"{'seconds (median)':18} {'call returns':>13} {'first op':>10} {'end':>8}")
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in results.items()
    }
    for name, (returned, first, end) in medians.items():
        print(f"{name:18} {returned:13.3f} {first:10.3f} {end:8.3f}")
    ratios = [stock / warm for stock, warm in zip(medians["stock"], medians["warm"], strict=True)]
    print(f"{'stock : warm':18} {ratios[0]:13.1f} {ratios[1]:10.1f} {ratios[2]:8.1f}")


if __name__ == "__main__":
    main()
