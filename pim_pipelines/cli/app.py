"""The `pim` command: what it can do, and how its errors look."""

import sys

import typer

from pim_pipelines.cli import configs, db, doctor, imports, jobs, keys, row_errors, webhooks
from pim_pipelines.cli.demo import demo
from pim_pipelines.cli.export import export
from pim_pipelines.cli.up import up
from pim_pipelines.cli.watch import watch
from pim_pipelines.errors import ConfigurationError, InvalidField, PimError

WRONG_USE = 2

app = typer.Typer(
    help="Load supplier files into the product catalogue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
app.command()(demo)
app.add_typer(keys.app, name="keys")
app.add_typer(db.app, name="db")
app.command("import")(imports.import_file)
app.command("jobs")(jobs.list_jobs)
app.command()(watch)
app.command("errors")(row_errors.list_errors)
app.command("configs")(configs.list_configs)
app.command("webhooks")(webhooks.list_webhooks)
app.command()(export)
app.command()(doctor.doctor)


def main() -> None:
    """Run the command; an error that we raise on purpose is one line, not a stack trace."""
    try:
        app()
    except PimError as error:
        print(f"pim: {error}", file=sys.stderr)
        sys.exit(WRONG_USE if isinstance(error, ConfigurationError | InvalidField) else 1)
