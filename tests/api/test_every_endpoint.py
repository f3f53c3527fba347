"""What all endpoints have in common; they are read from OpenAPI, so that a new one is held to it too."""

import re
from typing import Any
from uuid import uuid4

import httpx
from api_client import MAPPING, Client, TestClient, check_problem
from described import endpoints

from pim_pipelines.store import keys

SCOPES = {
    "imports": "imports",
    "mapping-templates": "imports",
    "import-configs": "imports",
    "webhooks": "imports",
    "suppliers": "suppliers",
    "products": "products",
}
"""What the keys of the first part of a path go by."""

BODIES: dict[str, dict[str, Any]] = {
    "POST /imports/{import_id}/save-mapping": {"column_mapping": MAPPING},
    "POST /imports/{import_id}/save-as-template": {"name": "t"},
    "POST /imports/ean-pending/{resolution_id}/resolve": {"product_id": str(uuid4())},
    "PUT /mapping-templates/{template_id}": {"name": "t", "column_mapping": MAPPING},
    "PATCH /mapping-templates/{template_id}": {"name": "t"},
    "PATCH /suppliers/{supplier_id}": {"name": "x"},
    "PATCH /import-configs/configs/{config_id}": {"name": "x"},
    "PATCH /webhooks/{webhook_id}": {"name": "x"},
}
"""Bodies that are right, of endpoints that look for something first."""

KEYED = {name: endpoint for name, endpoint in endpoints().items() if name.split("/")[1] in SCOPES}


def ask(client: Client, name: str, unknown: object = None, end: str = "", **sent: Any) -> httpx.Response:
    """Send a request whose ids are all unknown."""
    method, _, path = name.partition(" ")
    return client.ask(method, re.sub(r"\{\w+\}", str(unknown or uuid4()), path.rstrip("/")) + end, **sent)


def test_only_the_systems_own_pages_need_no_key(app_client: TestClient) -> None:
    assert endpoints().keys() - KEYED.keys() == {"GET /healthz", "GET /readyz", "GET /metrics"}
    for name in [*KEYED, "GET /nothing-here"]:
        method, _, path = name.partition(" ")

        answer = app_client.request(method, f"/api/v1{path}", content=b"{not json")

        check_problem(answer, 401, "AUTHENTICATION_REQUIRED")
        assert answer.headers["www-authenticate"] == "Bearer", name
        assert "x-ratelimit-limit" not in answer.headers, name


def test_every_endpoint_wants_its_scope(new_client: Any) -> None:
    admin = new_client(scopes=("admin",))
    without: dict[str, Client] = {}
    for name in KEYED:
        scope = f"{SCOPES[name.split('/')[1]]}:{'read' if name.startswith('GET') else 'write'}"
        if scope not in without:
            others = tuple(other for other in keys.DEFAULT_SCOPES if other != scope)
            without[scope] = new_client(scopes=others)

        refused, allowed = ask(without[scope], name), ask(admin, name)

        assert scope in check_problem(refused, 403, "PERMISSION_DENIED")["detail"], name
        assert allowed.status_code not in {401, 403}, name


def test_an_unknown_or_malformed_id_is_404(client: Client) -> None:
    for name in KEYED:
        if "{" in name:
            for unknown in (uuid4(), "x"):
                answer = ask(client, name, unknown, json=BODIES.get(name))

                assert (name, answer.status_code) == (name, 404), answer.text
                check_problem(answer, 404, "NOT_FOUND")


def test_a_trailing_slash_changes_nothing(client: Client) -> None:
    for name in KEYED:
        unknown = uuid4()

        plain, slashed = (ask(client, name, unknown, end, follow_redirects=False) for end in ("", "/"))

        assert (name, plain.status_code) == (name, slashed.status_code)
        if not plain.is_success:
            assert {**plain.json(), "timestamp": ""} == {**slashed.json(), "timestamp": ""}, name


def test_another_method_is_405_and_names_those_that_are_possible(client: Client) -> None:
    for path in sorted({name.partition(" ")[2] for name in KEYED}):
        answer = ask(client, f"BREW {path}")

        check_problem(answer, 405, "METHOD_NOT_ALLOWED")
        possible = {method for method, _, own in (name.partition(" ") for name in KEYED) if own == path}
        assert set(answer.headers["allow"].split(", ")) == possible | ({"HEAD"} if "GET" in possible else set()), path


def test_a_json_body_that_is_not_said_to_be_json_is_415(client: Client) -> None:
    for name, endpoint in KEYED.items():
        if any(parameter.place == "body" for parameter in endpoint.parameters.values()):
            answer = ask(client, name, content=b'{"name": "x"}', headers={"Content-Type": "text/plain"})

            assert (name, answer.status_code) == (name, 415), answer.text
            check_problem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
