"""The moves of import jobs: each one guarded `UPDATE … WHERE status IN (…)`, so of two who want it one wins.

Functions take a psycopg connection and leave the transaction to their caller.
"""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Json, Jsonb

from pim_pipelines.importing.lifecycle import CAN_CANCEL, CAN_RETRY, CAN_SAVE_MAPPING, JobStatus, sources
from pim_pipelines.importing.voog.failures import Failure
from pim_pipelines.store import outbox
from pim_pipelines.store.jobs import Job, get
from pim_pipelines.store.outbox import Event

_EVENTS = {
    JobStatus.AWAITING_MAPPING: Event.IMPORT_AWAITING_MAPPING,
    JobStatus.PROCESSING: Event.IMPORT_STARTED,
    JobStatus.COMPLETED: Event.IMPORT_COMPLETED,
    JobStatus.FAILED: Event.IMPORT_FAILED,
    JobStatus.CANCELLED: Event.IMPORT_CANCELLED,
}

# The life of a run --------------------------------------------------------------------------------------


def launched(conn: Connection[Any], uuid: UUID, attempt: int, run_id: UUID) -> bool:
    """Note that a run was launched for the job; False where another run has it already."""
    row = conn.execute(
        """update import_jobs set run_id = %(run)s, updated_at = now(),
             status = case status when 'pending' then 'analyzing' else status end
           where uuid = %(uuid)s and attempt = %(attempt)s and status in ('pending', 'analyzing', 'processing')
             and (run_id is null or run_id = %(run)s) returning old.run_id is null and status = 'processing'""",
        {"uuid": uuid, "attempt": attempt, "run": run_id},
    ).fetchone()
    _tell_of_start(conn, uuid, row)
    return row is not None


def claim(conn: Connection[Any], uuid: UUID, attempt: int, run_id: UUID, phase: JobStatus) -> Job | None:
    """Let a run take the job for a phase (`ANALYZING` or `PROCESSING`); None where it is not its to take.

    `claimed_at` says since when a run processes it.
    """
    wanted = ["pending", "analyzing"] if phase is JobStatus.ANALYZING else ["processing"]
    row = conn.execute(
        """update import_jobs set run_id = %(run)s, status = %(phase)s, updated_at = now(),
             claimed_at = case %(phase)s when 'processing' then coalesce(claimed_at, now()) end
           where uuid = %(uuid)s and attempt = %(attempt)s and status = any(%(wanted)s)
             and (run_id is null or run_id = %(run)s) returning old.run_id is null and status = 'processing'""",
        {"uuid": uuid, "attempt": attempt, "run": run_id, "phase": phase, "wanted": wanted},
    ).fetchone()
    _tell_of_start(conn, uuid, row)
    return get(conn, uuid) if row else None


def move(
    conn: Connection[Any],
    uuid: UUID,
    target: JobStatus,
    *,
    run_id: UUID | None = None,
    frm: list[JobStatus] | None = None,
    last_error: str | None = None,
    failure: Failure | None = None,
) -> bool:
    """Move a job to `target` where its status allows; `run_id` given: only if that run has it.

    `failure` is kept of the second API's tasks, unless their rows have told one. False means that somebody else moved
    it first.
    """
    allowed = frm if frm is not None else sources(target)
    row = conn.execute(
        """update import_jobs set status = %(target)s, updated_at = now(),
             last_error = coalesce(%(error)s, last_error),
             failure_reason = coalesce(failure_reason, case when import_type = 'voog' then %(reason)s end),
             failure_details = coalesce(failure_details, case when import_type = 'voog' then %(details)s::jsonb end),
             completed_at = case when %(final)s then now() else completed_at end,
             started_at = case when %(target)s = 'processing' then coalesce(started_at, now()) else started_at end
           where uuid = %(uuid)s and status = any(%(allowed)s) and (%(run)s::uuid is null or run_id = %(run)s)
           returning 1""",
        {
            "uuid": uuid,
            "target": target,
            "allowed": list(allowed),
            "run": run_id,
            "error": last_error,
            "reason": failure.reason if failure else None,
            "details": Jsonb(failure.details()) if failure else None,
            "final": target in {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED},
        },
    ).fetchone()
    if row is not None and target in _EVENTS:
        outbox.put_import(conn, uuid, _EVENTS[target])
    return row is not None


def _tell_of_start(conn: Connection[Any], uuid: UUID, row: tuple[Any, ...] | None) -> None:
    """Tell of a started job when its first run has it: a `start` whose run cannot be launched is taken back."""
    if row is not None and row[0]:
        outbox.put_import(conn, uuid, Event.IMPORT_STARTED)


