"""One look of a config for new files, from the first connection to the jobs that come of it."""

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pim_pipelines import sources
from pim_pipelines.automation.new_files import SETTLED, Listing, compare, tells
from pim_pipelines.automation.taking import Batch, note_failure, take_over
from pim_pipelines.database import Connection
from pim_pipelines.errors import PimError, SourceError
from pim_pipelines.files import FileStore
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.settings import Settings
from pim_pipelines.sources.source import Candidate, Source
from pim_pipelines.sources.storing import ChangedMeanwhile
from pim_pipelines.store import configs, jobs, looks
from pim_pipelines.store.configs import Config
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.looks import Cause, Look

MOST_JOBS = 100
"""How many files one look takes over; the rest waits for the next one."""

MOST_FOLLOW_UPS = 12
FOLLOW_UP_AFTER = timedelta(minutes=4)
"""A file that is still growing is looked at again by the next tick of the schedule, for about an hour."""


@dataclass(slots=True)
class Outcome:
    """What a look has found and done."""

    listing: Listing = field(default_factory=Listing)
    jobs: list[Job] = field(default_factory=list)
    unchanged: list[Candidate] = field(default_factory=list)
    growing: list[Candidate] = field(default_factory=list)
    left_over: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def is_unfinished(self) -> bool:
        """Whether somebody should look again soon."""
        return bool(self.growing or self.left_over)

    def described(self) -> str:
        """Say it in a sentence or two, for `last_result`."""
        parts = []
        if self.jobs:
            names = ", ".join(str(job.file_name) for job in self.jobs[:3])
            more = "" if len(self.jobs) <= 3 else f" and {len(self.jobs) - 3} more"
            parts.append(f"{len(self.jobs)} new: {names}{more}.")
        elif self.unchanged:
            parts.append(f"Nothing new: {self.unchanged[0].name} has the content that was imported before.")
        elif not self.growing:
            parts.append(f"Nothing new: {self.listing.described()}.")
        if self.growing:
            parts.append(f"{self.growing[0].name} is still being written and is left for the next look.")
        if self.left_over:
            parts.append(f"{self.left_over} more new files are left for the next look.")
        return " ".join([*parts, *self.warnings])


class Looker:
    """What a look needs: how to reach the database, the file store and the secrets, and the time."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        files: FileStore,
        box: Callable[[], SecretBox],
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._connect = connect
        self._files = files
        self._box = box
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._say = say

    def look(self, config: Config, look: Look) -> Outcome:
        """Find the new files and make their jobs; raises SourceError and other PimErrors."""
        outcome = Outcome()
        with opened(config, self._box, self._settings) as source, self._connect() as conn:
            self._seal_anew(conn, config)
            self._say(f"Looking at {source.described}.")
            outcome.listing = self._listed(conn, config, source)
            outcome.growing += outcome.listing.growing
            new = outcome.listing.new
            is_told = all(tells(candidate, config) for candidate in new) and config.source["type"] != "http"
            there = outcome.listing.described() if is_told else "a file to be compared with what was imported before"
            self._say(f"There: {there}.")
            outcome.left_over = max(0, len(new) - MOST_JOBS)
            for candidate in new[:MOST_JOBS]:
                self._take(conn, source, candidate, batch_of(conn, config, look), outcome)
            for candidate in outcome.listing.known:
                self._leave_behind(source, candidate, config, outcome)
        return outcome

    def _seal_anew(self, conn: Connection, config: Config) -> None:
        """Move a config's secrets to the newest of the keys, so that the others can be taken away in time."""
        sealed = config.source_secret
        if sealed is not None and (renewed := self._box().renewed(sealed)):
            configs.reseal(conn, config.id, sealed, renewed)
            conn.commit()

    def _listed(self, conn: Connection, config: Config, source: Source) -> Listing:
        listing = self._compared(conn, config, source)
        if listing.growing:  # or never seen before: a second look tells
            self._sleep(SETTLED.total_seconds())
            listing = self._compared(conn, config, source)
        return listing

    def _compared(self, conn: Connection, config: Config, source: Source) -> Listing:
        return compare(conn, config, _found(config, source), can_grow=source.can_grow, now=self._clock(), trusts=False)

    def _take(self, conn: Connection, source: Source, candidate: Candidate, batch: Batch, outcome: Outcome) -> None:
        most = self._settings.max_file_bytes
        try:
            job = take_over(conn, source, candidate, self._files, batch=batch, max_bytes=most, now=self._clock())
        except ChangedMeanwhile:
            outcome.growing.append(candidate)
            return
        if job is None:
            outcome.unchanged.append(candidate)
            self._say(f"{candidate.name} has the content that was imported before.")
        else:
            outcome.jobs.append(job)
            self._say(f"{job.file_name}: import {job.uuid} is {job.status}.")
            if job.status is JobStatus.FAILED:  # of no kind that we read: it stays where it is
                return
        self._leave_behind(source, candidate, batch.config, outcome, always=True)

    def _leave_behind(
        self, source: Source, candidate: Candidate, config: Config, outcome: Outcome, *, always: bool = False
    ) -> None:
        """Have the source do `after_import`; one that failed to is asked again when the file is met again."""
        if not always and config.source.get("after_import", "keep") == "keep":
            return
        try:
            source.mark_done(candidate)
        except SourceError as error:  # the import goes on: its file is here
            outcome.warnings.append(f"{candidate.name} could not be left behind as after_import says: {error}")
            self._say(outcome.warnings[-1])


