"""What a dry run answers: what the import would do, by the same rows, plan and words as the load."""

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pim_pipelines.importing.fields import ATTRIBUTE_PREFIX, Kind, kind_of
from pim_pipelines.loading import messages
from pim_pipelines.loading import plan as planning
from pim_pipelines.loading.checked import blocks
from pim_pipelines.loading.work import Connect, Work
from pim_pipelines.store import plan
from pim_pipelines.store.plan import Action

SHOWN_AS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.SAME: "update",
    Action.SUPERSEDED: "skip",
    Action.PENDING: "skip",
    Action.SKIP: "skip",
}


def preview(connect: Connect, work: Work, checked_path: Path, errors_path: Path, limit: int = 100) -> dict[str, Any]:
    """Return the documented body of a dry run: `job_id, total_rows, preview_rows, validation_errors, …`.

    Its lists hold the first `limit` rows and errors; its counts are of the whole file. Nothing is changed.
    """
    with closing(connect()) as conn, conn.transaction():
        staged = planning.found(conn, work)
        summary = planning.summary(conn, work, staged)
        planned = planning.read(plan.packed(conn, staged))
    create_missing = work.scope.create_missing
    rows: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    at = 0
    for block in blocks(checked_path, errors_path):
        beside = pl.concat([block.rows, planned.slice(at, block.rows.height).drop("row_number")], how="horizontal")
        at += block.rows.height
        good = beside.filter(pl.col("action") != Action.REJECT.value).head(limit - len(rows))
        rows += [_row(values, work.fields) for values in good.iter_rows(named=True)]
        found = pl.concat([block.errors, messages.of_plan(beside, create_missing=create_missing)])
        wrong = found.filter(pl.col("severity") == "error").sort("row_number", maintain_order=True)
        errors += wrong.head(limit - len(errors)).select("row_number", "field", "message").to_dicts()
        if len(rows) >= limit and len(errors) >= limit:
            break
    return {
        "job_id": str(work.uuid),
        "total_rows": staged.total_rows,
        "preview_rows": rows,
        "validation_errors": errors,
        "products_to_create": summary.actions["create"],
        "products_to_update": summary.actions["update"] + summary.actions["same"],
        **({"products_to_deactivate": summary.deactivations} if work.deactivates_missing else {}),
        "rows_with_errors": summary.tally.failed,
    }


def _row(values: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    row = {"row_number": values["row_number"], "action": SHOWN_AS[Action(values["action"])]}
    attributes = json.loads(values["attributes"]) if values.get("attributes") else {}
    for field in fields:
        if field.startswith(ATTRIBUTE_PREFIX):
            value = attributes.get(field.removeprefix(ATTRIBUTE_PREFIX))
        else:
            value = _plain(values[field], kind_of(field))
        if value is not None:
            row[field] = value
    return row


def _plain(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind in (Kind.NUMBER, Kind.MEASURE):
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    return json.loads(value) if kind is Kind.URLS else value
