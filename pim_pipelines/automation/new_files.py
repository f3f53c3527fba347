"""Which of the files in a place were not imported yet, and of those which are whole.

A file is whole when it looked the same (size and time) some seconds ago; the ledger remembers since when it does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from pim_pipelines.database import Connection
from pim_pipelines.sources.source import Candidate
from pim_pipelines.store import remote_files
from pim_pipelines.store.configs import Config
from pim_pipelines.store.remote_files import RemoteFile

SETTLED = timedelta(seconds=3)
"""How long a file must have looked the same to count as whole."""

MOST_LISTED = 20_000


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a place, of the files that are meant.

    `new` may be fetched now, the oldest first; `growing` look different than a moment ago, or were never seen before;
    `known` were imported already and have not changed since.
    """

    new: list[Candidate] = field(default_factory=list)
    growing: list[Candidate] = field(default_factory=list)
    known: list[Candidate] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no file at all is there."""
        return not (self.new or self.growing or self.known)

    def described(self) -> str:
        """Say in a sentence what is there."""
        if self.is_empty:
            return "no file that matches is there"
        parts = [
            f"{len(files)} {word}" + (f" ({_names(files)})" if files else "")
            for files, word in ((self.new, "new"), (self.growing, "still being written"))
            if files
        ]
        if self.known:
            parts.append(f"{len(self.known)} imported before")
        return ", ".join(parts)


def compare(
    conn: Connection, config: Config, found: Iterable[Candidate], *, can_grow: bool, now: datetime, trusts: bool = True
) -> Listing:
    """Hold what a source lists, newest first, against the config's ledger, and note what was seen; commits.

    Unless every file is meant, it is the newest alone: an older one is not taken while that grows. `trusts` False: what
    a web server says of size and time does not count, only the content will.
    """
    meant = list(islice(found, MOST_LISTED if config.every_file else 1))
    ledger = remote_files.known(conn, config.id, [candidate.path for candidate in meant])
    listing = Listing()
    for candidate in reversed(meant):
        file = ledger.get(candidate.path)
        if file is not None and _is_taken(file, candidate, config, trusts):
            listing.known.append(candidate)
        elif not can_grow or (file is not None and _is_whole(file, candidate, now)):
            listing.new.append(candidate)
        else:
            listing.growing.append(candidate)
    unfinished = {candidate.path: candidate.state for candidate in (*listing.growing, *listing.new)}
    remote_files.seen(conn, config.id, unfinished, now)
    conn.commit()
    return listing


def tells(candidate: Candidate, config: Config) -> bool:
    """Whether a listing alone tells that a file has changed."""
    match config.source["type"]:
        case "email":
            return True  # an attachment never changes, and its path is its own for ever
        case "http":
            return candidate.modified_at is not None  # another content may be of the same size
        case _:
            return candidate.state != (None, None)


def _is_taken(file: RemoteFile, candidate: Candidate, config: Config, trusts: bool) -> bool:
    if file.taken_at is None or not tells(candidate, config):
        return False
    if config.source["type"] == "email":
        return True
    return file.taken_state == candidate.state and (trusts or config.source["type"] != "http")


def _is_whole(file: RemoteFile, candidate: Candidate, now: datetime) -> bool:
    return file.state == candidate.state and now - file.seen_at >= SETTLED


def _names(files: list[Candidate]) -> str:
    shown = ", ".join(candidate.name for candidate in files[:3])
    return shown if len(files) <= 3 else f"{shown} …"
