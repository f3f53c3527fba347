"""Files over HTTP from a real server: names, redirects, addresses that may not be reached, ends and endlessness."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import make_certificate
from fetching_world import CSV, IMPATIENT, Fetching
from serving_web import WebServer, closed_port

from pim_pipelines.errors import FileTooLarge, InvalidField, SourceError
from pim_pipelines.sources import tls
from pim_pipelines.sources.egress import AddressRefused, NetworkTrouble
from pim_pipelines.sources.source import Timeouts


@pytest.fixture(scope="module")
def shared_web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


@pytest.fixture
def web(shared_web: WebServer) -> WebServer:
    shared_web.pages.clear()
    shared_web.asked.clear()
    shared_web.headers.clear()
    shared_web.knows_head = False
    return shared_web


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


def http(url: str) -> dict[str, str]:
    return {"type": "http", "url": url}


def test_file_is_kept_as_it_came(web: WebServer, fetching: Fetching) -> None:
    content = CSV * 20_000

    taken = fetching.take(http(web.file("/exports/products.csv", content)))

    assert fetching.content() == content
    assert (taken.fetched.file_name, taken.fetched.size, taken.others) == ("products.csv", len(content), [])
    assert web.headers[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="catalogue d\'été.csv"', "catalogue d'été.csv"),
        ("attachment; filename=plain.csv", "plain.csv"),
        ("attachment; filename=\"old.csv\"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.csv", "naïve €.csv"),
        ("attachment; filename*=iso-8859-1''caf%E9.csv", "café.csv"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\stock.xlsx"', "stock.xlsx"),
        ('attachment; filename="a\u202evsc.exe"', "avsc.exe"),
        ("attachment; filename=%70roducts.csv", "products.csv"),
        ("inline", "asked.csv"),
        ('attachment; filename=""', "asked.csv"),
        (f'attachment; filename="{"x" * 400}.csv"', f"{'x' * 251}.csv"),
    ],
)
def test_name_of_the_content_disposition(web: WebServer, fetching: Fetching, header: str, name: str) -> None:
    url = web.file("/asked.csv", CSV, Content_Disposition=header.encode().decode("latin-1"))

    assert fetching.take(http(url)).fetched.file_name == name


def test_name_without_a_content_disposition(web: WebServer, fetching: Fetching) -> None:
    web.file("/files/real%20stock.csv", CSV)
    web.file("/get", CSV)

    assert fetching.take(http(web.redirect("/latest", "/files/real%20stock.csv"))).fetched.file_name == "real stock.csv"
    assert fetching.take(http(web.redirect("/own.csv", "/get"))).fetched.file_name == "own.csv"
    assert fetching.take(http(f"{web.url}/get?id=5")).fetched.file_name == "download"


def test_gzip_that_nobody_asked_for_is_kept_and_read_as_a_file(web: WebServer, fetching: Fetching) -> None:
    packed = gzip.compress(CSV)

    fetching.take(http(web.file("/products.csv", packed, Content_Encoding="gzip")))

    assert fetching.content() == packed
    with pytest.raises(SourceError, match="encoding 'br'"):
        fetching.take(http(web.file("/products.csv", packed, Content_Encoding="br")))


def test_what_a_server_says_of_its_file(web: WebServer, fetching: Fetching) -> None:
    web.knows_head = True
    web.file("/x.csv", CSV, Last_Modified="Tue, 03 Mar 2026 09:00:00 GMT")

    with fetching.source(http(web.redirect("/latest.csv", "/x.csv"))) as source:
        (candidate,) = source.glance()

    assert (candidate.name, candidate.size) == ("latest.csv", len(CSV))
    assert candidate.modified_at is not None
    assert candidate.modified_at.isoformat() == "2026-03-03T09:00:00+00:00"


def test_redirects_are_followed_and_counted(web: WebServer, fetching: Fetching) -> None:
    web.file("/10", CSV)
    for step, status in enumerate([301, 302, 303, 307, 308] * 2):
        web.redirect(f"/{step}", f"/{step + 1}", status)

    fetching.take(http(f"{web.url}/0"))

    assert len(web.asked) == 11
    web.redirect("/loop", "/loop")
    with pytest.raises(SourceError, match="more than 10 times"):
        fetching.take(http(f"{web.url}/loop"))


def test_redirect_to_an_address_that_may_not_be_reached(web: WebServer, fetching: Fetching) -> None:
    with WebServer().running() as private:
        secret = private.file("/latest/meta-data", b"secret")
        fetching.allow = f"127.0.0.1:{web.port}"
        for target in (
            secret,
            secret.replace("127.0.0.1", "localhost"),
            secret.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
            "http://169.254.169.254/latest/meta-data",
            "http://[fd00:ec2::254]/",
            "http://0.0.0.0/",
            "//10.0.0.1/x",
        ):
            with pytest.raises(AddressRefused, match="PIM_EGRESS_ALLOW"):
                fetching.take(http(web.redirect("/x.csv", target)))

    assert private.asked == []
    assert fetching.kept() == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", "gopher://x:70/"])
def test_redirect_to_something_else(web: WebServer, fetching: Fetching, target: str) -> None:
    with pytest.raises(SourceError, match="no web address"):
        fetching.take(http(web.redirect("/x.csv", target)))


def test_login_of_the_address_goes_to_its_own_server_only(web: WebServer, fetching: Fetching) -> None:
    with WebServer().running() as other:
        web.redirect("/x.csv", other.file("/there.csv", CSV))
        address = web.url.replace("http://", "http://user:p%40ss@") + "/x.csv?token=t0k3n"

        with fetching.source(http(address)) as source:
            assert source.described == f"{web.url}/x.csv"
        fetching.take(http(address))

    assert web.asked == ["/x.csv?token=t0k3n"]
    assert web.headers[0]["authorization"] == "Basic dXNlcjpwQHNz"
    assert "authorization" not in other.headers[0]
    assert "referer" not in other.headers[0]


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (404, SourceError, r"has no such file \(404\)"),
        (401, SourceError, "user and password"),
        (403, SourceError, "refuses"),
        (204, SourceError, "answers 204"),
        (500, NetworkTrouble, "answers 500"),
        (503, NetworkTrouble, "answers 503"),
        (429, NetworkTrouble, "answers 429"),
    ],
)
def test_what_is_no_file(
    web: WebServer, fetching: Fetching, status: int, kind: type[SourceError], sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence) as caught:
        fetching.take(http(web.status("/x.csv", status) + "?token=t0k3n"))

    assert type(caught.value) is kind
    assert "t0k3n" not in str(caught.value)
    assert fetching.kept() == []


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (b"", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "stopped sending after 4 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "stopped sending after 4 bytes"),
    ],
)
def test_stalled_transfer_is_given_up(web: WebServer, fetching: Fetching, before: bytes, sentence: str) -> None:
    fetching.timeouts = IMPATIENT
    began = time.monotonic()
    with pytest.raises(NetworkTrouble, match=sentence):
        fetching.take(http(web.silent("/x.csv", before)))

    assert time.monotonic() - began < 8
    assert fetching.kept() == []


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b""])
def test_broken_off_transfer(web: WebServer, fetching: Fetching, answer: bytes) -> None:
    web.pages["/x.csv"] = lambda request: request.wfile.write(answer) and None

    with pytest.raises(NetworkTrouble, match=r"4 of 100 bytes|closed the connection"):
        fetching.take(http(f"{web.url}/x.csv"))


def test_too_large_a_file_is_stopped_while_it_comes(web: WebServer, fetching: Fetching) -> None:
    fetching.max_bytes = 1_000_000

    with pytest.raises(FileTooLarge, match="1,000,000 bytes"):
        fetching.take(http(web.endless("/x.csv")))

    assert fetching.kept() == []


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_trickling_transfer_ends_with_its_time(web: WebServer, fetching: Fetching, head: bytes) -> None:
    fetching.timeouts = Timeouts(connect=1, idle=1, total=0.4)

    with pytest.raises(SourceError):
        fetching.take(http(web.endless("/x.csv", step=b"x", pause=0.05, head=head)))

    assert fetching.kept() == []


def test_what_speaks_no_http(web: WebServer, fetching: Fetching) -> None:
    fetching.timeouts = IMPATIENT
    with pytest.raises(SourceError, match="does not speak HTTP"):
        fetching.take(http(web.silent("/x.csv", b"220 ftp.example.com ready\r\n")))
    with pytest.raises(NetworkTrouble, match="refused"):
        fetching.take(http(f"http://127.0.0.1:{closed_port()}/x.csv"))


def test_certificate_must_be_trusted(
    web: WebServer, fetching: Fetching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    with WebServer(certificate).running() as secure:
        address = secure.file("/x.csv", CSV)
        with pytest.raises(SourceError, match="not trusted") as caught:
            fetching.take(http(address))
        assert not isinstance(caught.value, NetworkTrouble)

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        tls.client_context.cache_clear()
        try:
            fetching.take(http(address))
            with pytest.raises(SourceError, match="not trusted"):  # the name is not the certificate's
                fetching.allow = "127.0.0.0/8"
                fetching.take(http(address.replace("127.0.0.1", "127.0.0.2")))
        finally:
            tls.client_context.cache_clear()
    with pytest.raises(SourceError, match="encr"):
        fetching.take(http(web.file("/x.csv", CSV).replace("http:", "https:")))


@pytest.mark.parametrize(
    "url",
    ["ftp://x/y.csv", "file:///etc/passwd", "//x/y", "http://", "http://a b/c",
     "http://x:0/", "https://x\nHost: y/", "x"],
)  # fmt: skip
def test_address_that_is_none(fetching: Fetching, url: str) -> None:
    with pytest.raises(InvalidField) as caught:
        fetching.source(http(url))

    assert caught.value.problems[0][0] == "file_source.url"
