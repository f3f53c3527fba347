"""`rows.parquet` → mapping → rules → typed rows and their errors, a block at a time.

Blocks are read, checked and given away one after the other, so memory does not grow with the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pim_pipelines.importing.fields import ATTRIBUTE_PREFIX, Kind, kind_of
from pim_pipelines.importing.mapping.apply import TYPES, Reading, in_order
from pim_pipelines.importing.mapping.columns import MappedColumn, mapped, without_column
from pim_pipelines.importing.mapping.defaults import defaults_of
from pim_pipelines.importing.mapping.numbers import Convention, conventions
from pim_pipelines.importing.mapping.transforms import Transform, transforms_of
from pim_pipelines.importing.row_hash import row_hashes, salt
from pim_pipelines.importing.rules.checks import Check, failures
from pim_pipelines.importing.rules.declared import checks
from pim_pipelines.importing.rules.error_types import Severity
from pim_pipelines.importing.rules.findings import gathered
from pim_pipelines.importing.rules.malformed import CUT_OFF, MALFORMED, cell_findings, malformed_findings
from pim_pipelines.importing.rules.spared import ANYTHING, spared, spared_by_cells

BLOCK_ROWS = 50_000
_CELLS_A_BLOCK = 2_000_000
_FEWEST_ROWS = 1_000

_NUMERIC = frozenset({Kind.NUMBER, Kind.MEASURE, Kind.INTEGER})

KEYS: dict[str, pl.DataType] = {
    "row_number": pl.Int32(),
    "gtin": pl.Int64(),
    "gtin_scope": pl.Int32(),
    "ean": pl.String(),
    "sku": pl.String(),
    "row_hash": pl.Int64(),
    "has_title": pl.Boolean(),
    "clear": pl.String(),
}
"""The columns that `CheckedBlock.rows` always begins with."""


@dataclass(frozen=True)
class CheckSpec:
    """What rows are checked by: the file's columns in order, and the mapping, rules and options as checked before."""

    columns: list[str]
    column_mapping: dict[str, str | None]
    validation_rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    import_options: dict[str, Any] = field(default_factory=dict)
    supplier_id: int = 0

    def mapped(self) -> list[MappedColumn]:
        """Return the mapped columns, and the fields that the options fill without one, in the order of `fields.py`."""
        found = mapped(self.columns, self.column_mapping)
        made = [name for name, transform in self.transforms().items() if transform.makes_cells]
        return in_order(found + without_column([*defaults_of(self.import_options), *made], found))

    def transforms(self) -> dict[str, Transform]:
        """Return what is done to the cells of fields before they are read.

        Raises InvalidField where a step names a column that the file lacks.
        """
        return transforms_of(self.import_options, self.columns)

    def fields(self) -> list[str]:
        """Return the mapped product fields in the order of `fields.py`, attributes last."""
        return [column.field for column in self.mapped()]


@dataclass
class CheckedBlock:
    """A block of the file after checking.

    rows: those without an `error`, in the file's order; the columns of `KEYS`, then one for each other mapped product
    field in the order of `fields.py` (text and addresses str; numbers and measures str, exact decimals; integers i64;
    booleans bool; lists str, a JSON array), then `attributes` (str, a JSON object, null when empty) if any is mapped.
    Null keeps the value that is there; fields named in `clear` are to be emptied, and so is an attribute that is null
    within `attributes`.

    errors: errors and warnings of all rows of the block, see `rules/findings.py`.

    spared: with `deactivate_missing`, what the rows with an `error` may mean, see `rules/spared.py`.
    """

    rows: pl.DataFrame
    errors: pl.DataFrame
    total_rows: int
    failed_rows: int
    spared: pl.DataFrame | None = None


def row_schema(spec: CheckSpec) -> dict[str, pl.DataType]:
    """Return the columns of `CheckedBlock.rows` and their types, known before any row is read."""
    fields = spec.fields()
    plain = {
        name: TYPES[kind_of(name)] for name in fields if not name.startswith(ATTRIBUTE_PREFIX) and name not in KEYS
    }
    has_attributes = any(name.startswith(ATTRIBUTE_PREFIX) for name in fields)
    return KEYS | plain | ({"attributes": pl.String()} if has_attributes else {})


