"""`pim up`: the whole system in the foreground."""

from pathlib import Path
from typing import Annotated

import typer

from pim_pipelines.cli import addresses as listening
from pim_pipelines.cli.supervisor import Supervisor
from pim_pipelines.runtime import refuse_second
from pim_pipelines.settings import settings

Home = Annotated[Path | None, typer.Option(help="Database, files and logs (default: PIM_HOME, else ./.pim).")]
ApiPort = Annotated[int, typer.Option(help="Port of the API; 0 chooses a free one.", min=0, max=65535)]
UiPort = Annotated[int, typer.Option(help="Port of Dagster's web server; 0 chooses a free one.", min=0, max=65535)]
Host = Annotated[str, typer.Option(help="Address that both listen on. Dagster's pages ask nobody for a password.")]


def up(home: Home = None, api_port: ApiPort = 8000, ui_port: UiPort = 3000, host: Host = "127.0.0.1") -> None:
    """Start everything, and stay until Ctrl-C."""
    supervisor(home, api_port, ui_port, host).run()


def supervisor(home: Path | None, api_port: int, ui_port: int, host: str) -> Supervisor:
    """Make the supervisor of a home; raises ConfigurationError when it cannot be started."""
    chosen = home.expanduser().absolute() if home else settings().home
    # Before the ports: a second system of a home finds them taken by the first, and that is what to say.
    refuse_second(chosen)
    return Supervisor(settings(), chosen, listening.choose(host, api_port, ui_port), say)


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)
