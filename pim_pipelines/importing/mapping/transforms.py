"""Cells changed before they are read: the steps of `import_options.transforms`, carried out on whole columns.

Steps on text are Polars expressions, so that the number convention of a column is found in what they leave (a lazy scan
of the file) and its cells are read from the same. `multiply` works on the exact decimals that reading gives. A blank
cell stays blank, but for `concat`; what a step leaves blank is a blank cell; `__CLEAR__` is never touched.
"""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import polars as pl

from pim_pipelines.importing.fields import Kind
from pim_pipelines.importing.mapping.transform_steps import Step, exact, steps_of
from pim_pipelines.importing.options import CLEAR, check_columns

_BLANKS = "".join(map(chr, [*range(0x21), 0xA0, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x3000]))
_MOST_DIGITS = 30  # as in `numbers`
_FAST_DIGITS = 37
_EXACT = Context(prec=100)
_FIRST_YEAR = 1000  # `%Y` would take the 24 of 31.12.24 for a year

Expressions = dict[str, Callable[[pl.Expr, Mapping[str, Any]], pl.Expr]]


def transforms_of(options: Mapping[str, Any], columns: list[str]) -> dict[str, "Transform"]:
    """Return the transforms of checked options by field; raises InvalidField for a column that the file lacks."""
    keys = {name: f"c{columns.index(column)}" for name, column in check_columns(options, columns).items()}
    steps = {name: steps_of(options, name) for name in options.get("transforms") or {}}
    return {name: Transform(tuple(taken), keys) for name, taken in steps.items() if taken}


@dataclass(frozen=True, slots=True)
class Transform:
    """The steps of one field. named: where the columns that steps name stand in `rows.parquet`."""

    steps: tuple[Step, ...]
    named: Mapping[str, str]

    @property
    def keys(self) -> list[str]:
        """The columns of `rows.parquet` that it needs besides the field's own."""
        return [self.named[name] for step in self.steps for name in step.arguments.get("columns", ())]

    @property
    def makes_cells(self) -> bool:
        """Whether it can fill cells of a field that has no column of its own."""
        return any(step.name == "concat" for step in self.steps)

    @property
    def changes_text(self) -> bool:
        """Whether anything is done to cells before they are read."""
        return any(step.name != "multiply" for step in self.steps)

    def cells(self, own: pl.Expr) -> pl.Expr:
        """Change cells; a cell whose date is in none of the formats stays as it came to that step."""
        changed, unread = self._walk(own)
        if unread is not None:
            before, is_unread = unread
            changed = pl.when(is_unread).then(before).otherwise(changed)
        return pl.when(own == CLEAR).then(own).otherwise(changed)

    def unread_dates(self, own: pl.Expr) -> pl.Expr | None:
        """Tell which cells hold a date in none of the formats; None where no date is asked for."""
        _, unread = self._walk(own)
        return None if unread is None else ((own != CLEAR) & unread[1]).fill_null(False)

    def numbers(self, numbers: pl.Series, kind: Kind) -> pl.Series:
        """Multiply what reading gave: exact decimal text, or i64 for whole numbers."""
        for step in self.steps:
            if step.name == "multiply":
                decimals = step.arguments["decimals"]
                numbers = multiplied(numbers, exact(step.arguments["by"]), 0 if kind is Kind.INTEGER else decimals)
        return numbers

    def _walk(self, own: pl.Expr) -> tuple[pl.Expr, tuple[pl.Expr, pl.Expr] | None]:
        cells, unread = own, None
        for step in self.steps:
            if step.name == "concat":
                cells = self._concat(cells, step.arguments)
            elif step.name == "date_format":
                before, cells = cells, _date_format(cells, step.arguments)
                unread = before, before.is_not_null() & cells.is_null()
            elif step.name != "multiply":
                cells = _STEPS[step.name](cells, step.arguments)
        return cells, unread

    def _concat(self, cells: pl.Expr, arguments: Mapping[str, Any]) -> pl.Expr:
        others = [pl.col(self.named[name]) for name in arguments["columns"]]
        filled = [pl.when(other != CLEAR).then(other) for other in others]
        parts = [*filled, cells] if arguments["before"] else [cells, *filled]
        return _or_blank(pl.concat_str(parts, separator=arguments["separator"], ignore_nulls=True))


