"""What every place that files come from can do, and the shapes it answers in.

    with sources.of(file_source, secrets, settings) as source:
        for candidate in source.candidates(): ...            # newest first
        sources.store(source, candidate, files, key, max_bytes)
        source.mark_done(candidate)

A source connects at its first use and stays connected until its block ends. Whatever goes wrong is a SourceError with a
sentence for the user; NetworkTrouble is the one that trying again may cure.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from pim_pipelines.sources.egress import NetworkTrouble

STEP_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long is waited, in seconds."""

    connect: float = 8.0
    """For a connection; three tries and their pauses make the 30 s after which a fetch gives up."""

    idle: float = 30.0
    """For the next bytes."""

    total: float = 3600.0
    """For one file, however steadily it trickles."""

    session: float = 7200.0
    """For a connection altogether: no server holds us longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that is there: its name, and where it is in the source's own words (the same each time).

    `size` is in bytes, `modified_at` with a time zone; None where the source does not say.
    """

    name: str
    path: str
    size: int | None = None
    modified_at: datetime | None = None

    @property
    def state(self) -> tuple[int | None, datetime | None]:
        """What changes while the file is written."""
        return self.size, self.modified_at


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is in the file store now; `file_name` is fit to be shown and for nothing else."""

    candidate: Candidate
    file_name: str
    size: int
    sha256: bytes


class Source(ABC):
    """A place that files come from."""

    can_grow = True
    """Whether a file may be there before it is whole."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def candidates(self) -> Iterator[Candidate]:
        """Give the files that match the pattern, newest first."""

    def glance(self) -> Iterator[Candidate]:
        """Give the same, with size and time also where that costs a question of its own; nothing is fetched."""
        return self.candidates()

    @abstractmethod
    def download(self, candidate: Candidate, write: Callable[[bytes], None]) -> str | None:
        """Give the file's bytes in steps; returns a better name for it, where there is one."""

    @abstractmethod
    def mark_done(self, candidate: Candidate) -> None:
        """Leave the file behind as `after_import` says, now that it was taken over."""

    @abstractmethod
    def close(self) -> None:
        """End the connection; a second time does nothing."""

    @property
    @abstractmethod
    def described(self) -> str:
        """Where this is, in a form that holds no secret: `sftp://user@host/folder/*.csv`."""


class Deadline:
    """The end of one transfer."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = clock() + seconds

    def check(self) -> None:
        """Raise NetworkTrouble when the time is over."""
        if self._clock() > self._end:
            raise NetworkTrouble(f"The file did not come within {self._seconds:,.0f} s: the transfer was given up.")


def said(error: Exception, *secrets: str) -> str:
    """Return what a server answered, fit to be shown; a secret that it repeats is not repeated again."""
    text = "".join(character if character.isprintable() else " " for character in str(error))
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return " ".join(text.split())[:200] or type(error).__name__
