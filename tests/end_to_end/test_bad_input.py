"""Files that no supplier should send: each is answered with a sentence that helps, and the next import works."""

import gzip
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from systems import System

pytestmark = pytest.mark.system

HEADER = b"EAN;Titre;Prix\n"
GOOD = HEADER + b"4006381333931;Stylo;1,95\n3017620422003;P\xc3\xa2te;3,49\n"
MAPPING = {"EAN": "ean", "Titre": "title", "Prix": "price"}
AT_WORK = {"pending", "analyzing", "processing"}
TRACES = ("Traceback", 'File "', "psycopg", "polars", "dagster", "/tmp/")

Content = bytes | Callable[[], Iterator[bytes]]


def bomb() -> Iterator[bytes]:
    """Give some kilobytes that unpack to 3 GB."""
    yield gzip.compress(HEADER)
    zeros = gzip.compress(b"0" * (1 << 26))
    yield from [zeros] * 48


def one_line() -> Iterator[bytes]:
    """Give a line of 100 MB."""
    yield HEADER
    yield from [b"x" * 1_000_000] * 100


def columns(count: int) -> bytes:
    names, values = b";".join(b"c%d" % number for number in range(count)), b";".join([b"1"] * count)
    return b"%s\n%s\n" % (names, values)


# name, content, what the sentence must say
REFUSED = [
    ("empty.csv", b"", ["file", "empty"]),
    ("blank.csv", b"\0" * 5_000, ["file", "zero bytes"]),
    ("page.csv", b"<!doctype html><html><body>Please log in</body></html>", ["file", "HTML"]),
    ("list.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", ["file", "PDF"]),
    ("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["file", "PNG"]),
]
FAILED: list[tuple[str, Content, list[str]]] = [
    ("header.csv", HEADER, ["header", "no rows below it"]),
    ("bomb.csv.gz", bomb, ["file expands", "uncompressed"]),
    ("cut.csv.gz", gzip.compress(GOOD * 20_000)[:-100], ["file", "cut off"]),
    ("stub.csv.gz", gzip.compress(GOOD)[:20], ["file", "cut off"]),
    ("line.csv", one_line, ["file", "line of more than"]),
    ("wide.csv", columns(10_000), ["file", "10,000 columns", "at most"]),
]
# name, content, the titles that are loaded, and the errors of the rows with what their sentences must say
ROWS: list[tuple[str, bytes, list[str], list[tuple[int, str, str]]]] = [
    ("nul.csv", HEADER + b"4006381333931;Sty\0lo;1,95\n3017620422003;Pate;3,49\n", ["Pate", "Stylo"], []),
    (
        "utf8.csv",
        GOOD + b"5449000000996;Boi\xff\xfeson;0,89\n" + "96385074;Thé glacé;2\n".encode(),
        ["Pâte", "Stylo", "Thé glacé"],
        [(3, "encoding_error", "encoding")],
    ),
    ("quote.csv", GOOD + b'5449000000996;"Boisson 33 cl', ["Pâte", "Stylo"], [(3, "row_malformed", "quoted cell")]),
    ("../../x.csv", GOOD, ["Pâte", "Stylo"], []),
]


class Tenant:
    """A tenant of its own on the system, with a template, so that a file goes through in one run."""

    def __init__(self, system: System) -> None:
        self.files = system.home / "files"
        self.address = system.api_url.removeprefix("http://").rpartition(":")
        self.key = system.new_key(f"hurt{uuid4().hex[:8]}")
        headers = {"X-API-Key": self.key}
        self.http = httpx.Client(base_url=f"{system.api_url}/api/v1", headers=headers, timeout=120)
        template = self.http.post("/mapping-templates", json={"name": "t", "column_mapping": MAPPING}).json()
        self.fields = {"template_id": template["id"], "auto_process": "true"}

    def upload(self, name: str, content: Content, folder: Path) -> httpx.Response:
        """Upload a file from the disk, a piece at a time."""
        source = folder / "source"
        with source.open("wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content())
        with source.open("rb") as file:
            return self.http.post("/imports/upload", files={"file": (name, file)}, data=self.fields)

    def ended(self, answer: httpx.Response) -> dict[str, Any]:
        """Return the job when no run works on it any more, and look for what no answer may show."""
        assert answer.status_code == 202, answer.text
        until = time.monotonic() + 60
        while (job := self.http.get(f"/imports/{answer.json()['id']}").json())["status"] in AT_WORK:
            assert time.monotonic() < until, f"stuck: {job}"
            time.sleep(0.05)
        assert_no_trace(json.dumps(job, ensure_ascii=False))
        return dict(job)

    def errors(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what made rows fail."""
        answer = self.http.get(f"/imports/{job['id']}/errors", params={"severity": "error"})
        assert_no_trace(answer.text)
        return list(answer.json()["items"])

    def titles(self) -> list[str]:
        return sorted(product["title"] for product in self.http.get("/products").json()["items"])

    def connect(self) -> socket.socket:
        return socket.create_connection((self.address[0], int(self.address[2])), timeout=30)

    def head(self, length: int) -> bytes:
        """Give the head of an upload's request, and the head of its file."""
        part = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
        request = (
            "POST /api/v1/imports/upload HTTP/1.1\r\nHost: pim\r\nContent-Type: multipart/form-data; boundary=XX\r\n"
            f"X-API-Key: {self.key}\r\nContent-Length: {length}\r\n\r\n"
        )
        return request.encode() + part

    def assert_next_import_works(self, folder: Path) -> None:
        job = self.ended(self.upload("good.csv", GOOD, folder))

        assert (job["status"], job["successful_rows"], job["failed_rows"]) == ("completed", 2, 0)
        assert self.titles() == ["Pâte", "Stylo"]


@pytest.fixture
def tenant(system: System) -> Iterator[Tenant]:
    made = Tenant(system)
    yield made
    made.http.close()


def assert_no_trace(text: str) -> None:
    assert not [trace for trace in TRACES if trace in text], text


def names_of(cases: list[Any]) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=names_of(REFUSED))
def test_file_of_no_use_is_refused_with_a_sentence(
    tenant: Tenant, tmp_path: Path, name: str, content: bytes, said: list[str]
) -> None:
    answer = tenant.upload(name, content, tmp_path)

    assert answer.status_code in {415, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(words in answer.json()["detail"] for words in said), answer.text
    assert_no_trace(answer.text)
    assert tenant.http.get("/imports").json()["items"] == []
    tenant.assert_next_import_works(tmp_path)


@pytest.mark.parametrize(("name", "content", "said"), FAILED, ids=names_of(FAILED))
def test_file_that_cannot_be_read_fails_its_job_with_a_sentence(
    tenant: Tenant, tmp_path: Path, name: str, content: Content, said: list[str]
) -> None:
    job = tenant.ended(tenant.upload(name, content, tmp_path))

    assert (job["status"], job["successful_rows"]) == ("failed", 0)
    assert all(words in job["last_error"] for words in said), job["last_error"]
    assert tenant.titles() == []
    tenant.assert_next_import_works(tmp_path)


@pytest.mark.parametrize(("name", "content", "titles", "errors"), ROWS, ids=names_of(ROWS))
def test_bad_rows_cost_themselves_and_no_other(
    tenant: Tenant, tmp_path: Path, name: str, content: bytes, titles: list[str], errors: list[tuple[int, str, str]]
) -> None:
    job = tenant.ended(tenant.upload(name, content, tmp_path))

    assert job["status"] == "completed", job["last_error"]
    assert (job["file_name"], job["failed_rows"]) == (Path(name).name, len(errors))
    assert tenant.titles() == titles
    for found, (row, kind, said) in zip(tenant.errors(job), errors, strict=True):
        assert (found["row_number"], found["error_type"]) == (row, kind)
        assert said in found["message"]


def test_upload_over_the_limit_is_refused_before_it_has_come(tenant: Tenant, tmp_path: Path) -> None:
    with tenant.connect() as connection:
        connection.sendall(tenant.head(3 << 30) + GOOD)
        answer = HTTPResponse(connection)
        answer.begin()
        problem = json.loads(answer.read())

    assert (answer.status, problem["error_code"]) == (413, "FILE_TOO_LARGE")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "file is larger than 2,147,483,648 bytes" in problem["detail"]
    tenant.assert_next_import_works(tmp_path)


def test_connection_broken_in_mid_upload_leaves_nothing(tenant: Tenant, tmp_path: Path) -> None:
    before = set(tenant.files.glob("*/*"))
    with tenant.connect() as connection:
        connection.sendall(tenant.head(10_000_000) + GOOD * 50_000)
        wait_until(lambda: set(tenant.files.glob("*/*")) != before)
        # Closed like this it is reset, as by a machine that goes away, and not ended as by one that is done.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    wait_until(lambda: set(tenant.files.glob("*/*")) == before)
    assert tenant.http.get("/imports").json()["items"] == []
    tenant.assert_next_import_works(tmp_path)


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)
