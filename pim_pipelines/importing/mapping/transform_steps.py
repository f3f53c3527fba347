"""What `import_options.transforms` may say: per field a step or a list of steps, in the order they are taken.

    "trim" "upper" "lower" "strip_html"
    {"replace": {"from": "x", "to": "y", "regex": false}}          every occurrence; `to` "" by default
    {"prefix": "AB-"}                                              before a filled cell
    {"split": {"by": "/", "part": 2}}  or  {"split": "/"}          the n-th part, the first by default, -1 is the last
    {"concat": {"columns": ["Brand"], "separator": " ", "before": false}}  or  {"concat": ["Brand"]}
    {"date_format": {"from": ["%d.%m.%Y"], "to": "%Y-%m-%d"}}  or  {"date_format": "%d.%m.%Y"}
    {"multiply": {"by": 1.2, "decimals": 2}}  or  {"multiply": 1.2}     numbers only, after all other steps

No frames here: the API answers its 422s by this; `transforms.py` carries the steps out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pim_pipelines.importing.fields import Kind, kind_of
from pim_pipelines.importing.given import Problem, is_known, is_text, pattern_problem, shown, unknown, unknown_field

MOST_STEPS = 20
LONGEST_TEXT = 1_000
MOST_COLUMNS = 20
MOST_FACTOR_DIGITS = 18
MOST_DECIMALS = 10

ISO_DATE = "%Y-%m-%d"
_READ, _WRITTEN = re.compile(r"%[dmYyBbeHMSIpj%]"), re.compile(r"%-?[dmYyBbeHMSIpjAa%]")

_NUMBERS = frozenset({Kind.NUMBER, Kind.MEASURE, Kind.INTEGER})
_ANY = frozenset(Kind)
_TEXTS = frozenset({Kind.TEXT, Kind.URL, Kind.URLS, Kind.GTIN})

KINDS: dict[str, frozenset[Kind]] = {
    "trim": _ANY,
    "upper": _ANY,
    "lower": _ANY,
    "strip_html": _ANY,
    "replace": _ANY,
    "split": _ANY,
    "prefix": _ANY,
    "concat": _TEXTS,
    "date_format": frozenset({Kind.TEXT}),
    "multiply": _NUMBERS,
}
"""Step → the kinds of fields that can have it."""

_BARE = ("trim", "upper", "lower", "strip_html")


@dataclass(frozen=True, slots=True)
class Step:
    """A step with all its arguments, defaults filled in."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def problems(transforms: object) -> str | list[Problem] | None:
    """Say what is wrong with `transforms`: what it should have been, or problems by their path below it."""
    if not isinstance(transforms, dict):
        return 'an object of fields and their steps, like {"title": ["trim"]}'
    found: list[Problem] = []
    for name, given in transforms.items():
        if not is_known(name):
            found.append((str(name), unknown_field(name), "unknown_field"))
        elif given is not None:
            found += _field_problems(name, given)
    return found


def steps_of(options: Mapping[str, Any], field_name: str) -> list[Step]:
    """Return a field's steps of checked options."""
    given = (options.get("transforms") or {}).get(field_name)
    if given is None:
        return []
    return [_step(step) for step in (given if isinstance(given, list) else [given])]


