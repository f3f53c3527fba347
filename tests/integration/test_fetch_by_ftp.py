"""Files over FTP and FTPS from a real server: listings, passive and active, growing files, hostile names, logins."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Certificate, make_certificate
from fetching_world import CSV, IMPATIENT, Fetching, put
from serving_ftp import PASSWORD, FtpFolder, ftp_server
from serving_web import closed_port

from pim_pipelines.errors import FileTooLarge, InvalidField, SourceError
from pim_pipelines.sources import tls
from pim_pipelines.sources.egress import AddressRefused, NetworkTrouble


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "served"
    found.mkdir()
    return found


@pytest.fixture
def ftp(folder: Path) -> Iterator[FtpFolder]:
    with ftp_server(folder) as server:
        yield server


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


def test_newest_match_is_taken(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    for day, name in enumerate(
        ["products_1.csv", "Products_3.CSV", "stock.csv", "products_4.csv.part", ".products_5.csv"]
    ):
        put(folder, f"exports/{name}", CSV * (day + 1), day=day + 1)
    put(folder, "exports/products_folder.csv/inside.csv", day=20)

    taken = fetching.take(ftp.source(directory_path="exports/", file_pattern="products_*.csv"))

    candidate = taken.fetched.candidate
    assert (taken.fetched.file_name, candidate.path) == ("Products_3.CSV", "/exports/Products_3.CSV")
    assert candidate.modified_at is not None
    assert (candidate.size, candidate.modified_at.isoformat()) == (len(CSV) * 2, "2026-03-03T00:00:00+00:00")
    assert fetching.content() == CSV * 2
    assert f"PASS {PASSWORD}" in ftp.asked
    assert sorted(path.name for path in (folder / "exports").iterdir())[0] == ".products_5.csv"  # nothing is touched


def test_every_match_comes_oldest_first(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    for day, name in [(3, "c.csv"), (1, "b.csv"), (2, "a.csv"), (4, "d.pdf")]:
        put(folder, name, CSV + name.encode(), day=day)

    taken = fetching.take(ftp.source(), every=True)

    assert taken.fetched.file_name == "b.csv"
    assert [other.name for other in taken.others] == ["a.csv", "c.csv"]
    # What is left is fetched by its path alone, whatever has come since.
    put(folder, "newer.csv", day=9)
    assert fetching.take(ftp.source(path=taken.others[1].path)).fetched.file_name == "c.csv"
    assert fetching.content() == CSV + b"c.csv"


@pytest.mark.parametrize("without", [("MLSD",), ("PASV", "EPSV"), ("MLSD", "MDTM", "PASV", "EPSV", "SIZE", "OPTS")])
def test_servers_that_know_less(folder: Path, fetching: Fetching, without: tuple[str, ...]) -> None:
    put(folder, "a b.csv", CSV, day=1)
    put(folder, "ü c.csv", CSV * 3, day=2)
    with ftp_server(folder, without=without) as server:
        taken = fetching.take(server.source())

    assert taken.fetched.file_name == "ü c.csv"
    assert taken.fetched.candidate.size == len(CSV) * 3
    assert fetching.content() == CSV * 3
    assert ("PORT" in server.commands()) is ("PASV" in without)


def test_active_only(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv", CSV * 50_000)

    fetching.take(ftp.source(passive=False))

    assert fetching.content() == CSV * 50_000
    assert "PASV" not in ftp.commands()
    assert "PORT" in ftp.commands()


def test_anonymous(folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv")
    with ftp_server(folder, anonymous=True) as server:
        fetching.take({"type": "ftp", "host": "127.0.0.1", "port": server.port})

    assert server.asked[:2] == ["USER anonymous", "PASS anonymous@"]


def test_ftps_with_a_certificate_that_is_trusted_only(
    folder: Path, fetching: Fetching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate: Certificate = make_certificate(tmp_path)
    put(folder, "a.csv", CSV * 50_000)
    with ftp_server(folder, certificate=certificate.both) as server:
        with pytest.raises(SourceError, match="not trusted"):
            fetching.take(server.source(tls=True))
        assert "USER" not in server.commands()  # nothing was sent
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        tls.client_context.cache_clear()
        try:
            for passive in (True, False):
                fetching.take(server.source(tls=True, passive=passive))
                assert fetching.content() == CSV * 50_000
        finally:
            tls.client_context.cache_clear()
        with pytest.raises(SourceError, match=r"answers: 550 SSL|refuses the login"):
            fetching.take(server.source(tls=False))


def test_wrong_login_is_no_trouble_of_the_network(ftp: FtpFolder, fetching: Fetching) -> None:
    with pytest.raises(SourceError, match=r"refuses the login as 'ftpuser' \(530\): check") as caught:
        fetching.take(ftp.source(password="wr0ng"))

    assert not isinstance(caught.value, NetworkTrouble)
    assert "wr0ng" not in str(caught.value)
    assert [line for line in ftp.asked if line.startswith("PASS")] == ["PASS wr0ng"]


def test_what_is_not_there(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    put(folder, "a.pdf")
    for fields, sentence in [
        ({}, r"No file matches in ftp://127\.0\.0\.1:\d+/:"),
        ({"file_pattern": "*.xml"}, "No file matches"),
        ({"directory_path": "/nowhere"}, "no folder '/nowhere'"),
        ({"path": "/gone.csv"}, "answers: 550"),
    ]:
        with pytest.raises(SourceError, match=sentence) as caught:
            fetching.take(ftp.source(**fields))
        assert type(caught.value) is SourceError
    with pytest.raises(NetworkTrouble, match="refused"):
        fetching.take(ftp.source() | {"port": closed_port()})
    with pytest.raises(AddressRefused):
        Fetching(folder, allow="").take(ftp.source())


def test_file_that_grows_is_waited_for(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    put(folder, "older.csv", day=1)
    put(folder, "growing.csv", b"", day=2)
    left = [CSV, CSV, CSV]

    def grow(_: float) -> None:
        if left:
            with (folder / "growing.csv").open("ab") as file:
                file.write(left.pop())

    taken = fetching.take(ftp.source(), sleep=grow)

    assert taken.fetched.file_name == "growing.csv"
    assert fetching.content() == CSV * 3
    assert fetching.said[0] == "growing.csv is still being written: waiting for it."


def test_file_that_never_stops_growing(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    now = [0.0]

    def grow(seconds: float) -> None:
        now[0] += seconds
        with (folder / "growing.csv").open("ab") as file:
            file.write(CSV)

    put(folder, "growing.csv", CSV, day=2)
    with pytest.raises(SourceError, match=r"'growing.csv' is still being written after 60 s"):
        fetching.take(ftp.source(), sleep=grow, clock=lambda: now[0])
    assert fetching.kept() == []

    put(folder, "older.csv", CSV, day=1)
    taken = fetching.take(ftp.source(), every=True, sleep=grow, clock=lambda: now[0])
    assert (taken.fetched.file_name, taken.others) == ("older.csv", [])


def test_ten_thousand_files(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    for number in range(10_000):
        (folder / f"products_{number:05}.csv").touch()
    put(folder, "products_04711.csv", CSV, day=500)

    began = time.monotonic()
    taken = fetching.take(ftp.source(file_pattern="products_*.csv"))

    assert taken.fetched.file_name == "products_04711.csv"
    assert time.monotonic() - began < 30
    with pytest.raises(SourceError, match="More than 500 files match"):
        fetching.take(ftp.source(file_pattern="products_*.csv"), every=True)


def test_hostile_names(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    names = [
        b"new\r\nDELE victim.csv", b"tab\tbed.csv", b"-rf.csv", b"a;type=dir; b.csv", b"%2e%2e%2fetc.csv", b"a..csv",
        b"latin-\xe9.csv", b"~root.csv", "rtl\u202evsc.csv".encode(), "\U0001f4a3.csv".encode(), b"two  blanks .csv",
        b"a -> b.csv", b"'; drop table products;--.csv", b"x" * 240 + b".csv", b"back\\slash.csv",
    ]  # fmt: skip
    for number, name in enumerate(names):
        put(folder, name, CSV + str(number).encode(), day=number + 1)
    put(folder, "victim.csv", b"victim", day=0)

    with fetching.source(ftp.source()) as source:
        candidates = list(source.candidates())
    contents = set()
    for candidate in candidates:
        if not candidate.name.startswith("new"):
            taken = fetching.take(ftp.source(path=candidate.path))
            contents.add(fetching.content())
            assert taken.fetched.file_name.isprintable()
            assert "/" not in taken.fetched.file_name
            candidate.path.encode("ascii")
    assert {CSV + str(number).encode() for number in range(1, len(names))} <= contents
    assert (folder / "victim.csv").exists()
    assert "DELE" not in ftp.commands()
    assert fetching.kept() == ["kept"]


@pytest.mark.parametrize("field", ["host", "username", "password", "directory_path", "file_pattern", "path"])
def test_line_break_in_a_field(ftp: FtpFolder, fetching: Fetching, field: str) -> None:
    with pytest.raises(InvalidField) as caught:
        fetching.source(ftp.source() | {field: "x\r\nDELE a.csv"})

    assert caught.value.problems[0][0] == f"file_source.{field}"
    assert "DELE" not in str(caught.value)


def test_too_large_a_file_is_not_even_begun(ftp: FtpFolder, folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv", b"x" * 10_001)
    fetching.max_bytes = 10_000

    with pytest.raises(FileTooLarge):
        fetching.take(ftp.source())
    assert "RETR" not in ftp.commands()
    fetching.max_bytes = 10_001
    fetching.take(ftp.source())


def test_stalled_transfer_is_given_up(folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv", b"x" * 3_000_000)
    fetching.timeouts = IMPATIENT
    with ftp_server(folder, stalls=True) as server, pytest.raises(NetworkTrouble, match="does not answer any more"):
        fetching.take(server.source(path="/a.csv"))

    assert fetching.kept() == []


@pytest.mark.parametrize("after_import", ["keep", "delete", "move"])
def test_what_is_left_behind(ftp: FtpFolder, folder: Path, fetching: Fetching, after_import: str) -> None:
    put(folder, "in/a.csv")
    put(folder, "in/b.txt")
    with fetching.source(ftp.source(directory_path="/in", file_pattern="a*", after_import=after_import)) as source:
        candidate = next(source.candidates())
        source.mark_done(candidate)

    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    if after_import == "move":
        assert left[1].startswith("in/imported/20")
        assert left[1].endswith("-a.csv")
        with fetching.source(ftp.source(directory_path="/in", after_import="move")) as source:
            source.mark_done(next(source.candidates()))  # the folder is there already
    else:
        assert left == {"keep": ["in/a.csv", "in/b.txt"], "delete": ["in/b.txt"]}[after_import]


def test_data_comes_from_the_server_itself_whatever_it_says(folder: Path, fetching: Fetching) -> None:
    """PASV may name another machine: the port is believed, the address is not (FTP bounce)."""
    put(folder, "a.csv")
    with ftp_server(folder, masquerade="10.1.2.3") as server:
        assert fetching.take(server.source()).fetched.file_name == "a.csv"
        assert server.asked.count("PASV") == 3
