"""No secret is to be read anywhere: planted in all places that take one, used well and badly, and then searched for.

Of a database's password in its URL, see test_supervisor.py.
"""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncssh
import httpx
import pytest
from searching import in_database, in_files, in_texts
from serving_ftp import PASSWORD as FTP_PASSWORD
from serving_ftp import ftp_server
from serving_hooks import receiving
from serving_mail import PASSWORD as MAIL_PASSWORD
from serving_mail import mail_server, message
from serving_ssh import PASSWORD as SSH_PASSWORD
from serving_ssh import ssh_server
from serving_web import WebServer, closed_port
from systems import System

pytestmark = pytest.mark.system

HEADER = b"EAN;Titre;Prix HT;Marque\n"
ROW = b"4006381333931;Stylo;1,95;Stabilo\n"
PASSPHRASE = 'wrong-"pl4nted/+'
HOOK_SECRET, HOOK_TOKEN = "hook-pl4nted-1", "Bearer pl4nted-2"
URL_PASSWORD, URL_TOKEN = "url-pl4nted-3", "token-pl4nted-4"

RUNS = """{ runsOrError(limit: 60) { ... on Runs { results {
  runId runConfigYaml jobName tags { key value } stats { __typename }
  eventConnection { events { __typename ... on MessageEvent { message } ... on StepEvent { stepKey }
    ... on ExecutionStepFailureEvent { error { message stack cause { message stack } } }
    ... on RunFailureEvent { error { message stack } }
    ... on DisplayableEvent { label description metadataEntries { label description
      ... on TextMetadataEntry { text } ... on MarkdownMetadataEntry { mdStr } ... on JsonMetadataEntry { jsonString }
      ... on TableMetadataEntry { table { records } } } } } } } } } }"""
