"""What must hold of every row of a Voog file. Whatever does not fails its row: half a row is never imported."""

from collections.abc import Iterator, Mapping

import polars as pl

from pim_pipelines.importing.fields import Kind
from pim_pipelines.importing.mapping.apply import TYPES, source
from pim_pipelines.importing.mapping.numbers import Convention
from pim_pipelines.importing.rules.checks import Check
from pim_pipelines.importing.rules.declared import LONGEST_SKU, contradiction
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.importing.rules.findings import sentence, shown
from pim_pipelines.importing.voog.reading import CELLS, IDS, NUMBERS, fault

MAY_BE_NEGATIVE = "stock"  # what was sold beyond what was there, as for Pixee


def checks(attributes: list[str], conventions: Mapping[str, Convention]) -> list[Check]:
    """Build the checks of a file whose columns are mapped to `attributes`, in the order in which errors are shown."""
    return [check for attribute in attributes for check in _Asked(attribute, conventions).all()]


class _Asked:
    """What is asked of one attribute."""

    def __init__(self, attribute: str, conventions: Mapping[str, Convention]) -> None:
        self.attribute, self.conventions = attribute, conventions
        self.value, self.text = pl.col(attribute), pl.col(source(attribute))

    def all(self) -> Iterator[Check]:
        attribute = self.attribute
        if attribute in IDS:
            reason = " is no id, which is a whole number above 0"
            yield self._readable(ErrorType.NUMBER_INVALID, pl.Int64(), reason)
        elif attribute in NUMBERS:
            yield from self._number(NUMBERS[attribute])
        elif attribute in CELLS:
            message = sentence(pl.col(fault(attribute)).str.strip_suffix("."), self._demand())
            yield self._check(ErrorType.VALUE_NOT_ALLOWED, pl.String(), pl.col(fault(attribute)).is_null(), message)
        elif attribute == "product_is_variant":
            reason = " is neither yes (True, yes, 1) nor no (False, no, 0)"
            yield self._readable(ErrorType.VALUE_NOT_ALLOWED, pl.Boolean(), reason)
        elif attribute == "sku":
            length = self.value.str.len_chars()
            message = sentence("sku has ", length, f" characters, but at most {LONGEST_SKU} are allowed; shorten it.")
            yield self._check(ErrorType.VALUE_TOO_LONG, pl.String(), length <= LONGEST_SKU, message)

    def _number(self, kind: Kind) -> Iterator[Check]:
        reason = " is no whole number" if kind is Kind.INTEGER else " is no number"
        hint = contradiction(self.text, self.conventions[self.attribute].decimal)
        yield self._readable(ErrorType.NUMBER_INVALID, TYPES[kind], reason, hint)
        if self.attribute != MAY_BE_NEGATIVE:
            is_negative = self.value < 0 if kind is Kind.INTEGER else self.value.str.starts_with("-")
            message = sentence(f"{self.attribute} is ", shown(self.text), ", but cannot be below 0", self._demand())
            yield self._check(ErrorType.VALUE_OUT_OF_RANGE, TYPES[kind], ~is_negative, message)

    def _readable(self, error_type: ErrorType, type_: pl.DataType, reason: str, hint: pl.Expr | str = "") -> Check:
        holds = self.text.is_null() | self.value.is_not_null()
        return self._check(error_type, type_, holds, sentence(shown(self.text), reason, hint, self._demand()))

    def _demand(self) -> str:
        return f"; correct {self.attribute}."

    def _check(self, error_type: ErrorType, type_: pl.DataType, holds: pl.Expr, message: pl.Expr) -> Check:
        return Check(self.attribute, type_, self.attribute, error_type, Severity.ERROR, holds, message, self.text)
