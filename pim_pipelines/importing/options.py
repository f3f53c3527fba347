"""What a caller may ask of an import: `column_mapping`, `validation_rules`, `import_options`, checked before any work.

Each `check_*` returns what it was given in its normal form, or raises `InvalidField` with every problem it found, each
under a dotted path (`validation_rules.price.min`). No frames here: the API answers its 422s by this module, and the
pipeline reads what passed it. Source: the contract, section 3 ("Mapping").
"""

from collections.abc import Callable, Mapping
from typing import Any

from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.fields import IDENTIFIERS, Kind, kind_of
from pim_pipelines.importing.given import (
    Problem,
    is_count,
    is_known,
    is_number,
    pattern_problem,
    shown,
    unknown,
    unknown_field,
)
from pim_pipelines.importing.mapping import columns as file_columns
from pim_pipelines.importing.mapping import defaults, transform_steps

NOT_YET_SUPPORTED = frozenset({"guards"})
"""Documented options that this version does not carry out and therefore refuses."""

NEEDS_SUPPLIER = frozenset({"deactivate_missing"})

EMPTY_CELLS = ("keep", "clear", "error")
CLEAR = "__CLEAR__"
"""A cell of this text empties its field, whatever `empty_cells` says."""

NEVER_CLEARED = frozenset({*IDENTIFIERS, "is_active"})
"""Fields that a blank or `__CLEAR__` cell cannot empty: what a product is found by, and what is never null."""

_MOST_COLUMNS_NAMED = 20
_MOST_ENUM_VALUES = 10_000


def check_mapping(column_mapping: object, columns: list[str] | None) -> dict[str, str | None]:
    """Resolve a mapping's keys to the file's columns: exactly, else without case, accents and white space.

    `columns` None: a template, for which no file is there yet. `None` as a field ignores its column.
    """
    if not isinstance(column_mapping, dict):
        raise InvalidField.one("column_mapping", "column_mapping must be an object of column names and fields.", "type")
    problems: list[Problem] = []
    resolved: dict[str, str | None] = {}
    for key, field in column_mapping.items():
        path = f"column_mapping.{key}"
        column = _column(str(key), columns, path, problems)
        if column is not None and column in resolved:
            problems.append((path, f'"{key}" means column "{column}", which is mapped already.', "duplicate_column"))
        target = field.strip() if isinstance(field, str) else field
        if target is not None and not is_known(target):
            problems.append((path, unknown_field(field), "unknown_field"))
        elif column is not None:
            resolved[column] = target
    by_field: dict[str, list[str]] = {}
    for column, field in resolved.items():
        if field is not None:
            by_field.setdefault(field, []).append(column)
    for field, sources in by_field.items():
        if len(sources) > 1:
            names = ", ".join(f'"{name}"' for name in sources)
            message = f'Several columns are mapped to "{field}": {names}.'
            problems.append((f"column_mapping.{sources[-1]}", message, "duplicate_field"))
    if not problems and not any(field in by_field for field in IDENTIFIERS):
        problems.append(
            ("column_mapping", 'No column is mapped to "ean" or "sku"; one of them must be.', "identifier_missing")
        )
    if problems:
        raise InvalidField(problems)
    return resolved


def check_rules(validation_rules: object) -> dict[str, dict[str, Any]]:
    """Check `validation_rules`: per product field any of required, min, max, max_length, pattern, enum, severity."""
    rules = _object("validation_rules", validation_rules)
    problems: list[Problem] = []
    checked: dict[str, dict[str, Any]] = {}
    for field, given in rules.items():
        path = f"validation_rules.{field}"
        if not is_known(field):
            problems.append((path, unknown_field(field), "unknown_field"))
        elif not isinstance(given, dict):
            problems.append((path, f'The rules of "{field}" must be an object like {{"required": true}}.', "type"))
        else:
            rule = {name: value for name, value in given.items() if value is not None}
            problems += _rule_problems(path, field, rule)
            checked[field] = rule
    if problems:
        raise InvalidField(problems)
    return checked


