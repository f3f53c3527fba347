"""Numbers as suppliers write them: which convention a column follows, and its cells as exact decimal text.

Both conventions are read (`1,234.56`, `1.234,56`, `1 234,56 €`, `1'234.50`); which one holds is decided once per column
over all its cells, never per cell. A cell that contradicts its column's convention is no number there, so that nothing
is read a thousandfold wrong in silence.

What is read beyond digits and separators:

- dropped: a currency sign or code around numbers (`৳ 123,599`, `549.00 PKR`, `12,50 zł`), a unit behind measures and
  integers (`12 kg`, `75 pcs`), `%` behind a tax rate, "no cents" (`12,-`, `12.–`);
- negative: `-5`, `−5`, `5-`, and accountants' `(5.00)`;
- `1e3`, `2.5E-02`: what programs write; exact, for exponents of up to two digits;
- `>10`, `10+`, `≥ 10` in integers is 10, what is surely there; `<5` is no number, for it may be 0;
- Indian grouping (`1,23,599`) beside groups of three; a leading apostrophe (a spreadsheet's mark of text) is dropped.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from pim_pipelines.importing.fields import Kind
from pim_pipelines.importing.mapping.currencies import PATTERN as CURRENCY
from pim_pipelines.importing.mapping.currencies import SIGNS

Decimals = Literal[".", ","]

_BLANKS = " \t\u00a0\u2007\u2009\u202f"
_UNIT = r"""(?:[\p{L}µ°"″'′%]+\.?[²³23]?)"""
_AT_LEAST = r"^(?:>=?|≥|⩾|ab |min\.? |over )\s*|\s*\+$"

_GROUPERS = {".": ",", ",": "."}
_FREE_GROUPERS = " \u00a0\u2007\u2009\u202f'’´`"
_LONGEST_CELL = 200  # bytes; anything longer is no number, and patterns should not search a megabyte
_TOO_LONG = r"[0-9]{31}"


@dataclass(frozen=True, slots=True)
class Convention:
    """How the numbers of a column are written.

    `is_ambiguous`: every separator could be either (`1.234` only), so a decimal point was assumed.
    `is_mixed`: some cells contradict the others; they will be no numbers.
    """

    decimal: Decimals = "."
    is_ambiguous: bool = False
    is_mixed: bool = False

    def warning(self, column: str) -> str | None:
        """Say what a user should look at in this column; None when nothing is in doubt."""
        if self.is_ambiguous:
            return (
                f'The numbers of column "{column}" can be read in two ways (1.234 or 1,234); the point is taken for '
                "the decimal separator. If that is wrong, set import_options.decimal_separator."
            )
        if self.is_mixed:
            other = _GROUPERS[self.decimal]
            return (
                f'Column "{column}" writes decimals with "{self.decimal}" in most cells and with "{other}" in others; '
                "those others will not be read."
            )
        return None


def conventions(
    rows_path: Path,
    columns: list[str],
    wanted: Collection[str],
    *,
    integers: Collection[str] = (),
    look_for_doubts: bool = True,
    changed: Mapping[str, pl.Expr] | None = None,
) -> dict[str, Convention]:
    """Decide the convention of the `wanted` columns over all rows of `rows.parquet`.

    `columns` are the file's columns in order; `integers` those that hold whole numbers, where `1.500` can only be
    fifteen hundred. Cells that are no numbers say nothing. Without `look_for_doubts`, `is_ambiguous` stays false and
    most columns are read once: analysis warns, loading need not look again. `changed`: columns of `rows.parquet` whose
    cells are changed before they are read.
    """
    at = {name: f"c{position}" for position, name in enumerate(columns) if name in set(wanted)}
    rows, whole = pl.scan_parquet(rows_path), set(integers)
    if changed:
        rows = rows.with_columns(cells.alias(column) for column, cells in changed.items())
    comma = _count(rows, {at[name]: _evidence(",", whole=name in whole) for name in at})
    asked = {at[name]: _evidence(".", whole=name in whole) for name in at if look_for_doubts or comma[at[name]]}
    point = _count(rows, asked)
    unsure = [column for column in asked if not comma[column] and not point[column]]
    either = _count(rows, dict.fromkeys(unsure, _EITHER))
    return {
        name: Convention(
            decimal="," if comma[column] > point.get(column, 0) else ".",
            is_ambiguous=either.get(column, 0) > 0,
            is_mixed=min(comma[column], point.get(column, 0)) > 0,
        )
        for name, column in at.items()
    }


def read_numbers(cells: pl.Series, kind: Kind, convention: Convention, *, percent: bool = False) -> pl.Series:
    """Read a text column as exact decimal text (`29.9`, `-5`, `1234.56`); null where a cell is blank or no number.

    Integers come as i64: whole (`75`, `75.0`), and null where they do not fit.
    """
    is_too_long = cells.str.len_bytes() > _LONGEST_CELL
    if is_too_long.any():
        cells = cells.set(is_too_long, None)
    is_done = cells.str.contains(_DONE[convention.decimal]).fill_null(True)
    numbers = cells
    if not is_done.all():
        rest = cells.filter(~is_done).str.strip_chars(_AROUND)
        is_simple = rest.str.contains(_SIMPLE[convention.decimal])
        if is_simple.all():
            read = _canonical(rest, convention)
        else:
            hard = _plain_decimals(_undecorated(rest.filter(~is_simple), kind, percent=percent), convention)
            read = _canonical(rest.scatter((~is_simple).arg_true(), hard), convention)
        numbers = cells.clone().scatter((~is_done).arg_true(), read)  # scatter writes into its series
    return numbers.cast(pl.Int64, strict=False) if kind is Kind.INTEGER else numbers


def unmistakable(cells: pl.Series, convention: Convention) -> pl.Series:
    """Write the cells that could be read in two ways so that they are read alike in any company.

    Alone, away from the cells that decided for the comma, `1.234` and `1,234` would be read with a decimal point: they
    become `1234` and `1,2340`.
    """
    if convention.decimal == ".":
        return cells
    either = cells.str.contains(_EITHER).fill_null(False) & (cells.str.len_bytes() <= _LONGEST_CELL)
    if not either.any():
        return cells
    plain = cells.str.replace(r"^([^.]*)\.", "$1").str.replace(r"^([^,]*,[0-9]{3})", "${1}0")
    return plain.zip_with(either, cells)


def _count(rows: pl.LazyFrame, patterns: dict[str, str]) -> dict[str, int]:
    """Count, per column, the cells that match its pattern."""
    if not patterns:
        return {}
    short = {column: pl.col(column).str.len_bytes() <= _LONGEST_CELL for column in patterns}
    cells = {column: pl.when(is_short).then(pl.col(column)) for column, is_short in short.items()}
    counts = [cells[column].str.contains(pattern).sum().alias(column) for column, pattern in patterns.items()]
    row = rows.select(counts).collect(engine="streaming").row(0, named=True)
    return {column: int(count or 0) for column, count in row.items()}


def _evidence(decimal: Decimals, *, whole: bool) -> str:
    """Build the pattern of cells that can only be read with this decimal separator."""
    d, g = re.escape(decimal), re.escape(_GROUPERS[decimal])
    free = rf"[{_FREE_GROUPERS}]"
    cores = [
        rf"[0-9]{{1,3}}(?:{g}[0-9]{{2,3}})*{g}[0-9]{{3}}{d}[0-9]*",  # 1.234,56
        rf"[0-9]{{1,3}}(?:{g}[0-9]{{2,3}})+{g}[0-9]{{3}}",  # 1.234.567
        rf"(?:[0-9]|{free})*{d}(?:[0-9]{{1,2}}|[0-9]{{4,}})",  # 12,5
        rf"(?:0|[0-9]{{4,}}|[0-9]{{1,3}}(?:{free}[0-9]{{3}})+)?{d}[0-9]{{3}}",  # 0,125 1234,567 ,125
        rf"[0-9]+{d}[-–—]+",  # 12,-
    ]
    if whole:
        cores.append(rf"[0-9]{{1,3}}{g}(?:[0-9][0-9][1-9]|[0-9][1-9]0|[1-9]00)")  # 1.500
    return rf"^[^0-9.,]*(?:{'|'.join(cores)})(?:[^0-9.,][^0-9,]*)?$"


_EITHER = r"^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}(?:[^0-9.,][^0-9,]*)?$"

# Cells that are canonical as they stand, and mean the same in their convention.
_DONE = {
    ".": r"^(?:0|-?[1-9][0-9]{0,17}|-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,17}[1-9])$",
    ",": r"^(?:0|-?[1-9][0-9]{0,17})$",
}


# Cells of bare digits, but for signs and blanks around them.
_AROUND = SIGNS + _BLANKS
_SIMPLE = {".": r"^[0-9]{1,30}(?:\.[0-9]{0,30})?$", ",": "^[0-9]{1,30}(?:,[0-9]{0,30})?$"}


def _undecorated(cells: pl.Series, kind: Kind, *, percent: bool) -> pl.Series:
    """Take off what stands around a number; each step only where some cell needs it."""
    bare = cells.str.strip_chars_start("'")  # how a spreadsheet marks text
    if bare.str.contains("(", literal=True).any():
        bare = bare.str.replace(r"^\(([^()]*)\)$", "-$1")
    if bare.str.contains(r"[^0-9.,' -]|'$").any():
        if percent:
            bare = bare.str.strip_chars_end("%" + _BLANKS)
        if kind is Kind.INTEGER:
            bare = bare.str.replace(_AT_LEAST, "")
        if kind is Kind.NUMBER:
            bare = bare.str.replace(rf"^([-+−–]?)\s*(?:{CURRENCY}|[{SIGNS}])\s*([-+−–]?[0-9.,])", "$1$2")
            bare = bare.str.replace(rf"([0-9.,][-–—]*)\s*{CURRENCY}$", "$1")
        else:
            bare = bare.str.replace(rf"([0-9.,])\s*{_UNIT}$", "$1")
        bare = bare.str.replace(r"^[−–]\s*", "-").str.strip_chars(_AROUND)
    if bare.str.contains(r"[-–—−]$").any():
        bare = bare.str.replace(r"[.,][-–—]+$", "").str.replace(r"^([0-9][0-9.,' ]*)[-–−]$", "-$1")
    return bare


def _plain_decimals(bare: pl.Series, convention: Convention) -> pl.Series:
    """Leave digits, a sign and the convention's separator of bare numbers; everything else becomes null."""
    decimal = convention.decimal
    d, groups = re.escape(decimal), rf"[{re.escape(_GROUPERS[decimal])}{_FREE_GROUPERS}]"
    whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{groups}[0-9]{{2,3}})*{groups}[0-9]{{3}})"
    text = bare.set(~bare.str.contains(rf"^(?:[-+][{_FREE_GROUPERS}]*)?(?:{whole}(?:{d}[0-9]*)?|{d}[0-9]+)$"), None)
    if text.str.contains(groups).any():
        text = text.str.replace_all(groups, "")
    scientific = bare.str.contains(r"^[-+]?[0-9]*[.,]?[0-9]*[eE][-+]?[0-9]{1,2}$")
    if scientific.any():
        at = scientific.fill_null(False).arg_true()
        text = text.scatter(at, [_expanded(cell, decimal) for cell in bare.gather(at)])
    return text


