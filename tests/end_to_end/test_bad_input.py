"""Files that no supplier should send: each is answered with a sentence that helps, and the next import works."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.system

HEADER = b"EAN;Titre;Prix\n"
GOOD = HEADER + b"4006381333931;Stylo;1,95\n3017620422003;P\xc3\xa2te;3,49\n"
FINAL = {"ready", "awaiting_mapping", "completed", "failed", "cancelled"}


def gzip_bomb() -> bytes:
    """Give some kilobytes that unpack to 3 GB."""
    zeros = gzip.compress(b"0" * (1 << 26))
    return gzip.compress(HEADER) + zeros * 48


# name, content, what the sentence must say
REFUSED = [
    ("empty.csv", b"", "empty"),
    ("page.csv", b"<!doctype html><html><body>Please log in</body></html>", "HTML"),
    ("list.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
    ("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
]
FAILED = [
    ("header.csv", HEADER, "no rows below it"),
    ("bomb.csv.gz", gzip_bomb(), "GB|larger|expand|unpack"),
    ("cut.csv.gz", gzip.compress(GOOD * 20_000)[:-100], "cut off|damaged|broken"),
    ("line.csv", HEADER + b"x" * 100_000_000, "line"),
    ("wide.csv", b";".join(b"c%d" % n for n in range(10_000)) + b"\n" + b";".join([b"1"] * 10_000), "columns"),
]
ROWS = [  # files that are read, and the errors of their rows
    ("nul.csv", HEADER + b"4006381333931;Sty\0lo;1,95\n3017620422003;Pate;3,49\n", []),
    (
        "utf8.csv",
        HEADER + "3017620422003;Pâte;3,49\n".encode() * 40 + b"4006381333931;St\xff\xfelo;1,95\n",
        ["encoding_error"],
    ),
    ("quote.csv", GOOD + b'5449000000996;"Boisson 33 cl', ["row_malformed"]),
    ("../../x.csv", GOOD, []),
]


@pytest.fixture
def client(system: Any) -> Any:
    headers = {"X-API-Key": system.new_key("hurt")}
    with httpx.Client(base_url=f"{system.api_url}/api/v1", headers=headers, timeout=120) as client:
        yield client


def upload(client: httpx.Client, name: str, content: bytes, **fields: str) -> httpx.Response:
    return client.post("/imports/upload", files={"file": (name, content)}, data=fields)


def ended(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """Return the job when no run works on it any more."""
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + 60
    while time.monotonic() < until:
        job: dict[str, Any] = client.get(f"/imports/{answer.json()['id']}").json()
        if job["status"] in FINAL:
            return job
        time.sleep(0.05)
    raise AssertionError(f"stuck: {job}")


def assert_next_import_works(client: httpx.Client) -> None:
    assert ended(client, upload(client, "good.csv", GOOD))["status"] == "ready"


@pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=[case[0] for case in REFUSED])
def test_file_of_no_use_is_refused_with_a_sentence(client: httpx.Client, name: str, content: bytes, said: str) -> None:
    answer = upload(client, name, content)

    assert answer.status_code in {415, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert_next_import_works(client)


@pytest.mark.parametrize(("name", "content", "said"), FAILED, ids=[case[0] for case in FAILED])
def test_file_that_cannot_be_read_fails_its_job_with_a_sentence(
    client: httpx.Client, name: str, content: bytes, said: str
) -> None:
    job = ended(client, upload(client, name, content))

    assert job["status"] == "failed"
    assert any(word in job["last_error"] for word in said.split("|")), job["last_error"]
    assert "Traceback" not in json.dumps(job)
    assert_next_import_works(client)


@pytest.mark.parametrize(("name", "content", "errors"), ROWS, ids=[case[0] for case in ROWS])
def test_bad_rows_cost_themselves_and_no_other(
    client: httpx.Client, name: str, content: bytes, errors: list[str]
) -> None:
    answer = upload(client, name, content)
    job = ended(client, answer)
    mapping = {"EAN": "ean", "Titre": "title", "Prix": "price"}
    client.post(f"/imports/{job['id']}/save-mapping", json={"column_mapping": mapping}).raise_for_status()
    client.post(f"/imports/{job['id']}/start-processing").raise_for_status()
    job = ended(client, answer)

    found = client.get(f"/imports/{job['id']}/errors", params={"severity": "error"}).json()["items"]
    assert job["status"] == "completed", job["last_error"]
    assert [item["error_type"] for item in found] == errors
    assert job["failed_rows"] == len(errors)
    assert Path(job["file_name"]).name == job["file_name"]
