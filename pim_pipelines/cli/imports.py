"""`pim import`: a file through the API, from upload to outcome."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pim_pipelines.cli.client import ApiClient, Body
from pim_pipelines.cli.json_lines import print_json
from pim_pipelines.cli.outcome import left_alone, show_outcome
from pim_pipelines.cli.target import api_url
from pim_pipelines.cli.terminal import plain
from pim_pipelines.errors import InvalidField, PimError
from pim_pipelines.settings import settings

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
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the job at its end as one line of JSON; all else goes to stderr.")
    ] = False,
) -> None:
    """Import a product file, and show what became of it. The exit status is 0 when it was completed."""
    wanted = dict(_change(text) for text in changes or [])
    console = Console(stderr=as_json)
    client = ApiClient(api_url(), settings().api_key)
    job = run(client, console, file, supplier, wanted, ask=not yes)
    show_outcome(console, client, job)
    if as_json:
        print_json(job)
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
    with left_alone(console, job["id"]), _progress(console) as progress:
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
        table.add_row(plain(column), field or "[dim]ignored[/dim]", plain(why))
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
    if not typer.confirm("Import with this mapping?", err=True):
        raise PimError(f"Nothing has been imported; the file is kept as job {job['id']}.")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=console)