TICKS = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
  sensors { name sensorState { typeSpecificData { ... on SensorData { lastCursor } }
    ticks(limit: 200) { status skipReason cursor runKeys error { message stack } } } }
  schedules { name scheduleState { ticks(limit: 50) { status skipReason error { message stack } } } } } } } }"""
INSTANCE = (
    "{ instance { info runLauncher { name } daemonHealth { allDaemonStatuses { lastHeartbeatErrors { message } } } } }"
)


@dataclass
class Seen:
    """What has come out of the system, by where."""

    texts: list[tuple[str, str]] = field(default_factory=list)

    def note(self, answer: httpx.Response) -> None:
        """Keep an answer of the API: its head and its body."""
        answer.read()
        where = f"{answer.request.method} {answer.request.url.path}"
        self.texts.append((where, f"{answer.headers}\n{answer.text}"))


def test_no_secret_is_to_be_found_anywhere(system: System, tmp_path: Path) -> None:
    home = system.home
    private = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    key_file = home / "keys/planted"
    key_file.parent.mkdir(exist_ok=True)
    key_file.write_bytes(private.export_private_key())
    seen = Seen()
    files = tmp_path / "files"
    files.mkdir()
    (files / "products.csv").write_bytes(HEADER + ROW)

    with ExitStack() as stack:
        key = system.new_key(f"t{uuid4().hex[:8]}")
        hear: Any = {"response": [seen.note]}
        api = stack.enter_context(
            httpx.Client(base_url=f"{system.api_url}/api/v1", headers={"X-API-Key": key}, timeout=60, event_hooks=hear)
        )
        web = stack.enter_context(WebServer().running())
        ftp = stack.enter_context(ftp_server(files))
        ssh = stack.enter_context(ssh_server(files, client_key=private))
        mail = stack.enter_context(mail_server())
        receiver = stack.enter_context(receiving())
        mail.deliver(message(("mail.csv", HEADER + ROW)))
        web.status("/missing.csv", 404)
        login = web.url.replace("//", f"//user:{URL_PASSWORD}@")

        use_webhooks(api, receiver.url("/good"), receiver.url("/bad"), receiver.answers)
        sources = {
            "ftp": [ftp.source(), {**ftp.source(), "password": PASSPHRASE}],
            "sftp": [ssh.source(key_file_path="planted"), ssh.source(password=PASSPHRASE)],
            "email": [mail.source()],
            "http": [{"type": "http", "url": f"{login}/missing.csv?t={URL_TOKEN}"}],
        }
        jobs = use_sources(api, sources)
        use_badly(api, system, ftp.source())
        use_the_other_api(api, f"{login}/missing.csv?t={URL_TOKEN}", key)
        ended = [end_of(api, job) for job in jobs]
        receiver.wait("/good", 1)
        for path in ("/webhooks", "/import-configs/configs", "/imports/", "/suppliers", "/products"):
            for item in api.get(path).json()["items"]:
                api.get(f"{path.rstrip('/')}/{item['id']}")
                if path == "/webhooks":
                    api.get(f"{path}/{item['id']}/deliveries")
                if path == "/imports/":
                    api.get(f"/imports/{item['id']}/errors")
        for path in ("/openapi.json", "/docs", "/metrics", "/readyz"):
            seen.note(httpx.get(f"{system.api_url}{path}"))
        ask_dagster(system, seen)
        for command in (["doctor"], ["configs", "--json"]):
            done = system.pim(*command)
            seen.texts.append((f"pim {command[0]}", done.stdout + done.stderr))
        seen.texts += [("arguments of a process", line) for line in arguments_of(home)]

        planted = {
            **{name: name for name in (FTP_PASSWORD, SSH_PASSWORD, MAIL_PASSWORD, PASSPHRASE)},
            **{name: name for name in (HOOK_SECRET, HOOK_TOKEN, URL_PASSWORD, URL_TOKEN)},
            "API key": key,
            "PIM_SECRET_KEY": (home / "secret.key").read_text().strip(),
            "private key": private.export_private_key().decode().splitlines()[3],
        }
        # What is no secret is found in each place, so that nothing else is there only because nobody looked.
        control = {"control": jobs[0]}
        assert in_database(control, system.database_url)
        assert in_files(control, home)
        assert {where for _, _, where in (line.partition(" in ") for line in in_texts(control, seen.texts))} >= {
            "GraphQL runs",
            f"GET /api/v1/imports/{jobs[0]}",
        }
        assert in_texts(planted, seen.texts) == []
        assert in_database(planted, system.database_url) == []
        assert in_files(planted, home, but=(key_file, home / "secret.key")) == []
        for item in api.get("/import-configs/configs").json()["items"]:
            api.delete(f"/import-configs/configs/{item['id']}")  # or the system would watch their places for ever
        assert sorted(ended) == ["failed"] * 3 + ["ready"] * 3
        assert (home / "secret.key").stat().st_mode & 0o777 == 0o600


def use_webhooks(api: httpx.Client, good: str, bad: str, answers: dict[str, list[int]]) -> None:
    """Make webhooks whose receivers take what they get and do not, and change them well and badly."""
    answers["/bad"] = [500]
    secrets = {"secret": HOOK_SECRET, "headers": {"Authorization": HOOK_TOKEN}, "timeout_seconds": 2}
    events = ["import.started", "import.completed", "import.failed", "import.awaiting_mapping", "supplier.created"]
    for url in (good, bad, f"http://127.0.0.1:{closed_port()}/"):
        made = api.post("/webhooks", json={"name": "Hook", "url": url, "events": events, **secrets})
        assert made.status_code == 201, made.text
        path = f"/webhooks/{made.json()['id']}"
        api.post(f"{path}/test")
        api.patch(path, json={"url": "https://other.example.com/", "headers": {"Authorization": "***"}})
        api.patch(path, json={"headers": {"Host": HOOK_TOKEN}, "secret": HOOK_SECRET})
        api.patch(path, json={"secret": [HOOK_SECRET], "headers": HOOK_TOKEN})
    wrong = {"name": "Hook", "url": f"https://u:{URL_PASSWORD}@a.example.com/", "events": ["test"], **secrets}
    assert api.post("/webhooks", json=wrong).status_code == 422


def use_sources(api: httpx.Client, sources: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Fetch once from each source, and let a config of each look; returns the jobs' ids."""
    jobs = []
    for kind, cases in sources.items():
        for source in cases:
            body = {name: value for name, value in source.items() if name != "type"}
            path = "/imports/upload-from-url" if kind == "http" else f"/imports/import/{kind}"
            started = api.post(path, json={**body, "supplier_code": "S"})
            assert started.status_code == 202, started.text
            jobs.append(started.json()["id"])
            config = {"name": kind, "schedule": "0 2 * * *", "file_source": {"type": kind, **body}}
            made = api.post("/import-configs/configs", json=config)
            assert made.status_code == 201, made.text
            path = f"/import-configs/configs/{made.json()['id']}"
            api.post(f"{path}/run")
            api.patch(path, json={"file_source": {"on_new_file": True}})
            api.patch(path, json={"file_source": {"password": {"a": PASSPHRASE}, "host": 5}})
    return jobs


