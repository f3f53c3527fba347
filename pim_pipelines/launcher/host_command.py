"""How a worker host is started. Imports no Dagster: the supervisor asks too."""

import sys

DEFAULT_MODULE = "pim_pipelines.definitions"


def host_command(module: str = DEFAULT_MODULE) -> list[str]:
    """Return the command line of a worker host for a code location."""
    return [sys.executable, "-m", "pim_pipelines.launcher.host", "--module", module]
