"""Configs in a database, and daemons that come and go, for tests of automated imports."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from dagster import DagsterInstance, RunRequest, SkipReason, build_schedule_context, build_sensor_context
from dagster._core.definitions.sensor_definition import SensorResult

from pim_pipelines.automation.cron import DueTimes
from pim_pipelines.jobs import look_for_new_files
from pim_pipelines.resources import Catalogue, Clock, FileStore
from pim_pipelines.schedules import check_scheduled_imports
from pim_pipelines.sensors import launch_pending_imports
from pim_pipelines.store import configs
from pim_pipelines.store.configs import Config, Contents

Connect = Callable[[], psycopg.Connection[Any]]


class FrozenClock(Clock):
    """A clock that shows what it is told."""

    moment: str

    def now(self) -> datetime:
        """Return the moment that was set."""
        return datetime.fromisoformat(self.moment)


def at(moment: datetime) -> FrozenClock:
    """Return a clock that stands still."""
    return FrozenClock(moment=moment.astimezone(UTC).isoformat())


def config(
    conn: psycopg.Connection[Any],
    tenant_id: int,
    schedule: str = "0 2 * * *",
    timezone: str = "UTC",
    *,
    now: datetime,
    source: dict[str, Any] | None = None,
    secret: bytes | None = None,
    **changed: Any,
) -> Config:
    """Make an active config, as the API does."""
    contents: dict[str, Any] = {
        "name": f"{schedule} {timezone}",
        "supplier_id": None,
        "template_id": None,
        "schedule": schedule,
        "timezone": timezone,
        "source": source or {"type": "http", "url": "https://supplier.example/products.csv"},
        "source_secret": secret,
        "column_mapping": {"EAN": "ean", "Titre": "title"},
        "validation_rules": {},
        "import_options": {},
        "is_active": True,
        "next_run_at": DueTimes(schedule, timezone).after(now),
    }
    return configs.insert(conn, tenant_id, Contents(**(contents | changed)))


@dataclass
class Daemon:
    """What Dagster's daemon does at a tick, with what it launches kept in an instance that outlives it."""

    catalogue: Catalogue
    instance: DagsterInstance = field(default_factory=DagsterInstance.ephemeral)

    def tick(self, now: datetime, *, dies: bool = False) -> list[RunRequest]:
        """Evaluate the schedule and launch what it asks for; `dies`: killed between the two."""
        context = build_schedule_context(
            instance=self.instance,
            scheduled_execution_time=now,
            resources={"catalogue": self.catalogue, "clock": at(now)},
        )
        found = check_scheduled_imports(context)
        if isinstance(found, SkipReason):
            return []
        assert isinstance(found, list)
        return [] if dies else self._launched(found)

    def skips(self, now: datetime) -> str:
        """Return why the schedule starts nothing now."""
        resources = {"catalogue": self.catalogue, "clock": at(now)}
        found = check_scheduled_imports(build_schedule_context(instance=self.instance, resources=resources))
        assert isinstance(found, SkipReason)
        return found.skip_message or ""

    def sweep(self, now: datetime) -> list[RunRequest]:
        """Evaluate the sensor that launches what was lost."""
        context = build_sensor_context(
            instance=self.instance,
            resources={"catalogue": self.catalogue, "file_store": FileStore(url="memory://swept"), "clock": at(now)},
            sensor_name="launch_pending_imports",
        )
        found = launch_pending_imports(context)
        assert isinstance(found, SensorResult)
        return self._launched([request for request in found.run_requests or [] if "pim/look_id" in request.tags])

    def _launched(self, requests: list[RunRequest]) -> list[RunRequest]:
        for request in requests:
            self.instance.create_run_for_job(look_for_new_files, tags=dict(request.tags), run_config=request.run_config)
        return requests