def save_analysis(
    conn: Connection[Any],
    uuid: UUID,
    run_id: UUID,
    *,
    analysis: dict[str, Any],
    suggested_mapping: dict[str, Any] | None,
    total_rows: int,
    file_type: str,
    column_mapping: dict[str, str | None] | None = None,
) -> bool:
    """Write what analysis found; a mapping only where the job has none of its own.

    Returns whether the job goes on by itself. The row is the transaction's from here: who queues the job waits for its
    end, and whoever queued it before is seen.
    """
    row = conn.execute(
        """update import_jobs set analysis = %(analysis)s, suggested_mapping = %(suggested)s,
             total_rows = %(rows)s, file_type = %(type)s, updated_at = now(),
             column_mapping = coalesce(%(mapping)s, column_mapping)
           where uuid = %(uuid)s and run_id = %(run)s returning go_through""",
        {
            "uuid": uuid,
            "run": run_id,
            "analysis": Json(analysis),
            "suggested": Json(suggested_mapping) if suggested_mapping is not None else None,
            "rows": total_rows,
            "type": file_type,
            "mapping": Json(column_mapping) if column_mapping is not None else None,
        },
    ).fetchone()
    return bool(row and row[0])


# What users ask for -------------------------------------------------------------------------------------


_READ_AGAIN = """status = 'pending', attempt = attempt + 1,
  analysis = null, suggested_mapping = null, total_rows = null, go_through = false, auto_process = false,
  parent_run_id = coalesce(run_id, parent_run_id), run_id = null, last_error = null, guard_breached = null"""


def save_mapping(
    conn: Connection[Any],
    uuid: UUID,
    *,
    column_mapping: dict[str, str | None],
    validation_rules: dict[str, Any] | None,
    import_options: dict[str, Any] | None,
    read_again: bool = False,
) -> bool:
    """Keep a mapping and make the job ready; rules and options that are None stay as they are.

    read_again: its file is to be read by other options first, so the job goes back to pending. It is the next attempt,
    so that no run of the reading before can write. What was found then is forgotten, and from here a person decides:
    nothing goes through by itself.
    """
    moved = _READ_AGAIN if read_again else "status = 'ready'"
    row = conn.execute(
        f"""update import_jobs set column_mapping = %(mapping)s, updated_at = now(), {moved},
             validation_rules = coalesce(%(rules)s, validation_rules),
             import_options = coalesce(%(options)s, import_options)
           where uuid = %(uuid)s and status = any(%(allowed)s) returning 1""",
        {
            "uuid": uuid,
            "mapping": Json(column_mapping),
            "rules": Jsonb(validation_rules) if validation_rules is not None else None,
            "options": Jsonb(import_options) if import_options is not None else None,
            "allowed": list(CAN_SAVE_MAPPING),
        },
    ).fetchone()
    return row is not None


def start(conn: Connection[Any], uuid: UUID) -> bool:
    """Move ready → processing for a run that is still to be launched."""
    row = conn.execute(
        """update import_jobs set status = 'processing', started_at = now(), updated_at = now(),
             parent_run_id = coalesce(run_id, parent_run_id), run_id = null, last_error = null, claimed_at = null
           where uuid = %s and status = 'ready' and column_mapping is not null returning 1""",
        (uuid,),
    ).fetchone()
    return row is not None


def unstart(conn: Connection[Any], uuid: UUID) -> bool:
    """Take `start` back where no run was launched; False where one has the job after all."""
    row = conn.execute(
        """update import_jobs set status = 'ready', started_at = null, updated_at = now(), run_id = parent_run_id
           where uuid = %s and status = 'processing' and run_id is null returning 1""",
        (uuid,),
    ).fetchone()
    return row is not None


def cancel(conn: Connection[Any], uuid: UUID) -> bool:
    """Cancel a pending or processing job; nothing is committed for it after this is."""
    return move(conn, uuid, JobStatus.CANCELLED, frm=list(CAN_CANCEL))


def retry(conn: Connection[Any], uuid: UUID) -> bool:
    """Put a failed or cancelled job back to pending, counting from zero, with the next attempt.

    An archived one is shown again: only jobs that have ended are hidden.
    """
    row = conn.execute(
        """update import_jobs set status = 'pending', attempt = attempt + 1,
             go_through = go_through or started_at is not null,
             parent_run_id = coalesce(run_id, parent_run_id), run_id = null,
             successful_rows = 0, failed_rows = 0, products_created = 0, products_updated = 0,
             products_skipped = 0, error_count = 0, rows_staged = null, last_error = null, guard_breached = null,
             started_at = null, completed_at = null, claimed_at = null, imported_products = null,
             failure_reason = null, failure_details = null, is_archived = false, updated_at = now()
           where uuid = %(uuid)s and status = any(%(allowed)s) returning id""",
        {"uuid": uuid, "allowed": list(CAN_RETRY)},
    ).fetchone()
    if row is None:
        return False
    conn.execute("delete from import_errors where import_id = %s", row)
    return True
