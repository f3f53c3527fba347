"""A chunk: the rows that one transaction loads, and how they are handed to the database."""

from dataclasses import dataclass, replace

import polars as pl

from pim_pipelines.loading import messages
from pim_pipelines.loading.checked import csv
from pim_pipelines.loading.work import Work
from pim_pipelines.store import errors, offers, pending
from pim_pipelines.store.chunks import Tally
from pim_pipelines.store.plan import Action
from pim_pipelines.store.plan_query import OFFER_ONLY
from pim_pipelines.store.products import INCOMING_COLUMNS, NOT_NULL
from pim_pipelines.store.writing import Kinds

MOST_FINDINGS = 32_000
"""So many errors of one row are kept; the plan's own comes after them."""


@dataclass(frozen=True)
class Chunk:
    """Rows to be loaded in one transaction.

    rows: checked rows beside their plan. findings: the errors and warnings of these rows and of the `failed` rows that
    are counted here. buckets: what is locked meanwhile.
    """

    number: int
    part: int
    buckets: tuple[int, ...]
    rows: pl.DataFrame
    findings: pl.DataFrame
    failed: int

    def planned_again(self, plan: pl.DataFrame) -> "Chunk":
        """Give the chunk a new plan for those of its rows that the plan names."""
        names = [name for name in plan.columns if name != "row_number"]
        again = self.rows.drop(names).join(plan, on="row_number", how="inner", maintain_order="left")
        kept = self.rows.join(plan.select("row_number"), on="row_number", how="anti", maintain_order="left")
        return replace(self, rows=pl.concat([kept.select(again.columns), again]).sort("row_number"))

    @property
    def live(self) -> list[int]:
        """The rows that a change of the catalogue may concern: all but the superseded."""
        return self.rows.filter(pl.col("action") != Action.SUPERSEDED.value)["row_number"].to_list()


@dataclass(frozen=True)
class Cargo:
    """A chunk as the database takes it: CSV for COPY (empty where there is nothing), and how its rows are counted."""

    new_ids: pl.Series
    new_products: bytes
    new_offers: bytes
    changes: bytes
    kinds: Kinds
    waiting: bytes
    findings: pl.DataFrame
    new_skus: list[str]
    with_ean: pl.DataFrame
    tally: Tally


def cargo(chunk: Chunk, work: Work) -> Cargo:
    """Write a chunk's rows down for COPY."""
    rows = chunk.rows.with_columns(
        ean=pl.coalesce("ean", _shown(pl.col("target_gtin"))),
        row_hash=pl.when("writes_product").then("row_hash").otherwise(pl.col("row_hash") ^ OFFER_ONLY),
    )
    creates = rows.filter(pl.col("action") == Action.CREATE.value).sort("target_gtin", "row_number", nulls_last=True)
    updates = rows.filter(pl.col("action") == Action.UPDATE.value).sort("product_id", "row_number")
    waiting = rows.filter(pl.col("action") == Action.PENDING.value)
    adopting = updates.filter("adopts")
    found = _findings(chunk, work)
    return Cargo(
        new_ids=creates["product_id"],
        new_products=csv(_products(creates, work)),
        new_offers=csv(_offers(creates.filter(pl.col("offer_no").is_not_null()), work)),
        changes=csv(_incoming(updates, work)),
        kinds=Kinds(
            adopts=not adopting.is_empty(),
            clears=updates["clear"].null_count() < updates.height,
            fills_only=work.fills_only,
            lists=True,
        ),
        waiting=csv(_waiting(waiting)),
        findings=found,
        new_skus=creates.filter(pl.col("target_gtin").is_null())["sku"].to_list(),
        with_ean=pl.concat([creates, adopting])
        .filter(pl.col("target_gtin").is_not_null())
        .select("product_id", "target_gtin", "target_scope"),
        tally=_tally(chunk, found.height),
    )


