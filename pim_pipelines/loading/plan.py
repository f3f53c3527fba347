"""Plan what happens to every staged row."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import numpy as np
import polars as pl
import psycopg

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading.work import Connect, Connection, PlanSummary, Work
from pim_pipelines.store import missing, plan, staging
from pim_pipelines.store.chunks import Tally
from pim_pipelines.store.plan import Action
from pim_pipelines.store.staging import Staging

NAMED = {"gtin": "target_gtin", "gtin_scope": "target_scope"}
"""The plan's columns that are named apart from the checked rows': the product's, not the row's."""

NAMES = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.SAME: "same",
    Action.SUPERSEDED: "superseded",
    Action.PENDING: "pending",
    Action.SKIP: "skip",
    Action.REJECT: "reject",
}


def build(connect: Connect, work: Work) -> PlanSummary:
    """Plan the run's staged rows; raises ImportFailed where not every staged row is there."""
    with closing(connect()) as conn:
        with conn.transaction():
            staged = found(conn, work)
            plan.forget(conn, staged)
            in_halves = plan.may_be_halved(conn, staged, work.scope)
            planned = 0 if in_halves else plan.build(conn, staged, work.scope)
        if in_halves:
            planned = _build_halves(connect, conn, work, staged)
        if planned != staged.rows_staged:
            raise ImportFailed(
                f"{staged.rows_staged} rows were staged, but {planned} could be planned: nothing was loaded. "
                "Retry the import."
            )
        with conn.transaction():
            return summary(conn, work, staged)


def _build_halves(connect: Connect, conn: Connection, work: Work, staged: Staging) -> int:
    """Plan both halves at once, each by a connection: one server process alone would leave a core idle."""

    def half(conn: Connection, number: int) -> int:
        with conn.transaction():
            return plan.build(conn, staged, work.scope, half=number)

    with closing(connect()) as other, ThreadPoolExecutor(1, thread_name_prefix="plan") as thread:
        second = thread.submit(half, other, 1)
        try:
            first = half(conn, 0)
        except BaseException:
            with suppress(psycopg.Error):
                other.cancel_safe(timeout=5)
            raise
        return first + second.result()


def summary(conn: Connection, work: Work, staged: Staging) -> PlanSummary:
    """Sum up a plan."""
    actions = dict.fromkeys(NAMES.values(), 0)
    counted = dict.fromkeys("cusf", 0)
    shared = 0
    for count in plan.counts(conn, staged):
        actions[NAMES[count.action]] += count.rows
        counted[count.counts_as] += count.rows
        if count.action in (Action.UPDATE, Action.SAME) and not count.writes_product:
            shared += count.rows
    failed = staged.total_rows - staged.rows_staged
    warnings = {
        "duplicate_in_file": actions["superseded"],
        "ean_shared_by_skus": shared,
        "ean_pending": actions["pending"],
    }
    reason = "missing_required_field" if work.scope.create_missing else "reference_not_found"
    return PlanSummary(
        actions,
        Tally(counted["c"], counted["u"], counted["s"], counted["f"] + failed),
        {name: number for name, number in warnings.items() if number},
        {reason: actions["reject"]} if actions["reject"] else {},
        missing.count(conn, staged, work.scope) if work.deactivates_missing else 0,
    )


def found(conn: Connection, work: Work) -> Staging:
    """Return the run's staging; raises ImportFailed where there is none."""
    staged = staging.find(conn, work.run_id)
    if staged is None:
        raise ImportFailed("The checked rows are not staged any more: retry the import.")
    return staged


def read(packed: Mapping[str, bytes]) -> pl.DataFrame:
    """Read a plan as `store.plan.packed` gives it, by row number, its columns named as in `NAMED`."""
    frame = pl.DataFrame({name: _column(kind, packed[name]) for name, kind in plan.PACKED.items()})
    nullable = pl.col("product_id", "offer_no", "gtin")
    return frame.with_columns(pl.when(nullable != plan.NULL).then(nullable)).rename(NAMED)


def _column(kind: str, values: bytes) -> pl.Series:
    if kind == "S1":
        letters = np.frombuffer(values, dtype=np.uint8)
        return pl.Series(letters).replace_strict({ord(letter): letter for letter in LETTERS}, return_dtype=pl.String)
    return pl.Series(np.frombuffer(values, dtype=np.dtype(kind).newbyteorder(">")).astype(kind))


LETTERS = frozenset("cusf") | {action.value for action in Action}