def check_options(import_options: object, has_supplier: bool) -> dict[str, Any]:
    """Check `import_options`; what is left out keeps its default, so the answer holds only what was given."""
    given = _object("import_options", import_options)
    problems: list[Problem] = []
    options: dict[str, Any] = {}
    for name, value in given.items():
        path = f"import_options.{name}"
        if name in NEEDS_SUPPLIER and value and not has_supplier:
            problems.append((path, f'"{name}" works on a supplier\'s products: give a supplier too.', "needs_supplier"))
        elif name in NOT_YET_SUPPORTED:
            if value:  # null, false and {} ask for nothing
                problems.append((path, f'"{name}" is not supported by this version; leave it out.', "unsupported"))
        elif name not in _OPTIONS:
            problems.append((path, unknown("import option", name, [*_OPTIONS, *NOT_YET_SUPPORTED]), "unknown_option"))
        elif value is not None:
            found = _OPTIONS[name](value)
            if isinstance(found, str):
                problems.append((path, f"{name} must be {found}, not {shown(value)}.", "invalid"))
            elif isinstance(found, list):
                problems += [(f"{path}.{part}", message, code) for part, message, code in found]
            options[name] = value
    if problems:
        raise InvalidField(problems)
    return options


def check_columns(import_options: Mapping[str, Any], columns: list[str]) -> dict[str, str]:
    """Resolve the columns that checked options name to the file's own, as a mapping's keys are."""
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for path, names in transform_steps.columns_of(import_options).items():
        for name in names:
            column = _column(name, columns, f"import_options.transforms.{path}", problems)
            if column is not None:
                found[name] = column
    if problems:
        raise InvalidField(problems)
    return found


def too_many_errors(import_options: dict[str, Any], total_rows: int, failed_rows: int) -> str | None:
    """Say why a job must stop before it writes, by `max_error_rate` and `allowed_errors`; None: it may go on."""
    allowed = import_options.get("allowed_errors")
    if allowed is not None and failed_rows > allowed:
        return f"{failed_rows:,} of {total_rows:,} rows have errors; allowed_errors permits {allowed:,}."
    rate = import_options.get("max_error_rate")
    if rate is not None and total_rows and failed_rows / total_rows > rate:
        share = f"{failed_rows:,} of {total_rows:,} rows ({100 * failed_rows / total_rows:.1f} %)"
        return f"{share} have errors; max_error_rate permits {100 * rate:g} %."
    return None


def empty_cells_of(import_options: dict[str, Any], field: str) -> str:
    """Return what a blank cell of a field means: keep, clear or error."""
    given = import_options.get("empty_cells", "keep")
    return str(given.get(field, "keep") if isinstance(given, dict) else given)


# --- parts ------------------------------------------------------------------------------------------------------------


def _object(path: str, value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidField.one(path, f"{path} must be an object, not {shown(value)}.", "type")
    return value


def _column(key: str, columns: list[str] | None, path: str, problems: list[Problem]) -> str | None:
    if columns is None:
        return key.strip()
    found = file_columns.find(key.strip(), columns)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f'"{name}"' for name in found)
        problems.append((path, f'"{key}" may be any of the columns {names}: write it exactly.', "ambiguous_column"))
    else:
        names = ", ".join(f'"{name}"' for name in columns[:_MOST_COLUMNS_NAMED])
        more = f" and {len(columns) - _MOST_COLUMNS_NAMED} more" if len(columns) > _MOST_COLUMNS_NAMED else ""
        problems.append((path, f'The file has no column "{key}"; it has {names}{more}.', "unknown_column"))
    return None


_NUMBERS = frozenset({Kind.NUMBER, Kind.MEASURE, Kind.INTEGER})
_TEXTS = frozenset({Kind.TEXT, Kind.URL})

# Rule → the kinds of fields that it can be asked of.
RULES: dict[str, frozenset[Kind]] = {
    "required": frozenset(Kind),
    "min": _NUMBERS,
    "max": _NUMBERS,
    "max_length": _TEXTS,
    "pattern": _TEXTS | {Kind.GTIN},
    "enum": _TEXTS | _NUMBERS,
    "severity": frozenset(Kind),
}