def columns_of(options: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the columns that steps name, each under the path of its step below `transforms`."""
    found: dict[str, list[str]] = {}
    for name, given in (options.get("transforms") or {}).items():
        for at, step in enumerate(steps_of(options, name)):
            if step.name == "concat":
                place = f"{name}.{at}" if isinstance(given, list) else name
                found[f"{place}.concat"] = list(step.arguments["columns"])
    return found


def _field_problems(name: str, given: Any) -> list[Problem]:
    if not isinstance(given, list):
        return _step_problems(name, name, given)
    if len(given) > MOST_STEPS:
        return [(name, f"{name} has {len(given)} steps; at most {MOST_STEPS} are possible.", "invalid")]
    found = [problem for at, step in enumerate(given) for problem in _step_problems(f"{name}.{at}", name, step)]
    if found:
        return found
    names = [_step(step).name for step in given]
    if "multiply" in names and names.index("multiply") < len(names) - 1:
        path = f"{name}.{names.index('multiply')}.multiply"
        return [(path, "multiply must be the last step: the others change text, it changes the number.", "invalid")]
    if names.count("date_format") > 1:
        return [(name, f"{name} can have date_format only once.", "invalid")]
    return []


def _step_problems(path: str, field_name: str, step: Any) -> list[Problem]:
    name, value = _split(step)
    if name is None:
        message = f'A step is a name like "trim" or an object of one name like {{"prefix": "AB-"}}, not {shown(step)}.'
        return [(path, message, "type")]
    if name not in KINDS:
        return [(path, unknown("transform", name, list(KINDS)), "unknown_transform")]
    if kind_of(field_name) not in KINDS[name]:
        message = f'"{name}" cannot be done to "{field_name}", whose values are of the kind {kind_of(field_name)}.'
        return [(f"{path}.{name}", message, "not_applicable")]
    if name in _BARE:
        return [] if value is True else [(f"{path}.{name}", f"{name} takes no arguments.", "invalid")]
    return _argument_problems(f"{path}.{name}", name, value)


def _argument_problems(path: str, name: str, value: Any) -> list[Problem]:
    is_object = isinstance(value, dict)
    if not is_object and name not in _MAIN:
        return [(path, 'replace must be an object like {"from": "x", "to": "y"}.', "type")]
    strange = [argument for argument in value if argument not in _ARGUMENTS[name]] if is_object else []
    if strange:
        message = unknown(f"argument of {name}", strange[0], list(_ARGUMENTS[name]))
        return [(f"{path}.{strange[0]}", message, "unknown_argument")]
    arguments = _arguments(name, value)
    return [
        (f"{path}.{argument}" if is_object else path, refusal, "invalid")
        for argument, check in _ARGUMENTS[name].items()
        if (refusal := _refusal(name, argument, check, arguments))
    ]


def _refusal(name: str, argument: str, check: Callable[[Any], str | None], arguments: dict[str, Any]) -> str | None:
    value = arguments[argument]
    wanted: str | None = check(value)
    if wanted is None and name == "replace" and argument == "from" and arguments["regex"] is True:
        wanted = pattern_problem(value)
    return None if wanted is None else f"{argument} of {name} must be {wanted}, not {shown(value)}."


def _split(step: Any) -> tuple[str | None, Any]:
    """Take a step apart into its name and what it says."""
    if isinstance(step, str):
        return step, True
    if isinstance(step, dict) and len(step) == 1:
        name, value = next(iter(step.items()))
        return str(name), value
    return None, None


def _step(step: Any) -> Step:
    name, value = _split(step)
    return Step(str(name), {} if name in _BARE else _arguments(str(name), value))


def _arguments(name: str, value: Any) -> dict[str, Any]:
    """Fill in the defaults of a step's arguments."""
    given = value if isinstance(value, dict) else {_MAIN[name]: value}
    arguments: dict[str, Any] = dict.fromkeys(_ARGUMENTS[name]) | _DEFAULTS[name] | given
    if name == "date_format" and isinstance(arguments["from"], str):
        arguments["from"] = [arguments["from"]]
    return arguments


def _text(value: Any) -> str | None:
    return None if is_text(value, LONGEST_TEXT) else f"a text of at most {LONGEST_TEXT} characters"


def _filled(value: Any) -> str | None:
    return _text(value) if value else f"a text of 1 to {LONGEST_TEXT} characters"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _part(value: Any) -> str | None:
    is_right = isinstance(value, int) and not isinstance(value, bool) and 1 <= abs(value) <= 1_000
    return None if is_right else "a whole number from 1, or from -1 to count from the end"


def _columns(value: Any) -> str | None:
    is_right = isinstance(value, list) and 1 <= len(value) <= MOST_COLUMNS
    if is_right and all(isinstance(name, str) and name.strip() for name in value):
        return None
    return f"a list of 1 to {MOST_COLUMNS} names of the file's columns"


def _read_formats(value: Any) -> str | None:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_STEPS:
        return 'a date format like "%d.%m.%Y", or a list of them'
    return next((wanted for text in value if (wanted := _read_format(text))), None)


def _read_format(value: Any) -> str | None:
    wanted = 'a date format like "%d.%m.%Y", with a year (%Y, %y), a month (%m, %b, %B) and a day (%d, %e)'
    if _text(value) or not _is_made_of(value, _READ):
        return wanted
    found = set(_READ.findall(value))
    has_day = bool(found & {"%d", "%e"} and found & {"%m", "%b", "%B"}) or "%j" in found
    return None if has_day and found & {"%Y", "%y"} else wanted


def _written_format(value: Any) -> str | None:
    is_right = _filled(value) is None and _is_made_of(value, _WRITTEN)
    return None if is_right else f'a date format like "{ISO_DATE}"'


def _is_made_of(text: str, directives: re.Pattern[str]) -> bool:
    return "%" not in directives.sub("", text)


def _factor(value: Any) -> str | None:
    wanted = f"a number of at most {MOST_FACTOR_DIGITS} digits"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return wanted
    try:
        factor = exact(value)
    except InvalidOperation:
        return wanted
    if not factor.is_finite() or abs(factor.adjusted()) > MOST_FACTOR_DIGITS:
        return wanted
    return None if len(f"{factor:f}".strip("-").replace(".", "")) <= MOST_FACTOR_DIGITS else wanted


def exact(value: float | str) -> Decimal:
    """Return a JSON number, or a text of one, as the decimal that was written."""
    return Decimal(value if isinstance(value, str) else repr(value))


def _decimals(value: Any) -> str | None:
    if value is None:
        return None
    is_right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_DECIMALS
    return None if is_right else f"a whole number from 0 to {MOST_DECIMALS}"


_ARGUMENTS: dict[str, dict[str, Callable[[Any], str | None]]] = {
    "replace": {"from": _filled, "to": _text, "regex": _flag},
    "prefix": {"text": _filled},
    "split": {"by": _filled, "part": _part},
    "concat": {"columns": _columns, "separator": _text, "before": _flag},
    "date_format": {"from": _read_formats, "to": _written_format},
    "multiply": {"by": _factor, "decimals": _decimals},
}
_MAIN = {"prefix": "text", "split": "by", "concat": "columns", "date_format": "from", "multiply": "by"}
"""The argument that a step's short form gives."""

_DEFAULTS: dict[str, dict[str, Any]] = {
    "replace": {"to": "", "regex": False},
    "prefix": {},
    "split": {"part": 1},
    "concat": {"separator": " ", "before": False},
    "date_format": {"to": ISO_DATE},
    "multiply": {},
}
