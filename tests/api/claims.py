"""What a test says it shows of the API, and whether it does.

`@pytest.mark.covers("GET /imports/", "status", "per_page default 20", "per_page max 100", "response.meta.total")` names
an endpoint and, of it, any of

    <name>                   a parameter or a field of the body: the test sends it
    <name> default <value>   the test leaves it out
    <name> max <number>      the test sends a larger one, and is answered 422
    response.<path>          a field of a good answer (of lists: of their items); `response.*`: all that OpenAPI has

After each test its claims are held against what it really asked (`unfounded`), so that docs/api-coverage.md, which is
made of them (tests/coverage_table.py), cannot lie.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

Claim = tuple[str, str]
"""An endpoint (`GET /imports/{import_id}`), and an item of it."""

PREFIX = "/api/v1"
_OPEN = {
    "sample",
    "suggested_mapping",
    "column_mapping",
    "validation_rules",
    "import_options",
    "analysis",
    "attributes",
}
"""Fields whose members are the caller's, or the file's: their names are not the API's."""


@dataclass(frozen=True)
class Exchange:
    """A request of a test and its answer."""

    method: str
    path: str
    sent: dict[str, str]
    status: int
    fields: frozenset[str]

    noted: ClassVar[list["Exchange"]] = []

    @classmethod
    def note(
        cls, method: str, path: str, kwargs: dict[str, Any], headers: dict[str, str], answer: httpx.Response
    ) -> None:
        """Keep what was sent and answered."""
        split = urlsplit(path)
        sent = dict(parse_qsl(split.query, keep_blank_values=True))
        for given in (kwargs.get("params"), kwargs.get("json"), kwargs.get("data"), kwargs.get("files"), headers):
            sent |= {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
        fields: frozenset[str] = frozenset()
        if (
            answer.content
            and answer.is_success
            and answer.headers.get("content-type", "").startswith("application/json")
        ):
            fields = frozenset(_paths(json.loads(answer.content)))
        cls.noted.append(cls(method, split.path.rstrip("/"), sent, answer.status_code, fields))

    def is_of(self, endpoint: str) -> bool:
        """Tell whether it was this endpoint's."""
        method, _, path = endpoint.partition(" ")
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.rstrip("/")))
        return self.method == method and bool(re.fullmatch(pattern, self.path))


def claims_of(item: pytest.Item) -> list[Claim]:
    """Return what the marks of a test say; an endpoint alone is claimed by each."""
    return [
        (mark.args[0], each)
        for mark in item.iter_markers("covers")
        for each in ("", *(str(arg) for arg in mark.args[1:]))
    ]


def unfounded(claims: list[Claim], exchanges: list[Exchange], schema: dict[str, Any]) -> list[Claim]:
    """Return the claims that nothing of what was asked and answered bears out."""
    return [claim for claim in claims if not _is_founded(claim, exchanges, schema)]


def _is_founded(claim: Claim, exchanges: list[Exchange], schema: dict[str, Any]) -> bool:
    endpoint, item = claim
    own = [exchange for exchange in exchanges if exchange.is_of(endpoint)]
    name, kind, value = [*item.split(" ", 2), "", ""][:3] if " " in item else (item, "", "")
    if not item:
        return bool(own)
    if item == "response.*":
        answered = frozenset().union(*(exchange.fields for exchange in own))
        return bool(answered) and answered >= response_fields(schema, endpoint)
    if item.startswith("response."):
        return any(item.removeprefix("response.") in exchange.fields for exchange in own)
    if kind == "default":
        return any(name not in exchange.sent for exchange in own)
    if kind == "max":
        return any(_is_more(exchange.sent.get(name), value) and exchange.status == 422 for exchange in own)
    return any(name in exchange.sent or f"{{{name}}}" in endpoint for exchange in own)


def _is_more(sent: str | None, most: str) -> bool:
    return sent is not None and sent.lstrip("-").isdigit() and int(sent) > int(most)


def _paths(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _paths(each, prefix)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield f"{prefix}{name}"
            if name not in _OPEN:
                yield from _paths(each, f"{prefix}{name}.")


def response_fields(schema: dict[str, Any], endpoint: str) -> frozenset[str]:
    """Return the fields that OpenAPI describes in the good JSON answers of an endpoint, as dotted paths."""
    method, _, path = endpoint.partition(" ")
    operation = schema["paths"].get(f"{PREFIX}{path}", {}).get(method.lower())
    fields: set[str] = set()
    for status, answer in (operation or {}).get("responses", {}).items():
        if status.startswith("2"):
            fields |= set(_described(schema, answer.get("content", {}).get("application/json", {}).get("schema", {})))
    return frozenset(fields)


def _described(schema: dict[str, Any], part: dict[str, Any], prefix: str = "") -> Iterator[str]:
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    for branch in part.get("anyOf", []):
        yield from _described(schema, branch, prefix)
    if "items" in part:
        yield from _described(schema, part["items"], prefix)
    for name, each in part.get("properties", {}).items():
        yield f"{prefix}{name}"
        if name not in _OPEN:
            yield from _described(schema, each, f"{prefix}{name}.")