def _shown(gtin: pl.Expr) -> pl.Expr:
    """Write a GTIN as it is shown where a row brings none itself: 8, 13 or 14 digits."""
    text = gtin.cast(pl.String)
    return (
        pl.when(gtin < 10**8)
        .then(text.str.zfill(8))
        .when(gtin < 10**13)
        .then(text.str.zfill(13))
        .otherwise(text.str.zfill(14))
    )


def new_product_columns(work: Work) -> list[str]:
    """Name the columns of `products` that a new one's row has."""
    return [
        "id", "tenant_id", "gtin", "gtin_scope", "ean", "created_import_id", "last_import_id", *work.columns,
    ]  # fmt: skip


def _products(creates: pl.DataFrame, work: Work) -> pl.DataFrame:
    def value(name: str) -> pl.Expr:
        column = pl.col(name)
        if name in NOT_NULL:
            return column.fill_null(True)
        if name == "attributes":
            return pl.when(column.str.contains("null", literal=True)).then(_without_nulls(column)).otherwise(column)
        return column

    return creates.select(
        pl.col("product_id").alias("id"),
        pl.lit(work.tenant_id).alias("tenant_id"),
        pl.col("target_gtin").alias("gtin"),
        pl.col("target_scope").alias("gtin_scope"),
        pl.col("ean"),
        pl.lit(work.job_id).alias("created_import_id"),
        pl.lit(work.job_id).alias("last_import_id"),
        *map(value, work.columns),
    )


def _without_nulls(column: pl.Expr) -> pl.Expr:
    import json  # noqa: PLC0415

    def cleaned(text: str) -> str | None:
        kept = {name: value for name, value in json.loads(text).items() if value is not None}
        return json.dumps(kept, ensure_ascii=False) if kept else None

    return column.map_elements(cleaned, return_dtype=pl.String, skip_nulls=True)


def _offers(creates: pl.DataFrame, work: Work) -> pl.DataFrame:
    amounts = [pl.col(name) if name in work.columns else pl.lit(None).alias(name) for name in ("cost_price", "stock")]
    return creates.select(
        pl.lit(work.tenant_id).alias("tenant_id"),
        pl.lit(work.writer.supplier).alias("supplier_id"),
        "product_id",
        "offer_no",
        "sku",
        *amounts,
        "row_hash",
        pl.lit(work.writer.hash_version).alias("hash_version"),
    ).select(offers.COLUMNS)


def _incoming(updates: pl.DataFrame, work: Work) -> pl.DataFrame:
    named = {"gtin": "target_gtin", "gtin_scope": "target_scope"}
    return updates.select(
        *(pl.col(named.get(name, name)).alias(name) for name in INCOMING_COLUMNS),
        *work.columns,
    )


def _waiting(rows: pl.DataFrame) -> pl.DataFrame:
    title = pl.col("title") if "title" in rows.columns else pl.lit(None)
    return rows.select("gtin", "gtin_scope", "ean", title.alias("description")).select(pending.COLUMNS)


def _findings(chunk: Chunk, work: Work) -> pl.DataFrame:
    """Give the chunk's errors and warnings as `store.errors.copy` takes them, by row."""
    checked = chunk.findings.with_columns(
        n=pl.int_range(pl.len(), dtype=pl.Int32).over("row_number") if chunk.findings.height else pl.lit(0, pl.Int32)
    ).filter(pl.col("n") < MOST_FINDINGS)
    planned = messages.of_plan(chunk.rows, create_missing=work.scope.create_missing).with_columns(
        n=pl.lit(MOST_FINDINGS, pl.Int32)
    )
    columns = ["row_number", "n", "severity", "error_type", "field", "message", "raw_value"]
    return (
        pl.concat([checked.select(columns), planned.select(columns)])
        .with_columns(import_id=pl.lit(work.job_id), severity=pl.col("severity").str.head(1))
        .select(errors.COLUMNS)
        .sort("row_number", "n")
    )


def _tally(chunk: Chunk, findings: int) -> Tally:
    counted = dict(chunk.rows["counts_as"].value_counts().iter_rows())
    return Tally(
        counted.get("c", 0), counted.get("u", 0), counted.get("s", 0), counted.get("f", 0) + chunk.failed, findings
    )
