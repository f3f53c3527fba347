"""What every answer has in common: problems, methods, slashes, and bodies that are hostile."""

import json
import logging

import pytest
from api_client import MAPPING, Client, TestClient, check_problem

from api.app import create_app
from api.body_limit import MOST_BYTES
from pim_pipelines.store import jobs

ID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize("path", ["/", "/nothing", "/api", "/api/v2/imports", "/%2e%2e/etc/passwd", "/docs/x"])
def test_an_unknown_path_is_404(app_client: TestClient, path: str) -> None:
    check_problem(app_client.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/imports", {"GET", "HEAD"}),
        ("POST", "/imports/", {"GET", "HEAD"}),
        ("PATCH", f"/imports/{ID}", {"DELETE", "GET", "HEAD"}),
        ("GET", "/imports/upload", {"POST"}),
        ("HEAD", "/imports/upload", {"POST"}),
        ("GET", f"/imports/{ID}/cancel", {"POST"}),
        ("PUT", f"/imports/{ID}/dry-run", {"GET", "HEAD", "POST"}),
        ("DELETE", "/suppliers", {"GET", "HEAD", "POST"}),
        ("OPTIONS", "/products", {"GET", "HEAD"}),
        ("BREW", "/products", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_names_those_that_are_possible(
    client: Client, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.ask(method, path)

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    if method != "HEAD":
        check_problem(answer, 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "path",
    ["/imports", "/products", "/suppliers", "/mapping-templates", "/imports/{job}", "/imports/{job}/errors"],
)
def test_a_trailing_slash_is_optional_and_nothing_redirects(client: Client, path: str) -> None:
    path = path.format(job=client.make_job("ready").uuid)

    plain, slashed = (client.get(form, follow_redirects=False) for form in (path, f"{path}/"))

    assert (plain.status_code, slashed.status_code) == (200, 200)
    assert plain.json() == slashed.json()


def test_actions_take_a_trailing_slash(client: Client) -> None:
    job = client.make_job("awaiting_mapping")

    answer = client.post(f"/imports/{job.uuid}/save-mapping/", json={"column_mapping": MAPPING}, follow_redirects=False)

    assert answer.status_code == 200
    assert client.post("/imports/upload/", files={"file": ("a.csv", b"a;b\n1;2\n")}).status_code == 202


@pytest.mark.parametrize("path", ["/imports", "/imports/{job}", "/imports/{job}/report", "/products"])
def test_head_answers_as_get_without_a_body(client: Client, path: str) -> None:
    path = path.format(job=client.make_job("ready").uuid)

    head, get = client.ask("HEAD", path), client.get(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers.get("content-length") == get.headers.get("content-length")


def test_no_cors(client: Client) -> None:
    answer = client.get("/imports", headers={"Origin": "https://evil.example"})

    assert not [name for name in answer.headers if name.startswith("access-control")]


JSON_ENDPOINTS = [f"/imports/{ID}/save-mapping", "/suppliers", "/mapping-templates"]
HOSTILE_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"5",
    b"{'code': 'A'}",
    b"\xff\xfe\x00",
    b'{"code": "\xff"}',
    b'{"code": "\\ud800", "name": "\\ud800", "column_mapping": {"\\ud800": "ean"}}',
    b'{"code": "A", "name": {"a": 1}, "column_mapping": {"a": {"b": []}}}',
    b'{"code": 1e400, "name": NaN, "column_mapping": {"a": Infinity}}',
    b'{"code": "A\\u0000", "name": "t\\u0000", "column_mapping": {"a\\u0000": "ean"}}',
    b'{"name": "t", "column_mapping": {"a": "ean"}, "import_options": {"allowed_errors": ' + b"9" * 5000 + b"}}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"code": "' + b"x" * 1_000_000 + b'"}',
]


@pytest.mark.parametrize("path", JSON_ENDPOINTS)
@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
def test_a_hostile_body_is_4xx(client: Client, path: str, body: bytes) -> None:
    job = client.make_job("awaiting_mapping")

    answer = client.post(path.replace(ID, str(job.uuid)), content=body, headers={"Content-Type": "application/json"})

    check_problem(answer, 422, "VALIDATION_ERROR")
    assert client.job(job.uuid).status == "awaiting_mapping"


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * 2_000_000])
def test_hostile_texts_deep_in_a_body_are_422(client: Client, value: str) -> None:
    body = {
        "name": "t",
        "column_mapping": {"a": "ean"},
        "validation_rules": {"color": {"enum": [value]}, "title": {"pattern": value}},
    }

    answer = client.post("/mapping-templates", content=json.dumps(body), headers={"Content-Type": "application/json"})

    check_problem(answer, 422, "VALIDATION_ERROR")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_that_is_not_said_to_be_json_is_415(client: Client, content_type: str) -> None:
    answer = client.post("/suppliers", content=b'{"code": "A"}', headers={"Content-Type": content_type})

    check_problem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.pim+json"])
def test_kinds_of_json_are_taken(client: Client, content_type: str) -> None:
    answer = client.post("/suppliers", content=b'{"code": "A"}', headers={"Content-Type": content_type})

    assert answer.status_code == 201


def test_a_body_over_10_mb_is_413_by_its_length_and_by_what_comes(client: Client) -> None:
    big = b'{"code": "' + b"x" * MOST_BYTES + b'"}'

    declared = client.post("/suppliers", content=big, headers={"Content-Type": "application/json"})
    streamed = client.post(
        "/suppliers",
        content=(big[start : start + 1_000_000] for start in range(0, len(big), 1_000_000)),
        headers={"Content-Type": "application/json"},
    )

    check_problem(declared, 413, "BODY_TOO_LARGE")
    check_problem(streamed, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "query", ["?page=%ff", "?status=%00", "?supplier_code=%ff%fe", "?%00=1", "?page=1&page=x", "?;=&&"]
)
def test_hostile_queries_are_never_500(client: Client, query: str) -> None:
    assert client.get(f"/imports{query}").status_code in {200, 422}
    assert client.get(f"/products{query}").status_code in {200, 422}


def test_an_error_of_ours_is_a_500_that_gives_nothing_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("select secret from somewhere")

    monkeypatch.setattr(jobs, "list_page", broken)

    with caplog.at_level(logging.ERROR):
        answer = client.get("/imports")

    check_problem(answer, 500, "INTERNAL_ERROR")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "select secret" in caplog.text


def test_requests_are_logged_without_secrets(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="api.requests"):
        client.get("/imports?api_token=hush%0A", headers={"Authorization": "Bearer hush"})
        client.get("/sup%0Apliers")

    logged = "\n".join(record.getMessage() for record in caplog.records if record.name == "api.requests")
    assert "GET /api/v1/imports 200" in logged
    assert client.tenant_code in logged
    assert "hush" not in logged
    assert client.key not in logged
    assert len(logged.splitlines()) == 2


class TestDatabaseAway:
    """PostgreSQL does not answer."""

    @pytest.fixture
    def stranded(self, settings, tmp_path) -> TestClient:
        away = settings.model_copy(update={"database_url": "postgresql://127.0.0.1:1/nothing", "home": tmp_path})
        with TestClient(create_app(away), raise_server_exceptions=False) as client:
            yield client

    def test_keyed_requests_are_503_with_retry_after(self, stranded: TestClient) -> None:
        answer = stranded.get("/api/v1/imports", headers={"X-API-Key": "pm_live_x"})

        check_problem(answer, 503, "DATABASE_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0

    def test_the_process_lives_and_is_not_ready(self, stranded: TestClient) -> None:
        assert stranded.get("/healthz").json() == {"status": "ok"}
        problem = check_problem(stranded.get("/readyz"), 503, "NOT_READY")
        assert "The database does not answer." in problem["reasons"]

    def test_metrics_say_so(self, stranded: TestClient) -> None:
        assert "pim_database_up 0.0" in stranded.get("/metrics").text


def test_connections_that_the_database_has_dropped_are_replaced(client: Client) -> None:
    client.get("/imports")
    with client.connect() as conn:
        conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
            "and datname = current_database()"
        )

    assert [client.get("/imports").status_code for _ in range(5)] == [200] * 5


def test_a_file_store_that_cannot_be_written_is_503(new_client, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    client = new_client(files_url=f"file://{tmp_path}/file")

    answer = client.upload()

    check_problem(answer, 503, "STORAGE_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert client.get("/imports").json()["meta"]["total"] == 0
