"""A config's place on a real server, and looks at it with a clock that moves when somebody waits."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config_world import Connect, config
from cryptography.fernet import Fernet

from pim_pipelines.automation import file_source, looking
from pim_pipelines.automation.looking import Looker, Outcome
from pim_pipelines.errors import PimError
from pim_pipelines.files import FileStore
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.settings import Settings
from pim_pipelines.store import configs, jobs, keys, looks, suppliers
from pim_pipelines.store.configs import Config
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.looks import Cause, Look

CSV = b"EAN;Titre;Prix HT\n4006381333931;Stylo;1,95\n3017620422003;Nutella;3,49\n"
OTHER = b"EAN;Titre;Prix HT\n4006381333931;Stylo bleu;2,05\n"
START = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)


@dataclass
class Place:
    """One config, its tenant `acme`, and the looks at its place."""

    connect: Connect
    home: Path
    url: str
    now: datetime = START
    said: list[str] = field(default_factory=list)
    whenever_it_waits: Callable[[], object] = lambda: None
    config_id: int = 0

    def __post_init__(self) -> None:
        self.keys = Fernet.generate_key().decode()
        self.box = SecretBox(self.keys)
        self.files = FileStore(f"file://{self.home}/files")
        self.settings = Settings(home=self.home, egress_allow="127.0.0.1,localhost")
        with self.connect() as conn:
            self.tenant_id = keys.create(conn, "acme")[0].tenant_id
            self.supplier_id = suppliers.ensure(conn, self.tenant_id, "DEMO").id

    def watch(self, source: dict[str, Any], **changed: Any) -> Config:
        """Make the config, as the API does."""
        stored, secrets = file_source.accepted(source)
        sealed = self.box.seal(secrets) if secrets else None
        with self.connect() as conn:
            made = config(
                conn, self.tenant_id, now=START - timedelta(hours=1), source=stored, secret=sealed,
                supplier_id=self.supplier_id, **changed,
            )  # fmt: skip
        self.config_id = made.id
        return made

    @property
    def config(self) -> Config:
        """The config as it stands."""
        with self.connect() as conn:
            found = configs.by_id(conn, self.config_id)
        assert found is not None
        return found

    def look(self, cause: Cause = Cause.SCHEDULE) -> Outcome:
        """Look for new files, as a run does; a minute later than the last time."""
        self.now += timedelta(minutes=1)
        look = self.begin(cause)
        looker = Looker(
            self.connect, self.files, lambda: self.box, self.settings, clock=lambda: self.now, sleep=self._wait,
            say=self.said.append,
        )  # fmt: skip
        try:
            outcome = looker.look(self.config, look)
        except PimError as error:
            with self.connect() as conn:
                looking.failed(conn, look, None, error, self.now)
            raise
        with self.connect() as conn:
            self.said.append(looking.done(conn, look, None, outcome, self.now))
        return outcome

    def begin(self, cause: Cause = Cause.SCHEDULE) -> Look:
        """Begin a look."""
        with self.connect() as conn:
            look = looks.begin(conn, self.config_id, self.now, cause)
        assert look is not None
        return look

    def waiting(self) -> list[Look]:
        """Return the looks that wait for a run."""
        with self.connect() as conn:
            return looks.unfinished(conn, self.now + timedelta(days=1))

    def jobs(self) -> list[Job]:
        """Return the jobs of the config, oldest first."""
        with self.connect() as conn:
            return jobs.list_page(conn, self.tenant_id, config_uuid=self.config.uuid, limit=100, offset=0)[0][::-1]

    def names(self) -> list[str | None]:
        """Return the files of the jobs, oldest first."""
        return [job.file_name for job in self.jobs()]

    def everything(self) -> str:
        """Return all rows of all tables that a config has a hand in, and all that was said, as text."""
        rows = []
        with self.connect() as conn:
            for table in ("import_configs", "looks", "remote_files", "import_jobs"):
                rows += [row for (row,) in conn.execute(f"select to_jsonb(t) from {table} t".encode())]
        return json.dumps([rows, self.said])

    def _wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.whenever_it_waits()
