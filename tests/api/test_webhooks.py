"""Webhooks: what may be said of one, what is shown of it, and that its secrets never are."""

from typing import Any
from uuid import uuid4

import pytest
from api_client import Client, check_problem
from conftest import NewClient

URL = "https://shop.example.com/hooks/pim"
BODY = {"name": "Shop", "url": URL, "events": ["import.completed"]}
WHOLE = {
    "name": "Shop sync",
    "url": f"{URL}?a=b",
    "events": ["import.completed", "product.created", "test", "import.completed"],
    "secret": "planted-secret",
    "headers": {"Authorization": "Bearer planted-token", "X-Team": "catalogue"},
    "max_retries": 5,
    "timeout_seconds": 60,
    "is_active": False,
}
PLANTED = ("planted-secret", "planted-token")


def make(client: Client, **fields: Any) -> dict[str, Any]:
    """Create a webhook."""
    answer = client.post("/webhooks", json=BODY | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refused(client: Client, field: str, **fields: Any) -> str:
    """Check that a webhook is refused because of a field; returns the code."""
    problem = check_problem(client.post("/webhooks", json=BODY | fields), 422, "VALIDATION_ERROR")
    assert [error["field"].split(".")[0] for error in problem["errors"]] == [field]
    return str(problem["errors"][0]["code"])


@pytest.mark.covers(
    "POST /webhooks", *WHOLE, "response.*", "max_retries max 5", "max_retries min 0", "timeout_seconds max 60",
    "timeout_seconds min 1", "name required", "url required", "events required",
)  # fmt: skip
def test_a_webhook_is_made_and_its_secrets_are_never_shown_nor_stored_in_the_open(client: Client) -> None:
    answer = client.post("/webhooks", json=WHOLE)
    made = answer.json()

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/webhooks/{made['id']}"
    shown = WHOLE | {
        "secret": "***",
        "headers": {"Authorization": "***", "X-Team": "***"},
        "events": ["import.completed", "product.created", "test"],
        "failing_since": None,
    }
    assert {name: made[name] for name in shown} == shown
    with client.connect() as conn:
        stored = conn.execute(
            "select w::text, secret, headers from webhooks w where uuid = %s", (made["id"],)
        ).fetchone()
    assert not any(secret in str(stored) for secret in PLANTED)
    for wrong in ({"max_retries": 6}, {"max_retries": -1}, {"timeout_seconds": 61}, {"timeout_seconds": 0}):
        check_problem(client.post("/webhooks", json=BODY | wrong), 422, "VALIDATION_ERROR")
    check_problem(client.post("/webhooks", json={}), 422, "VALIDATION_ERROR")


@pytest.mark.covers(
    "POST /webhooks", "max_retries default 3", "timeout_seconds default 10", "is_active default true",
    "secret default null", "headers default null",
)  # fmt: skip
def test_defaults_of_a_webhook(client: Client) -> None:
    made = make(client)

    assert (made["max_retries"], made["timeout_seconds"], made["is_active"]) == (3, 10, True)
    assert (made["secret"], made["headers"]) == (None, {})


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://shop.example.com/", "https_required"),
        ("https://user:pass@shop.example.com/", "credentials_in_url"),
        ("https://10.0.0.1/", "address_refused"),
        ("https://[::ffff:169.254.169.254]/", "address_refused"),
        ("https://localhost/", "address_refused"),
        ("ftp://shop.example.com/", "url_invalid"),
        ("https://", "url_invalid"),
        ("https://a b/", "url_invalid"),
        ("https://shop.example.com:99999/", "url_invalid"),
    ],
)
def test_urls_that_are_refused(client: Client, url: str, code: str) -> None:
    assert refused(client, "url", url=url) == code


def test_http_is_for_hosts_that_are_allowed(new_client: NewClient) -> None:
    client = new_client(egress_allow="127.0.0.1:8081,intranet")

    assert make(client, url="http://127.0.0.1:8081/hook")["url"] == "http://127.0.0.1:8081/hook"
    assert make(client, url="http://intranet/hook")["id"]
    assert refused(client, "url", url="http://127.0.0.1:8082/hook") == "https_required"