def _canonical(text: pl.Series, convention: Convention) -> pl.Series:
    """Write a point, drop needless signs and zeros: `+007,50` is `7.5`, `-0.0` is `0`; over 30 digits is no number."""
    if convention.decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    if text.str.contains(r"^(?:[-+]|0[0-9]|\.)").any():
        text = text.str.replace(r"^\+?(-?)0*([0-9.])", "$1$2").str.replace(r"^(-?)\.", "${1}0.")
    has_decimals = text.str.contains(".", literal=True)
    if has_decimals.any():
        without = text.str.strip_chars_end("0").str.strip_chars_end(".")
        text = without if has_decimals.all() else without.zip_with(has_decimals.fill_null(False), text)
    if text.str.contains(r"^-0$|[0-9]{31}").any():
        text = text.set(text == "-0", "0").set(text.str.contains(_TOO_LONG), None)
    return text


def _expanded(cell: str, decimal: Decimals) -> str | None:
    """Write `1.5e3` out as `1500.`, exactly; None where the mantissa is no number of the convention."""
    match = re.fullmatch(rf"([-+]?)([0-9]*){re.escape(decimal)}?([0-9]*)[eE]([-+]?[0-9]+)", cell)
    if match is None or not match[2] + match[3]:
        return None
    sign, whole, fraction, exponent = match[1], match[2], match[3], int(match[4])
    digits, point = whole + fraction, len(whole) + exponent
    digits = "0" * max(0, -point) + digits
    point = max(0, point)
    digits = digits.ljust(point, "0")
    return f"{sign}{digits[:point] or '0'}{decimal}{digits[point:]}"
