"""What a test says it shows of the API, and whether it does.

`@pytest.mark.covers("GET /imports/", "status", "per_page default 20", "per_page max 100", "response.meta.total")` names
an endpoint and, of it, any of

    <name>                   a parameter or a field of the body (`import_options.sheet`, `validation_rules.*.min`):
                             the test sends it
    <name> default <value>   the test leaves it out
    <name> required          the test leaves it out, and is answered 422 that names it
    <name> max <number>      the test sends a larger one (of texts: a longer one), and is answered 422 that names it
    <name> min <number>      the same with a smaller one
    <name> enum              the test sends none of its values, and is answered 422 that names it
    response.<path>          a field of a good answer (of lists: of their items); `response.*`: all that OpenAPI has

After each test its claims are held against OpenAPI and against what it really asked (`unfounded`), so that
docs/api-coverage.md, which is made of them (tests/coverage_table.py), cannot lie. `test_limits.py` shows all limits.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from described import PREFIX, Endpoint, Parameter, endpoint_at, endpoints

Claim = tuple[str, str]
"""An endpoint (`GET /imports/{import_id}`), and an item of it."""

_Test = Callable[[Any, Parameter, str], bool]


@dataclass(frozen=True)
class Exchange:
    """A request of a test and its answer."""

    endpoint: Endpoint | None
    sent: dict[str, Any]
    status: int
    fields: frozenset[str]
    """Of a good JSON answer, as dotted paths."""
    blamed: frozenset[str]
    """The fields that a 422 names."""

    noted: ClassVar[list["Exchange"]] = []

    @classmethod
    def note(
        cls, method: str, path: str, kwargs: dict[str, Any], headers: dict[str, str], answer: httpx.Response
    ) -> None:
        """Keep what was sent and answered; the path is below `/api/v1`, or one outside of it."""
        split = urlsplit(path)
        sent: dict[str, Any] = dict(parse_qsl(split.query, keep_blank_values=True))
        for given in (kwargs.get("params"), kwargs.get("json"), kwargs.get("data"), kwargs.get("files"), headers):
            sent |= dict(_members(given))
        endpoint = endpoint_at(method, split.path)
        fields: frozenset[str] = frozenset()
        blamed: frozenset[str] = frozenset()
        if answer.content and answer.headers.get("content-type", "").partition(";")[0].endswith("json"):
            body = json.loads(answer.content)
            if answer.is_success and endpoint:
                fields = frozenset(endpoint.fields_in(body))
            elif isinstance(body, dict):
                blamed = frozenset(error["field"] for error in body.get("errors", []))
        if endpoint:
            sent = {endpoint.known(name): value for name, value in sent.items()}
            blamed = frozenset(endpoint.known(name) for name in blamed)
        cls.noted.append(cls(endpoint, sent, answer.status_code, fields, blamed))

    @classmethod
    def hear(cls, answer: httpx.Response) -> None:
        """Keep what a client of its own asked a real server: an event hook of httpx, for answers."""
        answer.read()
        asked = answer.request
        path = asked.url.raw_path.decode().removeprefix(PREFIX)
        kind = asked.headers.get("content-type", "")
        json_sent = {"json": json.loads(asked.content)} if kind.startswith("application/json") else {}
        cls.note(asked.method, path, json_sent, {}, answer)


def claims_of(item: pytest.Item) -> list[Claim]:
    """Return what the marks of a test say; an endpoint alone is claimed by each."""
    return [
        (mark.args[0], each)
        for mark in item.iter_markers("covers")
        for each in ("", *(str(arg) for arg in mark.args[1:]))
    ]


def queries(endpoint: str, *cases: tuple[Any, ...]) -> list[Any]:
    """Return cases of a test whose first value is a query (`?page=2`): each claims to show the parameters in it."""
    return [
        pytest.param(*case, marks=pytest.mark.covers(endpoint, *dict(parse_qsl(str(case[0]).removeprefix("?")))))
        for case in cases
    ]


def unknown(claim: Claim) -> bool:
    """Tell whether OpenAPI has no such endpoint or item. A default that it does not state may be said in any words."""
    name, item = claim
    endpoint = endpoints().get(name)
    if endpoint is None:
        return True
    if item in {"", "response.*", *endpoint.items()}:
        return False
    parameter = endpoint.parameters.get(item.partition(" ")[0])
    return parameter is None or " default " not in item or bool(parameter.defaults)


def unfounded(claims: list[Claim], exchanges: list[Exchange]) -> list[Claim]:
    """Return the claims that OpenAPI, or what was asked and answered, does not bear out."""
    return [claim for claim in claims if unknown(claim) or not _is_founded(claim, exchanges)]


def undescribed(exchanges: list[Exchange]) -> set[Claim]:
    """Return the fields of good answers that OpenAPI does not have."""
    return {
        (exchange.endpoint.name, name)
        for exchange in exchanges
        if exchange.endpoint
        for name in exchange.fields - exchange.endpoint.fields.keys()
    }


def _is_founded(claim: Claim, exchanges: list[Exchange]) -> bool:
    endpoint, item = endpoints()[claim[0]], claim[1]
    own = [exchange for exchange in exchanges if exchange.endpoint == endpoint]
    name, kind, value = [*item.split(" ", 2), "", ""][:3] if " " in item else (item, "", "")
    if not item:
        return bool(own)
    if item == "response.*":
        answered = frozenset().union(*(exchange.fields for exchange in own))
        return bool(answered) and answered >= {name for name in endpoint.fields if name}
    if item.startswith("response."):
        return any(item.removeprefix("response.") in exchange.fields for exchange in own)
    parameter = endpoint.parameters[name]
    if kind == "default":
        return any(name not in exchange.sent for exchange in own)
    if kind:
        refused = (exchange for exchange in own if exchange.status == 422 and name in exchange.blamed)
        return any(_REFUSED[kind](exchange.sent.get(name), parameter, value) for exchange in refused)
    return any(name in exchange.sent or parameter.place == "path" for exchange in own)


def _size(sent: Any, parameter: Parameter) -> float:
    return float(sent) if parameter.is_number else len(sent)


_REFUSED: dict[str, _Test] = {
    "required": lambda sent, _parameter, _value: sent is None,
    "max": lambda sent, parameter, value: sent is not None and _size(sent, parameter) > float(value),
    "min": lambda sent, parameter, value: sent is not None and _size(sent, parameter) < float(value),
    "enum": lambda sent, parameter, _value: sent is not None and str(sent) not in parameter.values,
}


def _members(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the names in a JSON value as dotted paths, of lists those of their items, with their values."""
    if isinstance(value, list):
        for each in value:
            yield from _members(each, prefix)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield f"{prefix}{name}", each
            yield from _members(each, f"{prefix}{name}.")
