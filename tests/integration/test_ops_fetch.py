"""Imports whose file is fetched by their run, from real servers: into the catalogue, or a job that says why not."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from dagster import Backoff, DagsterEventType, ExecuteInProcessResult, RetryPolicy
from ops_world import GOOD, MAPPING, Connect, World
from serving_ftp import ftp_server
from serving_mail import mail_server, message
from serving_ssh import PASSWORD as SSH_PASSWORD
from serving_ssh import ssh_server
from serving_web import WebServer, closed_port

from pim_pipelines import settings as settings_module
from pim_pipelines import sources
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.ops import fetching
from pim_pipelines.ops.fetch import fetch
from pim_pipelines.resources import SecretBox
from pim_pipelines.sources.choice import Patience
from pim_pipelines.store import fetches, jobs

FERNET = "xJ8a1Z6bC4k2Nn3vR5tY7uI9oP0aS1dF2gH3jK4lZ5Q="


class Fetched(World):
    """A world whose files are somewhere else."""

    def __init__(self, connect: Connect, url: str, folder: Path) -> None:
        super().__init__(connect, url, folder)
        self.resources["secret_box"] = SecretBox(fernet_keys=FERNET)

    def fetch(self, file_source: dict[str, Any], import_type: str = "ftp", **columns: Any) -> UUID:
        """Do what the API does: make a pending job that says where its file is."""
        shown, secrets = sources.divide(file_source)
        uuid = uuid4()
        with self.connect() as conn:
            columns = {"template_id": self.template(MAPPING).id, "auto_process": True, **columns}
            jobs.insert(
                conn,
                uuid=uuid,
                tenant_id=self.tenant_id,
                supplier_id=self.supplier_id,
                import_type=import_type,
                **columns,
            )
            box = self.resources["secret_box"].box()
            fetches.attach(conn, uuid, source=shown, sealed=box.seal(secrets) if secrets else None)
            conn.commit()
        return uuid

    def sealed(self, uuid: UUID) -> bytes | None:
        """Return what is left of a job's secrets."""
        with self.connect() as conn:
            return fetches.sealed(conn, uuid)


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetched]:
    monkeypatch.setenv("PIM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIM_EGRESS_ALLOW", "127.0.0.1")
    monkeypatch.setenv("PIM_MAX_FILE_BYTES", "100000")
    monkeypatch.setattr(RetryPolicy, "calculate_delay", lambda *_: 0)  # the test below holds it
    monkeypatch.setattr(fetching, "PATIENCE", Patience(between=0.01, most=5))
    settings_module.settings.cache_clear()
    yield Fetched(connect, database, tmp_path / "files")
    settings_module.settings.cache_clear()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def texts(world: Fetched, result: ExecuteInProcessResult) -> str:
    """Return all that Dagster keeps of a run and the catalogue of its job, as text."""
    run = world.dagster_run(result)
    events = [str(record.event_log_entry) for record in world.instance.get_records_for_run(run.run_id).records]
    rows = [str(row) for row in world.rows("select j::text from import_jobs j")]
    return "\n".join([str(run), str(run.run_config), str(run.tags), *events, *rows])


def tries(result: ExecuteInProcessResult) -> int:
    """Return how often the file was tried to be fetched."""
    kinds = (DagsterEventType.STEP_START, DagsterEventType.STEP_RESTARTED)
    return len([event for event in result.all_events if event.step_key == "fetch" and event.event_type in kinds])


