"""The second API's token, and that every error below it has its own body."""

import logging
from typing import Any

import httpx
import pytest
from api_client import Client, TestClient, check_problem
from voog_client import VoogClient, check_error

from api.app import create_app
from api.body_limit import MOST_BYTES
from api.limits import classify
from pim_pipelines.store import keys, voog_tasks

TASKS = "/admin/api/ecommerce/v1/products_imports"
NOT_FOUND = {"message": "Not found."}
UNAUTHORIZED = {"message": "Unauthorized."}


@pytest.fixture
def voog(client: Client) -> VoogClient:
    return VoogClient(client)


def test_the_token_is_taken_from_its_header_or_from_the_query(voog: VoogClient) -> None:
    task, token = voog.make_task(), voog.client.key

    by_header = voog.http.get(f"{TASKS}/{task.id}", headers={"x-api-token": token})
    by_query = voog.http.get(f"{TASKS}/{task.id}?x=%ff&api_token={token}")
    both = voog.http.get(f"{TASKS}/{task.id}?api_token=wrong", headers={"X-API-TOKEN": token})

    assert [answer.status_code for answer in (by_header, by_query, both)] == [200, 200, 200]
    assert by_header.json() == by_query.json() == both.json()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"headers": {"X-API-TOKEN": "pm_live_nothing"}},
        {"headers": {"X-API-TOKEN": b"\xff"}},
        {"headers": {"X-API-TOKEN": "wrong"}, "params": {"api_token": "{token}"}},
        {"params": {"api_token": "pm_live_nothing"}},
        {"params": {"api_token": ""}},
        {"params": {"api_token": "\ud800".encode("utf-8", "surrogatepass")}},
        {"headers": {"X-API-Key": "{token}"}},
    ],
)
@pytest.mark.parametrize("path", [f"{TASKS}/1", "/admin/api", "/admin/api/nothing"])
def test_without_a_good_token_nothing_is_there(voog: VoogClient, sent: dict[str, Any], path: str) -> None:
    def filled(value: Any) -> Any:
        return value.format(token=voog.client.key) if isinstance(value, str) else value

    given = {kind: {name: filled(value) for name, value in pairs.items()} for kind, pairs in sent.items()}

    answer = voog.http.post(path, content=b"{not json", **given)

    assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)


def test_a_revoked_key_is_no_token(voog: VoogClient) -> None:
    with voog.client.connect() as conn:
        keys.revoke(conn, voog.client.key_id)

    assert voog.ask("GET", "/products_imports/1").json() == UNAUTHORIZED


def test_a_key_without_the_scope_is_403_and_says_which(new_client: Any) -> None:
    voog = VoogClient(new_client(scopes=("products:read",)))

    check_error(voog.ask("GET", "/products_imports/1"), 403, "imports:read")


def test_unknown_things_are_not_found(voog: VoogClient, new_client: Any) -> None:
    other = VoogClient(new_client("other")).make_task()
    pixee = voog.client.make_job()

    for path in (f"/{other.id}", f"/{pixee.uuid}", "/0", "/-1", "/x", "/1.5", "/²", "/9999999999", f"/{'9' * 5000}"):
        answer = voog.ask("GET", f"/products_imports{path}")

        assert (path, answer.status_code, answer.json()) == (path, 404, NOT_FOUND)
    for path in ("/nothing", "/products_imports/1/nothing"):
        assert voog.ask("GET", path).json() == NOT_FOUND
    assert voog.http.get("/admin/apis", headers={"X-API-TOKEN": voog.client.key}).json()["status"] == 404


def test_another_method_is_405_and_names_those_that_are_possible(voog: VoogClient) -> None:
    answer = voog.ask("BREW", "/products_imports/1")

    check_error(answer, 405, "BREW is not possible here")
    assert "GET" in answer.headers["allow"]


def test_too_large_a_body_is_413(voog: VoogClient) -> None:
    check_error(voog.ask("POST", "/products_imports", content=b" " * (MOST_BYTES + 1)), 413, "larger than")


def test_requests_a_minute_are_limited_here_too(new_client: Any) -> None:
    voog = VoogClient(new_client(rate_limits="polling=1"))

    first, second = (voog.ask("GET", "/products_imports/1") for _ in range(2))

    assert (first.status_code, first.headers["x-ratelimit-remaining"]) == (404, "0")
    check_error(second, 429, "More than 1 requests")
    assert int(second.headers["retry-after"]) > 0
    assert [classify("POST", TASKS), classify("PUT", f"{TASKS}/1/queue"), classify("GET", TASKS)] == [
        "uploads",
        "writes",
        "reads",
    ]


def test_a_database_that_is_away_is_503(settings: Any, tmp_path: Any) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://127.0.0.1:1/nothing", "home": tmp_path})
    with TestClient(create_app(away), raise_server_exceptions=False) as http:
        answer = http.get(f"{TASKS}/1", headers={"X-API-TOKEN": "pm_live_x"})

    check_error(answer, 503, "database does not answer")
    assert int(answer.headers["retry-after"]) > 0


def test_an_error_of_ours_is_a_500_that_gives_nothing_away(voog: VoogClient, monkeypatch: Any) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("select secret from somewhere")

    monkeypatch.setattr(voog_tasks, "get", broken)

    body = check_error(voog.ask("GET", "/products_imports/1"), 500, "went wrong on our side")
    assert "secret" not in str(body)


def test_the_token_is_in_no_log_and_in_no_figure(voog: VoogClient, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in ("/products_imports/1", "/nothing", "/products_imports/x"):
            for method in ("GET", "BREW"):
                voog.http.request(method, f"/admin/api/ecommerce/v1{path}?api_token={voog.client.key}")
        voog.http.get(f"{TASKS}/1?api_token={voog.client.key}x")
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]  # the test's own client

    assert any(f"GET {TASKS}/1 404" in record.getMessage() for record in ours)
    assert not any(voog.client.key in record.getMessage() for record in ours)
    assert voog.client.key not in voog.http.get("/metrics").text


def test_the_other_api_keeps_its_own_errors(client: Client) -> None:
    check_problem(client.get("/nothing"), 404, "NOT_FOUND")
    token_only: httpx.Response = client.http.get("/api/v1/imports", headers={"X-API-TOKEN": client.key})
    check_problem(token_only, 401, "AUTHENTICATION_REQUIRED")
