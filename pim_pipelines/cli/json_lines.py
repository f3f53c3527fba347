"""`--json`: what a command has to say, for programs: a line of JSON each thing."""

import json
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, a line each.")]


def print_json(value: dict[str, Any]) -> None:
    """Print a line at once, also into a pipe."""
    print(json.dumps(value), flush=True)
