"""Which checks an import has: those every import has, and those its `validation_rules` and `empty_cells` ask for."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from pim_pipelines.importing.fields import Kind, kind_of
from pim_pipelines.importing.mapping.apply import TYPES, raw, source
from pim_pipelines.importing.mapping.transform_steps import Step, steps_of
from pim_pipelines.importing.options import empty_cells_of
from pim_pipelines.importing.rules.checks import Check
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.importing.rules.findings import sentence, shown
from pim_pipelines.importing.rules.gtin import Flaw
from pim_pipelines.importing.rules.gtin_columns import flaw_message

LONGEST_SKU = 255
"""An SKU longer than this is a paragraph in the wrong column; an index could not hold it either."""

_MOST_VALUES_NAMED = 10


def checks(
    fields: list[str], rules: dict[str, dict[str, Any]], options: dict[str, Any], decimals: Mapping[str, str]
) -> list[Check]:
    """Build the checks of an import whose file has columns for `fields`, in the order in which findings are shown.

    decimals: the decimal separator of each numeric field's column, to be named where a cell contradicts it.
    """
    found: list[Check] = []
    for field in fields:
        steps = steps_of(options, field)
        asked = _Asked(field, rules.get(field, {}), empty_cells_of(options, field), decimals.get(field, "."), steps)
        found += [*asked.presence(), *asked.readable(), *asked.value_rules()]
    for field, rule in rules.items():
        if rule.get("required") and field not in fields:
            found.append(_unmapped(field, rule))
    found.append(_identified(fields, rules))
    return found


class _Asked:
    """What is asked of one field."""

    def __init__(self, field: str, rule: dict[str, Any], empty_cells: str, decimal: str, steps: Sequence[Step]) -> None:
        self.field, self.rule, self.kind, self.decimal = field, rule, kind_of(field), decimal
        self.is_required = bool(rule.get("required")) or empty_cells == "error"
        self.severity = Severity(rule["severity"]) if "severity" in rule else None
        self.value, self.text = pl.col(field), pl.col(source(field))
        self.raw = pl.col(raw(field)) if steps else self.text
        names = {step.name for step in steps}
        self.has_dates = "date_format" in names
        self.number = self.value.cast(pl.String) if "multiply" in names else self.text

    def presence(self) -> Iterator[Check]:
        if self.is_required:
            present = pl.col("ean code") if self.kind is Kind.GTIN else self.text
            message = sentence(f"{self.field} is required, but the cell is blank; fill it in.")
            yield self._check(ErrorType.MISSING_REQUIRED_FIELD, present.is_not_null(), message)

    def readable(self) -> Iterator[Check]:
        """Built into every import: a filled cell must be readable as its field's kind."""
        read = self.text.is_null() | self.value.is_not_null()
        match self.kind:
            case Kind.GTIN:
                yield from self._gtin()
            case Kind.NUMBER | Kind.MEASURE:
                reason = sentence(shown(self.text), " is no number", contradiction(self.text, self.decimal))
                yield self._unread(ErrorType.NUMBER_INVALID, read, reason)
            case Kind.INTEGER:
                reason = sentence(shown(self.text), " is no whole number", contradiction(self.text, self.decimal))
                yield self._unread(ErrorType.NUMBER_INVALID, read, reason)
            case Kind.BOOLEAN:
                reason = sentence(shown(self.text), " is neither yes nor no")
                yield self._unread(ErrorType.VALUE_NOT_ALLOWED, read, reason)
            case Kind.TEXT:
                if self.has_dates:
                    reason = sentence(shown(self.text), " is no date of the formats that transforms names")
                    yield self._unread(ErrorType.DATE_INVALID, read, reason)
                if self.field == "sku":
                    yield self._too_long(LONGEST_SKU)

    def value_rules(self) -> Iterator[Check]:
        rule = self.rule
        number = self.value if self.kind is Kind.INTEGER else self.value.cast(pl.Float64, strict=False)
        if "min" in rule:
            message = sentence(f"{self.field} is ", self.number, f", below the minimum of {rule['min']}.")
            yield self._check(ErrorType.VALUE_OUT_OF_RANGE, number >= rule["min"], message)
        if "max" in rule:
            message = sentence(f"{self.field} is ", self.number, f", above the maximum of {rule['max']}.")
            yield self._check(ErrorType.VALUE_OUT_OF_RANGE, number <= rule["max"], message)
        if "max_length" in rule:
            yield self._too_long(rule["max_length"])
        if "pattern" in rule:
            message = sentence(f"{self.field} is ", shown(self.text), f", which does not match {rule['pattern']}")
            yield self._check(ErrorType.PATTERN_MISMATCH, self.value.str.contains(rule["pattern"]), message)
        if "enum" in rule:
            yield self._not_allowed(rule["enum"])

    def _check(
        self, error_type: ErrorType, holds: pl.Expr, message: pl.Expr, default: Severity = Severity.ERROR
    ) -> Check:
        severity = self.severity or default
        return Check(self.field, TYPES[self.kind], self.field, error_type, severity, holds, message, self.raw)

    def _unread(self, error_type: ErrorType, holds: pl.Expr, reason: pl.Expr) -> Check:
        """Warn of a cell that cannot be read, which keeps the field; an error where the field must have a value."""
        default = Severity.ERROR if self.is_required else Severity.WARNING
        is_warning = (self.severity or default) is Severity.WARNING
        consequence = f"; {self.field} keeps the value it had." if is_warning else f"; correct {self.field}."
        return self._check(error_type, holds, sentence(reason, consequence), default)

    def _too_long(self, longest: int) -> Check:
        length = self.value.str.len_chars()
        message = sentence(f"{self.field} has ", length, f" characters, but at most {longest} are allowed; shorten it.")
        return self._check(ErrorType.VALUE_TOO_LONG, length <= longest, message)

    def _not_allowed(self, allowed: list[Any]) -> Check:
        named = ", ".join(str(value) for value in allowed[:_MOST_VALUES_NAMED])
        more = ", …" if len(allowed) > _MOST_VALUES_NAMED else ""
        message = sentence(
            f"{self.field} is ", shown(self.text), f", which is none of the allowed values: {named}{more}."
        )
        if self.kind is Kind.INTEGER:
            allowed = [int(value) for value in allowed if value == int(value)]
        elif self.kind in (Kind.NUMBER, Kind.MEASURE):
            allowed = [_decimal_text(value) for value in allowed]
        return self._check(ErrorType.VALUE_NOT_ALLOWED, self.value.is_in(allowed), message)

    def _gtin(self) -> Iterator[Check]:
        for flaw in Flaw:
            lost = flaw is Flaw.PRECISION_LOST
            holds = pl.col("ean flaw").is_null() | (pl.col("ean flaw") != flaw.value)
            message = flaw_message(flaw, pl.col("ean code"), self.text.str.head(80))
            yield self._check(ErrorType.EAN_PRECISION_LOST if lost else ErrorType.EAN_INVALID, holds, message)