def _found(config: Config, source: Source) -> Iterable[Candidate]:
    """List the files; what a web server says of its file is noted for the watching, and not needed here."""
    if config.source["type"] == "http":
        with contextlib.suppress(SourceError):
            return list(source.glance())
    return source.candidates()


def opened(
    config: Config, box: Callable[[], SecretBox], settings: Settings, timeouts: sources.Timeouts | None = None
) -> Source:
    """Return the config's source, not yet connected; raises PimError where its secrets cannot be read."""
    secrets = box().open(config.source_secret) if config.source_secret else {}
    return sources.of(config.source, secrets, settings, timeouts)


def done(conn: Connection, look: Look, run_id: UUID | None, outcome: Outcome, now: datetime) -> str:
    """Write down what a look has found, and have another one follow where it is unfinished; commits."""
    result = outcome.described()
    looks.finish(conn, look.uuid, run_id, failed=False, result=result)
    configs.checked(conn, look.config_id, now, result)
    if outcome.is_unfinished and look.follow_ups < MOST_FOLLOW_UPS:
        looks.begin(
            conn,
            look.config_id,
            now + FOLLOW_UP_AFTER,
            Cause.FOLLOW_UP,
            follow_ups=0 if outcome.jobs else look.follow_ups + 1,
        )
    conn.commit()
    return result


def failed(conn: Connection, look: Look, run_id: UUID | None, error: PimError, now: datetime) -> Job | None:
    """Write down why a look could not be done; commits. What was due or asked for becomes a failed job.

    A place that is only watched makes none: it is looked at again soon, and one job a minute helps nobody.
    """
    looks.finish(conn, look.uuid, run_id, failed=True, result=str(error))
    configs.checked(conn, look.config_id, now, f"Failed: {error}")
    config = configs.by_id(conn, look.config_id)
    job = None
    if config is not None and look.cause in {Cause.SCHEDULE, Cause.REQUEST}:
        job = note_failure(conn, batch_of(conn, config, look), error)
    conn.commit()
    return job


def batch_of(conn: Connection, config: Config, look: Look) -> Batch:
    """Return what the next job of a look belongs to; one that is tried again goes on where it was."""
    first = jobs.of_due_time(conn, config.id, look.due_at)
    return Batch(config, look.due_at, first.uuid if first else None)
