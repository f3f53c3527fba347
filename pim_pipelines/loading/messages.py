"""What the plan has to say of rows: the warnings and errors that only the whole file and the catalogue show."""

import polars as pl

from pim_pipelines.loading.checked import ERRORS
from pim_pipelines.store.plan import Action

DUPLICATE = "A later row of this file means the same product and was loaded; this one was left alone."
SHARED_EAN = (
    "Several rows of this file mean this product: its values come from another one, and this row's SKU was added to it."
)
_PENDS = "the EAN waits in the list of pending EANs, unless it was ignored there."
NO_TITLE = f"No product has this EAN, and a new product needs a title: {_PENDS}"
NOT_TO_CREATE = f"No product has this EAN, and create_missing is false: {_PENDS}"
REJECTED_TITLE = "No product has this SKU, and a new product needs a title: fill in the title."
REJECTED_SKU = "No product has this SKU, and create_missing is false: correct the SKU, or let the import make products."


def of_plan(rows: pl.DataFrame, *, create_missing: bool) -> pl.DataFrame:
    """Return the plan's errors and warnings, the columns of `checked.ERRORS`.

    rows: checked rows beside their plan. A row has one at most.
    """
    action = pl.col("action")
    superseded = action == Action.SUPERSEDED.value
    pending = action == Action.PENDING.value
    rejected = action == Action.REJECT.value
    shared = action.is_in([Action.UPDATE.value, Action.SAME.value]) & ~pl.col("writes_product")
    found = rows.filter(superseded | pending | rejected | shared)
    return found.select(
        "row_number",
        severity=pl.when(rejected).then(pl.lit("error")).otherwise(pl.lit("warning")),
        error_type=_by(
            {"duplicate_in_file": superseded, "ean_shared_by_skus": shared, "ean_pending": pending},
            "missing_required_field" if create_missing else "reference_not_found",
        ),
        field=pl.when(rejected)
        .then(pl.lit("title" if create_missing else "sku"))
        .when(pl.col("gtin").is_not_null() & ~shared)
        .then(pl.lit("ean"))
        .otherwise(pl.lit("sku")),
        message=_by(
            {DUPLICATE: superseded, SHARED_EAN: shared, NO_TITLE if create_missing else NOT_TO_CREATE: pending},
            REJECTED_TITLE if create_missing else REJECTED_SKU,
        ),
        raw_value=pl.when(rejected & create_missing)
        .then(pl.lit(None, pl.String))
        .when(pl.col("gtin").is_not_null() & ~shared)
        .then("ean")
        .otherwise("sku"),
    ).select(list(ERRORS))


def _by(texts: dict[str, pl.Expr], otherwise: str) -> pl.Expr:
    chosen = pl.lit(otherwise)
    for text, condition in texts.items():
        chosen = pl.when(condition).then(pl.lit(text)).otherwise(chosen)
    return chosen
