"""Who may ask, and how often."""

import pytest
from api_client import Client, TestClient, check_problem

from api.limits import RateLimits, RequestClass, classify, parse
from pim_pipelines.errors import ConfigurationError
from pim_pipelines.store import keys

BODIES = {
    "save-mapping": {"column_mapping": {"a": "ean"}},
    "mapping-templates": {"name": "t", "column_mapping": {"a": "ean"}},
    "suppliers": {"code": "A"},
}


def ask(client: Client, method: str, path: str) -> object:
    body = BODIES.get(path.rsplit("/", 1)[-1]) if method == "POST" else None
    return client.ask(method, path, json=body)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "pm_live_" + "x" * 40},
        {"X-API-Key": "é".encode("latin-1").decode("latin-1").encode().decode("latin-1")},
        {"Authorization": "Bearer pm_live_nothing"},
        {"Authorization": "bearer  pm_live_nothing"},
    ],
)
def test_a_bad_key_is_401(app_client: TestClient, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}

    answer = app_client.get("/api/v1/imports", headers=sent)

    check_problem(answer, 401, "INVALID_API_KEY")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic cG06bGl2ZQ==", "Bearer", "Bearer ", "pm_live_x"])
def test_another_authorization_is_none(app_client: TestClient, header: str) -> None:
    answer = app_client.get("/api/v1/imports", headers={"Authorization": header})

    check_problem(answer, 401, "AUTHENTICATION_REQUIRED")


def test_a_key_is_taken_from_either_header(client: Client) -> None:
    by_header = client.http.get("/api/v1/imports", headers={"x-api-key": client.key})
    by_bearer = client.http.get("/api/v1/imports", headers={"Authorization": f"Bearer {client.key}"})

    assert (by_header.status_code, by_bearer.status_code) == (200, 200)


def test_a_revoked_key_is_401(client: Client) -> None:
    with client.connect() as conn:
        keys.revoke(conn, client.key_id)

    check_problem(client.get("/imports"), 401, "INVALID_API_KEY")


def test_another_tenants_things_are_404(client: Client, new_client) -> None:
    other = new_client("other")
    job = other.make_job("ready")
    supplier = other.post("/suppliers", json={"code": "A"}).json()["id"]
    template = other.post("/mapping-templates", json={"name": "t", "column_mapping": {"a": "ean"}}).json()["id"]

    paths = [
        ("GET", f"/imports/{job.uuid}"),
        ("DELETE", f"/imports/{job.uuid}"),
        ("GET", f"/imports/{job.uuid}/errors"),
        ("GET", f"/imports/{job.uuid}/report"),
        ("GET", f"/imports/{job.uuid}/dry-run"),
        ("POST", f"/imports/{job.uuid}/dry-run"),
        ("POST", f"/imports/{job.uuid}/start-processing"),
        ("POST", f"/imports/{job.uuid}/save-mapping"),
        ("POST", f"/imports/{job.uuid}/cancel"),
        ("POST", f"/imports/{job.uuid}/retry"),
        ("GET", f"/suppliers/{supplier}"),
        ("GET", f"/mapping-templates/{template}"),
    ]

    for method, path in paths:
        check_problem(ask(client, method, path), 404, "NOT_FOUND")
    assert client.get("/imports").json()["items"] == []
    assert client.get("/suppliers").json()["items"] == []
    assert client.get("/mapping-templates").json()["items"] == []
    assert other.job(job.uuid).status == "ready"


