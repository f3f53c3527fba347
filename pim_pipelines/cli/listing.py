"""A list of things as a table, or as lines of JSON; both say where they are not all."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pim_pipelines.cli.client import Body
from pim_pipelines.cli.json_lines import print_json
from pim_pipelines.cli.terminal import plain

Limit = Annotated[int, typer.Option(help="How many at most; 0: all.", min=0)]

Columns = dict[str, Callable[[Body], str]]
"""The heading of each column, and what a thing has there."""


WIDTH_OF_PIPES = 200
"""Where nobody has said how wide it is, nothing is cut."""


def show(
    pages: Iterable[Body],
    columns: Columns,
    *,
    as_json: bool,
    none: str,
    right: Sequence[str] = (),
    whole: Sequence[str] = ("id",),
) -> None:
    """Show the things of a list.

    `none` is said where there are none; `right`: columns of numbers; `whole`: those that no narrow screen cuts.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name in whole, overflow="fold")
    total = shown = 0
    for page in pages:
        total = page["meta"]["total"]
        for thing in page["items"]:
            shown += 1
            if as_json:
                print_json(thing)
            else:
                table.add_row(*(plain(cell(thing)) for cell in columns.values()))
    if not as_json:
        console = Console()
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = WIDTH_OF_PIPES
        console.print(table if shown else none)
    if shown < total:
        typer.echo(f"{shown:,} of {total:,}: --limit says how many, 0 all.", err=True)


def number(name: str) -> Callable[[Body], str]:
    """Give a number's cell."""
    return lambda thing: "" if thing.get(name) is None else f"{thing[name]:,}"


def text(name: str) -> Callable[[Body], str]:
    """Give a text's cell."""
    return lambda thing: "" if thing.get(name) is None else str(thing[name])


def age(name: str) -> Callable[[Body], str]:
    """Give the cell of a time that has passed: how long ago it was."""
    return lambda thing: ago(datetime.now(UTC) - datetime.fromisoformat(thing[name])) if thing.get(name) else ""


def moment(name: str) -> Callable[[Body], str]:
    """Give the cell of a time, in the time zone of this machine."""
    return lambda thing: f"{datetime.fromisoformat(thing[name]).astimezone():%Y-%m-%d %H:%M}" if thing.get(name) else ""


def ago(span: timedelta) -> str:
    """Say how long ago something was, in one unit."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
