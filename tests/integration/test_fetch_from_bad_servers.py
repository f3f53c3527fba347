"""What real servers seldom do: answers without an end, data from elsewhere, huge literals, silence in the middle."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fetching_world import CSV, IMPATIENT, PATIENT, Fetching

from pim_pipelines.errors import SourceError
from pim_pipelines.sources.egress import NetworkTrouble
from pim_pipelines.sources.source import Timeouts

FTP_LOGIN = {b"USER": b"331 go on\r\n", b"PASS": b"230 in\r\n"}
IMAP_LOGIN = {
    b"CAPABILITY": b"* CAPABILITY IMAP4REV1\r\n%(tag)s OK done\r\n",
    b"LOGIN": b"%(tag)s OK in\r\n",
    b"SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n%(tag)s OK done\r\n",
    b"UID SEARCH": b"* SEARCH 7\r\n%(tag)s OK done\r\n",
}


@contextmanager
def script(greeting: bytes, answers: dict[bytes, bytes | None], *, tagged: bool = False) -> Iterator[int]:
    """Serve by a script: what each command is answered, None with silence; others with a refusal. Gives the port."""
    stopping = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(greeting)
            for line in connection.makefile("rb"):
                tag, command = line.split(b" ", 1) if tagged else (b"", line)
                name = next((each for each in answers if command.upper().startswith(each)), None)
                refusal = tag + b" BAD what?\r\n" if tagged else b"500 what?\r\n"
                answer = refusal if name is None else answers[name]
                if answer is None:
                    stopping.wait(10)
                    return
                connection.sendall(answer.replace(b"%(tag)s", tag))

    def accept() -> None:
        with suppress(OSError):
            while True:
                thread = threading.Thread(target=serve, args=[listener.accept()[0]])
                threads.append(thread)
                thread.start()

    listener = socket.create_server(("127.0.0.1", 0))
    threads = [threading.Thread(target=accept)]
    threads[0].start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path, timeouts=PATIENT)


def ftp(port: int) -> dict[str, object]:
    return {"type": "ftp", "host": "127.0.0.1", "port": port, "username": "u", "password": "s3cr3t"}


def mail(port: int) -> dict[str, object]:
    login = {"email": "u@x", "password": "s3cr3t", "tls": False}
    return {"type": "email", "imap_host": "127.0.0.1", "imap_port": port, **login}


@pytest.mark.parametrize(
    ("greeting", "answers", "kind", "sentence"),
    [
        (b"220 hi\r\n", {b"USER": b"331 x\r\n", b"PASS": b"430 no\r\n"}, SourceError, r"refuses .* 'u' \(430\)"),
        (b"220 hi\r\n", {b"USER": b"331 x\r\n", b"PASS": b"421 later\r\n"}, NetworkTrouble, "421 later"),
        (b"220 hi\r\n", {b"USER": b"331 x\r\n", b"PASS": None}, NetworkTrouble, "does not answer any more"),
        (b"220 hi\r\n", FTP_LOGIN | {b"TYPE": b"550 PASS s3cr3t was yours\r\n"}, SourceError, r"550 PASS \*\*\* was"),
        (b"220-hi\r\n" * 3000, {}, SourceError, "answers without an end"),
        (b"220 " + b"x" * 100_000, {}, SourceError, "127.0.0.1"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", {}, SourceError, "127.0.0.1"),
        (b"", {}, NetworkTrouble, "does not answer any more"),
        (
            b"220 hi\r\n",
            FTP_LOGIN | {b"TYPE": b"200 x\r\n", b"CWD": b"250 x\r\n", b"PASV": b"227 (127,0,0,1,0,22)\r\n"},
            SourceError,
            "names port 22",
        ),
    ],
    ids=["wrong login by 430", "busy", "silent login", "password repeated", "welcome without an end",
         "line without an end",
         "no FTP", "no welcome", "data from port 22"],
)  # fmt: skip
def test_ftp(
    fetching: Fetching, greeting: bytes, answers: dict[bytes, bytes | None], kind: type[SourceError], sentence: str
) -> None:
    fetching.timeouts = PATIENT if greeting and None not in answers.values() else IMPATIENT
    with script(greeting, answers) as port, pytest.raises(SourceError, match=sentence) as caught:
        fetching.take(ftp(port))

    assert type(caught.value) is kind
    assert "s3cr3t" not in str(caught.value)


def test_active_data_from_somebody_else_is_refused(fetching: Fetching) -> None:
    """Whoever is first at the port that an active transfer listens on could bring a file of his own."""

    def intrude(command: bytes) -> None:
        numbers = command.split()[1].split(b",")
        with (
            socket.create_connection(
                ("127.0.0.1", int(numbers[4]) * 256 + int(numbers[5])), source_address=("127.0.0.7", 0)
            ) as connection,
            suppress(OSError),
        ):
            connection.sendall(CSV)

    asked: list[bytes] = []
    answers = FTP_LOGIN | {b"TYPE": b"200 x\r\n", b"CWD": b"250 x\r\n", b"PORT": b"200 x\r\n", b"MLSD": b"150 x\r\n"}
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection = listener.accept()[0]
        with connection, suppress(OSError):
            connection.sendall(b"220 hi\r\n")
            for line in connection.makefile("rb"):
                asked.append(line)
                connection.sendall(answers.get(line[:4].strip(), b"500 what?\r\n"))
                if line.startswith(b"MLSD"):
                    intrude(next(each for each in asked if each.startswith(b"PORT")))

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(SourceError, match="Somebody else than"):
        fetching.take(ftp(listener.getsockname()[1]) | {"passive": False})
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    ("greeting", "answers", "kind", "sentence"),
    [
        (b"* OK hi\r\n", {b"CAPABILITY": None}, NetworkTrouble, "does not answer any more"),
        (b"* BYE busy\r\n", {}, SourceError, "127.0.0.1"),
        (b"", {}, NetworkTrouble, "does not answer any more"),
        (b"* OK " + b"x" * 2_000_000 + b"\r\n", {}, SourceError, "127.0.0.1"),
        (
            b"* OK hi\r\n",
            IMAP_LOGIN | {b"LOGIN": b"%(tag)s NO [UNAVAILABLE] s3cr3t\r\n"},
            NetworkTrouble,
            "cannot take the login now",
        ),
        (b"* OK hi\r\n", IMAP_LOGIN | {b"LOGIN": b"%(tag)s NO s3cr3t is wrong\r\n"}, SourceError, "refuses the login"),
        (
            b"* OK hi\r\n",
            IMAP_LOGIN | {b"CAPABILITY": b"* CAPABILITY IMAP4REV1 LOGINDISABLED\r\n%(tag)s OK done\r\n"},
            SourceError,
            "no login by password without TLS",
        ),
        (b"* OK hi\r\n", IMAP_LOGIN | {b"UID FETCH": None}, NetworkTrouble, "does not answer any more"),
        (
            b"* OK hi\r\n",
            IMAP_LOGIN | {b"UID FETCH": b"* 1 FETCH (UID 7 BODY {99999999999}\r\n"},
            SourceError,
            "99,999,999,999 bytes at once",
        ),
        (b"* OK hi\r\n", IMAP_LOGIN | {b"UID FETCH": b"* 1 FETCH " + b"(" * 90 + b"\r\n%(tag)s OK x\r\n"},
         SourceError, "nested too deeply"),
    ],
    ids=["silent", "busy", "no greeting", "line without an end",
         "login later", "wrong login", "no login without TLS",
         "silent attachment list", "huge literal", "deep nesting"],
)  # fmt: skip
def test_imap(
    fetching: Fetching, greeting: bytes, answers: dict[bytes, bytes | None], kind: type[SourceError], sentence: str
) -> None:
    fetching.timeouts = PATIENT if greeting and None not in answers.values() else IMPATIENT
    with script(greeting, answers, tagged=True) as port, pytest.raises(SourceError, match=sentence) as caught:
        fetching.take(mail(port))

    assert type(caught.value) is kind
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "greeting", [b"", b"SSH-2.0-x\r\n", b"SSH-2.0-x\r\n\x00\x00\x00", b"220 ftp\r\n", b"\x00" * 500]
)
def test_ssh(fetching: Fetching, greeting: bytes) -> None:
    fetching.timeouts = Timeouts(connect=0.5, idle=0.5, total=5, session=10)
    place = {"type": "sftp", "host": "127.0.0.1", "username": "u", "password": "s3cr3t"}
    with script(greeting, {b"": None}) as port, pytest.raises(NetworkTrouble, match=r"127\.0\.0\.1"):
        fetching.take(place | {"port": port})


def test_trickling_session_ends_with_its_time(fetching: Fetching) -> None:
    """A byte now and then keeps every single wait short."""
    fetching.timeouts = Timeouts(connect=5, idle=5, total=5, session=0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        for _ in range(2):
            connection = listener.accept()[0]
            with connection, suppress(OSError):
                while not stopping.wait(0.05):
                    connection.sendall(b"2")

    thread = threading.Thread(target=serve)
    thread.start()
    began = time.monotonic()
    for place in (ftp(listener.getsockname()[1]), mail(listener.getsockname()[1])):
        with pytest.raises(SourceError):
            fetching.take(place)
    assert time.monotonic() - began < 10
    stopping.set()
    thread.join()
    listener.close()