def _rule_problems(path: str, field: str, rule: dict[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    kind = kind_of(field)
    for name, value in rule.items():
        if name not in RULES:
            problems.append((f"{path}.{name}", unknown("rule", name, list(RULES)), "unknown_rule"))
        elif kind not in RULES[name]:
            message = f'"{name}" cannot be asked of "{field}", whose values are of the kind {kind}.'
            problems.append((f"{path}.{name}", message, "not_applicable"))
        elif wanted := _rule_value_problem(name, value, kind):
            message = f'{name} of "{field}" must be {wanted}, not {shown(value)}.'
            problems.append((f"{path}.{name}", message, "invalid"))
    if not problems and "min" in rule and "max" in rule and rule["min"] > rule["max"]:
        message = f'min of "{field}" ({rule["min"]}) is greater than its max ({rule["max"]}): no value fits.'
        problems.append((f"{path}.min", message, "invalid"))
    return problems


def _rule_value_problem(name: str, value: Any, kind: Kind) -> str | None:
    """Return what a rule's value should have been, or None where it is right."""
    match name:
        case "required":
            return None if isinstance(value, bool) else "true or false"
        case "min" | "max":
            return None if is_number(value) else "a number"
        case "max_length":
            return None if is_count(value) and value > 0 else "a whole number above 0"
        case "pattern":
            return pattern_problem(value)
        case "enum":
            return _enum_problem(value, kind)
        case _:
            return None if value in ("error", "warning") else '"error" or "warning"'


def _enum_problem(value: Any, kind: Kind) -> str | None:
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_ENUM_VALUES:
        return f"a list of 1 to {_MOST_ENUM_VALUES} values"
    if kind in _NUMBERS:
        return None if all(is_number(item) for item in value) else "a list of numbers"
    return None if all(isinstance(item, str) and item for item in value) else "a list of texts"


def _one(is_right: Callable[[Any], bool], wanted: str) -> Callable[[Any], str | None]:
    return lambda value: None if is_right(value) else wanted


def _empty_cells_problem(value: Any) -> str | list[Problem] | None:
    wanted = '"keep", "clear" or "error"'
    if isinstance(value, str):
        return None if value in EMPTY_CELLS else f"{wanted}, or an object of fields and these"
    if not isinstance(value, dict):
        return f"{wanted}, or an object of fields and these"
    problems: list[Problem] = []
    for field, meaning in value.items():
        if not is_known(field):
            problems.append((str(field), unknown_field(field), "unknown_field"))
        elif meaning not in EMPTY_CELLS:
            problems.append((field, f'empty_cells of "{field}" must be {wanted}, not {shown(meaning)}.', "invalid"))
        elif meaning == "clear" and field in NEVER_CLEARED:
            problems.append((field, f'"{field}" cannot be emptied by an import; say "keep" or "error".', "invalid"))
    return problems


_flag = _one(lambda value: isinstance(value, bool), "true or false")
_count = _one(is_count, "a whole number, 0 or more")

_OPTIONS: dict[str, Callable[[Any], str | list[Problem] | None]] = {
    "empty_cells": _empty_cells_problem,
    "overwrite_existing": _flag,
    "create_missing": _flag,
    "fill_empty_only": _flag,
    "deactivate_missing": _flag,
    "max_error_rate": _one(lambda value: is_number(value) and 0 <= value <= 1, "a number from 0 to 1"),
    "allowed_errors": _count,
    "decimal_separator": _one(lambda value: value in (".", ","), '"." or ","'),
    "sheet": _one(
        lambda value: bool(value.strip()) if isinstance(value, str) else is_count(value) and value > 0,
        "a sheet's name or its number from 1",
    ),
    "skip_header_rows": _count,
    "transforms": transform_steps.problems,
    "default_values": defaults.problems,
}

OPTIONS = tuple(_OPTIONS)
"""The names of the options that this version carries out."""