def multiplied(numbers: pl.Series, factor: Decimal, decimals: int | None = None) -> pl.Series:
    """Multiply canonical decimal texts (or i64) exactly; `decimals` rounds, halves away from zero.

    A product of more than 30 digits is null, as such a cell would be.
    """
    texts = numbers.cast(pl.String)
    whole = texts.str.strip_chars_start("-").str.replace(r"\..*$", "").str.len_bytes()
    places = texts.str.extract(r"\.([0-9]+)$").str.len_bytes().fill_null(0)
    own_places = max(0, -int(factor.as_tuple().exponent))
    scale = int(str(places.max() or 0)) + own_places
    room = _FAST_DIGITS - scale - len(f"{abs(factor):f}".split(".", maxsplit=1)[0])
    if scale <= _FAST_DIGITS and int(str(whole.max() or 0)) <= room:
        exact_type = pl.Decimal(38, scale)
        product = pl.lit(texts.cast(exact_type)) * pl.lit(pl.Series([f"{factor:f}"]).cast(exact_type)).first()
        if decimals is not None and decimals < scale:
            product = product.round(decimals, mode="half_away_from_zero")
        made = _canonical(pl.select(product.alias(numbers.name)).to_series().cast(pl.String))
    else:
        made = texts.map_elements(lambda text: _slowly(text, factor, decimals), return_dtype=pl.String, skip_nulls=True)
    return made.cast(numbers.dtype, strict=False)


def _slowly(text: str, factor: Decimal, decimals: int | None) -> str | None:
    product = _EXACT.multiply(Decimal(text), factor)
    if decimals is not None and decimals < -int(product.as_tuple().exponent):
        product = product.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)
    made = f"{product:f}"
    made = made.rstrip("0").rstrip(".") if "." in made else made
    digits = made.lstrip("-").split(".")
    return None if any(len(part) > _MOST_DIGITS for part in digits) else "0" if made == "-0" else made


def _canonical(texts: pl.Series) -> pl.Series:
    has_point = texts.str.contains(".", literal=True)
    bare = texts.str.strip_chars_end("0").str.strip_chars_end(".")
    made = bare.zip_with(has_point.fill_null(False), texts)
    return made.set(made == "-0", "0").set(made.str.contains(r"[0-9]{31}"), None)


def _or_blank(cells: pl.Expr) -> pl.Expr:
    """Take a cell with nothing in it for a blank one."""
    return pl.when(cells != "").then(cells)


def _trim(cells: pl.Expr, _: Mapping[str, Any]) -> pl.Expr:
    return _or_blank(cells.str.strip_chars(_BLANKS))


def _replace(cells: pl.Expr, arguments: Mapping[str, Any]) -> pl.Expr:
    is_literal = not arguments["regex"]
    return _or_blank(cells.str.replace_all(arguments["from"], arguments["to"], literal=is_literal))


def _split(cells: pl.Expr, arguments: Mapping[str, Any]) -> pl.Expr:
    part = arguments["part"]
    parts = cells.str.split(arguments["by"], literal=True)
    return _trim(parts.list.get(part - 1 if part > 0 else part, null_on_oob=True), {})


def _date_format(cells: pl.Expr, arguments: Mapping[str, Any]) -> pl.Expr:
    read = [cells.str.strptime(pl.Datetime, text, strict=False) for text in arguments["from"]]
    dates = [pl.when(date.dt.year().is_between(_FIRST_YEAR, 9999)).then(date) for date in read]
    return pl.coalesce(dates).dt.strftime(arguments["to"])


def _strip_html(cells: pl.Expr, _: Mapping[str, Any]) -> pl.Expr:
    return cells.map_batches(without_html, return_dtype=pl.String, is_elementwise=True)


_UNSEEN = r"(?is)<!--.*?-->|<(?:script)\b.*?</script\s*>|<(?:style)\b.*?</style\s*>"
_BREAKS = r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6]|/ul|/ol|/table)\b[^<>]*>"
_CELLS = r"(?i)</t[dh]\b[^<>]*>"
_TAGS = r"<[/!?]?[A-Za-z][^<>]*>"


def without_html(cells: pl.Series) -> pl.Series:
    """Leave of HTML what a reader sees: no tags, entities as characters, a line end where a block ends."""
    text = cells
    if text.str.contains("<", literal=True).any():
        text = text.str.replace_all(_UNSEEN, "").str.replace_all(_BREAKS, "\n").str.replace_all(_CELLS, " ")
        text = text.str.replace_all(_TAGS, "")
    has_entities = text.str.contains("&", literal=True).fill_null(False)
    if has_entities.any():
        plain = [html.unescape(cell).replace("\0", "") for cell in text.filter(has_entities)]
        text = text.clone().scatter(has_entities.arg_true(), plain)
    text = text.str.replace_all(r"[ \t\x{a0}]+", " ").str.replace_all(r" ?[\r\n][\s]*", "\n").str.strip_chars(_BLANKS)
    return text.set(text == "", None)


_STEPS: Expressions = {
    "trim": _trim,
    "upper": lambda cells, _: cells.str.to_uppercase(),
    "lower": lambda cells, _: cells.str.to_lowercase(),
    "strip_html": _strip_html,
    "replace": _replace,
    "prefix": lambda cells, arguments: pl.lit(arguments["text"]) + cells,
    "split": _split,
}
