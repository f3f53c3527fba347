"""Files from an HTTP or HTTPS address: one file, followed through its redirects, each of which is checked."""

import base64
import contextlib
import http.client
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import names, tls
from pim_pipelines.sources.egress import Egress, NetworkTrouble, bare, reason
from pim_pipelines.sources.fuse import Fuse
from pim_pipelines.sources.source import STEP_BYTES, Candidate, Deadline, Source, Timeouts

MOST_REDIRECTS = 10
_REDIRECTS = {301, 302, 303, 307, 308}
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_SENTENCES = {
    401: "asks for a login (401): put user and password into the URL, or use another address",
    403: "refuses to give it (403)",
    404: "has no such file (404)",
    410: "has no such file any more (410)",
}
_PORTS = {"http": 80, "https": 443}
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "pim-pipelines"}


class HttpSource(Source):
    """One address; user and password may stand in it."""

    can_grow = False

    def __init__(self, url: str, egress: Egress, timeouts: Timeouts | None = None) -> None:
        self._url = url
        self._egress = egress
        self._timeouts = timeouts or Timeouts()

    @property
    def described(self) -> str:
        """The address without user, password and query."""
        return public_url(self._url)

    def candidates(self) -> Iterator[Candidate]:
        """Give the one file; whether it is there is only seen when it is fetched."""
        yield Candidate(name_asked_for(self._url), self.described)

    def glance(self) -> Iterator[Candidate]:
        """Ask by HEAD what the server says of its file; where it takes none or says nothing, that is not known."""
        for candidate in self.candidates():
            with self._answered("HEAD", quietly=True) as (answer, _):
                if answer.status == 200:
                    candidate = replace(candidate, size=_size(answer), modified_at=_modified_at(answer))  # noqa: PLW2901
            yield candidate

    def download(self, candidate: Candidate, write: Callable[[bytes], None]) -> str | None:
        """Follow the redirects and give the bytes; the name is that of the Content-Disposition, else of the address."""
        deadline = Deadline(self._timeouts.total, time.monotonic)
        with self._answered("GET") as (answer, url):
            _copy(answer, write, deadline, _host(url))
            return _name(answer, self._url, url)

    def mark_done(self, candidate: Candidate) -> None:
        """Do nothing: a web server's file is not ours to move."""

    def close(self) -> None:
        """Do nothing: each request has a connection of its own."""

    @contextlib.contextmanager
    def _answered(
        self, method: str, *, quietly: bool = False
    ) -> Iterator[tuple[http.client.HTTPResponse, SplitResult]]:
        """Follow the redirects and give the last answer, with its address; an error is raised, unless `quietly`."""
        url = urlsplit(self._url)
        login, origin = _login(url), _origin(url)
        for _ in range(MOST_REDIRECTS + 1):
            own_login = login if _origin(url) == origin else None
            # Both are closed: what is left of an answer holds its connection open.
            with self._connection(url) as connection, _ask(connection, url, own_login, method) as answer:
                if answer.status in _REDIRECTS and (target := answer.getheader("Location")):
                    url = _redirected(url, target)
                    continue
                if not quietly:
                    _check(answer, url)
                yield answer, url
                return
        raise SourceError(f"{_host(url)} redirects more than {MOST_REDIRECTS} times: check the address.")

    @contextlib.contextmanager
    def _connection(self, url: SplitResult) -> Iterator["_Connection"]:
        connection = _Connection(url, self._egress, self._timeouts)
        try:
            yield connection
        finally:
            connection.close()
            if connection.fuse:
                connection.fuse.cancel()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that the guard has checked; TLS is for the name, as the Host header is."""

    def __init__(self, url: SplitResult, egress: Egress, timeouts: Timeouts) -> None:
        host = _host(url)
        self._port = url.port or _PORTS[url.scheme]
        super().__init__(host, self._port)
        self._secure = url.scheme == "https"
        self._guard = egress
        self._timeouts = timeouts
        self.fuse: Fuse | None = None
        self.default_port = _PORTS[url.scheme]

    def connect(self) -> None:
        """Connect; raises the SourceErrors of the guard and of TLS."""
        self.sock = self._guard.connect(self.host, self._port, self._timeouts.connect)
        self.fuse = Fuse(self.sock, self._timeouts.total)
        if self._secure:
            try:
                self.sock = tls.client_context().wrap_socket(self.sock, server_hostname=bare(self.host))
            except ssl.SSLError as error:
                raise tls.trouble(error, self.host) from None
        self.sock.settimeout(self._timeouts.idle)


def public_url(url: str) -> str:
    """Return a URL without what may be secret: user, password, query (tokens stand there) and fragment."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def name_asked_for(url: str) -> str:
    """Return the file's name as the address promises it."""
    return names.of_url(urlsplit(url).path) or names.NAMELESS


