"""Which of the files that are there is meant: the newest, or all, and none that is still being written.

A file is whole when two looks, some seconds apart, see the same size and time, and when as much came as was seen.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pim_pipelines.errors import SourceError
from pim_pipelines.files import FileStore
from pim_pipelines.sources.source import Candidate, Fetched, Source
from pim_pipelines.sources.storing import ChangedMeanwhile, store

MOST_AT_ONCE = 500
"""How many files one request may bring by `all_matching`."""


@dataclass(frozen=True)
class Patience:
    """How long a growing file is waited for: seconds between two looks, and altogether."""

    between: float = 3.0
    most: float = 600.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Taken:
    """The file that was fetched, and the others that `all_matching` asked for, to be fetched by jobs of their own."""

    fetched: Fetched
    others: list[Candidate]


def take(
    source: Source,
    files: FileStore,
    key: str,
    *,
    max_bytes: int,
    every: bool = False,
    patience: Patience | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Taken:
    """Fetch the newest file; with `every` the oldest one, and name the rest in the order of their time.

    Raises SourceError where none is there or it never stops growing, and FileTooLarge.
    """
    patience = patience or Patience()
    until = patience.clock() + patience.most
    while True:
        whole, growing = look_twice(source, every, patience)
        if growing:
            say(f"{growing[0].name} is still being written: waiting for it.")
        # The newest is the one that is meant: an older one is not taken while it grows.
        if not growing or (every and whole and patience.clock() > until):
            chosen, *others = list(reversed(whole)) if every else whole[:1]
            try:
                return Taken(store(source, chosen, files, key, max_bytes), others)
            except ChangedMeanwhile:
                growing = [chosen]
                say(f"{chosen.name} was written to while it was fetched: waiting for it.")
        if patience.clock() > until:
            raise SourceError(
                f"{growing[0].name!r} is still being written after {patience.most:,.0f} s: retry when it is complete."
            )
        patience.sleep(patience.between)


def look_twice(source: Source, every: bool, patience: Patience) -> tuple[list[Candidate], list[Candidate]]:
    """Return what is whole and what is not of the files that are meant, newest first; raises SourceError for none."""
    first = _meant(source, every)
    if not source.can_grow:
        return first, []
    patience.sleep(patience.between)
    second = _meant(source, every)
    before = {candidate.path: candidate.state for candidate in first}
    whole = [candidate for candidate in second if before.get(candidate.path) == candidate.state]
    return whole, [candidate for candidate in second if before.get(candidate.path) != candidate.state]


def _meant(source: Source, every: bool) -> list[Candidate]:
    found: list[Candidate] = []
    for candidate in source.candidates():
        found.append(candidate)
        if not every:
            return found
        if len(found) > MOST_AT_ONCE:
            raise SourceError(
                f"More than {MOST_AT_ONCE} files match in {source.described}: narrow file_pattern to fetch them."
            )
    if not found:
        raise SourceError(f"No file matches in {source.described}: check the folder and file_pattern.")
    return found
