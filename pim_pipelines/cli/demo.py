"""`pim demo`: everything started, a sample file imported through the API, and shown what happened."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from pim_pipelines.cli import imports
from pim_pipelines.cli.client import ApiClient
from pim_pipelines.cli.outcome import show_outcome
from pim_pipelines.cli.supervisor import Supervisor
from pim_pipelines.cli.up import ApiPort, Home, Host, UiPort, say, supervisor
from pim_pipelines.database import connect
from pim_pipelines.demo.sample import write_sample
from pim_pipelines.errors import PimError
from pim_pipelines.runtime import read
from pim_pipelines.store import keys

TENANT, SUPPLIER = "demo", "DEMO"
SAMPLE_ROWS = 5000


def demo(
    *,
    exit_after: Annotated[
        bool, typer.Option("--exit", help="Stop after the import; exit status 0 only if it was completed.")
    ] = False,
    rows: Annotated[int, typer.Option(help="Rows of the sample file.", min=1)] = SAMPLE_ROWS,
    home: Home = None,
    api_port: ApiPort = 8000,
    ui_port: UiPort = 3000,
    host: Host = "127.0.0.1",
) -> None:
    """Start everything, import a sample file, show what happened, and stay until Ctrl-C."""
    system = supervisor(home, api_port, ui_port, host)
    is_completed = False

    def show() -> None:
        nonlocal is_completed
        try:
            is_completed = _import_sample(system, rows)
        except PimError as error:
            print(f"pim: {error}", file=sys.stderr, flush=True)
        finally:
            if exit_after:
                system.request_stop()

    system.run(when_ready=show)
    if exit_after and not is_completed:
        raise typer.Exit(1)


def _import_sample(system: Supervisor, rows: int) -> bool:
    running = read(system.home)
    if running is None:
        return False
    console = Console()
    sample = system.home / "demo" / "fournisseur-demo.csv"
    sample.parent.mkdir(exist_ok=True)
    write_sample(sample, rows=rows)
    console.print(f"\nA supplier's file of {rows:,} rows, with the usual mess in it: {sample}", soft_wrap=True)
    with connect(running.database_url) as conn:
        _, key = keys.create(conn, TENANT)
    client = ApiClient(running.api_url, key)
    job = imports.run(client, console, sample, SUPPLIER, {}, ask=False)
    show_outcome(console, client, job)
    _show_where_to_look(running.api_url, running.ui_url, key, job["id"])
    return bool(job["status"] == "completed")


def _show_where_to_look(api_url: str, ui_url: str, key: str, job_id: str) -> None:
    say("\nWhere to look:")
    say(f"  the run, step by step    {ui_url}/runs")
    say(f"  the products as asset    {ui_url}/assets/products")
    say(f"  the API's pages          {api_url}/docs")
    say(f"  the errors as a file     curl -H 'X-API-Key: {key}' {api_url}/api/v1/imports/{job_id}/report")
    say(f"  the products             curl -H 'X-API-Key: {key}' '{api_url}/api/v1/products?per_page=5'")
