"""What the OpenAPI document describes, endpoint by endpoint: parameters with their limits, and fields of good answers.

An endpoint is named as its page does (`GET /imports/{import_id}`), without `/api/v1`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from api.app import create_app
from pim_pipelines.settings import Settings

PREFIX = "/api/v1"
OTHER_API = "/admin"
"""The Voog-style API has parameters, defaults and errors of another kind."""

Schema = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_MOST = ("maximum", "maxLength", "maxItems")
_LEAST = ("minimum", "minLength", "minItems")


@dataclass
class Parameter:
    """A parameter, or a field of a body (`file_source.host`; `rules.*.min`: of any name), and what is said of it."""

    name: str
    place: str
    """path, query, header, body or form"""
    is_required: bool = False
    defaults: list[str] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    least: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    """Of an enumeration."""
    is_number: bool = False
    is_list: bool = False

    def limits(self) -> list[str]:
        """Return the items that say what is refused, as claims name them."""
        return [
            *([f"{self.name} required"] if self.is_required and self.place != "path" else []),
            *(f"{self.name} min {least}" for least in self.least),
            *(f"{self.name} max {most}" for most in self.most),
            *([f"{self.name} enum"] if self.values else []),
        ]

    def items(self) -> list[str]:
        """Return everything that a test can show of it, as claims name it."""
        return [self.name, *(f"{self.name} default {default}" for default in self.defaults), *self.limits()]


@dataclass(frozen=True)
class Endpoint:
    """An operation of the API."""

    name: str
    parameters: dict[str, Parameter]
    fields: dict[str, bool]
    """The fields of its good JSON answers, as dotted paths; True: what is in it is the caller's, or the file's."""
    statuses: frozenset[int]
    """How it answers where nothing is wrong."""

    def items(self) -> list[str]:
        """Return everything that tests can show of it, as claims name it."""
        answers = (f"response.{name}" for name in self.fields if name)
        return [*(item for parameter in self.parameters.values() for item in parameter.items()), *answers]

    def is_at(self, method: str, path: str) -> bool:
        """Tell whether a path below `/api/v1` leads to it."""
        own_method, _, own_path = self.name.partition(" ")
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(own_path.rstrip("/")))
        return method == own_method and bool(re.fullmatch(pattern, path.rstrip("/")))

    def known(self, name: str) -> str:
        """Return by which name the description has a field that was sent."""
        for parameter in self.parameters:
            if "*" in parameter and re.fullmatch(re.escape(parameter).replace(r"\*", ".+"), name):
                return parameter
        return name

    def fields_in(self, answer: Any, prefix: str = "") -> Iterator[str]:
        """Yield the fields of an answer, of lists those of their items; `*` for names that are not the API's.

        What is in an open object and not described is left out.
        """
        if isinstance(answer, list):
            for each in answer:
                yield from self.fields_in(each, prefix)
        elif isinstance(answer, dict):
            is_open = self.fields.get(prefix.rstrip("."), False)
            for name, each in answer.items():
                path = f"{prefix}*" if f"{prefix}*" in self.fields else f"{prefix}{name}"
                if path in self.fields or not is_open:
                    yield path
                    yield from self.fields_in(each, f"{path}.")


def endpoint_at(method: str, path: str) -> Endpoint | None:
    """Return the endpoint that a path leads to: of several the one with fewer parameters in it."""
    found = [endpoint for endpoint in endpoints().values() if endpoint.is_at(method, path)]
    return min(found, key=lambda endpoint: endpoint.name.count("{"), default=None)


@lru_cache(maxsize=1)
def endpoints() -> dict[str, Endpoint]:
    """Return every endpoint of this API by its name."""
    schema = openapi()
    found = [
        _endpoint(schema, f"{method.upper()} {path.removeprefix(PREFIX)}", operations[method])
        for path, operations in schema["paths"].items()
        for method in _METHODS
        if method in operations and not path.startswith(OTHER_API)
    ]
    return {endpoint.name: endpoint for endpoint in found}


@lru_cache(maxsize=1)
def openapi() -> Schema:
    """Return the document; nothing is started for it."""
    nowhere = Settings(home=Path("/nonexistent"), database_url="postgresql://127.0.0.1:1/none")
    return create_app(nowhere).openapi()


def _endpoint(schema: Schema, name: str, operation: Schema) -> Endpoint:
    parameters: dict[str, Parameter] = {}
    for each in operation.get("parameters", []):
        _add(parameters, schema, each["name"], each["in"], each.get("required", False), each["schema"])
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        place = "form" if media_type == "multipart/form-data" else "body"
        _add_members(parameters, schema, "", place, content["schema"], is_required=True)
    fields: dict[str, bool] = {}
    good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    for answer in good.values():
        _describe(fields, schema, answer.get("content", {}).get("application/json", {}).get("schema"))
    return Endpoint(name, parameters, fields, frozenset(int(status) for status in good))


def _add(
    parameters: dict[str, Parameter], schema: Schema, name: str, place: str, is_required: bool, part: Schema
) -> None:
    """Add a parameter, and the members of the objects that it may be."""
    parameter = parameters.setdefault(name, Parameter(name, place, is_required))
    branches = list(_branches(schema, part))
    for each in (part, *branches):
        default = each.get("default")
        if default is not None:
            _note(parameter.defaults, default if isinstance(default, str) else json.dumps(default))
        for values, names in ((parameter.most, _MOST), (parameter.least, _LEAST)):
            for limit in names:
                # A blank field of a form is one that is left out, as browsers send it: it is not too short.
                if limit in each and (place, limit) != ("form", "minLength"):
                    _note(values, int(each[limit]))
        for value in each.get("enum", [each["const"]] if "const" in each else []):
            _note(parameter.values, str(value))
        parameter.is_number |= each.get("type") in {"integer", "number"}
        parameter.is_list |= each.get("type") == "array"
    _add_members(parameters, schema, f"{name}.", place, part, is_required=is_required)


def _add_members(
    parameters: dict[str, Parameter], schema: Schema, prefix: str, place: str, part: Schema, *, is_required: bool
) -> None:
    for branch in _branches(schema, part):
        if "items" in branch:
            _add_members(parameters, schema, prefix, place, branch["items"], is_required=is_required)
        if isinstance(values := branch.get("additionalProperties"), dict):
            _add_members(parameters, schema, f"{prefix}*.", place, values, is_required=False)
        for member, own in branch.get("properties", {}).items():
            needed = is_required and member in branch.get("required", [])
            _add(parameters, schema, f"{prefix}{member}", place, needed, own)


def _note(values: list[Any], value: Any) -> None:
    if value not in values:
        values.append(value)


def _describe(fields: dict[str, bool], schema: Schema, part: Schema | None, prefix: str = "") -> None:
    name = prefix.rstrip(".")
    for branch in _branches(schema, part) if part is not None else ():
        values = branch.get("additionalProperties", False)
        are_described = isinstance(values, dict) and any(_is_object(each) for each in _branches(schema, values))
        is_open = not are_described and (values is not False or not branch.keys() & {"type", "enum", "const"})
        fields[name] = fields.get(name, False) or is_open
        if are_described:
            _describe(fields, schema, values, f"{prefix}*.")
        if "items" in branch:
            _describe(fields, schema, branch["items"], prefix)
        for member, own in branch.get("properties", {}).items():
            _describe(fields, schema, own, f"{prefix}{member}.")


def _is_object(part: Schema) -> bool:
    return "properties" in part


def _branches(schema: Schema, part: Schema) -> Iterator[Schema]:
    """Yield what a part may be, references followed."""
    if "$ref" in part:
        yield from _branches(schema, schema["components"]["schemas"][part["$ref"].rpartition("/")[2]])
        return
    alternatives = [each for kind in ("anyOf", "oneOf", "allOf") for each in part.get(kind, [])]
    if not alternatives:
        yield part
    for each in alternatives:
        yield from _branches(schema, each)