def use_badly(api: httpx.Client, system: System, source: dict[str, Any]) -> None:
    """Send secrets in all the wrong ways."""
    for body in (
        {**source, "port": "x"},
        {**source, "password": [PASSPHRASE]},
        {**source, PASSPHRASE: 1, "passwort": FTP_PASSWORD},
        {"password": PASSPHRASE},
    ):
        api.post("/imports/import/ftp", json=body)
        api.post("/import-configs/configs", json={"name": "x", "schedule": "bad", "file_source": body})
    api.post("/imports/upload-from-url", json={"url": f"ftp://u:{URL_PASSWORD}@h/x?{URL_TOKEN}"})
    api.post("/imports/upload-from-url", json={"url": f"http://u:{URL_PASSWORD}@[::1/x?{URL_TOKEN}"})
    api.post("/imports/import/ftp", content=json.dumps(source)[:-1], headers={"Content-Type": "application/json"})
    api.get("/imports/", headers={"X-API-Key": PASSPHRASE})
    api.get("/imports/", headers={"Authorization": f"Bearer {system.new_key('secrets')[:-1]}x"})


def use_the_other_api(api: httpx.Client, url: str, key: str) -> None:
    """Make a task of an address with secrets, with the token in the query, and send both in all the wrong ways."""
    tasks = str(api.base_url.copy_with(path="/admin/api/ecommerce/v1/products_imports"))
    token = {"api_token": key}
    made = api.post(tasks, params=token, json={"file_url": url, "mapping": {"0": "name"}})
    assert (made.status_code, made.json()["status"]) == (201, "failed"), made.text
    for body in ({"file_url": url.replace("http:", "ftp:")}, {"file_url": [url]}, {"file_url": url, "language": url}):
        assert api.post(tasks, params=token, json=body).status_code == 422
    api.post(tasks, params=token, content=json.dumps({"file_url": url})[:-1])
    for method, end in (
        ("GET", "/1"),
        ("GET", "/x"),
        ("PUT", "/1/queue"),
        ("BREW", "/1"),
        ("GET", ""),
        ("DELETE", "/1"),
    ):
        api.request(method, f"{tasks}{end}", params=token)
    assert api.get(f"{tasks}/1", params={"api_token": PASSPHRASE}).status_code == 401


def end_of(api: httpx.Client, job: str) -> str:
    """Wait until a job goes on no more by itself; returns its status."""
    until = time.monotonic() + 90
    while (status := api.get(f"/imports/{job}").json()["status"]) in {"pending", "analyzing"}:
        assert time.monotonic() < until, job
        time.sleep(0.2)
    return str(status)


def ask_dagster(system: System, seen: Seen) -> None:
    """Ask Dagster's web server for all that its pages show, and all runs' output."""
    for name, query in (("runs", RUNS), ("ticks", TICKS), ("instance", INSTANCE)):
        answer = httpx.post(f"{system.ui_url}/graphql", json={"query": query}, timeout=60)
        assert "errors" not in answer.json(), answer.text[:2000]
        seen.texts.append((f"GraphQL {name}", answer.text))
        if name == "runs":
            assert "fetch" in answer.text


def arguments_of(home: Path) -> list[str]:
    """Return the command lines of this machine's processes that belong to a home."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            environment = (path.parent / "environ").read_bytes()
            if str(home).encode() in environment:
                found.append(path.read_text().replace("\0", " "))
        except OSError:
            continue
    return found
