"""A block of text rows as typed Voog attributes: an index mapping, carried out.

Nothing is judged here: a cell that cannot be read gives null, and its text stands beside it under `source(attribute)`;
what is wrong with it, where a sentence was found at once, under `fault(attribute)`. `checks` tells them apart.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pim_pipelines.importing.fields import Kind
from pim_pipelines.importing.mapping.apply import source
from pim_pipelines.importing.mapping.booleans import read_booleans
from pim_pipelines.importing.mapping.columns import MappedColumn
from pim_pipelines.importing.mapping.numbers import Convention, conventions, read_numbers
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES, AttributeMapping
from pim_pipelines.importing.voog.values import (
    LONGEST_MADE_SLUG,
    read_categories,
    read_key_set,
    read_slug,
    read_status,
    slug_of,
)

IDS = ("id", "parent_id")

NUMBERS: dict[str, Kind] = {
    "price": Kind.NUMBER,
    "sale_price": Kind.NUMBER,
    "stock": Kind.INTEGER,
    "reserved_quantity": Kind.INTEGER,
    "length": Kind.MEASURE,
    "width": Kind.MEASURE,
    "height": Kind.MEASURE,
    "weight": Kind.MEASURE,
}
"""How numeric attributes are read: as the product fields of the same names."""


def _key_set(cell: str) -> str:
    return json.dumps(read_key_set(cell), ensure_ascii=False)


def _categories(cell: str) -> str:
    return json.dumps(read_categories(cell), ensure_ascii=False)


CELLS: dict[str, Callable[[str], str]] = {
    "slug": read_slug,
    "status": read_status,
    "variant_attributes_text": _key_set,
    "categories": _categories,
}
"""Attributes whose cells are read one by one, each distinct text once; a ValueError is the cell's fault."""


def fault(attribute: str) -> str:
    """Name the column of sentences that say why a cell of `CELLS` could not be read."""
    return f"fault:{attribute}"


def mapped(columns: Sequence[str], mapping: AttributeMapping) -> list[MappedColumn]:
    """Return the columns that become attributes, in the order of `SUPPORTED_ATTRIBUTES`.

    An index beyond the file's columns is left out: whether a mapping fits is asked before (`attributes.check_fit`).
    """
    found = [
        MappedColumn(columns[int(index)], f"c{index}", attribute)
        for index, attribute in mapping.items()
        if attribute is not None and int(index) < len(columns)
    ]
    rank = {attribute: place for place, attribute in enumerate(SUPPORTED_ATTRIBUTES)}
    return sorted(found, key=lambda column: rank[column.field])


def conventions_of(rows_path: Path, columns: Sequence[MappedColumn]) -> dict[str, Convention]:
    """Decide how the numbers of each numeric attribute are written, over all rows of its column."""
    numeric = {column.key: column.field for column in columns if column.field in NUMBERS}
    if not numeric:
        return {}
    width = 1 + max(int(key.removeprefix("c")) for key in numeric)
    integers = [key for key, attribute in numeric.items() if NUMBERS[attribute] is Kind.INTEGER]
    # Columns are named by their place: names may be anything, places are what a Voog mapping goes by.
    names = [f"c{place}" for place in range(width)]
    found = conventions(rows_path, names, numeric, integers=integers, look_for_doubts=False)
    return {numeric[key]: convention for key, convention in found.items()}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one task are read: its columns, and the conventions of its numeric attributes."""

    columns: list[MappedColumn]
    conventions: Mapping[str, Convention]

    def read(self, block: pl.DataFrame) -> pl.DataFrame:
        """Type a block of rows.

        block: row_number and the mapped columns under their keys, str. Returns row_number; for each mapped attribute
        its typed column (ids, stock and reserved_quantity i64, product_is_variant bool, decimals exact text, key sets
        and categories JSON, else str), its `source`, and for those of `CELLS` its `fault`.
        """
        made: list[pl.Series] = [block["row_number"]]
        for column in self.columns:
            cells = block[column.key]
            made += [cells.alias(source(column.field)), *self._typed(cells, column.field)]
        return pl.DataFrame(made)

    def _typed(self, cells: pl.Series, attribute: str) -> list[pl.Series]:
        if attribute in IDS:
            return [read_ids(cells).alias(attribute)]
        if attribute in NUMBERS:
            return [read_numbers(cells, NUMBERS[attribute], self.conventions[attribute]).alias(attribute)]
        if attribute in CELLS:
            values, faults = each(cells, CELLS[attribute])
            return [values.alias(attribute), faults.alias(fault(attribute))]
        if attribute == "product_is_variant":
            return [read_booleans(cells).alias(attribute)]
        return [cells.alias(attribute)]


def read_ids(cells: pl.Series) -> pl.Series:
    """Read ids, positive whole numbers (a workbook's `6554.0` is 6554), as i64; null where a cell is none.

    Stricter than `read_numbers`: `>10` and `75 pcs` are amounts, and what a grouped number means is no id.
    """
    digits = cells.str.extract(r"^'?([0-9]+)(?:[.,]0+)?$")
    numbers = digits.cast(pl.Int64, strict=False)
    return numbers.set(numbers == 0, None)


def each(cells: pl.Series, read: Callable[[str], str]) -> tuple[pl.Series, pl.Series]:
    """Read each distinct cell; returns the values, null where blank or unreadable, and the sentences that say why."""
    texts = cells.drop_nulls().unique()
    read_texts: list[str | None] = []
    faults: dict[str, str] = {}
    for text in texts:
        try:
            read_texts.append(read(text))
        except ValueError as error:
            read_texts.append(None)
            faults[text] = str(error)
    nothing: dict[str, Any] = {"default": None, "return_dtype": pl.String}
    values = cells.replace_strict(texts, pl.Series(read_texts, dtype=pl.String), **nothing)
    if not faults:
        return values, pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    return values, cells.replace_strict(list(faults), list(faults.values()), **nothing)


def slugs(names: pl.Series) -> pl.Series:
    """Make the slug of each name as `slug_of` does; null stays null. Plain ASCII names, nearly all, in one go."""
    is_plain = names.str.contains(r"^[\x00-\x7f]*$")
    plain = names.str.to_lowercase().str.replace_all(r"[^0-9a-z]+", "-").str.strip_chars("-")
    if (plain.str.len_bytes() > LONGEST_MADE_SLUG).any():
        plain = plain.str.slice(0, LONGEST_MADE_SLUG).str.strip_chars("-")
    is_done = (is_plain & (plain != "")).fill_null(True)
    return plain if is_done.all() else plain.zip_with(is_done, each(names.set(is_done, None), slug_of)[0])