def test_every_kind_of_source_goes_through_to_the_catalogue(world: Fetched, web: WebServer, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    lines = GOOD.splitlines()
    (folder / "good.csv").write_text("\n".join(lines[:2]))
    with ExitStack() as servers:
        ftp = servers.enter_context(ftp_server(folder))
        ssh = servers.enter_context(ssh_server(folder))
        mail = servers.enter_context(mail_server())
        mail.deliver(message(("good.csv", "\n".join([lines[0], lines[2]]).encode())))
        web.file("/get", "\n".join([lines[0], lines[3]]).encode(), Content_Disposition='attachment; filename="web.csv"')
        url = web.url.replace("//", "//user:p4ss-secret@") + "/get?token=t0ken-secret"
        for place, kind, name in (
            ({"type": "http", "url": url}, "url", "web.csv"),
            (ftp.source(), "ftp", "good.csv"),
            (ssh.source(password=SSH_PASSWORD), "sftp", "good.csv"),
            (mail.source(), "email", "good.csv"),
        ):
            uuid = world.fetch(place, kind)
            assert world.sealed(uuid) is not None

            result = world.run(uuid)

            job = world.job(uuid)
            assert (job.status, job.last_error) == (JobStatus.COMPLETED, None), kind
            assert (job.file_name, job.file_type, job.import_type) == (name, "csv", kind)
            assert (job.total_rows, job.successful_rows) == (1, 1)
            assert tries(result) == 1
            assert world.sealed(uuid) is None  # it has served its turn
            said = texts(world, result)
            for secret in ("p4ss-secret", "t0ken-secret", "s3cr3t"):
                assert secret not in said, kind
        assert web.asked == ["/get?token=t0ken-secret"]
        assert "Seen" in mail.flags()[0]
    assert world.titles() == ["Boisson 33 cl", "Pâte à tartiner 400 g", "Stylo feutre bleu"]


def test_trouble_on_the_network_is_tried_again_and_then_the_job_fails(world: Fetched, web: WebServer) -> None:
    uuid = world.fetch({"type": "http", "url": web.status("/a.csv", 503, 500, 200, content=GOOD.encode())}, "url")
    result = world.run(uuid)
    assert (world.job(uuid).status, tries(result)) == (JobStatus.COMPLETED, 3)
    policy = fetch.retry_policy
    assert policy is not None
    assert (policy.max_retries, policy.delay, policy.backoff) == (2, 2, Backoff.EXPONENTIAL)

    dead = f"http://127.0.0.1:{closed_port()}/a.csv?token=t0ken-secret"
    uuid = world.fetch({"type": "http", "url": dead}, "url")
    result = world.run(uuid)
    job = world.job(uuid)
    assert (job.status, tries(result), result.success) == (JobStatus.FAILED, 3, False)
    assert job.last_error is not None
    assert job.last_error.endswith("the connection was refused.")
    assert not {"wr0ng", "t0ken"} & set(re.findall(r"\w+", texts(world, result)))
    assert world.sealed(uuid) is not None  # a retry needs it

    world.retry(uuid)
    assert world.job(uuid).status is JobStatus.FAILED


def test_retry_fetches_again_only_what_has_never_come(world: Fetched, web: WebServer) -> None:
    uuid = world.fetch({"type": "http", "url": f"{web.url}/late.csv"}, "url")
    world.run(uuid)
    assert "has no such file" in (world.job(uuid).last_error or "")

    web.file("/late.csv", b"EAN;Titre;Prix HT;Marque\nwrong;x;1;y\n")
    world.retry(uuid)
    assert world.job(uuid).status is JobStatus.FAILED  # all its rows are wrong
    web.file("/late.csv", GOOD.encode())
    world.retry(uuid)
    assert world.job(uuid).total_rows == 1
    assert web.asked == ["/late.csv"] * 2


def test_what_trying_again_does_not_cure_fails_at_once(world: Fetched, web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    big = web.file("/big.csv", b"x" * 100_001)
    page = web.file("/page.csv", b"<!DOCTYPE html><html><body>Please log in</body></html>")
    private = web.redirect("/in.csv", "http://10.0.0.1/a.csv")
    with ftp_server(tmp_path) as ftp:
        for place, sentence in (
            (ftp.source() | {"password": "wr0ng-secret"}, "refuses the login"),
            (ftp.source(file_pattern="*.xlsx"), "No file matches"),
            ({"type": "http", "url": big}, "larger than 100,000 bytes"),
            ({"type": "http", "url": page}, "HTML"),
            ({"type": "http", "url": private}, "not a public address"),
            ({"type": "sftp", "host": "127.0.0.1", "username": "u", "key_file_path": "none"}, "no key file"),
        ):
            uuid = world.fetch(place)
            result = world.run(uuid)
            job = world.job(uuid)
            assert (job.status, tries(result)) == (JobStatus.FAILED, 1), sentence
            assert sentence in (job.last_error or ""), job.last_error
            assert not {"wr0ng", "t0ken"} & set(re.findall(r"\w+", texts(world, result)))
        assert [line for line in ftp.asked if line.startswith("PASS")].count("PASS wr0ng-secret") == 1
    assert world.titles() == []


def test_message_is_not_marked_as_read_where_its_file_is_refused(world: Fetched) -> None:
    with mail_server() as mail:
        mail.deliver(message(("a.csv", b"%PDF-1.7 no catalogue")))
        uuid = world.fetch(mail.source(), "email")
        world.run(uuid)

        assert world.job(uuid).status is JobStatus.FAILED
        assert "PDF" in (world.job(uuid).last_error or "")
        assert "Seen" not in mail.flags()[0]


def test_every_matching_file_gets_a_job_of_its_batch(world: Fetched, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    lines = GOOD.splitlines()
    for number, line in enumerate(lines[1:]):
        (folder / f"{number}.csv").write_text(f"{lines[0]}\n{line}\n")
    with ftp_server(folder) as ftp:
        first = world.fetch(ftp.source(all_matching=True, file_pattern="*.csv"))
        world.run(first)
        with world.connect() as conn:
            others = [job for job in jobs.without_run(conn, -1) if job.uuid != first]
        assert [(job.batch_id, job.status, job.file_name) for job in others] == [(first, JobStatus.PENDING, None)] * 2
        for other in others:
            assert world.sealed(other.uuid) is not None
            world.run(other.uuid)

    assert [world.job(uuid).file_name for uuid in (first, *(job.uuid for job in others))] == ["0.csv", "1.csv", "2.csv"]
    assert world.job(first).batch_id is None
    assert len(world.titles()) == 3
    assert len(world.rows("select 1 from import_jobs")) == 3
