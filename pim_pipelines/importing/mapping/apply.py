"""A block of text rows as typed product fields: the mapping, carried out.

Nothing is judged here. A cell that cannot be read gives null, and the text it was read from stands beside it under
`source(field)`; `rules/` tells the two apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pim_pipelines.importing.fields import ATTRIBUTE_PREFIX, PRODUCT_FIELDS, Kind, kind_of
from pim_pipelines.importing.mapping.booleans import read_booleans
from pim_pipelines.importing.mapping.columns import MappedColumn
from pim_pipelines.importing.mapping.defaults import Default
from pim_pipelines.importing.mapping.json_text import json_array, json_object
from pim_pipelines.importing.mapping.numbers import Convention, read_numbers
from pim_pipelines.importing.mapping.transforms import Transform
from pim_pipelines.importing.options import CLEAR, NEVER_CLEARED, empty_cells_of
from pim_pipelines.importing.rules import gtin_columns
from pim_pipelines.importing.rules.malformed import unread_cells

TYPES: dict[Kind, pl.DataType] = {
    Kind.GTIN: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.NUMBER: pl.String(),
    Kind.MEASURE: pl.String(),
    Kind.INTEGER: pl.Int64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.URL: pl.String(),
    Kind.URLS: pl.String(),
}
"""How a field's values stand in a frame; numbers as exact decimal text, lists as JSON."""


def source(field: str) -> str:
    """Name the column that holds the file's own text of a field; blank and `__CLEAR__` cells are null in it."""
    return f"source:{field}"


def raw(field: str) -> str:
    """Name the column that holds the cells of a transformed field as they are in the file."""
    return f"raw:{field}"


def in_order(columns: list[MappedColumn]) -> list[MappedColumn]:
    """Put mapped columns into the order of `fields.py`, attributes last and by name."""
    rank = {field: place for place, field in enumerate(PRODUCT_FIELDS)}
    return sorted(columns, key=lambda column: (rank.get(column.field, len(rank)), column.field))


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one import are read: its columns in order, their number conventions, its options."""

    columns: list[MappedColumn]
    conventions: dict[str, Convention]
    options: dict[str, Any]
    supplier_id: int
    transforms: Mapping[str, Transform] = field(default_factory=dict)
    defaults: Mapping[str, Default] = field(default_factory=dict)

    def read(self, block: pl.DataFrame) -> pl.DataFrame:
        """Type a block of rows.

        block: row_number and the mapped columns under their keys (`c0` …), str. Returns row_number; for each mapped
        field its typed column and its `source`, and where it is transformed, `raw`; always gtin i64, gtin_scope i32,
        ean str, sku str; `ean code` and `ean flaw` where `ean` is mapped; clear str, the comma-joined fields to be
        emptied.
        """
        made: list[pl.Series] = [block["row_number"]]
        cleared: dict[str, pl.Series] = {}
        for column in self.columns:
            read, mask = self._read_column(block, column)
            if mask is not None:
                cleared[column.field] = mask
            made += read
        frame = pl.DataFrame(made)
        missing = {"gtin": pl.Int64, "ean": pl.String, "sku": pl.String}
        frame = frame.with_columns(
            pl.lit(None, type_).alias(name) for name, type_ in missing.items() if name not in frame
        )
        return frame.with_columns(
            _clear(frame, cleared),
            *self._attributes(frame, cleared),
            gtin_scope=gtin_columns.scope(pl.col("gtin"), self.supplier_id),
        )

    def _read_column(self, block: pl.DataFrame, column: MappedColumn) -> tuple[list[pl.Series], pl.Series | None]:
        """Read a field's column; also give the rows in which it is to be emptied, None for no row."""
        field, transform, default = column.field, self.transforms.get(column.field), self.defaults.get(column.field)
        cells = (
            block[column.key] if column.is_in_file else pl.Series([None], dtype=pl.String).new_from_index(0, len(block))
        )
        unread = unread_cells(block, column.key) if column.is_in_file else None
        if transform is None and default is None:  # nearly always
            cells, mask = self._without_clear(cells, field, unread, None)
            return [cells.alias(source(field)), *self._typed(cells, column)], mask
        raw_cells, undated = cells, None
        if transform is not None and transform.changes_text:
            cells, undated = _transformed(block.with_columns(cells.alias("own")), transform, unread)
        filled = None if default is None else _to_be_filled(cells, unread)
        cells, mask = self._without_clear(cells, field, unread, filled)
        typed = self._typed(cells, column)
        if undated is not None:
            typed = [typed[0].set(undated, None)]
        if transform is not None:
            typed = [transform.numbers(typed[0], kind_of(field)), *typed[1:]]
        if default is not None and filled is not None:
            cells, typed = cells.set(filled, default.text), [_filled(typed[0], filled, default).alias(field)]
        made = [cells.alias(source(field)), *typed]
        return [*made, raw_cells.set(raw_cells == CLEAR, None).alias(raw(field))] if transform else made, mask

    def _without_clear(
        self, cells: pl.Series, field: str, unread: pl.Series | None, filled: pl.Series | None
    ) -> tuple[pl.Series, pl.Series | None]:
        """Take `__CLEAR__` out of a column; also give the rows whose field is to be emptied, None for no row."""
        blank = cells.is_null()
        for kept in (unread, filled):
            if kept is not None:
                blank &= ~kept  # nobody left these blank: their field keeps its value, or gets its default
        says_clear = (cells == CLEAR).fill_null(False)
        if says_clear.any():
            cells = cells.set(says_clear, None)
        if field in NEVER_CLEARED:
            return cells, None
        mask = (says_clear | blank) if empty_cells_of(self.options, field) == "clear" else says_clear
        return cells, mask if mask.any() else None

    def _typed(self, cells: pl.Series, column: MappedColumn) -> list[pl.Series]:
        field, kind = column.field, kind_of(column.field)
        match kind:
            case Kind.GTIN:
                read = gtin_columns.read_gtins(cells)
                return [read["gtin"], read["ean"], read["code"].alias("ean code"), read["flaw"].alias("ean flaw")]
            case Kind.NUMBER | Kind.MEASURE | Kind.INTEGER:
                convention = self.conventions.get(column.name, Convention())
                return [read_numbers(cells, kind, convention, percent=field == "tax_rate").alias(field)]
            case Kind.BOOLEAN:
                return [read_booleans(cells).alias(field)]
            case Kind.URL if field == "image_url":
                return [first_url(cells).alias(field)]
            case Kind.URLS:
                return [json_array(split_urls(cells)).alias(field)]
            case _:
                return [cells.alias(field)]

    def _attributes(self, frame: pl.DataFrame, cleared: dict[str, pl.Series]) -> list[pl.Series]:
        """Gather `attributes.*` into one JSON object a row; an attribute to be emptied is null in it."""
        names = [column.field for column in self.columns if column.field.startswith(ATTRIBUTE_PREFIX)]
        if not names:
            return []
        cells = {name.removeprefix(ATTRIBUTE_PREFIX): frame[name] for name in names}
        nulls = {name.removeprefix(ATTRIBUTE_PREFIX): cleared[name] for name in names if name in cleared}
        return [json_object(cells, nulls).alias("attributes")]