def contradiction(text: pl.Expr, decimal: str) -> pl.Expr:
    """Name a column's decimal separator behind a cell that is written with the other one; else an empty text."""
    other = "," if decimal == "." else "."
    hint = f' where decimals are written with "{decimal}", as in most cells of this column'
    is_other = text.str.head(80).str.contains(rf"^[^0-9]*[0-9][0-9.,' ]*\{other}[0-9]+[^0-9]*$")
    return pl.when(is_other).then(pl.lit(hint)).otherwise(pl.lit(""))


def _unmapped(field: str, rule: dict[str, Any]) -> Check:
    """Fail every row for a required field that the file has no column for."""
    message = sentence(f"{field} is required, but no column of the file is mapped to it.")
    severity = Severity(rule.get("severity", Severity.ERROR))
    return Check(
        "row_number",
        pl.Int32(),
        field,
        ErrorType.MISSING_REQUIRED_FIELD,
        severity,
        pl.col("row_number").is_null(),
        message,
        pl.lit(None, pl.String),
    )


def _identified(fields: list[str], rules: dict[str, dict[str, Any]]) -> Check:
    """Demand that a row says which product it means; a bad EAN is error enough by itself, unless only warned of."""
    named = pl.col("gtin").is_not_null() | pl.col("sku").is_not_null()
    if "ean" in fields and rules.get("ean", {}).get("severity") != "warning":
        named = named | pl.col("ean flaw").is_not_null()
    wanted = [field for field in ("ean", "sku") if field in fields]
    missing = "neither an EAN nor an SKU" if len(wanted) == 2 else f"no {wanted[0].upper()}"
    message = sentence(f"The row has {missing} that could be used, so it is not known which product it means.")
    return Check(
        "gtin",
        pl.Int64(),
        wanted[0],
        ErrorType.MISSING_REQUIRED_FIELD,
        Severity.ERROR,
        named,
        message,
        pl.col(source(wanted[0])),
    )


def _decimal_text(value: float) -> str:
    """Write a rule's number as `numbers.read_numbers` writes a cell's."""
    return f"{Decimal(repr(value)).normalize():f}"
