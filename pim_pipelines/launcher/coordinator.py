"""A run queue that launches at once what may run at once.

Dagster's queue is emptied by its daemon, every half second at best. Here who submits a run counts
first, and launches it himself when there is room for it and for all that is queued before it. Two who
submit at once (the webserver has several threads, the daemon's sensors submit too) take turns by a lock
in the database: each sees what the one before him has decided.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy

from pim_pipelines.launcher.dagster_private import (
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    EngineEventData,
    LaunchRunContext,
    PostgresRunStorage,
    QueuedRunCoordinator,
    RunsFilter,
    SubmitRunContext,
    serializable_error_info_from_exc_info,
)

TURN = 7461_0002  # the advisory lock's number
TURN_SECONDS = 10
ACTIVE = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
# Counting active runs only would overshoot the bound: what is queued may be launched at the same moment.
ACTIVE_OR_QUEUED = [DagsterRunStatus.QUEUED, *ACTIVE]
DEQUEUE_SECONDS = 0.2

log = logging.getLogger("pim.coordinator")


class EagerRunCoordinator(QueuedRunCoordinator[DagsterInstance]):
    """QueuedRunCoordinator that does not let a run wait for nothing; its configuration and its bounds are the same."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._here = threading.Lock()
        self._engine: sqlalchemy.Engine | None = None
        self._admitted: set[str] = set()

    @property
    def dequeue_interval_seconds(self) -> int:
        """How often the daemon looks at the queue: it takes any number, and makes 0.5 s of this (1.5 % of a core)."""
        return DEQUEUE_SECONDS  # type: ignore[return-value]

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        """Launch the run when it may run at once, else queue it; returns the run as it is then."""
        run = context.dagster_run
        if run.status is not DagsterRunStatus.NOT_STARTED:
            return super().submit_run(context)
        with self._turn() as my_turn:
            if not my_turn or not self._has_room(run, ACTIVE_OR_QUEUED, self_included=0):
                return super().submit_run(context)
            self._report_starting(run)
        return self._launch(run.run_id, context)

    def admits(self, run: DagsterRun) -> bool:
        """Tell whether a run that is about to be launched may be; one that may not is queued again.

        The daemon reads what is active and what is queued one after the other. Between the two, a run may
        have been submitted and launched, and the next one for the same supplier been queued.
        """
        if run.run_id in self._admitted:
            return True
        if self._url() is None or run.status is not DagsterRunStatus.STARTING:
            return True
        with self._turn() as my_turn:
            if my_turn and self._has_room(run, ACTIVE, self_included=1):
                return True
            self._instance.report_dagster_event(DagsterEvent.job_enqueue(run), run_id=run.run_id)
            return False

    def dispose(self) -> None:
        """Close the connection."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _launch(self, run_id: str, context: SubmitRunContext) -> DagsterRun:
        run = self._reload(run_id)
        self._admitted.add(run_id)
        try:
            self._instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=context.workspace))
        except Exception:  # as DagsterInstance.launch_run does
            error = serializable_error_info_from_exc_info(sys.exc_info())
            self._instance.report_engine_event(error.message, run, EngineEventData.engine_error(error))
            self._instance.report_run_failed(run)
            raise
        finally:
            self._admitted.discard(run_id)
        return self._reload(run_id)

    def _report_starting(self, run: DagsterRun) -> None:
        event = DagsterEvent(event_type_value=DagsterEventType.PIPELINE_STARTING.value, job_name=run.job_name)
        self._instance.report_dagster_event(event, run_id=run.run_id)

    def _reload(self, run_id: str) -> DagsterRun:
        run = self._instance.get_run_by_id(run_id)
        if run is None:
            raise LookupError(f"Run {run_id} was deleted while it was submitted.")
        return run

    def _has_room(self, run: DagsterRun, statuses: list[DagsterRunStatus], *, self_included: int) -> bool:
        bounds = self._instance.get_concurrency_config().run_queue_config
        if bounds is None or run.run_op_concurrency is not None:
            return False  # only the daemon counts op pools
        if bounds.max_concurrent_runs != -1:
            others = self._instance.get_runs_count(RunsFilter(statuses=statuses)) - self_included
            if others >= bounds.max_concurrent_runs:
                return False
        for bound in bounds.tag_concurrency_limits:
            key, value = bound["key"], bound.get("value")
            if key not in run.tags or (isinstance(value, str) and value != run.tags[key]):
                continue
            if not value or (isinstance(value, dict) and not value.get("applyLimitPerUniqueValue")):
                # A bound over all values of a tag: there is no count for it, so it is left to the daemon, which has
                # already looked when the run comes from the queue.
                if self_included:
                    continue
                return False
            filters = RunsFilter(statuses=statuses, tags={key: run.tags[key]})
            if self._instance.get_runs_count(filters) - self_included >= bound["limit"]:
                return False
        return True

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Wait for our turn; false when it does not come, and the run should rather be queued.

        The lock belongs to a transaction on a connection of its own: Dagster's engines are in
        AUTOCOMMIT, where such a lock holds nothing.
        """
        url = self._url()
        if url is None:
            yield False
            return
        with self._here:
            if self._engine is None:
                self._engine = sqlalchemy.create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
            try:
                connection = self._engine.connect()
            except sqlalchemy.exc.SQLAlchemyError:
                log.exception("No connection for the turn.")
                yield False
                return
            with connection:
                try:
                    connection.execute(sqlalchemy.text(f"set local lock_timeout = '{TURN_SECONDS}s'"))
                    connection.execute(sqlalchemy.text("select pg_advisory_xact_lock(:turn)"), {"turn": TURN})
                except sqlalchemy.exc.SQLAlchemyError:
                    log.exception("The turn did not come.")
                    connection.invalidate()
                    yield False
                    return
                yield True
                connection.rollback()

    def _url(self) -> str | None:
        storage = self._instance.run_storage
        return storage.postgres_url if isinstance(storage, PostgresRunStorage) else None
