"""`pim db`: the database, for other programs."""

import typer

from pim_pipelines.cli.json_lines import AsJson, print_json
from pim_pipelines.cli.target import running
from pim_pipelines.settings import settings

app = typer.Typer(help="Reach the database with other programs.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `url` a command of its own, also while it is the only one."""


@app.command()
def url(as_json: AsJson = False) -> None:
    """Print the database's URL: `psql "$(pim db url)"`. The catalogue is in the schema `pim`."""
    found = settings().database_url or running().database_url
    if as_json:
        print_json({"url": found})
        return
    print(found)
