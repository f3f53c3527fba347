"""Looks for new files at real servers: each content once, growing files left alone, files left behind as wanted."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from config_world import Connect
from cryptography.fernet import Fernet
from looking_world import CSV, OTHER, Place
from serving_ftp import ftp_server
from serving_mail import mail_server, message
from serving_ssh import PASSWORD as SSH_PASSWORD
from serving_ssh import ssh_server
from serving_web import WebServer

from pim_pipelines.automation import looking
from pim_pipelines.automation.looking import Looker, Outcome
from pim_pipelines.errors import ConfigurationError, SourceError
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.sources.egress import NetworkTrouble
from pim_pipelines.sources.source import Candidate
from pim_pipelines.store import looks
from pim_pipelines.store.looks import Cause

HTML = b"<!doctype html><html><body>The file has moved.</body></html>"


@pytest.fixture
def place(connect: Connect, tmp_path: Path, database: str) -> Place:
    return Place(connect, tmp_path, database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "served"
    found.mkdir()
    return found


@pytest.fixture(params=["ftp", "sftp"])
def source(request: pytest.FixtureRequest, folder: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """A server over the folder; gives what makes its `file_source`."""
    if request.param == "ftp":
        with ftp_server(folder) as ftp:
            yield ftp.source
    else:
        with ssh_server(folder) as ssh:
            yield lambda **fields: ssh.source(password=SSH_PASSWORD, **fields)


@pytest.fixture
def ftp_source(folder: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    with ftp_server(folder) as ftp:
        yield ftp.source


def put(folder: Path, name: str, content: bytes = CSV, *, day: int = 1) -> Path:
    """Write a file of a day of March 2026."""
    path = folder / name
    path.write_bytes(content)
    moment = 1772323200 + day * 86400
    os.utime(path, (moment, moment))
    return path


def test_each_content_of_a_file_is_imported_once(place: Place, folder: Path, source: Callable[..., Any]) -> None:
    place.watch(source())
    put(folder, "products.csv", day=1)

    [job] = place.look().jobs
    assert (job.file_name, job.file_type, job.file_size, job.import_type) == (
        "products.csv",
        "csv",
        len(CSV),
        "scheduled",
    )
    assert (job.status, job.go_through, job.supplier_code) == (JobStatus.PENDING, True, "DEMO")
    assert job.column_mapping == {"EAN": "ean", "Titre": "title"}
    assert job.config_uuid == place.config.uuid
    assert place.files.open_read(job.source_key).read() == CSV
    assert place.config.last_result == "1 new: products.csv."
    assert place.config.last_checked_at == place.now

    assert place.look().jobs == []
    assert place.config.last_result == "Nothing new: 1 imported before."

    put(folder, "products.csv", day=2)  # touched
    assert place.look().jobs == []
    assert "has the content that was imported before" in (place.config.last_result or "")
    assert place.look().listing.known != []  # and not fetched again

    put(folder, "products.csv", OTHER, day=3)
    assert len(place.look().jobs) == 1
    put(folder, "products.csv", CSV, day=4)  # as it was at first: the catalogue is to be so again
    assert len(place.look().jobs) == 1
    put(folder, "renamed.csv", CSV, day=5)
    assert len(place.look().jobs) == 1
    assert place.names() == ["products.csv", "products.csv", "products.csv", "renamed.csv"]
    assert len({path.name for path in (place.home / "files").rglob("*") if path.is_file()}) == 1  # only the jobs' own
    assert len(list((place.home / "files").rglob("source"))) == 4


def test_growing_file_is_left_for_the_next_look(place: Place, folder: Path, source: Callable[..., Any]) -> None:
    place.watch(source())
    put(folder, "old.csv", OTHER, day=1)
    growing = put(folder, "products.csv", CSV[:30], day=2)

    def grow() -> None:
        with growing.open("ab") as file:
            file.write(CSV[30:40])

    place.whenever_it_waits = grow
    outcome = place.look()

    assert outcome.jobs == []  # nor the old one: the newest is meant
    assert place.config.last_result == "products.csv is still being written and is left for the next look."
    [follow_up] = place.waiting()
    assert (follow_up.cause, follow_up.due_at) == (Cause.FOLLOW_UP, place.now + timedelta(minutes=4))
    put(folder, "products.csv", CSV, day=3)
    place.whenever_it_waits = lambda: None
    assert [job.file_size for job in place.look(Cause.FOLLOW_UP).jobs] == [len(CSV)]


def test_file_that_never_stops_growing_is_followed_for_an_hour(
    place: Place, folder: Path, ftp_source: Callable[..., Any]
) -> None:
    place.watch(ftp_source())
    path = put(folder, "log.csv")
    place.whenever_it_waits = lambda: path.write_bytes(path.read_bytes() + b"x")
    place.look()
    with place.connect() as conn:
        conn.execute("update looks set follow_ups = 11 where state = 'waiting'")
        [eleventh] = looks.unfinished(conn, place.now + timedelta(days=1))
        looks.finish(conn, eleventh.uuid, None, failed=False, result="")
        last = looks.begin(conn, place.config_id, place.now, Cause.FOLLOW_UP, follow_ups=12)
    assert last is not None

    with place.connect() as conn:
        looking.done(conn, last, None, Outcome(growing=[Candidate("log.csv", "/log.csv")]), place.now)

    assert place.waiting() == []


def test_newest_match_is_meant(place: Place, folder: Path, ftp_source: Callable[..., Any]) -> None:
    place.watch(ftp_source(file_pattern="products_*.csv"))
    for day in (1, 2, 3):
        put(folder, f"products_{day}.csv", day=day)
    put(folder, "stock.csv", day=9)

    place.look()
    place.look()
    put(folder, "products_4.csv", day=4)
    place.look()

    assert place.names() == ["products_3.csv", "products_4.csv"]


def test_all_matching_makes_a_job_of_each_oldest_first(place: Place, folder: Path, source: Callable[..., Any]) -> None:
    place.watch(source(all_matching=True))
    for day in (3, 1, 2):
        put(folder, f"p{day}.csv", CSV + bytes([48 + day]) * day, day=day)

    place.look()
    put(folder, "p4.csv", day=4)
    place.look()

    first, second, third, fourth = place.jobs()
    assert place.names() == ["p1.csv", "p2.csv", "p3.csv", "p4.csv"]
    assert [second.batch_id, third.batch_id, fourth.batch_id, first.batch_id] == [first.uuid, first.uuid, None, None]
    assert place.config.last_result == "1 new: p4.csv."


def test_many_files_are_taken_in_parts(
    place: Place, folder: Path, ftp_source: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pim_pipelines.automation.looking.MOST_JOBS", 2)
    place.watch(ftp_source(all_matching=True))
    for day in range(1, 6):
        put(folder, f"p{day}.csv", day=day)

    assert place.look().left_over == 3
    assert "3 more new files are left for the next look" in (place.config.last_result or "")
    assert [look.cause for look in place.waiting()] == [Cause.FOLLOW_UP]
    place.look()
    place.look()

    assert place.names() == [f"p{day}.csv" for day in range(1, 6)]


@pytest.mark.parametrize(("after", "left"), [("keep", ["products.csv"]), ("delete", []), ("move", ["imported"])])
def test_file_is_left_behind_as_wanted(
    place: Place, folder: Path, source: Callable[..., Any], after: str, left: list[str]
) -> None:
    place.watch(source(after_import=after))
    put(folder, "products.csv")

    assert len(place.look().jobs) == 1

    assert [path.name for path in folder.iterdir()] == left
    assert place.look().jobs == []
    if after == "delete":  # the supplier sends the same again
        put(folder, "products.csv", day=2)
        assert place.look().jobs == []
        assert list(folder.iterdir()) == []


def test_file_that_could_not_be_moved_is_met_again_and_not_imported(
    place: Place, folder: Path, ftp_source: Callable[..., Any]
) -> None:
    place.watch(ftp_source(after_import="move"))
    put(folder, "products.csv")
    in_the_way = put(folder, "imported")  # where a folder should be

    assert len(place.look().jobs) == 1
    assert "products.csv could not be left behind as after_import says" in (place.config.last_result or "")
    in_the_way.unlink()

    assert place.look().jobs == []
    assert [path.name for path in folder.iterdir()] == ["imported"]
    assert in_the_way.is_dir()


def test_wrong_password_is_one_failed_job_a_due_time(place: Place, folder: Path, source: Callable[..., Any]) -> None:
    place.watch(source() | {"password": "wr0ng-Tresor"})
    put(folder, "products.csv")

    for _ in range(2):
        with pytest.raises(SourceError, match="login"):
            place.look()
    with pytest.raises(SourceError):
        place.look(Cause.NEW_FILE)  # a place that is watched every minute makes none

    jobs = place.jobs()
    assert [job.status for job in jobs] == [JobStatus.FAILED] * 2
    assert jobs[0].last_error is not None
    assert "login" in jobs[0].last_error
    assert (place.config.last_result or "").startswith("Failed: ")
    assert "Tresor" not in place.everything()


def test_secrets_move_to_the_newest_key(place: Place, folder: Path, ftp_source: Callable[..., Any]) -> None:
    place.watch(ftp_source())
    put(folder, "products.csv")
    newest = Fernet.generate_key().decode()
    place.box = SecretBox(f"{newest},{place.keys}")

    place.look()
    place.box = SecretBox(newest)  # the old one is taken away

    put(folder, "products.csv", OTHER, day=2)
    place.look()
    assert len(place.jobs()) == 2


def test_key_that_is_missing_is_a_failed_job_that_says_so(
    place: Place, folder: Path, ftp_source: Callable[..., Any]
) -> None:
    place.watch(ftp_source())
    place.box = SecretBox(Fernet.generate_key().decode())

    with pytest.raises(ConfigurationError):
        place.look()

    assert "PIM_SECRET_KEY" in (place.jobs()[0].last_error or "")


def test_empty_folder_makes_no_job(place: Place, source: Callable[..., Any]) -> None:
    place.watch(source())

    assert place.look().jobs == []
    assert place.config.last_result == "Nothing new: no file that matches is there."


def test_file_of_no_kind_that_we_read_fails_once(place: Place, folder: Path, ftp_source: Callable[..., Any]) -> None:
    place.watch(ftp_source(after_import="delete"))
    put(folder, "products.csv", HTML)

    [job] = place.look().jobs
    place.look()

    assert (job.status, len(place.jobs())) == (JobStatus.FAILED, 1)
    assert "HTML" in (job.last_error or "")
    assert [path.name for path in folder.iterdir()] == []  # met again, it is left behind as known


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def test_web_address_is_imported_when_its_content_changes(place: Place, web: WebServer) -> None:
    url = web.file("/products.csv", CSV)
    place.watch({"type": "http", "url": f"{url}?token=Tresor"})

    assert len(place.look().jobs) == 1
    assert place.look().jobs == []
    web.file("/products.csv", OTHER)
    assert len(place.look().jobs) == 1

    assert web.asked[0] == "/products.csv?token=Tresor"
    assert place.names() == ["products.csv"] * 2
    assert "Tresor" not in place.everything()


def test_web_server_that_is_down_is_a_failed_job(place: Place, web: WebServer) -> None:
    place.watch({"type": "http", "url": f"{web.url}/gone.csv"})

    with pytest.raises(SourceError, match="404"):
        place.look(Cause.REQUEST)

    assert [job.status for job in place.jobs()] == [JobStatus.FAILED]
    assert place.jobs()[0].source is not None  # a retry fetches


def test_attachments_are_imported_once(place: Place) -> None:
    with mail_server() as mail:
        mail.deliver(message(("products.csv", CSV)))
        place.watch(mail.source())

        assert len(place.look().jobs) == 1
        assert place.look().jobs == []
        assert mail.flags()[0].count("Seen") == 1
        mail.deliver(message(("products.csv", CSV)))
        assert len(place.look().jobs) == 1


def test_look_that_is_tried_again_goes_on_where_it_was(
    place: Place, folder: Path, ftp_source: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network fails after the first file; the second try takes the others, into the same batch."""
    place.watch(ftp_source(all_matching=True))
    for day in (1, 2, 3):
        put(folder, f"p{day}.csv", CSV + b"x" * day, day=day)
    look, taken, whole = place.begin(), [], looking.take_over

    def failing(*args: Any, **kwargs: Any) -> Any:
        if len(taken) == 1:
            taken.append(None)
            raise NetworkTrouble("the line is dead")
        taken.append(None)
        return whole(*args, **kwargs)

    monkeypatch.setattr(looking, "take_over", failing)
    looker = Looker(
        place.connect, place.files, lambda: place.box, place.settings, clock=lambda: place.now, sleep=place._wait
    )
    with pytest.raises(NetworkTrouble):
        looker.look(place.config, look)

    looker.look(place.config, look)

    first, *others = place.jobs()
    assert place.names() == ["p1.csv", "p2.csv", "p3.csv"]
    assert {job.batch_id for job in others} == {first.uuid}
