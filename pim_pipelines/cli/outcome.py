"""How a job stands, in words: what became of its rows, what is wrong with some, and what is to be done."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.table import Table

from pim_pipelines.cli.client import ApiClient, Body
from pim_pipelines.cli.terminal import plain

SAMPLED_ERRORS = 200

NEXT = {
    "awaiting_mapping": "its columns wait for a mapping: save one with POST …/imports/{id}/save-mapping",
    "ready": "it waits for its start: POST …/imports/{id}/start-processing",
}
"""What a person is waited for."""

NEXT_OF_TASK = {"ready": "it waits to be queued: PUT /admin/api/ecommerce/v1/products_imports/{voog_id}/queue"}
"""The same where the import is a task of the Voog API."""


INTERRUPTED = 130
"""The exit status of a command that Ctrl-C has ended."""


@contextmanager
def left_alone(console: Console, job_id: str) -> Iterator[None]:
    """Say on Ctrl-C that the job goes on without this command."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"\nThe import goes on by itself: `pim watch {job_id}` shows it again.", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None


def show_outcome(console: Console, client: ApiClient, job: Body) -> None:
    """Show the counts of a job and its first errors."""
    task = job.get("voog_id")
    name = f"Import {job['id']}" if task is None else f"Import {job['id']}, Voog task {task}"
    console.print(f"\n{name}: [bold]{job['status']}[/bold]", soft_wrap=True)
    if wanted := (NEXT if task is None else NEXT_OF_TASK).get(job["status"]):
        console.print(plain(wanted.format(id=job["id"], voog_id=task)), soft_wrap=True)
    table = Table(show_header=False)
    for label, name in (
        ("rows in the file", "total_rows"),
        ("products created", "products_created"),
        ("products updated", "products_updated"),
        ("rows skipped", "products_skipped"),
        ("rows failed", "failed_rows"),
    ):
        if job.get(name) is not None:
            table.add_row(label, f"{job[name]:,}")
    console.print(table)
    if job.get("last_error"):
        console.print(f"[bold]{job['status']}[/bold]: {plain(job['last_error'])}", highlight=False)
    _show_errors(console, client.errors(job["id"], SAMPLED_ERRORS))
    if job.get("run_url"):
        console.print(f"The run in Dagster: {job['run_url']}", soft_wrap=True)


def _show_errors(console: Console, page: Body) -> None:
    """Show which errors and warnings there are, each type with its number and its first message."""
    of_type: dict[tuple[str, str], list[Body]] = {}
    for error in page["items"]:
        of_type.setdefault((error["severity"], error["error_type"]), []).append(error)
    if not of_type:
        return
    total, shown = page["meta"]["total"], len(page["items"])
    table = Table(title=f"{total:,} errors and warnings" + (f" (here: the first {shown})" if shown < total else ""))
    for name in ("", "type", "rows", "for example"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for (severity, error_type), errors in sorted(of_type.items(), key=lambda item: (item[0][0], -len(item[1]))):
        first = errors[0]
        example = plain(f"Row {first['row_number']:,}: {first['message']}")
        table.add_row(severity, error_type, f"{len(errors):,}", example)
    console.print(table)
