"""What `pim jobs`, `pim watch` and `pim errors` say, against an API of a few lines."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import typer
from rich.console import Console
from typer.core import TyperGroup

from pim_pipelines.cli import configs, jobs, outcome, webhooks
from pim_pipelines.cli.app import app
from pim_pipelines.cli.client import ApiAway, ApiClient, ApiRefused, job_id
from pim_pipelines.cli.listing import ago, number, show, text
from pim_pipelines.cli.terminal import plain
from pim_pipelines.cli.watch import PATIENCE_SECONDS, follow, line
from pim_pipelines.errors import ConfigurationError, InvalidField, NotFound

ID = "550e8400-e29b-41d4-a716-446655440000"


class Api(ThreadingHTTPServer):
    """Answers a job's states one after the other, and pages of numbered things.

    A state that is an int is a status code; with None, and when there are no more, it hangs up.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs: list[dict[str, Any] | int | None] = []
        self.things = 0
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.endswith(ID):
            state = self.server.jobs.pop(0) if self.server.jobs else None
            if isinstance(state, int):
                self._answer(state, {"detail": "No."})
            elif state:
                self._answer(200, state)
            return
        query = {name: int(value) for name, (value,) in parse_qs(urlsplit(self.path).query).items()}
        start = (query["page"] - 1) * query["per_page"]
        items = [{"id": at} for at in range(self.server.things)][start : start + query["per_page"]]
        has_next = start + query["per_page"] < self.server.things
        self._answer(200, {"items": items, "meta": {"total": self.server.things, "has_next": has_next}})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        data = json.dumps(body).encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Time:
    """A clock that only sleeping moves."""

    now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def state(status: str, **values: Any) -> dict[str, Any]:
    return {"id": ID, "status": status, "total_rows": 10, "successful_rows": 0, "failed_rows": 0, **values}


