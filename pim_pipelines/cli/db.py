"""`pim db`: the database, for other programs."""

import typer

from pim_pipelines.cli.target import running
from pim_pipelines.settings import settings

app = typer.Typer(help="Reach the database with other programs.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `url` a command of its own, also while it is the only one."""


@app.command()
def url() -> None:
    """Print the database's URL: `psql "$(pim db url)"`. The catalogue is in the schema `pim`."""
    print(settings().database_url or running().database_url)
