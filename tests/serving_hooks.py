"""A receiver of webhooks: a real HTTP server that keeps what it was sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class Receiver:
    """Answers a path with 200, or what `answers` has for it in turn; `/hang` waits, `/drip` never ends."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.received: list[Received] = []
        self.answers: dict[str, list[int]] = {}
        self.let_go = threading.Event()

    def url(self, path: str = "/hook") -> str:
        """Return the address of a path."""
        return f"http://{self.host}{path}"

    def of(self, path: str) -> list[Received]:
        """Return what a path has received."""
        return [each for each in self.received if each.path == path]

    def wait(self, path: str, number: int = 1, seconds: float = 10) -> list[Received]:
        """Wait until a path has received so many requests."""
        until(lambda: len(self.of(path)) >= number, seconds)
        return self.of(path)


def until(is_so: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, dict(self.headers.items()), body, time.time()))
            if self.path.startswith("/hang"):
                receiver.let_go.wait(20)
                return
            if self.path.startswith("/drip"):
                while not receiver.let_go.wait(0.1):
                    self.wfile.write(b"HTTP/1.1 200"[:1])
                return
            queued = receiver.answers.get(self.path) or [200]
            status = queued.pop(0) if len(queued) > 1 else queued[0]
            self.send_response(status)
            if status == 302:
                self.send_header("Location", receiver.url("/elsewhere"))
            text = f"status {status}\0".encode() * 300
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # a deliverer that has waited long enough is gone

    server = Server(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
