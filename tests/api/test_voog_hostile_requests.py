"""Nothing that is sent to the second API is answered 500, and every error has its one form."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from api_client import Client, TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from voog_client import URL, VoogClient

TASKS = "/admin/api/ecommerce/v1/products_imports"
HUGE = "9" * 5000
TEXTS = ["", "0", "-1", "1", HUGE[:400], "a\0b", "😀", "\ud800", "%", "'\"; --", "٣"]
VALUES: list[Any] = [*TEXTS, None, True, 0, -1, 2**63, 10**400, 1.5, [], {}, [[]], {"a": {"b": []}}, ["x"] * 100]


@pytest.fixture
def voog(client: Client) -> VoogClient:
    made = VoogClient(client)
    made.make_task()
    return made


def operations(app_client: TestClient) -> list[tuple[str, str, list[str]]]:
    """Return what OpenAPI has below `/admin`: method, path, and the parameters of the query."""
    paths: dict[str, Any] = app_client.get("/openapi.json").json()["paths"]
    return [
        (method.upper(), path, [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"])
        for path, methods in paths.items()
        if path.startswith("/admin")
        for method, operation in methods.items()
    ]


def escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def send(voog: VoogClient, method: str, path: str, **kwargs: Any) -> int:
    """Send a request, and check that its answer is one of the API's."""
    answer = voog.http.request(
        method, path, headers={"X-API-TOKEN": voog.client.key, **kwargs.pop("headers", {})}, **kwargs
    )
    assert answer.status_code < 500, (method, path[:200], kwargs, answer.text)
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.headers["content-type"] == "application/json", (path, answer.text)
        assert answer.json().keys() <= {"message", "errors"}
        assert len(answer.content) < 5000
    return answer.status_code


def filled(path: str, value: str) -> str:
    for name in ("task_id", "product_id", "file_id", "signature", "filename"):
        path = path.replace(f"{{{name}}}", escaped(value))
    return path


@pytest.mark.parametrize("value", TEXTS, ids=range(len(TEXTS)))
def test_any_text_in_a_path_or_a_query(voog: VoogClient, app_client: TestClient, value: str) -> None:
    for method, path, names in operations(app_client):
        send(voog, method, filled(path, value))
        send(voog, method, filled(path, HUGE if value == "1" else value) + f"?{escaped(value)}={escaped(value)}")
        for name in names:
            send(voog, method, f"{filled(path, '1')}?{name.replace('$comparator', '$eq')}={escaped(value)}")


def test_any_value_in_a_body(voog: VoogClient, app_client: TestClient) -> None:
    members = [
        "file_url",
        "language",
        "overwrite_existing",
        "match_key",
        "validate_mapping",
        "mapping",
        "products_import",
    ]
    bodies = [{"file_url": URL, name: value} for name in members for value in VALUES]
    bodies = [body for body in bodies if _is_refused(body)]
    bodies += [{"filename": value, "size": 1} for value in VALUES] + [{"filename": "x.csv", "size": v} for v in VALUES]
    for body in [*bodies, *VALUES]:
        content = json.dumps(body).encode("utf-8", "surrogatepass")
        for path in (TASKS, "/admin/api/import_files") if "filename" not in str(body) else ("/admin/api/import_files",):
            send(voog, "POST", path, content=content, headers={"Content-Type": "application/json"})


def _is_refused(body: dict[str, Any]) -> bool:
    """Tell whether no task is made of it: one that is made waits for a run, and there is no Dagster here."""
    return any(value not in (None, URL, True, "", [], {}) for name, value in body.items() if name != "file_url")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 50_000,
        b'{"file_url": "\xff"}',
        b'{"file_url": "\\ud800"}',
        b"nul\0",
        b"\xef\xbb\xbf{}",
        b"NaN",
    ],
    ids=range(8),
)
def test_any_bytes_as_a_body(voog: VoogClient, app_client: TestClient, content: bytes) -> None:
    for method, path, _ in operations(app_client):
        for kind in ("application/json", "multipart/form-data"):
            send(voog, method, filled(path, "x"), content=content, headers={"Content-Type": kind})


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_any_method_on_any_path(voog: VoogClient, app_client: TestClient, method: str) -> None:
    paths = {filled(path, "77") for _, path, _ in operations(app_client)}
    for path in [*sorted(paths), "/admin/api", "/admin/api/", "/admin/api//x", "/admin/api/ecommerce/v2/products"]:
        send(voog, method, path)


NAMES = st.builds(
    "{}q.{}.{}{}".format,
    st.sampled_from(["", "?", "??"]),
    st.sampled_from(["products_import", "product", "", "x"]),
    st.sampled_from(["id", "status", "created_at", "price", "sku", "", "no", "id.id"]),
    st.sampled_from(["", ".$eq", ".$in", ".$not_in", ".$gt", ".$matches", ".$not_cont", ".$", ".eq", ".$x.$y", "."]),
)
TEXT = st.one_of(
    st.sampled_from([*TEXTS, "failed,queued", "2023-12-22", "1,2", "10.5", "products_import.id.$desc,product.sku"]),
    st.text(max_size=20),
)


@given(
    query=st.lists(
        st.tuples(st.one_of(NAMES, st.sampled_from(["s", "page", "per_page", "include"])), TEXT), max_size=4
    ),
    resource=st.sampled_from(["products_imports", "products"]),
)
@example_settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_of_a_list(voog: VoogClient, query: list[tuple[str, str]], resource: str) -> None:
    text = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in query)

    assert send(voog, "GET", f"/admin/api/ecommerce/v1/{resource}?{text}") in {200, 400}
