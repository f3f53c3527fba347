"""Uploads over a real socket: streams, early answers, and connections that break."""

import hashlib
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_client import CSV, Client, check_problem

from pim_pipelines.settings import Settings


@pytest.fixture
def address(settings: Settings, serve: Callable[[Settings], Any]) -> Iterator[str]:
    """A served API that takes files of 64 MB."""
    with serve(settings.model_copy(update={"max_file_bytes": 64_000_000})) as url:
        yield url


def head_of(client: Client, length: int | None) -> bytes:
    size = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    return (
        f"POST /api/v1/imports/upload HTTP/1.1\r\nHost: x\r\nX-API-Key: {client.key}\r\n"
        f"Content-Type: multipart/form-data; boundary=XX\r\n{size}\r\n\r\n"
    ).encode()


PART = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


def open_socket(address: str) -> socket.socket:
    url = urlsplit(address)
    return socket.create_connection((url.hostname, url.port), timeout=20)


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def folders(client: Client) -> list[str]:
    """Return what there is of this tenant in the file store, folders too."""
    return [str(path) for path in (client.files / str(client.tenant_id)).rglob("*")]


def test_a_large_file_is_streamed_to_storage_and_never_held_in_memory(address: str, client: Client) -> None:
    block = CSV + b"4006381333931;" + b"x" * 1000 + b";1\r\n" * 50
    count = 50_000_000 // len(block)
    boundary_end = b"\r\n--XX--\r\n"

    def body() -> Iterator[bytes]:
        yield PART
        for _ in range(count):
            yield block
        yield boundary_end

    tracemalloc.start()
    try:
        answer = httpx.post(
            f"{address}/api/v1/imports/upload",
            content=body(),
            headers={"X-API-Key": client.key, "Content-Type": "multipart/form-data; boundary=XX"},
            timeout=60,
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.status_code == 202, answer.text
    job = client.job(answer.json()["id"])
    assert job.file_size == count * len(block)
    expected = hashlib.sha256()
    for _ in range(count):
        expected.update(block)
    assert job.file_sha256 == expected.digest()
    assert peak < 15_000_000


@pytest.mark.parametrize("length", [10_000_000, None], ids=["with a length", "chunked"])
def test_a_connection_that_breaks_in_mid_upload_leaves_nothing(
    address: str, client: Client, length: int | None
) -> None:
    with open_socket(address) as connection:
        data = PART + CSV * 20_000
        connection.sendall(head_of(client, length))
        connection.sendall(data if length else b"%x\r\n%s\r\n" % (len(data), data))
        wait_until(lambda: folders(client) != [])

    wait_until(lambda: folders(client) == [])
    assert client.get("/imports").json()["meta"]["total"] == 0
    assert client.upload().status_code == 202


def test_an_upload_that_is_too_large_is_answered_before_it_has_all_come(address: str, client: Client) -> None:
    with open_socket(address) as connection:
        connection.sendall(head_of(client, 10**10) + PART)
        answer = connection.recv(10_000)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert folders(client) == []


def test_an_upload_that_turns_out_too_large_is_413_and_leaves_nothing(address: str, client: Client) -> None:
    def body() -> Iterator[bytes]:
        yield PART
        for _ in range(70):
            yield b"x" * 1_000_000

    answer = httpx.post(
        f"{address}/api/v1/imports/upload",
        content=body(),
        headers={"X-API-Key": client.key, "Content-Type": "multipart/form-data; boundary=XX"},
        timeout=60,
    )

    check_problem(answer, 413, "FILE_TOO_LARGE")
    wait_until(lambda: folders(client) == [])


def test_without_a_key_nothing_of_the_body_is_read(address: str, client: Client) -> None:
    with open_socket(address) as connection:
        request = head_of(client, 10_000_000).replace(client.key.encode(), b"pm_live_wrong")
        connection.sendall(request)  # and no byte of the body
        answer = connection.recv(10_000)

    assert answer.startswith(b"HTTP/1.1 401 ")


def test_uploads_at_once_do_not_mix(address: str, client: Client) -> None:
    contents = [b"ean;title\n4006381333931;" + bytes([65 + number]) * 3_000_000 + b"\n" for number in range(4)]
    answers: dict[int, httpx.Response] = {}

    def send(number: int) -> None:
        answers[number] = httpx.post(
            f"{address}/api/v1/imports/upload",
            files={"file": (f"{number}.csv", contents[number])},
            headers={"X-API-Key": client.key},
            timeout=60,
        )

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for number, content in enumerate(contents):
        job = client.job(answers[number].json()["id"])
        assert job.file_sha256 == hashlib.sha256(content).digest()
        assert (client.files / job.source_key).read_bytes() == content


@pytest.mark.parametrize(
    "request_line",
    [b"GET /api/v1/imports/%ZZ HTTP/1.1", b"GET /api/v1/imports/\xff\xfe HTTP/1.1", b"GET //api//v1//imports HTTP/1.1"],
)
def test_malformed_addresses_are_4xx(address: str, client: Client, request_line: bytes) -> None:
    with open_socket(address) as connection:
        connection.sendall(
            request_line + b"\r\nHost: x\r\nX-API-Key: " + client.key.encode() + b"\r\nConnection: close\r\n\r\n"
        )
        answer = connection.recv(10_000)

    assert answer.startswith(b"HTTP/1.1 4"), answer[:200]


def test_one_key_sent_twice_at_once_makes_one_job(address: str, client: Client) -> None:
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(
            httpx.post(
                f"{address}/api/v1/imports/upload",
                files={"file": ("a.csv", CSV)},
                headers={"X-API-Key": client.key, "Idempotency-Key": "once"},
                timeout=60,
            )
        )

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(client.stored_files()) == 1
