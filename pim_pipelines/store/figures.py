"""Numbers over all tenants, for whoever watches the system."""

from typing import Any

from psycopg import Connection


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
