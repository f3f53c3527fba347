"""A Voog task from its creation until its file is read, by real runs and a real server; and every way to fail there."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from dagster import RetryPolicy
from ops_world import Connect, World, skipped
from psycopg import Connection
from serving_web import WebServer, closed_port
from voog_page import COLUMNS, example, write_csv, write_example

from pim_pipelines import settings as settings_module
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.resources import SecretBox
from pim_pipelines.store import moves, voog_tasks
from pim_pipelines.store.voog_tasks import Task

PAGE = example("created_task")
TINY = "ID,Name,Price\n1,Pen,2.50\n2,Jar,3\n"


class VoogWorld(World):
    """A world whose imports are tasks of the second API."""

    def __init__(self, connect: Connect, url: str, folder: Path) -> None:
        super().__init__(connect, url, folder)
        self.resources["secret_box"] = SecretBox(fernet_keys="xJ8a1Z6bC4k2Nn3vR5tY7uI9oP0aS1dF2gH3jK4lZ5Q=")

    def make(self, url: str, mapping: dict[str, str | None] | None = None, **columns: Any) -> UUID:
        """Do what POST …/products_imports does, without its run."""
        uuid = uuid4()
        options = {"language": "en", "overwrite_existing": False, "match_key": "id", "validate_mapping": False}
        with self.connect() as conn:
            source = {"type": "http", "url": url}
            named = {"uuid": uuid, "tenant_id": self.tenant_id, "source": source, "mapping": mapping}
            voog_tasks.insert(conn, **(named | options | columns))
        return uuid

    def task(self, uuid: UUID) -> Task:
        """Read the task as its API shows it."""
        with self.connect() as conn:
            found = voog_tasks.by_uuid(conn, uuid)
        assert found is not None
        return found

    def queue(self, uuid: UUID) -> bool:
        """Do what PUT …/queue does, without its run."""
        with self.connect() as conn:
            return voog_tasks.queue(conn, uuid)


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VoogWorld]:
    monkeypatch.setenv("PIM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIM_EGRESS_ALLOW", "127.0.0.1")
    monkeypatch.setenv("PIM_MAX_FILE_BYTES", "100000")
    monkeypatch.setattr(RetryPolicy, "calculate_delay", lambda *_: 0)
    settings_module.settings.cache_clear()
    yield VoogWorld(connect, database, tmp_path / "files")
    settings_module.settings.cache_clear()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def test_the_pages_file_is_read_into_the_pages_answer(world: VoogWorld, web: WebServer, tmp_path: Path) -> None:
    for ending in ("xlsx", "ods", "csv"):
        path = write_example(tmp_path / f"products-import.{ending}")
        uuid = world.make(web.file(f"/{path.name}", path.read_bytes()))

        result = world.run(uuid)

        task, job = world.task(uuid), world.job(uuid)
        assert (result.success, job.status, job.file_type) == (True, JobStatus.READY, ending)
        assert skipped(result) == {"validate", "load"}
        for name in ("status", "started_at", "total_items", "processed_items", "imported_products", "failure_reason"):
            assert getattr(task, name) == PAGE[name], name
        assert list((task.mapping or {}).items()) == list(PAGE["mapping"].items())
        if ending == "csv":
            assert [each["column"] for each in task.detected_data or []] == COLUMNS
            assert {type(value) for each in task.detected_data or [] for value in each["values"]} == {str}
        else:
            assert json.dumps(task.detected_data) == json.dumps(PAGE["detected_data"])
        shown = next(
            event for event in result.all_node_events if event.is_successful_output and event.step_key == "analyze"
        )
        metadata = shown.step_output_data.metadata
        assert metadata["status"].value == "ready: PUT …/queue imports it"
        attributes = [record.data["attribute"] for record in metadata["columns"].records]
        assert attributes == [attribute or "" for attribute in PAGE["mapping"].values()]


def test_a_file_that_is_in_the_store_already_is_not_fetched(world: VoogWorld, web: WebServer) -> None:
    data = TINY.encode()
    uuid = world.make(
        f"{web.url}/away.csv", file_name="tiny.csv", file_size=len(data), file_sha256=hashlib.sha256(data).digest()
    )
    with world.files.open_write(world.job(uuid).source_key) as file:
        file.write(data)

    world.run(uuid)

    assert (world.task(uuid).status, world.task(uuid).total_items, web.asked) == ("created", 2, [])


def test_a_callers_mapping_is_kept_as_it_was_given(world: VoogWorld, web: WebServer) -> None:
    given: dict[str, str | None] = {"1": "name", "7": "price"}
    uuid = world.make(web.file("/a.csv", TINY.encode()), given)

    world.run(uuid)

    assert (world.job(uuid).status, world.task(uuid).mapping) == (JobStatus.READY, given)


def test_a_mapping_that_was_to_be_validated_fails_the_task_and_keeps_what_was_found(
    world: VoogWorld, web: WebServer
) -> None:
    uuid = world.make(web.file("/a.csv", TINY.encode()), {"1": "name", "7": "price"}, validate_mapping=True)

    result = world.run(uuid)

    task = world.task(uuid)
    assert (result.success, task.status, task.failure_reason) == (False, "failed", "mapping_invalid")
    assert task.failure_reason_details == {
        "key": "mapping_invalid",
        "message": "column 7 does not exist: the file has 3 columns, counted from 0.; "
        "no column is mapped to id, which products are matched by (match_key).",
        "line": None,
    }
    assert [each["column"] for each in task.detected_data or []] == ["ID", "Name", "Price"]

    fitting = world.make(web.file("/a.csv", TINY.encode()), {"0": "id", "1": "name"}, validate_mapping=True)
    world.run(fitting)
    assert world.job(fitting).status is JobStatus.READY


UNREACHABLE = ("file_unreachable", "source_unreachable")
UNSUPPORTED = ("file_format", "unsupported_format")
Address = Callable[[WebServer], str]


@pytest.mark.parametrize(
    ("address", "reason", "key", "message"),
    [
        (lambda _: f"http://127.0.0.1:{closed_port()}/a.csv", *UNREACHABLE, "refused"),
        (lambda _: "http://nowhere.invalid/a.csv", *UNREACHABLE, "nowhere.invalid"),
        (lambda _: "http://10.1.2.3/a.csv", *UNREACHABLE, "10.1.2.3"),
        (lambda web: web.status("/gone.csv", 404), *UNREACHABLE, "404"),
        (lambda web: web.file("/a.csv", b"x" * 100_001), *("file_too_large", "file_too_large", "larger")),
        (lambda web: web.file("/a.csv", b""), *("file_empty", "file_empty", "empty")),
        (lambda web: web.file("/a.csv", b"ID,Name,Price\n"), *("file_empty", "file_empty", "no rows below")),
        (lambda web: web.file("/a.csv", b"<html>Login</html>"), *UNSUPPORTED, "list. Products are imported from XLSX"),
        (lambda web: web.file("/a.csv", b'[{"ID": 1}]'), *UNSUPPORTED, "The file is JSON."),
        (lambda web: web.file("/a.xlsx", b"PK\x03\x04 not a workbook"), *("file_format", "file_broken", "damaged")),
        (lambda web: web.file("/a.png", b"\x89PNG\r\n\x1a\n" + b"0"), *UNSUPPORTED, "PNG"),
    ],
    ids=["refused", "no host", "private", "404", "too large", "empty", "header", "html", "json", "broken", "picture"],
)  # fmt: skip
def test_a_file_that_cannot_be_had_or_read_fails_the_task_with_its_reason(
    world: VoogWorld, web: WebServer, address: Address, reason: str, key: str, message: str
) -> None:
    uuid = world.make(address(web))

    result = world.run(uuid)

    task, job = world.task(uuid), world.job(uuid)
    assert (task.status, task.failure_reason, result.success) == ("failed", reason, False)
    details = task.failure_reason_details
    assert details is not None
    assert (details["key"], details["line"], details["message"]) == (key, None, job.last_error)
    assert message in details["message"]
    assert (task.started_at, task.completed_at is None, task.detected_data) == (None, False, None)


def test_a_packed_file_is_none_of_the_three_formats(world: VoogWorld, web: WebServer, tmp_path: Path) -> None:
    uuid = world.make(web.file("/a.csv.gz", gzip.compress(write_csv(tmp_path / "a.csv", ["ID"], [[1]]).read_bytes())))
    world.run(uuid)

    assert world.task(uuid).failure_reason == "file_format"
    assert world.job(uuid).last_error == (
        "The file is CSV packed with gzip. Products are imported from XLSX, ODS and CSV files, as they are."
    )


def test_a_task_that_is_queued_while_its_file_comes_goes_on_in_the_same_run(world: VoogWorld, web: WebServer) -> None:
    queued: list[bool] = []

    def page(request: BaseHTTPRequestHandler) -> None:
        queued.append(world.queue(uuid))
        request.send_response(200)
        request.send_header("Content-Length", str(len(TINY)))
        request.end_headers()
        request.wfile.write(TINY.encode())

    web.pages["/slow.csv"] = page
    uuid = world.make(f"{web.url}/slow.csv")

    result = world.run(uuid)

    assert queued == [True]
    assert "validate" not in skipped(result)
    task = world.task(uuid)
    assert task.started_at is not None  # the run has claimed it for loading
    assert (task.total_items, task.mapping) == (2, {"0": "id", "1": "name", "2": "price"})
    assert not world.queue(uuid)


def _read_at_the_same_time(
    world: VoogWorld, connect: Connect, first: Callable[[Connection[Any]], Any], second: Callable[[], Any]
) -> tuple[Any, Any]:
    """Do `first`, and commit it when `second`, begun meanwhile, waits for it."""
    with ThreadPoolExecutor(1) as pool, connect() as conn:
        done = first(conn)
        waiting = pool.submit(second)
        with connect() as watching:
            watching.autocommit = True
            while not watching.execute(
                "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            ).fetchone():
                assert not waiting.done(), waiting.result()
        conn.commit()
        return done, waiting.result()


def test_queueing_and_the_end_of_reading_meet_in_either_order(world: VoogWorld, connect: Connect) -> None:
    def ready(conn: Connection[Any], uuid: UUID, run_id: UUID) -> bool:
        goes_on = moves.save_analysis(
            conn,
            uuid,
            run_id,
            analysis={},
            suggested_mapping=None,
            total_rows=1,
            file_type="csv",
            column_mapping={"0": "id"},
        )
        assert moves.move(conn, uuid, JobStatus.READY, run_id=run_id)
        return goes_on

    def reading() -> tuple[UUID, UUID]:
        uuid, run_id = world.make("http://127.0.0.1/a.csv"), uuid4()
        with connect() as conn:
            assert moves.claim(conn, uuid, 1, run_id, JobStatus.ANALYZING)
        return uuid, run_id

    uuid, run_id = reading()
    goes_on, queued = _read_at_the_same_time(
        world, connect, lambda conn: ready(conn, uuid, run_id), lambda: world.queue(uuid)
    )
    assert (goes_on, queued) == (False, True)  # it was ready: a run is to be launched
    assert (world.job(uuid).status, world.task(uuid).status, world.job(uuid).run_id) == ("processing", "queued", None)

    uuid, run_id = reading()

    def read() -> bool:
        with connect() as conn:
            return ready(conn, uuid, run_id)

    queued, goes_on = _read_at_the_same_time(world, connect, lambda conn: voog_tasks.queue(conn, uuid), read)
    assert (queued, goes_on) == (True, True)  # the run itself goes on
