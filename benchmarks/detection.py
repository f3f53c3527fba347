"""The share of columns that detection maps as a person did, over the real files of ../shared/data.

    .venv/bin/python -m benchmarks.detection [--folder ../shared/data] [--all]

Prints each file's share, every column that differs, and the seconds of profile and detection. A field of the
expectation that the product has not (`unit`) is `attributes.<name>`. `--all` shows the columns that are mapped
beyond the expectation, for a person to agree with or not.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pim_pipelines.importing.fields import PRODUCT_FIELDS
from pim_pipelines.importing.mapping.detection import SURE, Suggestion, is_beyond_doubt, suggest
from pim_pipelines.importing.profile import profile
from pim_pipelines.importing.readers import ReadOptions, normalise

FOLDER = Path(__file__).parents[2] / "shared" / "data"
SUFFIX = ".expect.json"

ACCEPTED: dict[tuple[str, str], set[str]] = {
    ("pl-toys-woo", "sku"): {"sku"},  # its README: mapping it to sku is acceptable too
}
"""Mappings that are as good as the expected one, by file and column."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How detection's mapping of a file compares with the expected one.

    `wrong`: column → (expected, suggestion); `beyond`: mapped columns that the expectation leaves out.
    """

    name: str
    expected: int
    seconds: float
    wrong: dict[str, tuple[str, Suggestion]] = field(default_factory=dict)
    beyond: dict[str, Suggestion] = field(default_factory=dict)
    beyond_doubt: bool = False

    @property
    def right(self) -> int:
        """Columns mapped as expected."""
        return self.expected - len(self.wrong)


def expectations(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Read the expectations, by the file's name without its ending."""
    return {path.name.removesuffix(SUFFIX): json.loads(path.read_text()) for path in sorted(folder.glob(f"*{SUFFIX}"))}


def compare(name: str, expected: dict[str, Any], folder: Path = FOLDER) -> Comparison:
    """Read the file, detect its columns and compare."""
    source = next(path for path in folder.glob(f"{name}.*") if not path.name.endswith(SUFFIX))
    options = ReadOptions(sheet=expected.get("sheet"))
    with tempfile.TemporaryDirectory() as work:
        rows = Path(work) / "rows.parquet"
        table = normalise(source, source.name, rows, options)
        start = time.perf_counter()
        suggestions = suggest(profile(rows, table))
        seconds = time.perf_counter() - start
    wanted = {column: _as_ours(target) for column, target in expected["column_mapping"].items()}
    nothing = Suggestion(None, 0.0, "The reader found no such column.")
    wrong = {}
    for column, target in wanted.items():
        found = suggestions.get(column, nothing)
        if found.field != target and found.field not in ACCEPTED.get((name, column), set()):
            wrong[column] = (target, found)
    beyond = {column: found for column, found in suggestions.items() if found.field and column not in wanted}
    return Comparison(name, len(wanted), seconds, wrong, beyond, is_beyond_doubt(suggestions))


def _as_ours(target: str) -> str:
    return target if target in PRODUCT_FIELDS else f"attributes.{target}"


def main() -> None:
    """Compare every file and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--all", action="store_true", help="show mapped columns that the expectation leaves out")
    given = parser.parse_args()
    compared = []
    for name, expected in expectations(given.folder).items():
        found = compare(name, expected, given.folder)
        compared.append(found)
        doubt = "ready" if found.beyond_doubt else "asks"
        print(f"{name:28} {found.right:3} of {found.expected:3}  {doubt:5} {found.seconds:5.2f} s")
        for column, (target, suggestion) in found.wrong.items():
            print(f"    {column}: {target} expected, found {suggestion.field} ({suggestion.confidence})")
            print(f"        {suggestion.reason}")
        for column, suggestion in found.beyond.items() if given.all else ():
            print(f"    {column}: {suggestion.field} ({suggestion.confidence}): {suggestion.reason}")
    right, total = sum(one.right for one in compared), sum(one.expected for one in compared)
    sure = [
        column
        for one in compared
        for column, (_, found) in one.wrong.items()
        if found.confidence > SURE and found.field
    ]
    print(f"{right} of {total} columns right ({right / max(total, 1):.1%}); wrong and surer than {SURE}: {len(sure)}")


if __name__ == "__main__":
    main()
