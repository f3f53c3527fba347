"""A Dagster instance of `dagster.yaml` with a worker host, in a folder and a database of its own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import launcher_defs
from dagster import DagsterInstance, JobDefinition, reconstructable
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.dagster_run import DagsterRun, DagsterRunStatus

from pim_pipelines.database.connections import dagster_url
from pim_pipelines.launcher import wire
from pim_pipelines.launcher.folder import Folder
from pim_pipelines.launcher.host_command import host_command
from pim_pipelines.settings import settings

REPOSITORY = Path(__file__).parents[2]
ENDED = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}


def eventually(condition: Callable[[], Any], seconds: float = 60.0, pause: float = 0.02) -> Any:
    """Wait for something to be true, and return it."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {condition}")
        time.sleep(pause)
    return value


class Launching:
    """Starts hosts, submits runs, looks at what became of them."""

    def __init__(self, home: Path, database_url: str, changes: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.dagster_home = home / "dagster"
        self.dagster_home.mkdir(parents=True, exist_ok=True)
        configuration = (REPOSITORY / "dagster.yaml").read_text().replace("pim_pipelines.definitions", "launcher_defs")
        for old, new in (changes or {}).items():
            assert old in configuration
            configuration = configuration.replace(old, new)
        (self.dagster_home / "dagster.yaml").write_text(configuration)
        self.environment = {
            "PIM_HOME": str(home),
            "PIM_DATABASE_URL": database_url,
            "PIM_DAGSTER_DATABASE_URL": dagster_url(database_url),
            "DAGSTER_HOME": str(self.dagster_home),
            "PYTHONPATH": str(Path(__file__).parent),
        }
        self._before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        settings.cache_clear()
        self.hosts: list[subprocess.Popen[bytes]] = []
        self.instance = self.open_instance()

    def open_instance(self) -> DagsterInstance:
        """Open another instance, as another process would."""
        return DagsterInstance.from_ref(InstanceRef.from_dir(str(self.dagster_home)))

    def start_host(self, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a worker host and wait until it is warm."""
        self.stop_hosts()
        with (self.home / "host.log").open("ab") as log:
            host = subprocess.Popen([*host_command("launcher_defs"), *arguments], stdout=log, stderr=log, cwd=cwd)
        self.hosts.append(host)
        eventually(lambda: self.is_warm(host), 120, 0.05)
        return host

    def is_warm(self, host: subprocess.Popen[bytes]) -> bool:
        """Tell whether this host answers."""
        assert host.poll() is None, (self.home / "host.log").read_text()[-3000:]
        answer = wire.health(self.home)
        return answer is not None and answer["pid"] == host.pid

    def create(self, job: JobDefinition, tags: Mapping[str, str] | None = None, **config: Any) -> str:
        """Create a run; `config` is of its op `wait`."""
        run = self.instance.create_run_for_job(
            job,
            run_config=(
                {"ops": {"wait": {"config": {"trace": str(self.home), **config}}}}
                if job is launcher_defs.waiting
                else None
            ),
            tags=tags,
            remote_job_origin=RemoteJobOrigin(
                RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("launcher_defs"), "__repository__"), job.name
            ),
            job_code_origin=reconstructable(getattr(launcher_defs, job.name)).get_python_origin(),
        )
        return run.run_id

    def submit(self, job: JobDefinition, tags: Mapping[str, str] | None = None, **config: Any) -> str:
        """Create a run and submit it to the coordinator."""
        run_id = self.create(job, tags, **config)
        self.instance.submit_run(run_id, workspace=None)  # type: ignore[arg-type]
        return run_id

    def launch(self, run_id: str) -> None:
        """Launch a run as the daemon does."""
        self.instance.launch_run(run_id, workspace=None)  # type: ignore[arg-type]

    def ask(self, **message: Any) -> wire.Message:
        """Ask the host something."""
        return wire.ask(Folder(self.home), message, timeout=10)

    def run(self, run_id: str) -> DagsterRun:
        """Return a run as it is now."""
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run

    def status(self, run_id: str) -> DagsterRunStatus:
        """Return a run's status."""
        return self.run(run_id).status

    def end(self, run_id: str, seconds: float = 60.0) -> DagsterRunStatus:
        """Wait for a run's end, and return how it ended."""
        eventually(lambda: self.status(run_id) in ENDED, seconds)
        return self.status(run_id)

    def worker(self, run_id: str) -> int:
        """Wait until a waiting run is at work, and return its pid."""
        trace = self.home / f"{run_id}.pid"
        return int(eventually(lambda: trace.exists() and trace.read_text()))

    def go(self, run_id: str) -> None:
        """Let a waiting run go on."""
        (self.home / f"{run_id}.go").touch()

    def stop_hosts(self) -> None:
        """Stop the hosts that still run."""
        for host in self.hosts:
            if host.poll() is None:
                host.send_signal(signal.SIGTERM)
        for host in self.hosts:
            try:
                host.wait(12)
            except subprocess.TimeoutExpired:
                host.kill()
                host.wait()
        self.hosts.clear()

    def close(self) -> None:
        """Stop the hosts, and put the environment back."""
        self.stop_hosts()
        self.instance.dispose()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        settings.cache_clear()
        shutil.rmtree(self.home, ignore_errors=True)
