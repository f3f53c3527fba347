"""`rows.parquet` and an index mapping → typed Voog rows and their errors, a block at a time.

Blocks are read, checked and given away one after the other, so memory does not grow with the file. Source of the
attributes: the Voog page, `supported_attributes`; of what a bad one does: the contract, section 5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pim_pipelines.importing.mapping.apply import source
from pim_pipelines.importing.pipeline import blocks, sound
from pim_pipelines.importing.rules.checks import Check, failures
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.importing.rules.findings import findings, gathered
from pim_pipelines.importing.rules.malformed import cell_findings, malformed_findings
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES, AttributeMapping
from pim_pipelines.importing.voog.checks import checks
from pim_pipelines.importing.voog.reading import Reading, conventions_of, mapped, slugs

BLOCK_ROWS = 20_000
"""Fewer than of a Pixee block: all of a block is written to the database, while the next is being checked."""

ROWS: dict[str, pl.DataType] = {
    "row_number": pl.Int32(),
    "id": pl.Int64(),
    "parent_id": pl.Int64(),
    "says_variant": pl.Boolean(),
    "failed": pl.Boolean(),
    "sku": pl.String(),
    "title": pl.String(),
    "slug": pl.String(),
    "slug_base": pl.String(),
    "description": pl.String(),
    "og_description": pl.String(),
    "price": pl.String(),
    "sale_price": pl.String(),
    "length": pl.String(),
    "width": pl.String(),
    "height": pl.String(),
    "weight": pl.String(),
    "stock": pl.Int64(),
    "reserved_quantity": pl.Int64(),
    "status": pl.String(),
    "variant_attributes": pl.String(),
    "categories": pl.String(),
}
"""The columns of `VoogBlock.rows`, always all of them."""

COLUMN_OF = {"name": "title", "product_is_variant": "says_variant", "variant_attributes_text": "variant_attributes"}
"""The columns that are named apart from their attributes."""

KEYS = ("id", "parent_id", "says_variant")
"""What is known of failed rows too, so that those that hang on them can be told so."""

_STRICT = {attribute: {"severity": Severity.ERROR} for attribute in SUPPORTED_ATTRIBUTES}


@dataclass(frozen=True)
class VoogBlock:
    """A block of the file after checking.

    rows: every row of it in the file's order, the columns of `ROWS`: decimals as exact text, `variant_attributes` a
    JSON list of [name, value], `categories` a JSON list of names, `slug` as given, `slug_base` made of the name; null
    where unmapped or blank, which keeps. Of failed rows only `KEYS`, as far as they could be read. A row that is no
    product of any kind (a repeated header, no mapped value) says that it is a variant: it fails, and the variants
    below it belong to the product above it.

    errors: errors and warnings of its rows, fields named as Voog's attributes, see `rules/findings.py`.
    """

    rows: pl.DataFrame
    errors: pl.DataFrame
    total_rows: int
    failed_rows: int


def check(
    rows_path: Path, columns: Sequence[str], mapping: AttributeMapping, *, block_rows: int = BLOCK_ROWS
) -> Iterator[VoogBlock]:
    """Check all rows of `rows.parquet`, in order, a block at a time; every row is in exactly one block."""
    used = mapped(columns, mapping)
    conventions = conventions_of(rows_path, used)
    reading = Reading(used, conventions)
    asked = checks([column.field for column in used], conventions)
    for _, block in blocks(rows_path, [column.key for column in used], block_rows):
        yield _check_block(block, reading, asked)


def _check_block(block: pl.DataFrame, reading: Reading, asked: list[Check]) -> VoogBlock:
    by_reader = malformed_findings(block) + cell_findings(block, reading.columns, _STRICT)
    typed = reading.read(sound(block))
    empty = _empty(typed, _failed(by_reader))
    errors = gathered([*by_reader, *failures(typed, asked), _empty_findings(empty)])
    failed = _failed([errors])
    rows = _rows(typed)
    if failed.len():
        no_products = pl.concat(
            [empty["row_number"], block.filter(pl.col("problem") == "repeated_header")["row_number"]]
        )
        rows = _with_failed(block, rows, failed, no_products)
    return VoogBlock(rows, errors, block.height, failed.len())


def _failed(found: list[pl.DataFrame]) -> pl.Series:
    """Give the numbers of the rows that an error was found in."""
    is_error = pl.col("severity") == Severity.ERROR.value
    numbers = [part.filter(is_error)["row_number"] for part in found]
    return pl.concat(numbers).unique() if numbers else pl.Series([], dtype=pl.Int32)


def _rows(typed: pl.DataFrame) -> pl.DataFrame:
    """Put typed attributes into the columns of `ROWS`."""
    named = {COLUMN_OF.get(attribute, attribute): attribute for attribute in SUPPORTED_ATTRIBUTES}
    made = {column: pl.col(attribute) for column, attribute in named.items() if attribute in typed}
    says_variant = made.get("says_variant", pl.lit(False)).fill_null(False)
    if "parent_id" in typed:  # an id that cannot be read is a parent's all the same
        says_variant |= pl.col("parent_id").is_null() & pl.col(source("parent_id")).is_not_null()
    made |= {"says_variant": says_variant, "failed": pl.lit(False), "row_number": pl.col("row_number")}
    rows = typed.select(made.get(column, pl.lit(None, type_)).alias(column) for column, type_ in ROWS.items())
    return rows.with_columns(slugs(rows["title"]).alias("slug_base")) if "name" in typed else rows


def _with_failed(block: pl.DataFrame, rows: pl.DataFrame, failed: pl.Series, no_products: pl.Series) -> pl.DataFrame:
    """Empty the failed rows but for their keys, and put back those that were not read."""
    all_rows = block.select("row_number").join(rows, on="row_number", how="left", maintain_order="left")
    has_failed = pl.col("row_number").is_in(failed.implode())
    is_none = pl.col("row_number").is_in(no_products.implode())
    keys = {
        "row_number": pl.col("row_number"),
        "id": pl.col("id"),
        "parent_id": pl.col("parent_id"),
        "says_variant": pl.col("says_variant").fill_null(False) | is_none,
        "failed": has_failed,
    }
    return all_rows.select(keys.get(name, pl.when(~has_failed).then(pl.col(name))).alias(name) for name in ROWS)


def _empty(typed: pl.DataFrame, failed: pl.Series) -> pl.DataFrame:
    """Give the rows that have no mapped value; not those whose cells the reader could not take."""
    texts = [pl.col(name).is_null() for name in typed.columns if name.startswith(source(""))]
    empty = typed.filter(pl.all_horizontal(texts)) if texts else typed
    return empty.select("row_number").filter(~pl.col("row_number").is_in(failed.implode()))


def _empty_findings(empty: pl.DataFrame) -> pl.DataFrame:
    """Say of rows without a value that they have none, as of a Pixee row that names no product."""
    message = "The row has no value in any mapped column, so there is nothing to import; remove it, or map its columns."
    return findings(
        empty,
        severity=Severity.ERROR,
        error_type=ErrorType.MISSING_REQUIRED_FIELD,
        field=None,
        message=pl.lit(message),
        raw=pl.lit(None, pl.String),
    )
