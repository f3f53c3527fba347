"""Every limit that OpenAPI states, of every endpoint: one step beyond it is answered 422, and the answer names it.

The cases are read from OpenAPI, so that a new endpoint's are tested too.
"""

import re
from typing import Any

import pytest
from api_client import CSV, MAPPING, Client, check_problem
from described import Endpoint, Parameter, endpoints
from test_configs import PAGE, SOURCES

ID = "550e8400-e29b-41d4-a716-446655440000"

SAVE = "POST /imports/{import_id}/save-mapping"
CONFIG, CHANGED_CONFIG = "POST /import-configs/configs", "PATCH /import-configs/configs/{config_id}"


def cases() -> list[Any]:
    """Return an endpoint and one of its limits each, which the case claims to show."""
    return [
        pytest.param(endpoint, parameter, item, marks=pytest.mark.covers(endpoint.name, item), id=f"{name}: {item}")
        for name, endpoint in endpoints().items()
        for parameter in endpoint.parameters.values()
        for item in parameter.limits()
    ]


@pytest.mark.parametrize(("endpoint", "parameter", "item"), cases())
def test_beyond_a_limit_is_422(client: Client, endpoint: Endpoint, parameter: Parameter, item: str) -> None:
    answer = ask(client, endpoint, parameter, beyond(parameter, item))

    problem = check_problem(answer, 422, "VALIDATION_ERROR")
    assert parameter.name in {endpoint.known(error["field"]) for error in problem["errors"]}


def beyond(parameter: Parameter, item: str) -> Any:
    """Return a value on the wrong side of a limit; None leaves it out."""
    kind, limit = (*item.split(" ")[1:], "")[:2]
    if kind == "required":
        return None
    if kind == "enum":
        return "none-of-them"
    size = int(limit) + (1 if kind == "max" else -1)
    if parameter.is_number:
        return size
    return [ID] * size if parameter.is_list else "x" * size


def ask(client: Client, endpoint: Endpoint, parameter: Parameter, value: Any) -> Any:
    """Send a request with one value in its place."""
    method, _, path = endpoint.name.partition(" ")
    path = re.sub(r"\{\w+\}", existing(client, endpoint), path)
    sent: dict[str, Any] = {} if value is None else {parameter.name: value}
    if parameter.place == "query":
        return client.ask(method, path, params=sent)
    if parameter.place == "header":
        takes_a_file = "file" in endpoint.parameters
        whole: dict[str, Any] = {"files": {"file": ("a.csv", CSV)}} if takes_a_file else {"json": {}}
        return client.ask(method, path, headers=sent, **whole)
    if parameter.place == "form":
        files = {"sheet": (None, "")} if parameter.name == "file" else {"file": ("a.csv", CSV)}
        return client.ask(method, path, data=sent, files=files)
    return client.ask(method, path, json=around(body(endpoint, parameter), parameter.name.replace("*", "title"), value))


def existing(client: Client, endpoint: Endpoint) -> str:
    """Return an id for the path; of a thing that is there, where the thing is looked at first."""
    if endpoint.name == SAVE:
        return str(client.make_job("ready").uuid)
    if endpoint.name == CHANGED_CONFIG:
        return str(client.post("/import-configs/configs", json=PAGE).json()["id"])
    return ID


def body(endpoint: Endpoint, parameter: Parameter) -> dict[str, Any]:
    """Return what has to stand around a value, so that it is looked at."""
    if endpoint.name == SAVE:
        return {"column_mapping": MAPPING}
    if endpoint.name in {CONFIG, CHANGED_CONFIG}:
        member = parameter.name.removeprefix("file_source.")
        return PAGE | {"file_source": next((source for source in SOURCES.values() if member in source), SOURCES["ftp"])}
    return {}


def around(body: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return a body with a value at a dotted path, or without it."""
    member, _, rest = name.partition(".")
    others = {each: own for each, own in body.items() if each != member}
    if rest:
        return others | {member: around(body.get(member, {}), rest, value)}
    return others if value is None else others | {member: value}
