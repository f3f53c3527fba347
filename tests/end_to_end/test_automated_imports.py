"""A config in the whole system: its file is imported once, and its secrets are nowhere to be read."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from serving_web import WebServer
from systems import System

pytestmark = pytest.mark.system

CSV = b"EAN;Titre;Prix HT\n4006381333931;Stylo;1,95\n3017620422003;Nutella;3,49\n"
SECRET = "Tresor-7461"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


@pytest.fixture
def client(system: System) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": system.new_key("automated")}
    with httpx.Client(base_url=f"{system.api_url}/api/v1", headers=headers, timeout=30) as found:
        yield found


def completed(client: httpx.Client, config_id: str) -> list[dict[str, Any]]:
    """Return the config's imports when the last of them has ended."""
    until = time.monotonic() + 60
    while True:
        found: list[dict[str, Any]] = client.get("/imports/", params={"config_id": config_id}).json()["items"]
        if found and all(job["completed_at"] for job in found):
            return found
        assert time.monotonic() < until, found
        time.sleep(0.2)


def run(client: httpx.Client, config_id: str) -> tuple[dict[str, Any], str]:
    """Have a config looked at now; returns the answer, and what was found when it is over."""
    response = client.post(f"/import-configs/configs/{config_id}/run")
    answer: dict[str, Any] = response.json()
    assert response.status_code == 202, answer
    until = time.monotonic() + 60
    while True:
        shown = client.get(f"/import-configs/configs/{config_id}").json()
        if answer["state"] in {"done", "failed"} or (shown["last_checked_at"] or "") > answer["created_at"]:
            return answer, str(shown["last_result"])
        assert time.monotonic() < until, shown
        time.sleep(0.2)


def test_config_imports_a_new_file_once_and_gives_no_secret_away(
    system: System, client: httpx.Client, web: WebServer
) -> None:
    url = web.file("/products.csv", CSV).replace("http://", f"http://user:{SECRET}@") + f"?token={SECRET}"
    body = {
        "name": "Nightly",
        "supplier_code": "WEB",
        "schedule": "0 2 * * *",
        "timezone": "Europe/Berlin",
        "file_source": {"type": "http", "url": url},
        "mapping": {"EAN": "ean", "Titre": "title", "Prix HT": "price"},
    }
    made = client.post("/import-configs/configs", json=body).json()

    answer, found = run(client, made["id"])
    [job] = completed(client, made["id"])
    assert found == "1 new: products.csv."
    assert answer["id"] in {job["id"], None}  # None: it took longer than an answer waits
    assert (job["status"], job["import_type"], job["supplier_code"]) == ("completed", "scheduled", "WEB")
    assert job["products_created"] == 2

    answer, found = run(client, made["id"])
    assert (answer["id"], found) == (None, "Nothing new: products.csv has the content that was imported before.")
    assert len(completed(client, made["id"])) == 1

    web.status("/products.csv", 404)
    _, found = run(client, made["id"])
    assert found.startswith("Failed: ")
    assert [each["status"] for each in completed(client, made["id"])] == ["failed", "completed"]
    assert len(web.asked) == 3
    assert places_of(SECRET, system) == []


def places_of(secret: str, system: System) -> list[str]:
    """Return where a secret can be read: tables of both schemas, logs, and files of the home but the key's own."""
    found = []
    with psycopg.connect(system.database_url) as conn:
        tables = conn.execute(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables"
            " where table_schema in ('pim', 'dagster') and table_type = 'BASE TABLE'"
        ).fetchall()
        for (table,) in tables:
            row = conn.execute(
                f"select count(*) from {table} t where to_jsonb(t)::text like %s".encode(), (f"%{secret}%",)
            ).fetchone()
            found += [table] if row and row[0] else []
    for folder in ("logs", "dagster"):
        for path in (system.home / folder).rglob("*"):
            if path.is_file() and secret.encode() in path.read_bytes():
                found.append(str(path))
    return found