def check(rows_path: Path, spec: CheckSpec, *, block_rows: int | None = None) -> Iterator[CheckedBlock]:
    """Check all rows of `rows.parquet`, in order, a block at a time; every row is in exactly one block.

    A block has 50,000 rows, fewer where very many columns are mapped, or `block_rows`.
    """
    columns = spec.mapped()
    block_rows = block_rows or min(BLOCK_ROWS, max(_FEWEST_ROWS, _CELLS_A_BLOCK // len(columns)))
    found = column_conventions(rows_path, spec)
    transforms = spec.transforms()
    reading = Reading(
        columns, found, spec.import_options, spec.supplier_id, transforms, defaults_of(spec.import_options)
    )
    fields = spec.fields()
    decimals = {column.field: found[column.name].decimal for column in columns if column.name in found}
    asked = checks(fields, spec.validation_rules, spec.import_options, decimals)
    seasoning = salt(fields, spec.validation_rules, spec.import_options)
    schema = row_schema(spec)

    keys = [column.key for column in columns if column.is_in_file]
    keys += [key for transform in transforms.values() for key in transform.keys]
    for part, block in blocks(rows_path, keys, block_rows):
        found_by_reader = malformed_findings(block) + cell_findings(block, columns, spec.validation_rules)
        checked = _check_block(block, found_by_reader, reading=reading, asked=asked, seasoning=seasoning, schema=schema)
        if checked.spared is not None and block["problem"].null_count() < block.height:
            malformed = _spared_malformed(part, [f"c{at}" for at in range(len(spec.columns))])
            checked.spared = pl.concat([checked.spared, malformed])
        yield checked


def blocks(rows_path: Path, keys: Sequence[str], block_rows: int) -> Iterator[tuple[pl.LazyFrame, pl.DataFrame]]:
    """Read `rows.parquet` in order: each block of so many rows with all its columns, and as a frame of the wanted ones.

    The frame: row_number, problem, problem_text, and `keys` (`c0` …), each once.
    """
    rows = pl.scan_parquet(rows_path)
    wanted = ["row_number", "problem", "problem_text", *dict.fromkeys(keys)]
    total = int(rows.select(pl.len()).collect().item())
    for start in range(0, total, block_rows):
        part = rows.slice(start, block_rows)
        yield part, part.select(wanted).collect()


def sound(block: pl.DataFrame) -> pl.DataFrame:
    """Leave the rows of a block whose cells stand where they belong."""
    if block["problem"].null_count() == block.height:
        return block
    return block.filter(~pl.col("problem").is_in(MALFORMED).fill_null(False))


def column_conventions(rows_path: Path, spec: CheckSpec) -> dict[str, Convention]:
    """Decide how each mapped numeric column is read; `decimal_separator` decides for all of them."""
    columns = [column for column in spec.mapped() if column.is_in_file and kind_of(column.field) in _NUMERIC]
    numeric = {column.name: kind_of(column.field) for column in columns}
    if separator := spec.import_options.get("decimal_separator"):
        return dict.fromkeys(numeric, Convention(separator))
    integers = [name for name, kind in numeric.items() if kind is Kind.INTEGER]
    transforms = spec.transforms()
    changed = {
        column.key: transform.cells(pl.col(column.key))
        for column in columns
        if (transform := transforms.get(column.field)) and transform.changes_text
    }
    return conventions(rows_path, spec.columns, numeric, integers=integers, look_for_doubts=False, changed=changed)


def _check_block(
    block: pl.DataFrame,
    found: list[pl.DataFrame],
    *,
    reading: Reading,
    asked: list[Check],
    seasoning: int,
    schema: dict[str, pl.DataType],
) -> CheckedBlock:
    typed = reading.read(sound(block))
    errors = gathered(found + failures(typed, asked))
    failed = errors.filter(pl.col("severity") == Severity.ERROR.value)["row_number"].unique()
    good = typed.filter(~pl.col("row_number").is_in(failed.implode())) if failed.len() else typed
    has_title = pl.col("title").is_not_null() if "title" in good.columns else pl.lit(False)
    good = good.with_columns(has_title=has_title)
    hashed = good.select(
        name for name in schema if name not in ("row_number", "gtin", "gtin_scope", "row_hash", "has_title")
    )
    good = good.with_columns(row_hashes(hashed, seasoning)).select(list(schema))
    return CheckedBlock(good, errors, block.height, failed.len(), _spared(typed, failed, reading))


def _spared(typed: pl.DataFrame, failed: pl.Series, reading: Reading) -> pl.DataFrame | None:
    """Tell what the failed rows may mean, but for malformed ones, which have not been read."""
    if not reading.options.get("deactivate_missing"):
        return None
    return spared(typed.filter(pl.col("row_number").is_in(failed.implode())))


def _spared_malformed(rows: pl.LazyFrame, names: list[str]) -> pl.DataFrame:
    """Tell what malformed rows may mean: any of their cells, and where the file was cut off, whatever is behind it."""
    malformed = rows.filter(pl.col("problem").is_in(MALFORMED)).select("problem", *names).collect()
    found = spared_by_cells(malformed.select(names))
    return pl.concat([found, ANYTHING]) if CUT_OFF in malformed["problem"] else found
