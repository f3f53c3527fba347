"""What the maker of a report is told: about the file, and then finding by finding. No frames: the API writes it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

END = "end\n"
ERRORS, WARNINGS, ROW = OURS = "import_errors", "import_warnings", "import_row"
"""The columns that stand beside those of the file. A file that has them was a report itself: they are made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The file that the rows are of, and how they were imported.

    `columns`: their names in order. `sheet`, `sheets`: of a workbook, the one that was read and all it has.
    `only_failed`: the rows without an error are left out.
    """

    columns: list[str]
    column_mapping: dict[str, str | None] = field(default_factory=dict)
    import_options: dict[str, Any] = field(default_factory=dict)
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)
    only_failed: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """The column of each mapped field."""
        return {target: column for column, target in self.column_mapping.items() if target is not None}

    @property
    def skipped_rows(self) -> int:
        """The physical rows above the header, as `skip_header_rows` says."""
        return int(self.import_options.get("skip_header_rows") or 0)

    def line(self) -> str:
        """Return it as the first line of the input."""
        return f"{json.dumps(asdict(self))}\n"

    @classmethod
    def read(cls, lines: TextIO) -> "Spec":
        """Read the first line; raises EOFError."""
        line = lines.readline()
        if not line.endswith("\n"):
            raise EOFError
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Finding:
    """An error or a warning of a row."""

    row_number: int
    is_error: bool
    field: str | None
    message: str

    def line(self) -> str:
        """Return it as a line of the input."""
        return f"{json.dumps([self.row_number, 'e' if self.is_error else 'w', self.field, self.message])}\n"


def read_findings(lines: TextIO) -> Iterator[Finding]:
    """Give the findings as they come; raises EOFError where the end was not said."""
    for line in lines:
        if line == END:
            return
        if not line.endswith("\n"):
            break
        row_number, severity, name, message = json.loads(line)
        yield Finding(row_number, severity == "e", name, message)
    raise EOFError


class ByRow:
    """Findings that come by row number, taken a stretch of rows at a time."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = iter(findings)
        self._next = next(self._findings, None)

    def up_to(self, row_number: int) -> dict[int, list[Finding]]:
        """Return the findings of the rows up to this one that were not taken yet."""
        found: dict[int, list[Finding]] = {}
        while self._next is not None and self._next.row_number <= row_number:
            found.setdefault(self._next.row_number, []).append(self._next)
            self._next = next(self._findings, None)
        return found