def watched(url: str, time: Time | None = None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Follow a job to its end; returns that and all that was heard on the way."""
    heard: list[dict[str, Any]] = []
    time = time or Time()
    return follow(ApiClient(url, "a key"), ID, heard.append, time.clock, time.sleep), heard


def test_a_job_is_followed_to_its_end_and_each_change_is_heard_once(api: Api) -> None:
    started, done = state("processing", successful_rows=5), state("completed", successful_rows=10)
    api.jobs = [state("pending"), state("analyzing"), started, started, done]

    last, heard = watched(api.url)

    assert last == done
    assert heard == [state("pending"), state("analyzing"), started, done]


@pytest.mark.parametrize("status", ["awaiting_mapping", "ready", "failed", "cancelled"])
def test_a_job_on_which_nobody_works_is_not_waited_for(api: Api, status: str) -> None:
    api.jobs = [state(status)]

    assert watched(api.url)[0] == state(status)


def test_an_api_that_is_away_for_a_while_is_waited_for(api: Api) -> None:
    api.jobs = [state("processing"), None, None, state("completed")]

    assert watched(api.url)[0] == state("completed")


def test_an_api_that_stays_away_is_given_up(api: Api) -> None:
    api.jobs = [state("processing")]
    time = Time()

    with pytest.raises(ApiAway):
        watched(api.url, time)
    assert PATIENCE_SECONDS < time.now < 2 * PATIENCE_SECONDS


def test_ctrl_c_ends_the_watching_and_leaves_the_job_alone(api: Api) -> None:
    api.jobs = [state("processing")] * 1000
    command = [sys.executable, "-m", "pim_pipelines.cli", "watch", ID, "--json"]
    environment = {**os.environ, "PIM_API_URL": api.url, "PIM_API_KEY": "a key"}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that a shell runs in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread in the child
    ) as watch:
        assert watch.stdout
        assert json.loads(watch.stdout.readline())["status"] == "processing"

        watch.send_signal(signal.SIGINT)

        _, said = watch.communicate(timeout=30)
    assert watch.returncode == 130
    assert f"pim watch {ID}" in said
    assert "Traceback" not in said
    assert set(api.asked) == {f"/api/v1/imports/{ID}"}


def test_an_api_that_was_never_there_is_not_waited_for() -> None:
    time = Time()

    with pytest.raises(ApiAway, match="pim up"):
        watched("http://127.0.0.1:1", time)
    assert time.now == 0


def test_refusals_are_sentences(api: Api) -> None:
    api.jobs = [404, 403]

    with pytest.raises(NotFound, match="pim jobs"):
        watched(api.url)
    with pytest.raises(ApiRefused, match="No"):
        watched(api.url)
    with pytest.raises(ConfigurationError, match="pim keys create"):
        ApiClient(api.url, None)
    with pytest.raises(InvalidField, match="pim jobs"):
        job_id("../../keys")


@pytest.mark.parametrize(
    ("limit", "pages", "shown"), [(None, 3, 250), (0, 3, 250), (120, 2, 120), (7, 1, 7), (250, 3, 250), (999, 3, 250)]
)
def test_pages_are_read_as_far_as_they_are_wanted(api: Api, limit: int | None, pages: int, shown: int) -> None:
    api.things = 250

    found = [thing["id"] for page in ApiClient(api.url, "k").pages("/x", limit or None, 100) for thing in page["items"]]

    assert found == list(range(shown))
    assert len(api.asked) == pages


def page(*things: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"items": list(things), "meta": {"total": len(things) if total is None else total}}


def shown(capsys: pytest.CaptureFixture[str], pages: list[dict[str, Any]], *, as_json: bool) -> tuple[str, str]:
    columns = {"id": text("id"), "rows": number("rows")}
    show(pages, columns, as_json=as_json, none="Nothing.", right=("rows",))
    return capsys.readouterr()


def test_a_list_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = shown(capsys, [page({"id": "a", "rows": 1234}), page({"id": "b", "rows": None})], as_json=False)

    assert [row.split() for row in out.splitlines()] == [["id", "rows"], ["a", "1,234"], ["b"]]
    assert err == ""


def test_a_list_is_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = shown(capsys, [page({"id": "é", "other": [1]}), page({"id": "b"})], as_json=True)

    assert [json.loads(each) for each in out.splitlines()] == [{"id": "é", "other": [1]}, {"id": "b"}]


def test_a_list_says_where_it_is_not_whole_and_where_it_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, [page({"id": "a"}, total=1200)], as_json=True)[1].startswith("1 of 1,200")
    assert shown(capsys, [page()], as_json=False) == ("Nothing.\n", "")
    assert shown(capsys, [page()], as_json=True) == ("", "")


def test_what_a_file_says_is_only_shown(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "[red]x[/red]\x1b]0;title\x07\u202e"

    out, _ = shown(capsys, [page({"id": hostile})], as_json=False)

    assert "[red]x[/red]\ufffd]0;title\ufffd\ufffd" in out
    assert plain("Pâte à [b]") == r"Pâte à \[b]"


def test_a_line_tells_where_a_job_stands() -> None:
    now = datetime(2026, 3, 15, 9, 0, 10, tzinfo=UTC)
    job = state("processing", total_rows=2000, successful_rows=900, failed_rows=100, started_at="2026-03-15T09:00:00Z")

    assert line(job | {"file_name": "a.csv"}, now) == (
        "processing  a.csv  1,000 of 2,000 rows  100 failed  100 a second"
    )
    assert line(state("pending", total_rows=None)).split() == ["pending"]


class WithoutErrors(ApiClient):
    """An API whose jobs have no errors."""

    def errors(self, job_id: str, most: int) -> dict[str, Any]:
        return page()


def test_a_voog_task_is_named_as_its_own_api_names_it(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    task = state("ready", voog_id=7, supplier_code=None)
    columns = jobs.COLUMNS["supplier"]

    outcome.show_outcome(Console(width=200), WithoutErrors(api.url, "k"), task)

    said = capsys.readouterr().out
    assert f"Import {ID}, Voog task 7: ready" in said
    assert "PUT /admin/api/ecommerce/v1/products_imports/7/queue" in said
    assert "start-processing" not in said
    assert columns(task) == "Voog task 7"
    assert (columns(state("ready", supplier_code="A")), columns(state("ready", supplier_code=None))) == ("A", "")


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0 s"), (0, "0 s"), (119, "119 s"), (120, "2 m"), (7200, "2 h"), (172_800, "2 d")]
)
def test_ages_have_one_unit(seconds: int, said: str) -> None:
    assert ago(timedelta(seconds=seconds)) == said


def test_the_page_about_the_command_has_every_command() -> None:
    described = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    commands = typer.main.get_command(app)
    assert isinstance(commands, TyperGroup)

    assert [name for name in commands.commands if f"`pim {name}" not in described] == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {"type": "sftp", "host": "h", "directory_path": "/exports", "file_pattern": "p_*.csv"},
            "sftp://h/exports/p_*.csv",
        ),
        ({"type": "ftp", "host": "h", "port": 2121, "directory_path": "/"}, "ftp://h:2121/"),
        ({"type": "email", "imap_host": "h", "folder": "INBOX", "password": "***"}, "email://h/INBOX"),
        ({"type": "http", "url": "https://***@h/x?***"}, "https://***@h/x?***"),
    ],
)
def test_the_place_of_a_config_is_one_word(source: dict[str, Any], said: str) -> None:
    assert configs.place({"file_source": source}) == said


def test_a_config_says_when_it_is_due() -> None:
    due = {"schedule": "0 2 * * *", "timezone": "UTC", "is_active": True, "next_run_at": "2026-03-16T02:00:00Z"}

    assert configs.schedule(due) == "0 2 * * *"
    assert configs.schedule(due | {"timezone": "Europe/Berlin"}) == "0 2 * * * (Europe/Berlin)"
    assert configs.COLUMNS["next"](due).endswith(":00")
    assert configs.COLUMNS["next"](due | {"is_active": False, "next_run_at": None}) == "switched off"


def test_a_webhook_says_how_it_does() -> None:
    assert webhooks.state({"is_active": True, "failing_since": None}) == "active"
    assert webhooks.state({"is_active": True, "failing_since": "2026-03-15T09:00:00Z"}).startswith("fails since 2026")
    assert webhooks.state({"is_active": False, "failing_since": None}) == "switched off"
