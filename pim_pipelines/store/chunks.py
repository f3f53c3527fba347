"""Chunks: what one transaction of a load has done, and the fence that lets it commit.

The fence is the last statement: it brings the job's counters up to date only while the job is still being processed by
this run and attempt. A cancel that was answered, a retry, or another run therefore leaves nothing of the transaction.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows by what became of them. errors: errors and warnings, several a row."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    errors: int = 0

    @property
    def rows(self) -> int:
        """All rows, each counted once."""
        return self.created + self.updated + self.skipped + self.failed

    def __add__(self, other: "Tally") -> "Tally":
        """Add up two tallies."""
        return Tally(
            self.created + other.created,
            self.updated + other.updated,
            self.skipped + other.skipped,
            self.failed + other.failed,
            self.errors + other.errors,
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may write for a job: one run, in one attempt."""

    job_id: int
    run_id: UUID
    attempt: int

    def values(self) -> dict[str, Any]:
        """Return the parameters that name the job, the run and the attempt."""
        return {"job": self.job_id, "run": self.run_id, "attempt": self.attempt}


def begin(conn: Connection[Any], holder: Holder, rows_staged: int) -> bool:
    """Note how many rows are to be loaded; False where the job is not the holder's (any more)."""
    row = conn.execute(
        """update import_jobs set rows_staged = %(rows)s, updated_at = now()
           where id = %(job)s and run_id = %(run)s and attempt = %(attempt)s and status = 'processing' returning 1""",
        holder.values() | {"rows": rows_staged},
    ).fetchone()
    return row is not None


def finish(conn: Connection[Any], holder: Holder, chunk_no: int, tally: Tally) -> bool:
    """Write the chunk and count it: the last statement of its transaction; False means roll back."""
    conn.execute(
        """insert into import_chunks (import_id, attempt, chunk_no, created, updated, skipped, failed)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        (holder.job_id, holder.attempt, chunk_no, tally.created, tally.updated, tally.skipped, tally.failed),
    )
    row = conn.execute(
        """update import_jobs set products_created = products_created + %(created)s,
             products_updated = products_updated + %(updated)s, products_skipped = products_skipped + %(skipped)s,
             successful_rows = successful_rows + %(successful)s, failed_rows = failed_rows + %(failed)s,
             error_count = error_count + %(errors)s, updated_at = now()
           where id = %(job)s and run_id = %(run)s and attempt = %(attempt)s and status = 'processing' returning 1""",
        holder.values()
        | {
            "created": tally.created,
            "updated": tally.updated,
            "skipped": tally.skipped,
            "successful": tally.created + tally.updated + tally.skipped,
            "failed": tally.failed,
            "errors": tally.errors,
        },
    ).fetchone()
    return row is not None


def hold(conn: Connection[Any], holder: Holder) -> bool:
    """Fence a transaction that loads no rows: its last statement; False means roll back."""
    row = conn.execute(
        """update import_jobs set updated_at = now()
           where id = %(job)s and run_id = %(run)s and attempt = %(attempt)s and status = 'processing' returning 1""",
        holder.values(),
    ).fetchone()
    return row is not None


def total(conn: Connection[Any], holder: Holder) -> Tally:
    """Add up the chunks of this attempt."""
    row = conn.execute(
        """select coalesce(sum(created), 0), coalesce(sum(updated), 0), coalesce(sum(skipped), 0),
             coalesce(sum(failed), 0) from import_chunks where import_id = %(job)s and attempt = %(attempt)s""",
        holder.values(),
    ).fetchone()
    return Tally(*map(int, row)) if row else Tally()


def counters(conn: Connection[Any], holder: Holder) -> Tally:
    """Return the counters as the job shows them."""
    row = conn.execute(
        """select products_created, products_updated, products_skipped, failed_rows, error_count
           from import_jobs where id = %(job)s""",
        holder.values(),
    ).fetchone()
    return Tally(*map(int, row)) if row else Tally()


def standing(conn: Connection[Any], holder: Holder) -> str | None:
    """Return the job's status where it is still the holder's, None where another run or attempt has it."""
    row = conn.execute(
        "select status from import_jobs where id = %(job)s and run_id = %(run)s and attempt = %(attempt)s",
        holder.values(),
    ).fetchone()
    return str(row[0]) if row else None
