"""`pim watch`: an import as it goes on, until nobody works on it any more."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from pim_pipelines.cli.client import AT_WORK, ApiAway, ApiClient, Body, job_id
from pim_pipelines.cli.json_lines import AsJson, print_json
from pim_pipelines.cli.outcome import left_alone, show_outcome
from pim_pipelines.cli.target import api_url
from pim_pipelines.cli.terminal import plain
from pim_pipelines.settings import settings

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 1.0
PATIENCE_SECONDS = 120.0
"""For how long the API may be away, as when PIM is started again."""

EXIT = {"completed": 0, "failed": 1, "awaiting_mapping": 3, "ready": 3, "cancelled": 4}

SHOWN = (
    "id",
    "voog_id",
    "status",
    "file_name",
    "supplier_code",
    "total_rows",
    "successful_rows",
    "failed_rows",
    "products_created",
    "products_updated",
    "products_skipped",
    "last_error",
    "started_at",
    "completed_at",
)
"""What is watched."""

Clock = Callable[[], float]
Sleep = Callable[[float], None]


def watch(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="The import, as `pim jobs` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Show an import's progress until its end.

    The exit status tells it: 0 completed, 1 failed, 3 it waits for a person (a mapping, a start), 4 cancelled.
    Ctrl-C ends the watching, not the import.
    """
    wanted = job_id(import_id)
    client = ApiClient(api_url(), settings().api_key)
    console = Console(stderr=as_json)
    with left_alone(console, wanted), _Shown(console) as shown:
        job = follow(client, wanted, _print if as_json else shown)
    if not as_json:
        show_outcome(console, client, job)
    raise typer.Exit(EXIT[job["status"]])


def follow(
    client: ApiClient,
    import_id: str,
    on_change: Callable[[Body], None],
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
) -> Body:
    """Return a job's detail once nobody works on it; `on_change` hears of it at first, and when anything has changed.

    Raises NotFound, and ApiAway where the API has not answered for a while.
    """
    last: dict[str, Any] | None = None
    for job in _looks(client, import_id, clock, sleep):
        now = {name: job.get(name) for name in SHOWN}
        if now != last:
            on_change(job)
            last = now
        if job["status"] not in AT_WORK:
            return job
    raise AssertionError("looks never end")


def _looks(client: ApiClient, import_id: str, clock: Clock, sleep: Sleep) -> Iterator[Body]:
    """Look at a job again and again, ever more slowly."""
    pause, answered, has_answered = FIRST_PAUSE, clock(), False
    while True:
        try:
            job = client.job(import_id)
        except ApiAway:
            if not has_answered or clock() - answered > PATIENCE_SECONDS:
                raise
        else:
            answered, has_answered = clock(), True
            yield job
        sleep(pause)
        pause = min(pause * 1.3, LONGEST_PAUSE)


def _print(job: Body) -> None:
    print_json({name: job.get(name) for name in SHOWN})


class _Shown:
    """A job on the console: a bar that moves in a terminal, a line for each change elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], visible=False)
            self._bar.stop()

    def __call__(self, job: Body) -> None:
        if not self._console.is_terminal:
            self._console.print(line(job), soft_wrap=True, highlight=False)
            return
        if self._bar is None:
            self._bar = Progress(TextColumn("{task.description}"), BarColumn(), console=self._console)
            self._bar.add_task("", total=None)
            self._bar.start()
        bar, task = self._bar, self._bar.task_ids[0]
        is_loading = job["status"] == "processing"
        bar.update(
            task, description=line(job), total=job.get("total_rows") if is_loading else None, completed=done(job)
        )


def line(job: Body, now: datetime | None = None) -> str:
    """Say where a job stands: its status, its rows, how many a second."""
    words = [f"{job['status']:<10}", plain(job.get("file_name") or "")]
    total = job.get("total_rows")
    if total is not None:
        words.append(f"{done(job):,} of {total:,} rows")
    if job.get("failed_rows"):
        words.append(f"{job['failed_rows']:,} failed")
    if job["status"] == "processing" and job.get("started_at") and done(job):
        seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(job["started_at"])).total_seconds()
        if seconds >= 1:
            words.append(f"{done(job) / seconds:,.0f} a second")
    return "  ".join(words)


def done(job: Body) -> int:
    """Count the rows that a job has dealt with."""
    return int(job.get("successful_rows") or 0) + int(job.get("failed_rows") or 0)
