"""One POST to a receiver: to a checked address, within a time, without following redirects."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import tls
from pim_pipelines.sources.egress import Egress, NetworkTrouble, bare, reason

PORTS = {"http": 80, "https": 443}
EXCERPT_BYTES = 1000
"""So much of a receiver's answer is kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered. retry_after: seconds, where it said so."""

    status: int
    excerpt: str
    retry_after: int | None


def post(url: str, body: bytes, headers: Mapping[str, str], *, egress: Egress, seconds: float) -> Answer:
    """Send a body and return the answer, within `seconds` in all.

    Raises AddressRefused, NetworkTrouble or SourceError with a sentence.
    """
    parts = urlsplit(url)
    host, deadline = parts.hostname or "", time.monotonic() + seconds
    connection = _Connection(parts, egress, seconds)
    with contextlib.closing(connection):
        try:
            connection.connect()
            # Each read has a time-out of its own; a receiver that sends a byte now and then would outlast them all.
            with _ended_at(connection, deadline):
                connection.request("POST", _target(parts), body=body, headers=dict(headers))
                response = connection.getresponse()
                excerpt = response.read(EXCERPT_BYTES)
        except ssl.SSLError as error:
            raise tls.trouble(error, host) from None
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            if time.monotonic() >= deadline or isinstance(error, TimeoutError):
                raise NetworkTrouble(f"{host} did not answer within {seconds:g} s.") from None
            if isinstance(error, OSError):
                raise NetworkTrouble(f"{host} broke the connection off: {reason(error)}.") from None
            raise SourceError(f"{host} does not speak HTTP as it should ({type(error).__name__}).") from None
    text = excerpt.decode("utf-8", "replace").replace("\0", "�")
    return Answer(response.status, text, _seconds(response.getheader("Retry-After")))


class _Connection(http.client.HTTPConnection):
    """A connection to an address that the guard has checked; TLS is for the name, as the Host header is."""

    def __init__(self, url: SplitResult, egress: Egress, seconds: float) -> None:
        self._secure = url.scheme == "https"
        self.default_port = PORTS[url.scheme]
        super().__init__(url.hostname or "", url.port or self.default_port)
        self._guard, self._until = egress, time.monotonic() + seconds

    def connect(self) -> None:
        """Connect; raises what the guard raises, and ssl.SSLError."""
        self.sock = self._guard.connect(self.host, self.port, self._left())
        self.sock.settimeout(self._left())
        if self._secure:
            self.sock = tls.client_context().wrap_socket(self.sock, server_hostname=bare(self.host))
        self.sock.settimeout(self._left())

    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.05)


@contextlib.contextmanager
def _ended_at(connection: http.client.HTTPConnection, deadline: float) -> Iterator[None]:
    """Shut a connection down at a time, in whatever it is then."""
    sock: socket.socket = connection.sock

    def end() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _target(url: SplitResult) -> str:
    path = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return path + (f"?{quote(url.query, safe='/?%:@!$&()*+,;=~-._')}" if url.query else "")


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None
