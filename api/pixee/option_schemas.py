"""How OpenAPI describes `import_options` and `validation_rules`.

What they may hold is checked by `importing/options.py`, which is also where what is wrong gets its words; a test holds
these descriptions to it, name by name and limit by limit.
"""

from typing import Annotated, Any

from pydantic import WithJsonSchema

from pim_pipelines.importing.options import CLEAR, EMPTY_CELLS, OPTIONS

_FLAG = {"type": "boolean"}
_MEANING = {"type": "string", "enum": list(EMPTY_CELLS)}

_TRANSFORMS = (
    "Per field one step or a list of steps, taken before cells are read and the rules are asked: "
    '`"trim"`, `"upper"`, `"lower"`, `"strip_html"`; '
    '`{"replace": {"from": "x", "to": "y", "regex": false}}`; '
    '`{"prefix": "AB-"}`; '
    '`{"split": {"by": "/", "part": 1}}`, short `{"split": "/"}`, part -1 is the last; '
    '`{"concat": {"columns": ["Brand"], "separator": " ", "before": false}}`, short `{"concat": ["Brand"]}`; '
    '`{"date_format": {"from": ["%d.%m.%Y"], "to": "%Y-%m-%d"}}`, short `{"date_format": "%d.%m.%Y"}`; '
    '`{"multiply": {"by": 1.2, "decimals": 2}}`, short `{"multiply": 1.2}`: of numbers, exact, the last step.'
)

_OPTIONS: dict[str, dict[str, Any]] = {
    "empty_cells": {
        "anyOf": [_MEANING, {"type": "object", "additionalProperties": _MEANING}],
        "default": "keep",
        "description": "What a blank cell does to its field: `keep` leaves the value, `clear` empties it, `error` is "
        f"an error of the row; or an object of fields and these. A cell `{CLEAR}` empties its field always.",
    },
    "overwrite_existing": _FLAG
    | {"default": True, "description": "`false` leaves existing products as they are; their rows are skipped."},
    "create_missing": _FLAG | {"default": True, "description": "`false` queues unknown EANs as pending."},
    "fill_empty_only": _FLAG
    | {"default": False, "description": "`true` writes only into fields of existing products that have no value yet."},
    "deactivate_missing": _FLAG
    | {
        "default": False,
        "description": "`true` makes products of this supplier inactive that the file no longer has and no other "
        "supplier lists; a file that has one again makes it active again. What a row with an error may mean is not "
        "taken for gone.",
    },
    "default_values": {
        "type": "object",
        "description": 'Fills blank cells, also of fields without a column, before the rules: `{"currency": "EUR"}`.',
    },
    "transforms": {"type": "object", "description": _TRANSFORMS},
    "max_error_rate": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "The share of rows with errors above which the job fails before anything is written.",
    },
    "allowed_errors": {"type": "integer", "minimum": 0, "description": "The same as a count."},
    "decimal_separator": {
        "type": "string",
        "enum": [".", ","],
        "description": "Of all numbers; left out, it is found out for each column.",
    },
    "sheet": {
        "anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}],
        "description": "Of a workbook: the name or the number of the sheet to read.",
    },
    "skip_header_rows": {
        "type": "integer",
        "minimum": 0,
        "default": 0,
        "description": "Physical rows above the header; at 0 the header is detected.",
    },
}

_RULES: dict[str, dict[str, Any]] = {
    "required": _FLAG | {"description": "A blank cell is an error."},
    "min": {"type": "number", "description": "Of numbers."},
    "max": {"type": "number", "description": "Of numbers."},
    "max_length": {"type": "integer", "minimum": 1, "description": "Of texts, in characters."},
    "pattern": {"type": "string", "description": "A regular expression (RE2) that has to be found in the text."},
    "enum": {"type": "array", "items": {}, "minItems": 1, "maxItems": 10_000, "description": "The values allowed."},
    "severity": {
        "type": "string",
        "enum": ["error", "warning"],
        "description": "What a breach is, of these rules and of the field's own: with `warning` the row is loaded.",
    },
}

ImportOptions = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: _OPTIONS[name] for name in OPTIONS},
        }
    ),
]

ValidationRules = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": False, "properties": _RULES},
        }
    ),
]
