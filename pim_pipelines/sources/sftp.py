"""Files from an SFTP server, by paramiko."""

import contextlib
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import names
from pim_pipelines.sources.egress import Egress, NetworkTrouble
from pim_pipelines.sources.host_keys import HostKeys
from pim_pipelines.sources.places import SftpPlace
from pim_pipelines.sources.source import Candidate, Deadline, Source, Timeouts, said
from pim_pipelines.sources.ssh import SshLogin

READ_BYTES = 1 << 15
REQUESTS_AHEAD = 64
"""How many reads of `READ_BYTES` are asked for before the first has come: the line is full, and memory bounded."""

MOST_ENTRIES = 500_000
DONE_FOLDER = "imported"
_OLDEST = datetime.min.replace(tzinfo=UTC)


class SftpSource(Source):
    """A folder on an SFTP server."""

    def __init__(
        self, place: SftpPlace, egress: Egress, known: HostKeys, key_folder: Path, timeouts: Timeouts | None = None
    ) -> None:
        self._place = place
        self._ssh = SshLogin(place, egress, known, key_folder, timeouts or Timeouts())
        self._timeouts = timeouts or Timeouts()
        self._is_meant = names.matcher(place.file_pattern)
        self._transport: paramiko.Transport | None = None
        self._client: _Client | None = None

    @property
    def described(self) -> str:
        """The folder and the pattern."""
        place = self._place
        folder = place.directory_path.strip("/")
        return f"sftp://{place.host}:{place.port}/{folder + '/' if folder else ''}{place.file_pattern or ''}"

    def candidates(self) -> Iterator[Candidate]:
        """Give the matching files of the folder (not of folders in it), newest first."""
        with self._session() as client:
            if self._place.path is not None:
                path = names.unquoted(self._place.path)
                found = [_candidate(path, client.stat(_bytes(path)))]
            else:
                found = self._listed(client)
        yield from found

    def download(self, candidate: Candidate, write: Callable[[bytes], None]) -> str | None:
        """Give the file's bytes."""
        deadline = Deadline(self._timeouts.total, time.monotonic)
        with self._session() as client, client.open(_bytes(names.unquoted(candidate.path)), "rb") as file:
            if candidate.size is not None:  # else nobody has looked whether it is too large
                file.prefetch(candidate.size, max_concurrent_requests=REQUESTS_AHEAD)
            with contextlib.suppress(EOFError):  # it has become shorter, as whoever counts will see
                while data := file.read(READ_BYTES):
                    write(data)
                    deadline.check()
        return None

    def mark_done(self, candidate: Candidate) -> None:
        """Leave the file, delete it, or move it into the folder `imported` beside it."""
        path = names.unquoted(candidate.path)
        if self._place.after_import == "keep":
            return
        with self._session() as client:
            if self._place.after_import == "delete":
                client.remove(_bytes(path))
                return
            folder = f"{path.rpartition('/')[0]}/{DONE_FOLDER}"
            with contextlib.suppress(OSError):  # it is there already
                client.mkdir(_bytes(folder))
            moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
            client.rename(_bytes(path), _bytes(f"{folder}/{moment}-{candidate.name}"))

    def close(self) -> None:
        """End the connection."""
        transport, self._transport, self._client = self._transport, None, None
        if transport is not None:
            transport.close()

    def _folder(self, client: "_Client") -> str:
        """Return the whole path of the folder, which may be below the login's own one."""
        wanted = self._place.directory_path
        home = "" if wanted.startswith("/") else (client.normalize(".") or "")
        if isinstance(home, bytes):
            home = home.decode("utf-8", "surrogateescape")
        return "/" + f"{home}/{wanted}".strip("/")

    def _listed(self, client: "_Client") -> list[Candidate]:
        folder = self._folder(client)
        found = []
        for name, attributes in client.entries(_bytes(folder)):
            kind = stat.S_IFMT(attributes.st_mode or stat.S_IFREG)
            if not self._is_meant(name) or kind not in {stat.S_IFREG, stat.S_IFLNK}:
                continue
            path = f"{folder.rstrip('/')}/{name}"
            if kind == stat.S_IFLNK:
                with contextlib.suppress(OSError):
                    target = client.stat(_bytes(path))
                    if stat.S_ISREG(target.st_mode or stat.S_IFREG):
                        found.append(_candidate(path, target))
                continue
            found.append(_candidate(path, attributes))
        found.sort(key=lambda candidate: (candidate.modified_at or _OLDEST, candidate.name), reverse=True)
        return found

    @contextlib.contextmanager
    def _session(self) -> Iterator["_Client"]:
        """Give the session; one that fails is not used again."""
        host = self._place.host
        try:
            if self._client is None:
                self._client = self._open()
            yield self._client
        except (FileNotFoundError, PermissionError) as error:
            what = "has no such file or folder" if isinstance(error, FileNotFoundError) else "refuses access to"
            place = names.quoted(names.unquoted(self._place.path or self._place.directory_path))
            raise SourceError(f"{host} {what}: {place}") from None
        except SourceError:
            self.close()
            raise
        except TimeoutError:
            self.close()
            raise NetworkTrouble(f"{host} does not answer any more.") from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            is_up = self._transport is not None and self._transport.is_active()
            self.close()
            if is_up and isinstance(error, OSError):  # the server has answered, with an error
                password = self._place.password.get_secret_value() if self._place.password else ""
                raise SourceError(f"{host} answers: {said(error, password)}") from None
            raise NetworkTrouble(f"{host} broke the connection off.") from None
        except BaseException:
            self.close()
            raise

    def _open(self) -> "_Client":
        self._transport = self._ssh.open()
        return self._started(self._transport)

    def _started(self, transport: paramiko.Transport) -> "_Client":
        try:
            client = _Client.from_transport(transport)
        except paramiko.SSHException:
            client = None
        if client is None:
            raise SourceError(f"{self._place.host} lets this user in, but not for SFTP.")
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(self._timeouts.idle)
        assert isinstance(client, _Client)  # noqa: S101 - from_transport makes its own class
        self._client = client
        return client


class _Client(paramiko.SFTPClient):  # type: ignore[misc]
    """Lists folders by bytes: a name that is no UTF-8 would end paramiko's own listing."""

    def entries(self, folder: bytes) -> Iterator[tuple[str, paramiko.SFTPAttributes]]:
        """Give name and attributes of what is in a folder, some hundred thousand at most."""
        kind, message = self._request(CMD_OPENDIR, folder)
        if kind != CMD_HANDLE:
            raise paramiko.SFTPError("Expected handle")
        handle, count = message.get_binary(), 0
        try:
            while count < MOST_ENTRIES:
                try:
                    kind, message = self._request(CMD_READDIR, handle)
                except EOFError:
                    return
                if kind != CMD_NAME:
                    raise paramiko.SFTPError("Expected name response")
                for _ in range(message.get_int()):
                    name = message.get_binary().decode("utf-8", "surrogateescape")
                    message.get_binary()  # the line that `ls -l` would show
                    yield name, paramiko.SFTPAttributes._from_msg(message)
                    count += 1
        finally:
            self._request(CMD_CLOSE, handle)


def _candidate(path: str, attributes: paramiko.SFTPAttributes) -> Candidate:
    moment = attributes.st_mtime
    modified_at = datetime.fromtimestamp(moment, UTC) if moment is not None else None
    return Candidate(path.rpartition("/")[2], names.quoted(path), attributes.st_size, modified_at)


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
