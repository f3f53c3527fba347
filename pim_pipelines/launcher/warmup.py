"""Making a process warm: all imports done, definitions built, storages known, and nothing that a fork would break.

A forked child has only the thread that forked. A lock that another thread held then is held for ever,
so the host must have no thread that takes locks: allocators are told to start none, and no frame
(polars, pandas, pyarrow) is read or computed in the host: after one `read_csv` in it every child hung.
"""

import gc
import importlib
import logging
import os
import pkgutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pim_pipelines.errors import ConfigurationError
from pim_pipelines.launcher.connections import try_idle_connections

if TYPE_CHECKING:
    from pim_pipelines.launcher.dagster_private import DagsterInstance

# Read by the libraries when they are loaded; why they are so is told in cli/programs.py.
QUIET_LIBRARIES = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "_RJEM_MALLOC_CONF": "background_thread:false,narenas:2",
    "OPENBLAS_NUM_THREADS": "1",
}
LOADED_TOO_EARLY = ("numpy", "pandas", "polars", "pyarrow")
# Polars' housekeeper waits for work on a channel, and there is none before the first query.
HARMLESS_THREADS = frozenset({"polars-ooc-clea"})

LIBRARIES = (
    *("polars", "pandas", "pyarrow.csv", "pyarrow.parquet", "pandera.polars", "psycopg", "psycopg2", "fsspec"),
    *("pyarrow.pandas_compat", "tabulate"),  # what pandas imports when it first reads and first shows a table
)
PACKAGES = ("ops", "importing", "loading", "store", "sources")
NOT_IMPORTED = "migrations"  # run by Alembic only

# A load runs for minutes, but no single statement of Dagster's storage does.
STATEMENT_TIMEOUT_MS = 120_000
POOL_RECYCLE_SECONDS = 3600
POOL_OVERFLOW = 5

log = logging.getLogger(__name__)


def quieten_libraries() -> None:
    """Tell allocators and BLAS to start no threads. Raises ConfigurationError where it is too late."""
    if early := [name for name in LOADED_TOO_EARLY if name in sys.modules]:
        raise ConfigurationError(
            f"The worker host must be a process of its own: {', '.join(early)} is imported already."
        )
    os.environ.update(QUIET_LIBRARIES)


def import_everything(module: str) -> None:
    """Import the libraries that runs use, the code location, and what it may import late."""
    for name in LIBRARIES:
        importlib.import_module(name)
    importlib.import_module(module)
    top = module.partition(".")[0]
    if top != "pim_pipelines":
        return
    for package in PACKAGES:
        for name in _modules_below(f"{top}.{package}"):
            importlib.import_module(name)


def fill_caches(module: str) -> None:
    """Build what runs would build from Python alone: the words that headers are recognised by (70 ms a run)."""
    if module.partition(".")[0] == "pim_pipelines":
        from pim_pipelines.importing.mapping.synonyms import synonyms  # noqa: PLC0415

        synonyms()


def build_definitions(module: str) -> int:
    """Build the code location's jobs, as a run would; returns how many there are."""
    from pim_pipelines.launcher.dagster_private import load_jobs  # noqa: PLC0415

    return len(load_jobs(module, str(Path.cwd())))


def execute_nothing(instance: "DagsterInstance") -> None:
    """Do a run of a job that does nothing, and forget it.

    What a run imports late is imported then, and its statements are compiled (25 ms a run else). The run is
    of no code location, so no sensor takes notice of it.
    """
    from pim_pipelines.launcher.dagster_private import reconstructable  # noqa: PLC0415
    from pim_pipelines.launcher.nothing import do_nothing  # noqa: PLC0415
    from pim_pipelines.launcher.worker import execute  # noqa: PLC0415

    run = instance.create_run_for_job(do_nothing, job_code_origin=reconstructable(do_nothing).get_python_origin())
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        execute(instance, run.run_id)
    finally:
        logging.disable(disabled)
        instance.delete_run(run.run_id)
        instance.compute_log_manager.delete_logs(prefix=[run.run_id])


def open_storages(instance: "DagsterInstance") -> None:
    """Give the storages pools of connections; the children inherit the pools, see `close_connections`."""
    instance.optimize_for_webserver(STATEMENT_TIMEOUT_MS, POOL_RECYCLE_SECONDS, POOL_OVERFLOW)
    from pim_pipelines.launcher.dagster_private import storage_engines  # noqa: PLC0415

    for engine in storage_engines(instance):
        try_idle_connections(engine)
    # Made at their first use, which would be in each child.
    instance.get_concurrency_config()


def close_connections(instance: "DagsterInstance") -> None:
    """Leave no connection open: a child must not share one with the host or with another child."""
    from pim_pipelines.launcher.dagster_private import storage_engines  # noqa: PLC0415

    for engine in storage_engines(instance):
        engine.dispose()


def freeze() -> None:
    """Keep the collector's hands off what is shared with the children: it would copy every page it marks."""
    gc.collect()
    gc.freeze()


def other_threads() -> list[str]:
    """Return the names of this process's threads besides the main one (Linux; elsewhere none)."""
    tasks = Path("/proc/self/task")
    found = []
    for task in tasks.iterdir() if tasks.is_dir() else ():
        if int(task.name) != os.getpid():
            try:
                found.append((task / "comm").read_text().strip())
            except FileNotFoundError:  # it has just ended
                continue
    return sorted(found)


def check_threads() -> None:
    """Raise ConfigurationError when there is a thread that makes forking unsafe."""
    until = time.monotonic() + 2.0  # those of the warm-up end by themselves
    while bad := [name for name in other_threads() if name not in HARMLESS_THREADS]:
        if time.monotonic() > until:
            raise ConfigurationError(
                f"The worker host has threads besides its own ({', '.join(bad)}), and a fork would be unsafe: "
                "something in the code location starts them when it is imported. Start them in the op that needs them."
            )
        time.sleep(0.02)


def _modules_below(package: str) -> Sequence[str]:
    try:
        found = importlib.import_module(package)
    except ModuleNotFoundError:
        return ()
    walked = pkgutil.walk_packages(found.__path__, f"{package}.", onerror=_complain)
    return [info.name for info in walked if f".{NOT_IMPORTED}." not in f"{info.name}."]


def _complain(name: str) -> None:
    log.warning("Could not import %s.", name)
