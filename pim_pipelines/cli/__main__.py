"""`python -m pim_pipelines.cli` is `pim`."""

from pim_pipelines.cli import main

main()
