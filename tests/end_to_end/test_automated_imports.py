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

    first = client.post(f"/import-configs/configs/{made['id']}/run")
    [job] = completed(client, made["id"])
    again = client.post(f"/import-configs/configs/{made['id']}/run").json()
    web.status("/products.csv", 404)
    failed = client.post(f"/import-configs/configs/{made['id']}/run").json()

    assert first.status_code == 202
    assert first.headers["location"] == f"/api/v1/imports/{job['id']}"
    assert (job["id"], job["status"], job["import_type"]) == (first.json()["id"], "completed", "scheduled")
    assert (job["products_created"], job["supplier_code"]) == (2, "WEB")
    assert (again["id"], again["state"]) == (None, "done")
    assert (failed["state"], failed["status"]) == ("failed", "failed")
    assert client.get(f"/import-configs/configs/{made['id']}").json()["last_result"].startswith("Failed: ")
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
