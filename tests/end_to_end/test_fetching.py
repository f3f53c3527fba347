"""Imports from every kind of source in a whole system, and a search of all that it keeps for what must be secret."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from serving_ftp import PASSWORD as FTP_PASSWORD
from serving_ftp import ftp_server
from serving_mail import PASSWORD as MAIL_PASSWORD
from serving_mail import mail_server, message
from serving_ssh import PASSWORD as SSH_PASSWORD
from serving_ssh import ssh_server
from serving_web import WebServer, closed_port
from systems import System

pytestmark = pytest.mark.system

HEADER = b"EAN;Titre;Prix HT;Marque\n"
ROWS = [
    b"4006381333931;Stylo;1,95;Stabilo\n",
    b"3017620422003;Pate;3,49;Ferrero\n",
    b"5449000000996;Boisson;0,89;Coca\n",
]
PLANTED = [FTP_PASSWORD, MAIL_PASSWORD, SSH_PASSWORD, "pl4nted"]


def test_every_kind_of_source_reaches_ready_and_no_secret_is_to_be_found(system: System, tmp_path: Path) -> None:
    api = httpx.Client(
        base_url=f"{system.api_url}/api/v1/imports",
        headers={"X-API-Key": system.new_key(f"t{uuid4().hex[:8]}")},
        timeout=60,
    )
    answers: list[str] = []

    def start(what: str, **body: Any) -> str:
        body.pop("type", None)
        answer = api.post(f"/{what}", json={**body, "supplier_code": "S"})
        answers.append(answer.text)
        assert answer.status_code == 202, answer.text
        assert answer.json()["status"] == ("analyzing" if what == "upload-from-url" else "pending")
        return str(answer.json()["id"])

    def ended(job: str) -> dict[str, Any]:
        until = time.monotonic() + 60
        while (detail := api.get(f"/{job}")).json()["status"] in {"pending", "analyzing"} and time.monotonic() < until:
            time.sleep(0.1)
        answers.append(detail.text)
        return dict(detail.json())

    for number, row in enumerate(ROWS):
        (tmp_path / f"products_{number}.csv").write_bytes(HEADER + row)
    with ExitStack() as servers, api:
        web = servers.enter_context(WebServer().running())
        ftp = servers.enter_context(ftp_server(tmp_path))
        ssh = servers.enter_context(ssh_server(tmp_path))
        mail = servers.enter_context(mail_server())
        mail.deliver(message(("mail.csv", HEADER + ROWS[0])))
        web.file("/get", HEADER + ROWS[0], Content_Disposition='attachment; filename="web.csv"')
        address = web.url.replace("//", "//user:pl4nted@")
        jobs = {
            "url": start(
                "upload-from-url", url=web.redirect("/latest", "/get").replace(web.url, address) + "?t=pl4nted"
            ),
            "ftp": start("import/ftp", **ftp.source(file_pattern="PRODUCTS_?.csv")),
            "sftp": start("import/sftp", **ssh.source(password=SSH_PASSWORD)),
            "email": start("import/email", **mail.source()),
        }
        refused = start("import/ftp", **ftp.source() | {"password": "wrong-pl4nted"})
        private = start("upload-from-url", url=web.redirect("/in.csv", "http://10.0.0.1/x?t=pl4nted"))
        dead = start("upload-from-url", url=f"http://user:pl4nted@127.0.0.1:{closed_port()}/x.csv")
        details = {kind: ended(job) for kind, job in jobs.items()}
        assert {kind: detail["status"] for kind, detail in details.items()} == dict.fromkeys(jobs, "ready"), answers
        assert [detail["file_name"] for detail in details.values()] == [
            "web.csv", "products_2.csv", "products_2.csv", "mail.csv",
        ]  # fmt: skip
        assert {detail["import_type"] for detail in details.values()} == set(jobs)
        assert "refuses the login" in ended(refused)["last_error"]
        assert "not a public address" in ended(private)["last_error"]
        assert "refused" in ended(dead)["last_error"]
    assert not [text for text in answers if any(planted in text for planted in PLANTED)]
    assert found_in_database(system.database_url) == []
    assert found_in_files(system.home) == []


def found_in_database(url: str) -> list[str]:
    """Return the tables, ours and Dagster's, that hold a planted secret."""
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            """select table_schema, table_name from information_schema.tables
               where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"""
        ).fetchall()
        pattern = "|".join(PLANTED)
        return [
            table
            for schema, table in tables
            if conn.execute(
                sql.SQL("select 1 from {} t where t::text ~ %s limit 1").format(sql.Identifier(schema, table)),
                [pattern],
            ).fetchone()
        ]


def found_in_files(home: Path) -> list[str]:
    """Return the files, logs and the database's own among them, that hold a planted secret."""
    found = []
    for path in home.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError:  # it has gone, or is a socket
            continue
        found += [str(path) for planted in PLANTED if planted.encode() in content]
    return found
