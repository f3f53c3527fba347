"""A web server of the tests: paths and what they answer."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from certificates import Certificate

Answer = Callable[[BaseHTTPRequestHandler], None]


class WebServer:
    """Answers GETs on a free port of this machine; `asked` are the requests, `headers` what each said."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.knows_head = False
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.close_connection = True
                page = outer.pages.get(self.path.partition("?")[0])
                with contextlib.suppress(OSError):  # the client may have gone
                    page(self) if page else self.send_error(404)

            def do_HEAD(self) -> None:
                self.close_connection = True
                page = outer.pages.get(self.path.partition("?")[0]) if outer.knows_head else None
                with contextlib.suppress(OSError):
                    page(self) if page else self.send_error(501)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        # 127.0.0.2 is this machine too
        self._server = ThreadingHTTPServer(("0.0.0.0" if certificate else "127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.chain, certificate.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = False
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"

    def file(self, path: str, content: bytes, **headers: str) -> str:
        """Have a path answer with a file; returns its address."""

        def page(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            if request.command == "GET":
                request.wfile.write(content)

        self.pages[path] = page
        return self.url + path

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        """Have a path lead elsewhere; returns its address."""

        def page(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", target)
            request.send_header("Content-Length", "0")
            request.end_headers()

        self.pages[path] = page
        return self.url + path

    def status(self, path: str, *statuses: int, content: bytes = b"") -> str:
        """Have a path answer with these statuses in turn, the last one for ever; a 200 brings the content."""
        left = list(statuses)

        def page(request: BaseHTTPRequestHandler) -> None:
            status = left.pop(0) if len(left) > 1 else left[0]
            body = content if status == 200 else b"secret page of an error"
            request.send_response(status)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = page
        return self.url + path

    def endless(self, path: str, *, step: bytes = b"x" * 65536, pause: float = 0.0, head: bytes = b"") -> str:
        """Have a path send bytes for ever, without saying how many, as soon as its head was sent (or for ever too)."""

        def page(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(head or b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.stopping.is_set():
                request.wfile.write(step)
                request.wfile.flush()
                time.sleep(pause)

        self.pages[path] = page
        return self.url + path

    def silent(self, path: str, before: bytes) -> str:
        """Have a path send some bytes and then nothing."""

        def page(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(before)
            request.wfile.flush()
            self.stopping.wait(10)

        self.pages[path] = page
        return self.url + path

    @contextmanager
    def running(self) -> Iterator["WebServer"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def closed_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
