"""Dagster runs for looks: launched for those that have none, and noticed where they ended without a word."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from dagster import DagsterInstance, DagsterRun, RunRequest, RunsFilter

from pim_pipelines import runs
from pim_pipelines.closing import GOING_ON
from pim_pipelines.database import Connection
from pim_pipelines.store import configs, looks
from pim_pipelines.store.looks import Look

GRACE = timedelta(seconds=60)
"""Who begins a look launches its run; only what has none after this is launched by `launch_pending_imports`."""

MOST_LAUNCHES = 3
LOST = "{tries} Dagster runs of this look ended before it was done. See them; the next due time looks again."


def requests_for(begun: list[Look]) -> list[RunRequest]:
    """Return the runs of looks that have just begun."""
    return [request_for(look) for look in begun]


def request_for(look: Look) -> RunRequest:
    """Return the run of a look."""
    spec = runs.of_look(look)
    return RunRequest(job_name=spec.job_name, run_config=spec.run_config, tags=spec.tags)


def launch_lost(conn: Connection, instance: DagsterInstance, now: datetime) -> list[RunRequest]:
    """Return runs for the looks that were begun and have none, or whose run has died; after three they have failed."""
    waiting = looks.unfinished(conn, now - GRACE)
    conn.commit()
    launched = _launched(instance, waiting)
    requests = []
    for look in waiting:
        tried = launched[look.uuid]
        if any(run.status in GOING_ON for run in tried):
            continue
        if look.run_id is not None and not looks.release(conn, look.uuid, look.run_id):
            conn.rollback()  # it has ended meanwhile
            continue
        if len(tried) < MOST_LAUNCHES:
            requests.append(request_for(look))
        else:
            result = LOST.format(tries=len(tried))
            looks.finish(conn, look.uuid, None, failed=True, result=result)
            configs.checked(conn, look.config_id, now, f"Failed: {result}")
        conn.commit()
    return requests


def _launched(instance: DagsterInstance, waiting: list[Look]) -> dict[UUID, list[DagsterRun]]:
    by_look: dict[UUID, list[DagsterRun]] = defaultdict(list)
    if waiting:
        ids = [str(look.uuid) for look in waiting]
        for run in instance.get_runs(RunsFilter(job_name=runs.LOOK_JOB, tags={runs.TAG_LOOK: ids})):
            by_look[UUID(run.tags[runs.TAG_LOOK])].append(run)
        by_run = {look.run_id: look.uuid for look in waiting if look.run_id}
        # A look that was launched by hand in Dagster's UI: its run has no tag.
        for run in instance.get_runs(RunsFilter(run_ids=[str(run_id) for run_id in by_run])) if by_run else []:
            known = by_look[by_run[UUID(run.run_id)]]
            if run.run_id not in {each.run_id for each in known}:
                known.append(run)
    return by_look
