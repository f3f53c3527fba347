"""Files from an FTP or FTPS server."""

import contextlib
import ftplib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import listings, names
from pim_pipelines.sources.egress import Egress
from pim_pipelines.sources.ftp_client import FtpClient, PassiveRefused, translated
from pim_pipelines.sources.listings import Entry
from pim_pipelines.sources.places import FtpPlace
from pim_pipelines.sources.source import STEP_BYTES, Candidate, Deadline, Source, Timeouts

MOST_LISTED_BYTES = 64 << 20
EXACTLY_TIMED = 20
"""Of how many of the newest files the exact time is asked for, where a listing has none."""

DONE_FOLDER = "imported"
_OLDEST = datetime.min.replace(tzinfo=UTC)


class FtpSource(Source):
    """A folder on an FTP server."""

    def __init__(self, place: FtpPlace, egress: Egress, timeouts: Timeouts | None = None) -> None:
        self._place = place
        self._egress = egress
        self._timeouts = timeouts or Timeouts()
        self._password = place.password.get_secret_value() if place.password else ""
        self._is_meant = names.matcher(place.file_pattern)
        self._client: FtpClient | None = None

    @property
    def described(self) -> str:
        """The folder and the pattern."""
        place = self._place
        scheme = "ftps" if place.tls else "ftp"
        folder = place.directory_path.strip("/")
        return f"{scheme}://{place.host}:{place.port}/{folder + '/' if folder else ''}{place.file_pattern or ''}"

    def candidates(self) -> Iterator[Candidate]:
        """Give the matching files of the folder (not of folders in it), newest first."""
        with self._session() as client:
            if self._place.path is not None:
                found = [self._one(client, names.unquoted(self._place.path))]
            else:
                found = self._listed(client)
        yield from found

    def download(self, candidate: Candidate, write: Callable[[bytes], None]) -> str | None:
        """Give the file's bytes."""
        deadline = Deadline(self._timeouts.total, time.monotonic)
        with self._session() as client:
            self._enter(client, names.unquoted(candidate.path))
            for data in self._transfer(client, f"RETR {candidate.name}"):
                write(data)
                deadline.check()
        return None

    def mark_done(self, candidate: Candidate) -> None:
        """Leave the file, delete it, or move it into the folder `imported` beside it."""
        if self._place.after_import == "keep":
            return
        with self._session() as client:
            self._enter(client, names.unquoted(candidate.path))
            if self._place.after_import == "delete":
                client.delete(candidate.name)
                return
            with contextlib.suppress(ftplib.error_perm):  # it is there already
                client.mkd(DONE_FOLDER)
            moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
            client.rename(candidate.name, f"{DONE_FOLDER}/{moment}-{candidate.name}")

    def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, EOFError, ftplib.Error, SourceError):
            if client.sock is not None:
                client.sock.settimeout(1)
                client.quit()
        client.close()

    @contextlib.contextmanager
    def _session(self) -> Iterator[FtpClient]:
        """Give the session; one that fails is not used again."""
        try:
            with translated(self._place.host, (self._password,)):
                if self._client is None:
                    self._client = self._open()
                yield self._client
        except BaseException:
            client, self._client = self._client, None
            if client is not None:
                client.close()
            raise

    def _open(self) -> FtpClient:
        place = self._place
        client = FtpClient(
            place.host, place.port, self._egress, self._timeouts, encrypted=place.tls or place.port == 990
        )
        try:
            client.open()
            self._login(client)
            client.protect()
            client.passiveserver = place.passive
            with contextlib.suppress(ftplib.Error):
                client.home = client.pwd()
            with contextlib.suppress(ftplib.Error):
                client.sendcmd("OPTS UTF8 ON")
            client.voidcmd("TYPE I")
        except BaseException:
            client.close()
            raise
        return client

    def _login(self, client: FtpClient) -> None:
        password = self._password or ("anonymous@" if self._place.username == "anonymous" else "")
        try:
            client.login(self._place.username, password)
        except (ftplib.error_perm, ftplib.error_temp) as error:
            who, code = f"{self._place.host} refuses the login as {self._place.username!r}", str(error)[:3]
            if isinstance(error, ftplib.error_temp) and code != "430":  # by which some servers mean a wrong password
                raise
            raise SourceError(f"{who} ({code}): check username and password.") from None

    def _enter(self, client: FtpClient, path: str) -> None:
        folder = path.rpartition("/")[0] or "/"
        try:
            client.cwd(folder)
        except ftplib.error_perm:
            raise SourceError(f"{self._place.host} has no folder {names.quoted(folder)!r} that may be read.") from None

    def _one(self, client: FtpClient, path: str) -> Candidate:
        self._enter(client, path)
        name = path.rpartition("/")[2]
        return Candidate(name, names.quoted(path), self._size(client, name), self._time(client, name))

    def _listed(self, client: FtpClient) -> list[Candidate]:
        wanted = self._place.directory_path
        home = "" if wanted.startswith("/") else client.home
        folder = "/" + f"{home}/{wanted}".strip("/")
        self._enter(client, f"{folder.rstrip('/')}/")
        entries = [entry for entry in self._entries(client) if self._is_meant(entry.name)]
        entries.sort(key=lambda entry: (entry.modified_at or _OLDEST, entry.name), reverse=True)
        asked = [self._exact(client, entry) for entry in entries[:EXACTLY_TIMED]]
        found = [
            Candidate(entry.name, names.quoted(f"{folder.rstrip('/')}/{entry.name}"), entry.size, entry.modified_at)
            for entry in [*asked, *entries[EXACTLY_TIMED:]]
        ]
        # Where no times are known, names decide: they often carry a date.
        by_name = sorted(found, key=attrgetter("name"), reverse=True)
        return sorted(by_name, key=lambda candidate: candidate.modified_at or _OLDEST, reverse=True)

    def _entries(self, client: FtpClient) -> list[Entry]:
        try:
            return list(listings.of_mlsd(self._lines(client, "MLSD")))
        except ftplib.error_perm:  # older servers know LIST only
            return list(listings.of_list(self._lines(client, "LIST"), datetime.now(UTC)))

    def _exact(self, client: FtpClient, entry: Entry) -> Entry:
        """Ask for what a listing has said roughly or not at all."""
        if entry.is_exact and entry.size is not None and entry.modified_at is not None:
            return entry
        moment = entry.modified_at if entry.is_exact else self._time(client, entry.name) or entry.modified_at
        size = entry.size if entry.size is not None else self._size(client, entry.name)
        return replace(entry, size=size, modified_at=moment)

    def _size(self, client: FtpClient, name: str) -> int | None:
        with contextlib.suppress(ftplib.error_perm, ftplib.error_reply, ValueError):
            return client.size(name)
        return None

    def _time(self, client: FtpClient, name: str) -> datetime | None:
        with contextlib.suppress(ftplib.error_perm):
            return listings.time_of(client.sendcmd(f"MDTM {name}")[4:])
        return None

    def _lines(self, client: FtpClient, command: str) -> list[str]:
        listed = bytearray()
        for data in self._transfer(client, command):
            listed += data
            if len(listed) > MOST_LISTED_BYTES:
                raise SourceError(
                    f"The list of the files in {self.described} is too long: use a folder of fewer files."
                )
        return [line.rstrip("\r") for line in listed.decode("utf-8", "surrogateescape").split("\n") if line.strip()]

    def _transfer(self, client: FtpClient, command: str) -> Iterator[bytes]:
        """Give what a transfer brings; where the server knows no passive transfers, it is an active one."""
        connection = self._data(client, command)
        with connection:
            while data := connection.recv(STEP_BYTES):
                yield data
        client.voidresp()

    def _data(self, client: FtpClient, command: str) -> socket.socket:
        try:
            return client.transfercmd(command)
        except PassiveRefused:
            client.passiveserver = False
            return client.transfercmd(command)