def _transformed(
    block: pl.DataFrame, transform: Transform, unread: pl.Series | None
) -> tuple[pl.Series, pl.Series | None]:
    """Change the column `own`; also tell which cells hold no date that could be read, None where none does."""
    own = pl.col("own")
    undated = transform.unread_dates(own)
    made = block.select(cells=transform.cells(own), undated=pl.lit(False) if undated is None else undated)
    cells = made["cells"] if unread is None else made["cells"].set(unread, None)
    return cells, made["undated"] if undated is not None and made["undated"].any() else None


def _to_be_filled(cells: pl.Series, unread: pl.Series | None) -> pl.Series:
    return cells.is_null() if unread is None else cells.is_null() & ~unread


def _filled(typed: pl.Series, blank: pl.Series, default: Default) -> pl.Series:
    return pl.select(pl.when(blank).then(pl.lit(default.value, typed.dtype)).otherwise(typed)).to_series()


_ADDRESS = r"[A-Za-z][A-Za-z0-9+.-]*://"
_NEXT_ADDRESS = rf"[\s|,;]+{_ADDRESS}"


def first_url(cells: pl.Series) -> pl.Series:
    """Leave the first address of cells that hold several; all other cells stay as they are."""
    several = cells.str.contains(rf"^{_ADDRESS}(?s:.*?){_NEXT_ADDRESS}")
    return (
        cells.str.replace(rf"(?s){_NEXT_ADDRESS}.*$", "").zip_with(several.fill_null(False), cells)
        if several.any()
        else cells
    )


def split_urls(cells: pl.Series) -> pl.Series:
    """Split cells of several addresses into lists: at white space and `|`, and at `,` and `;` where an address ends.

    Where a cell names no scheme (`a.jpg,b.jpg`), every comma and semicolon parts; in addresses they may belong.
    """
    has_scheme = cells.str.contains("://", literal=True)
    marked = cells.str.replace_all(r"[,;]\s*([A-Za-z][A-Za-z0-9+.-]*://)", " $1").str.replace_all(
        r"[\s|\x00-\x1f]+", " "
    )
    bare = cells.str.replace_all(r"[\s|,;\x00-\x1f]+", " ")
    lists = pl.select(pl.when(has_scheme).then(marked).otherwise(bare)).to_series().str.split(" ")
    parts = pl.element().str.strip_chars(",;")
    return lists.list.eval(parts.filter(parts != "")).list.unique(maintain_order=True)


def _clear(frame: pl.DataFrame, cleared: dict[str, pl.Series]) -> pl.Series:
    fields = [field for field in cleared if not field.startswith(ATTRIBUTE_PREFIX)]
    if not fields:
        return pl.Series("clear", [None], pl.String).new_from_index(0, frame.height)
    named = [pl.when(cleared[field]).then(pl.lit(field)) for field in fields]
    joined = frame.select(pl.concat_str(named, separator=",", ignore_nulls=True).alias("clear"))["clear"]
    return joined.set(joined == "", None)