class TestRateLimits:
    """Requests a minute and key, in four classes."""

    def test_every_keyed_answer_says_what_is_left(self, new_client) -> None:
        client = new_client(rate_limits="reads=10,writes=3,uploads=2,polling=5")

        answers = [
            client.get("/imports"),
            client.get("/nothing-here"),
            client.get("/imports?page=0"),
            client.get("/imports/550e8400-e29b-41d4-a716-446655440000"),
            client.ask("PUT", "/imports"),
            client.upload(),
        ]

        left = [(answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) for answer in answers]
        assert left == [("10", "9"), ("10", "8"), ("10", "7"), ("5", "4"), ("3", "2"), ("2", "1")]
        assert all(int(answer.headers["x-ratelimit-reset"]) > 1_700_000_000 for answer in answers)

    def test_a_403_carries_the_headers_too(self, new_client) -> None:
        client = new_client(scopes=("products:read",), rate_limits="reads=10")

        assert client.get("/imports").headers["x-ratelimit-remaining"] == "9"

    def test_one_too_many_is_429_and_says_how_long_to_wait(self, new_client) -> None:
        client = new_client(rate_limits="reads=2,writes=100")
        client.get("/imports")
        client.get("/products")

        answer = client.get("/imports")

        problem = check_problem(answer, 429, "RATE_LIMIT_EXCEEDED")
        assert 1 <= problem["retry_after_seconds"] <= 60
        assert answer.headers["retry-after"] == str(problem["retry_after_seconds"])
        assert answer.headers["x-ratelimit-remaining"] == "0"

    def test_an_upload_too_many_is_429_and_leaves_nothing(self, new_client) -> None:
        client = new_client(rate_limits="uploads=1")
        client.upload()

        check_problem(client.upload(), 429, "RATE_LIMIT_EXCEEDED")
        assert len(client.stored_files()) == 1

    def test_keys_are_counted_apart(self, new_client) -> None:
        first = new_client(rate_limits="reads=1")
        with first.connect() as conn:
            _, other_key = keys.create(conn, first.tenant_code)
        first.get("/imports")

        other = first.http.get("/api/v1/imports", headers={"X-API-Key": other_key})

        assert other.status_code == 200
        assert first.get("/imports").status_code == 429

    def test_off_switches_them_off(self, client: Client) -> None:
        assert "x-ratelimit-limit" not in client.get("/imports").headers

    def test_the_count_begins_anew_after_a_minute(self) -> None:
        now = [1000.0]
        limits = RateLimits({RequestClass.READS: 1}, clock=lambda: now[0])

        first, second = limits.take(1, RequestClass.READS), limits.take(1, RequestClass.READS)
        now[0] = 1060.0
        third = limits.take(1, RequestClass.READS)

        assert first and second and third
        assert [first.is_exceeded, second.is_exceeded, third.is_exceeded] == [False, True, False]
        assert (first.reset_at, third.reset_at) == (1060, 1120)

    def test_a_clock_that_is_put_back_locks_nobody_out(self) -> None:
        now = [1000.0]
        limits = RateLimits({RequestClass.READS: 1}, clock=lambda: now[0])
        limits.take(1, RequestClass.READS)
        now[0] = 10.0

        again = limits.take(1, RequestClass.READS)

        assert again and not again.is_exceeded

    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("GET", "/api/v1/imports", "reads"),
            ("GET", "/api/v1/imports/550e8400-e29b-41d4-a716-446655440000", "polling"),
            ("HEAD", "/api/v1/imports/550e8400-e29b-41d4-a716-446655440000", "polling"),
            ("GET", "/api/v1/imports/550e8400-e29b-41d4-a716-446655440000/dry-run", "polling"),
            ("GET", "/api/v1/imports/550e8400-e29b-41d4-a716-446655440000/errors", "reads"),
            ("POST", "/api/v1/imports/upload", "uploads"),
            ("POST", "/api/v1/imports/550e8400-e29b-41d4-a716-446655440000/cancel", "writes"),
            ("DELETE", "/api/v1/imports/550e8400-e29b-41d4-a716-446655440000", "writes"),
            ("GET", "/api/v1/products", "reads"),
        ],
    )
    def test_classes(self, method: str, path: str, expected: str) -> None:
        assert classify(method, path) == expected

    def test_the_setting_is_read(self) -> None:
        assert parse("reads=1000, writes=100,uploads=30,polling=600") == {
            "reads": 1000,
            "writes": 100,
            "uploads": 30,
            "polling": 600,
        }
        assert parse(" OFF ") == {}

    @pytest.mark.parametrize("text", ["reads", "reads=x", "reads=0", "sleeps=1", "reads=-5"])
    def test_a_wrong_setting_says_so(self, text: str) -> None:
        with pytest.raises(ConfigurationError, match="PIM_RATE_LIMITS"):
            parse(text)
