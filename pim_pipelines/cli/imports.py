"""`pim import`: a file through the API, from upload to outcome."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pim_pipelines.cli.client import ApiClient, Body
from pim_pipelines.cli.target import api_url
from pim_pipelines.errors import InvalidField, PimError
from pim_pipelines.settings import settings

SAMPLED_ERRORS = 200
IDENTIFIERS = {"ean", "sku"}

Mapping = dict[str, str | None]


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The supplier's file.")],
    supplier: Annotated[str, typer.Option(help="The supplier's code; made where it is new.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="Map a column yourself; without a field it is ignored."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")] = False,
) -> None:
    """Import a product file, and show what became of it. The exit status is 0 when it was completed."""
    wanted = dict(_change(text) for text in changes or [])
    console = Console()
    client = ApiClient(api_url(), settings().api_key)
    job = run(client, console, file, supplier, wanted, ask=not yes)
    show_outcome(console, client, job)
    if job["status"] != "completed":
        raise typer.Exit(1)


def run(client: ApiClient, console: Console, file: Path, supplier: str, wanted: Mapping, *, ask: bool) -> Body:
    """Import a file and return the job's last detail; raises PimError when it cannot go on."""
    with _progress(console) as progress:
        uploading = progress.add_task("Uploading", total=file.stat().st_size or None)
        job = client.upload(file, {"supplier_code": supplier}, lambda done: progress.update(uploading, completed=done))
        analysing = progress.add_task("Analysing", total=None)
        job = client.wait(job["id"])
        progress.update(analysing, total=1, completed=1)
    if job["status"] not in ("awaiting_mapping", "ready"):
        return job
    mapping = _mapping(job, wanted)
    show_mapping(console, job, mapping)
    _agree(job, mapping, ask=ask)
    if wanted or job["status"] == "awaiting_mapping":
        client.save_mapping(job["id"], mapping)
    client.start(job["id"])
    with _progress(console) as progress:
        importing = progress.add_task("Importing", total=job.get("total_rows"))

        def show(now: Body) -> None:
            done = (now.get("successful_rows") or 0) + (now.get("failed_rows") or 0)
            progress.update(importing, total=now.get("total_rows"), completed=done)

        return client.wait(job["id"], show)


def show_mapping(console: Console, job: Body, mapping: Mapping) -> None:
    """Show which column becomes what, and why."""
    table = Table("column", "field", "why", title="Mapping")
    suggested = job.get("suggested_mapping") or {}
    for column, field in mapping.items():
        suggestion = suggested.get(column) or {}
        why = str(suggestion.get("reason") or "") if suggestion.get("field") == field else "as you said"
        table.add_row(escape(column), field or "[dim]ignored[/dim]", escape(why))
    console.print(table)


def show_outcome(console: Console, client: ApiClient, job: Body) -> None:
    """Show the counts of a job and its first errors."""
    console.print(f"\nImport {job['id']}: [bold]{job['status']}[/bold]", soft_wrap=True)
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
        console.print(f"[bold]{job['status']}[/bold]: {escape(job['last_error'])}", highlight=False)
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
        example = escape(f"Row {first['row_number']:,}: {first['message']}")
        table.add_row(severity, error_type, f"{len(errors):,}", example)
    console.print(table)


def _change(text: str) -> tuple[str, str | None]:
    column, equals, field = text.rpartition("=")
    if not equals or not column:
        raise InvalidField.one("map", f"--map wants COLUMN=FIELD, and got {text!r}.")
    return column, field.strip() or None


def _mapping(job: Body, wanted: Mapping) -> Mapping:
    """Return the job's mapping with the user's changes, in the file's order.

    A field that he gives to a column is taken from the others.
    """
    columns: list[str] = (job.get("analysis") or {}).get("columns") or []
    mapping: Mapping = dict.fromkeys(columns)
    for column, suggestion in (job.get("suggested_mapping") or {}).items():
        mapping[column] = suggestion.get("field")
    mapping.update(job.get("column_mapping") or {})
    taken = {field for field in wanted.values() if field}
    return {column: None if field in taken else field for column, field in mapping.items()} | wanted


def _agree(job: Body, mapping: Mapping, *, ask: bool) -> None:
    if not IDENTIFIERS & set(mapping.values()):
        raise PimError(
            "No column is mapped to `ean` or `sku`, by which products are told apart: say which with "
            f'--map "Column=ean". The file is kept as job {job["id"]}.'
        )
    if not ask:
        return
    if not sys.stdin.isatty():
        raise PimError(f"Nobody can be asked here: add --yes to go on. The file is kept as job {job['id']}.")
    if not typer.confirm("Import with this mapping?"):
        raise PimError(f"Nothing has been imported; the file is kept as job {job['id']}.")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=console)
