"""`python -m pim_pipelines.importing.report OUT ROWS`: see the package."""

import sys
from pathlib import Path

from pim_pipelines.importing.report.workbook import make


def main(arguments: list[str]) -> int:
    """Make the workbook; returns the exit status, 3 where the input ended too early."""
    out, rows = map(Path, arguments)
    try:
        make(out, rows, sys.stdin)
    except EOFError:
        out.unlink(missing_ok=True)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
