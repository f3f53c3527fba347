"""The `pim` command."""

from pim_pipelines.cli.app import main

__all__ = ["main"]
