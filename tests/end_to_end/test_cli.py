"""The `pim` command against a system that is up."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import openpyxl
import psycopg
import pytest
from systems import System

pytestmark = pytest.mark.system

CATALOGUE = """EAN;Titre;Prix HT;Marque
4006381333931;Stylo feutre bleu;1,95;Stabilo
3017620422003;Pâte à tartiner 400 g;3,49;Ferrero
3017620422004;Code faux;2,00;Ferrero
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.csv"
    path.write_text(CATALOGUE)
    return path


def with_key(system: System, key: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user who has a key."""
    return subprocess.run(
        [sys.executable, "-m", "pim_pipelines.cli", *arguments],
        env={**system.environment, "PIM_API_KEY": key, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_created_key_works_until_it_is_revoked(system: System) -> None:
    done = system.pim("keys", "create", "--tenant", "cli-keys", "--json")
    made = json.loads(done.stdout)
    imports = f"{system.api_url}/api/v1/imports"
    headers = {"X-API-Key": made["key"]}
    assert made["tenant"] == "cli-keys"
    assert set(made) == {"id", "key", "tenant", "scopes"}
    assert httpx.get(imports, headers=headers).status_code == 200

    assert system.pim("keys", "revoke", str(made["id"])).returncode == 0

    assert httpx.get(imports, headers=headers).status_code == 401
    listed = system.pim("keys", "list", "--tenant", "cli-keys", "--json")
    assert made["key"] not in listed.stdout
    assert json.loads(listed.stdout)["revoked_at"]


def test_key_has_the_scopes_that_were_asked_for(system: System) -> None:
    done = system.pim("keys", "create", "--tenant", "cli", "--scope", "imports:read", "--scope", "admin", "--json")

    assert json.loads(done.stdout)["scopes"] == ["imports:read", "admin"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tenant", "cli", "--scope", "imports:fly"), "imports:fly"),
        (("--tenant", "a:b"), "tenant"),
        (("--tenant", ""), "tenant"),
    ],
)
def test_wrong_key_is_refused_with_a_sentence(system: System, arguments: tuple[str, ...], said: str) -> None:
    done = system.pim("keys", "create", *arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_db_url_opens_the_database(system: System) -> None:
    done = system.pim("db", "url")

    assert done.returncode == 0
    url = done.stdout.strip()
    assert json.loads(system.pim("db", "url", "--json").stdout) == {"url": url}
    assert urlsplit(url).scheme == "postgresql"
    with psycopg.connect(url) as conn:
        assert conn.execute("select count(*) >= 0 from pim.import_jobs").fetchone() == (True,)
        # Dagster's tables have been made, in their own schema of the same database.
        assert conn.execute("select count(*) >= 0 from dagster.runs").fetchone() == (True,)


def test_doctor_finds_a_running_system_well(system: System) -> None:
    done = system.pim("doctor")

    assert done.returncode == 0, done.stdout
    assert "BAD" not in done.stdout
    for name in ("database", "migrations", "daemons", "code location", "disk", "configuration"):
        assert f"ok    {name}:" in done.stdout


def test_doctor_says_that_nothing_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pim_pipelines.cli", "doctor"],
        env={"PIM_HOME": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "BAD   system: no PIM is running" in done.stdout
    assert not (tmp_path / "none").exists()  # looking makes nothing


def test_import_shows_mapping_and_outcome(system: System, catalogue: Path) -> None:
    done = with_key(system, system.new_key("cli-import"), "import", str(catalogue), "--supplier", "CLI", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "completed" in done.stdout
    assert "Prix HT" in done.stdout
    assert "3017620422004" in done.stdout or "ean" in done.stdout
    with psycopg.connect(system.database_url) as conn:
        counts = conn.execute(
            "select products_created, failed_rows from pim.import_jobs j join pim.tenants t on t.id = j.tenant_id"
            " where t.code = 'cli-import'"
        ).fetchall()
    assert counts == [(2, 1)]


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Return what a command printed with --json."""
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_import_is_listed_watched_and_its_errors_are_corrected(
    system: System, catalogue: Path, tmp_path: Path
) -> None:
    key = system.new_key("cli-jobs")
    (job,) = lines(with_key(system, key, "import", str(catalogue), "--supplier", "CLI", "--yes", "--json"))

    assert (job["status"], job["products_created"]) == ("completed", 2)
    assert [found["id"] for found in lines(with_key(system, key, "jobs", "--json"))] == [job["id"]]
    listed = with_key(system, key, "jobs", "--status", "completed").stdout
    assert job["id"] in listed
    assert "catalogue.csv" in listed
    watched = with_key(system, key, "watch", job["id"])
    assert watched.returncode == 0
    assert "3 of 3 rows" in watched.stdout
    (error,) = lines(with_key(system, key, "errors", job["id"], "--severity", "error", "--json"))
    assert (error["row_number"], error["error_type"]) == (3, "ean_invalid")
    assert "3017620422004" in with_key(system, key, "errors", job["id"]).stdout
    report = tmp_path / "report.xlsx"
    assert with_key(system, key, "errors", job["id"], "--save", str(report)).returncode == 0

    book = openpyxl.load_workbook(report)
    next(cell for cell in book.active["A"] if cell.value == "3017620422004").value = "5449000000996"
    book.save(report)
    (again,) = lines(with_key(system, key, "import", str(report), "--supplier", "CLI", "--yes", "--json"))
    assert (again["total_rows"], again["products_created"], again["failed_rows"]) == (1, 1, 0)


def test_watching_ends_with_the_outcome(system: System) -> None:
    key = system.new_key("cli-watch")
    headers = {"X-API-Key": key}
    imports = f"{system.api_url}/api/v1/imports"
    unmapped, unreadable = (
        httpx.post(f"{imports}/upload", headers=headers, files={"file": (name, content)}).json()["id"]
        for name, content in (("a.csv", b"xq;zw\n1;2\n"), ("b.csv", b"EAN;Titre\n123;x\n"))
    )
    waits = with_key(system, key, "watch", unmapped, "--json")
    assert waits.returncode == 3
    assert json.loads(waits.stdout.splitlines()[-1])["status"] == "awaiting_mapping"
    assert with_key(system, key, "watch", unreadable).returncode == 3  # ready
    httpx.post(f"{imports}/{unreadable}/save-mapping", headers=headers, json={"column_mapping": {"EAN": "ean"}})
    httpx.post(f"{imports}/{unreadable}/start-processing", headers=headers)
    assert with_key(system, key, "watch", unreadable).returncode == 1  # every row failed

    unknown = with_key(system, key, "watch", "550e8400-e29b-41d4-a716-446655440000")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "pim jobs" in unknown.stderr
    assert with_key(system, system.new_key("cli-other"), "errors", unmapped).returncode == 1
    assert with_key(system, key, "errors", "nonsense").returncode == 2


def test_automated_imports_are_listed_without_their_secrets(system: System) -> None:
    key = system.new_key("cli-configs")
    source = {
        "type": "sftp",
        "host": "sftp.example.com",
        "username": "u",
        "password": "s3cr3t",
        "file_pattern": "*.csv",
    }
    config = {"name": "Nightly", "supplier_code": "CLI", "schedule": "0 2 * * *", "file_source": source}
    assert "no automated imports" in with_key(system, key, "configs").stdout
    made = httpx.post(f"{system.api_url}/api/v1/import-configs/configs", headers={"X-API-Key": key}, json=config).json()

    table = with_key(system, key, "configs").stdout
    assert made["id"] in table
    assert "sftp://sftp.example.com/*.csv" in table
    (listed,) = lines(with_key(system, key, "configs", "--json"))

    assert listed == made
    assert "s3cr3t" not in table + str(listed)


def test_webhooks_are_listed_without_their_secrets(system: System) -> None:
    key = system.new_key("cli-webhooks")
    webhook = {
        "name": "Shop",
        "url": "https://example.com/hook",
        "events": ["import.completed"],
        "secret": "s3cr3t-s3cr3t",
    }
    answer = httpx.post(f"{system.api_url}/api/v1/webhooks", headers={"X-API-Key": key}, json=webhook)
    assert answer.status_code == 201, answer.text

    table = with_key(system, key, "webhooks").stdout
    (listed,) = lines(with_key(system, key, "webhooks", "--json"))

    assert listed["id"] == answer.json()["id"]
    assert listed["id"] in table
    assert "import.completed" in table
    assert "s3cr3t" not in table + str(listed)


def test_import_takes_the_users_mapping(system: System, tmp_path: Path) -> None:
    path = tmp_path / "strange.csv"
    path.write_text("xq;zw;Prix=HT\n4006381333931;Stylo;1,95\n3017620422003;Tartine;3,49\n")
    key = system.new_key("cli-mapping")
    changes = ("--map", "xq=ean", "--map", "zw=title", "--map", "Prix=HT=")

    done = with_key(system, key, "import", str(path), "--supplier", "CLI", "--yes", *changes)

    assert done.returncode == 0, done.stdout + done.stderr
    products = httpx.get(f"{system.api_url}/api/v1/products", headers={"X-API-Key": key}).json()["items"]
    assert {product["title"] for product in products} == {"Stylo", "Tartine"}
    assert all(product.get("price") is None for product in products)


def test_import_without_yes_asks_and_nobody_answers(system: System, catalogue: Path) -> None:
    done = with_key(system, system.new_key("cli-ask"), "import", str(catalogue), "--supplier", "CLI")

    assert done.returncode == 1
    assert "--yes" in done.stderr


def test_import_without_an_identifier_says_what_to_do(system: System, tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text("Titre;Marque\nStylo;Stabilo\nTartine;Ferrero\n")

    done = with_key(system, system.new_key("cli-none"), "import", str(path), "--supplier", "CLI", "--yes")

    assert done.returncode == 1
    assert '--map "Column=ean"' in done.stderr


def test_import_of_an_unreadable_file_fails_with_the_reason(system: System, tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text("<!DOCTYPE html><html><body>No catalogue today</body></html>")

    done = with_key(system, system.new_key("cli-html"), "import", str(path), "--supplier", "CLI", "--yes")

    assert done.returncode == 1
    assert "HTML" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_import_without_a_key_says_how_to_get_one(system: System, catalogue: Path) -> None:
    done = system.pim("import", str(catalogue), "--supplier", "CLI", "--yes")

    assert done.returncode == 2
    assert "pim keys create" in done.stderr


def test_wrong_setting_is_named_without_its_value() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pim_pipelines.cli", "up"],
        env={"PIM_MAX_FILE_BYTES": "hunter2"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "PIM_MAX_FILE_BYTES" in done.stderr
    assert "hunter2" not in done.stderr


def test_catalogue_is_exported_with_the_columns_of_the_second_api(
    system: System, catalogue: Path, tmp_path: Path
) -> None:
    with_key(system, system.new_key("cli-export"), "import", str(catalogue), "--supplier", "S", "--yes")

    out = tmp_path / "out.xlsx"
    done = system.pim("export", "--voog", str(out), "--tenant", "cli-export", "--json")

    assert json.loads(done.stdout) == {"tenant": "cli-export", "saved": str(out), "rows": 2}
    rows = list(openpyxl.load_workbook(out)["Products"].values)
    assert [row[:5] for row in rows[:1]] == [("ID", "Parent ID", "Row type", "Product code", "Name")]
    assert {row[4] for row in rows[1:]} == {"Stylo feutre bleu", "Pâte à tartiner 400 g"}
    system.new_key("cli-export-too")
    for wrong in (("--voog", str(tmp_path / "out.ods"), "--tenant", "cli-export"), ("--voog", str(out))):
        refused = system.pim("export", *wrong)
        assert refused.returncode == 2
        assert (".xlsx or .csv" if "--tenant" in wrong else "--tenant") in refused.stderr
    assert list(tmp_path.glob("*.part")) == []
