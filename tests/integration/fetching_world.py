"""A file store, and fetching into it from servers of this machine."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pim_pipelines import sources
from pim_pipelines.files import FileStore
from pim_pipelines.settings import Settings
from pim_pipelines.sources.choice import Patience, Taken, take
from pim_pipelines.sources.source import Source, Timeouts

PATIENT = Timeouts(connect=10, idle=10, total=30, session=60)
IMPATIENT = Timeouts(connect=10, idle=0.7, total=30, session=60)
CSV = b"EAN;Titre;Prix HT\n4006381333931;Stylo;1,95\n3017620422003;Nutella;3,49\n"


@dataclass
class Fetching:
    """Fetches as a run does; `said` is what it would log."""

    home: Path
    allow: str = "127.0.0.1,localhost"
    max_bytes: int = 50_000_000
    timeouts: Timeouts = PATIENT
    said: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """What the sources are told."""
        return Settings(home=self.home, egress_allow=self.allow)

    @property
    def files(self) -> FileStore:
        """Where files go."""
        return FileStore(f"file://{self.home}/files")

    def source(self, file_source: dict[str, Any]) -> Source:
        """Return a source, its description and its secrets parted and put together again."""
        return sources.of(*sources.divide(file_source), self.settings, self.timeouts)

    def take(
        self,
        file_source: dict[str, Any],
        *,
        every: bool = False,
        sleep: Callable[[float], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Taken:
        """Fetch what a `file_source` means; `sleep` is called between two looks."""
        patience = Patience(between=1, most=60, sleep=sleep, clock=clock)
        with self.source(file_source) as source:
            return take(
                source, self.files, "kept", max_bytes=self.max_bytes, every=every, patience=patience,
                say=self.said.append,
            )  # fmt: skip

    def content(self) -> bytes:
        """Return the bytes that were kept."""
        with self.files.open_read("kept") as file:
            return file.read()

    def kept(self) -> list[str]:
        """Return the names of all files in the store, parts too."""
        folder = self.home / "files"
        return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def put(folder: Path, name: str | bytes, content: bytes = CSV, day: int = 1) -> Path:
    """Write a file of a day of March 2026."""
    path = folder / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    moment = 1772323200 + day * 86400
    os.utime(path, (moment, moment))
    return path