def test_what_else_is_refused(client: Client) -> None:
    check_problem(client.post("/webhooks", json=BODY | {"events": ["import.paused"]}), 422, "VALIDATION_ERROR")
    for field, value in {
        "events": [],
        "secret": "whsec_not base64",
        "name": " ",
    }.items():
        refused(client, field, **{field: value})
    assert refused(client, "secret", secret="***") == "invalid"
    for headers in (
        {"Host": "a"}, {"X-PM-Signature": "a"}, {"webhook-id": "a"}, {"A b": "c"}, {"X-A": "a\r\nX-B: c"},
        {"X-A": "é"}, {"X-A": "***"}, {"X-A": "1", "x-a": "2"}, {f"X-{n}": "1" for n in range(21)},
    ):  # fmt: skip
        refused(client, "headers", headers=headers)


@pytest.mark.covers("PATCH /webhooks/{webhook_id}", "webhook_id", *WHOLE, "response.*")
def test_what_is_sent_changes_and_the_rest_stays(client: Client) -> None:
    made = make(client, **WHOLE)
    path = f"/webhooks/{made['id']}"

    assert client.ask("PATCH", path, json={}).json() | {"updated_at": ""} == made | {"updated_at": ""}
    changed = client.ask("PATCH", path, json=WHOLE | {"name": "New", "secret": "***", "headers": {"x-team": "***"}})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["headers"]) == ("New", {"x-team": "***"})
    assert client.ask("PATCH", path, json={"secret": None, "headers": None}).json()["secret"] is None
    for null in ("name", "url", "events", "max_retries", "timeout_seconds", "is_active"):
        check_problem(client.ask("PATCH", path, json={null: None}), 422, "VALIDATION_ERROR")


def test_headers_never_follow_a_webhook_to_another_host(client: Client) -> None:
    path = f"/webhooks/{make(client, headers={'X-Token': 'planted-token'})['id']}"

    for more in ({}, {"headers": {"X-Token": "***"}}):
        body = {"url": "https://evil.example.com/", **more}
        problem = check_problem(client.ask("PATCH", path, json=body), 422, "VALIDATION_ERROR")
        assert problem["errors"][0]["field"] == "headers"
    assert client.ask("PATCH", path, json={"url": f"{URL}/other"}).status_code == 200
    assert client.ask("PATCH", path, json={"url": "https://new.example.com/", "headers": None}).status_code == 200


@pytest.mark.covers(
    "GET /webhooks", "is_active", "page", "per_page", "page default 1", "per_page default 20", "response.*"
)
@pytest.mark.covers("GET /webhooks/{webhook_id}", "webhook_id", "response.*")
@pytest.mark.covers("DELETE /webhooks/{webhook_id}", "webhook_id", "response.*")
def test_webhooks_are_listed_shown_and_deleted_by_their_tenant_alone(client: Client, new_client: NewClient) -> None:
    first, second = make(client, **WHOLE), make(client)

    listed = client.get("/webhooks").json()
    assert [item["id"] for item in listed["items"]] == [second["id"], first["id"]]
    assert (listed["meta"]["page"], listed["meta"]["per_page"]) == (1, 20)
    assert client.get("/webhooks?is_active=false&page=1&per_page=1").json()["items"] == [first]
    assert client.get(f"/webhooks/{first['id']}").json() == first

    other = new_client("other")
    assert other.get("/webhooks").json()["items"] == []
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
        answer = other.ask(method, f"/webhooks/{first['id']}{path}", **({"json": {}} if method == "PATCH" else {}))
        check_problem(answer, 404, "NOT_FOUND")
    assert client.ask("DELETE", f"/webhooks/{first['id']}").json() == {"deleted": True, "id": first["id"]}
    check_problem(client.get(f"/webhooks/{first['id']}"), 404, "NOT_FOUND")


def test_scopes_of_webhooks(new_client: NewClient) -> None:
    reader = new_client("acme", ("imports:read",))

    assert reader.get("/webhooks").status_code == 200
    check_problem(reader.post("/webhooks", json=BODY), 403, "PERMISSION_DENIED")
    check_problem(reader.post(f"/webhooks/{uuid4()}/test"), 403, "PERMISSION_DENIED")
    check_problem(new_client("acme", ("products:read",)).get("/webhooks"), 403, "PERMISSION_DENIED")
