"""docs/api-coverage.md."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[1] / "coverage_table.py"


def test_the_page_is_what_the_tests_show_and_nothing_is_without_a_test() -> None:
    command = [sys.executable, str(PROGRAM), "--check"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (0, "")
