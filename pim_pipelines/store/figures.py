"""Numbers over the import jobs: of all tenants for whoever watches the system, of one for its dashboard."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


def jobs_by_status(conn: Connection[Any]) -> dict[str, int]:
    """Return how many import jobs there are in each status that any is in."""
    return dict(conn.execute("select status, count(*) from import_jobs group by status").fetchall())


def rows(conn: Connection[Any]) -> dict[str, int]:
    """Return how many rows the jobs that are still there have had, by what became of them."""
    names = ("created", "updated", "skipped", "failed")
    counts = conn.execute(
        """select coalesce(sum(products_created), 0)::bigint, coalesce(sum(products_updated), 0)::bigint,
             coalesce(sum(products_skipped), 0)::bigint, coalesce(sum(failed_rows), 0)::bigint from import_jobs"""
    ).fetchone()
    return dict(zip(names, counts or (0, 0, 0, 0), strict=True))


def oldest_waiting_seconds(conn: Connection[Any]) -> float:
    """Return how long the oldest job that no run was launched for has waited; 0 where none does."""
    row = conn.execute(
        """select coalesce(extract(epoch from now() - min(updated_at)), 0)::float8 from import_jobs
           where status in ('pending', 'processing') and run_id is null"""
    ).fetchone()
    return float(row[0]) if row else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFigures:
    """What the jobs of a tenant add up to; archived ones count, deleted ones do not."""

    total_jobs: int
    completed_jobs: int
    failed_jobs: int
    total_rows_processed: int
    total_products_created: int
    total_products_updated: int

    @property
    def success_rate(self) -> float:
        """How many in a hundred of the completed and failed jobs were completed, to one decimal; 0 without any."""
        ended = self.completed_jobs + self.failed_jobs
        return round(100 * self.completed_jobs / ended, 1) if ended else 0.0


def of_tenant(conn: Connection[Any], tenant_id: int) -> ImportFigures:
    """Add up a tenant's jobs."""
    with conn.cursor(row_factory=class_row(ImportFigures)) as cursor:
        found = cursor.execute(
            """select count(*) as total_jobs,
                 count(*) filter (where status = 'completed') as completed_jobs,
                 count(*) filter (where status = 'failed') as failed_jobs,
                 coalesce(sum(successful_rows + failed_rows), 0)::bigint as total_rows_processed,
                 coalesce(sum(products_created), 0)::bigint as total_products_created,
                 coalesce(sum(products_updated), 0)::bigint as total_products_updated
               from import_jobs where tenant_id = %s""",
            (tenant_id,),
        ).fetchone()
    assert found is not None  # noqa: S101 - an aggregate always has a row
    return found