def _ask(connection: _Connection, url: SplitResult, login: str | None, method: str) -> http.client.HTTPResponse:
    headers = dict(_HEADERS) | ({"Authorization": login} if login else {})
    target = (_quoted(url.path) or "/") + (f"?{_quoted(url.query)}" if url.query else "")
    try:
        connection.request(method, target, headers=headers)
        return connection.getresponse()
    except http.client.RemoteDisconnected:  # an OSError too
        raise NetworkTrouble(f"{_host(url)} closed the connection without an answer.") from None
    except OSError as error:
        raise NetworkTrouble(f"{_host(url)} broke the connection off: {reason(error)}.") from None
    except http.client.HTTPException as error:
        raise SourceError(f"{_host(url)} does not speak HTTP as it should ({type(error).__name__}).") from None


def _check(answer: http.client.HTTPResponse, url: SplitResult) -> None:
    if answer.status != 200:
        said = _SENTENCES.get(answer.status, f"answers {answer.status} instead of the file")
        kind = NetworkTrouble if answer.status in _TRY_AGAIN else SourceError
        raise kind(f"{_host(url)} {said}: {public_url(url.geturl())}")
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:  # a file in gzip is read as one
        raise SourceError(f"{_host(url)} sends the file in the encoding {encoding[:40]!r}, which nobody asked for.")


def _copy(answer: http.client.HTTPResponse, write: Callable[[bytes], None], deadline: Deadline, host: str) -> None:
    declared, received = answer.length, 0
    try:
        while data := answer.read1(STEP_BYTES):
            received += len(data)
            write(data)
            deadline.check()
        deadline.check()  # it may be the fuse that ended a body of unknown length
    except TimeoutError:
        raise NetworkTrouble(f"{host} stopped sending after {received:,} bytes.") from None
    except (OSError, http.client.HTTPException):
        raise NetworkTrouble(f"{host} broke the connection off after {received:,} bytes.") from None
    if declared is not None and received < declared:
        raise NetworkTrouble(f"{host} sent {received:,} of {declared:,} bytes and closed the connection.")


def _modified_at(answer: http.client.HTTPResponse) -> datetime | None:
    with contextlib.suppress(TypeError, ValueError):
        return parsedate_to_datetime(answer.getheader("Last-Modified", "")).astimezone(UTC)
    return None


def _size(answer: http.client.HTTPResponse) -> int | None:
    """Return what the answer to a HEAD says of the file's size; `answer.length` is that of the answer itself: 0."""
    text = (answer.getheader("Content-Length") or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _redirected(url: SplitResult, target: str) -> SplitResult:
    try:
        # Header lines come as Latin-1; addresses in them may be UTF-8.
        text = target.encode("latin-1").decode("utf-8", "replace")
        found = urlsplit(urljoin(url.geturl(), text))
        is_good = found.scheme in _PORTS and bool(found.hostname) and found.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise SourceError(f"{_host(url)} redirects to something that is no web address.")
    return found


def _name(answer: http.client.HTTPResponse, asked: str, reached: SplitResult) -> str:
    header = answer.getheader("Content-Disposition")
    return (
        (_disposition(header) if header else None)
        or names.of_url(urlsplit(asked).path)
        or names.of_url(reached.path)
        or names.NAMELESS
    )


def _disposition(header: str) -> str | None:
    """Return the file name of a Content-Disposition (RFC 6266: `filename*` before `filename`)."""
    with contextlib.suppress(UnicodeError):
        header = header.encode("latin-1").decode("utf-8")
    extended = re.search(r"filename\*\s*=\s*\"?([\w-]+)'[^']*'([^;\"\s]+)", header, re.IGNORECASE)
    if extended:
        with contextlib.suppress(LookupError, UnicodeError):
            return unquote(extended[2], encoding=extended[1], errors="strict").strip() or None
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n]", " ", header)
    found = message.get_param("filename", header="content-disposition")
    if isinstance(found, tuple):
        found = found[2]
    return unquote(found).strip() or None if isinstance(found, str) else None


def _login(url: SplitResult) -> str | None:
    if url.username is None:
        return None
    pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _origin(url: SplitResult) -> tuple[str, str, int]:
    return url.scheme, _host(url), url.port or _PORTS[url.scheme]


def _host(url: SplitResult) -> str:
    return url.hostname or ""


def _quoted(text: str) -> str:
    """Quote what may not stand in a request line, and nothing that is quoted already."""
    return "".join(
        character
        if "!" <= character <= "~"
        else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
        for character in text
    )
