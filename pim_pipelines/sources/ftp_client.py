"""An FTP connection that goes only where the guard has looked, in the control and in the data connection.

The data connection goes to the address that the control connection has, whatever PASV says; an active one is only
taken from there.
"""

import contextlib
import ftplib
import socket
import ssl
from collections.abc import Iterator

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import tls
from pim_pipelines.sources.egress import Egress, NetworkTrouble, bare
from pim_pipelines.sources.fuse import Fuse
from pim_pipelines.sources.source import Timeouts, said

LOWEST_DATA_PORT = 1024
MOST_LINES = 2000
"""Of one answer: welcomes and lists of features are long, but not that long."""

IMPLICIT_TLS_PORT = 990


class PassiveRefused(ftplib.error_perm):
    """The server knows no passive transfers."""


class FtpClient(ftplib.FTP):
    """A session; names are text in UTF-8, other bytes in them surrogates. `home` is where a login begins."""

    def __init__(self, host: str, port: int, egress: Egress, timeouts: Timeouts, *, encrypted: bool) -> None:
        super().__init__(timeout=timeouts.idle)
        self._guard = egress
        self._timeouts = timeouts
        self._context = tls.client_context() if encrypted else None
        self._is_private = False
        self.home = "/"
        self._fuse: Fuse | None = None
        self.host, self.port = host, port
        self._peer = ""

    def open(self) -> None:
        """Connect, and encrypt where that is wanted; raises SourceError, ftplib's errors and OSError."""
        self.sock = self._guard.connect(self.host, self.port, self._timeouts.connect)
        self._fuse = Fuse(self.sock, self._timeouts.session)
        self.sock.settimeout(self._timeouts.idle)
        self.af = self.sock.family
        self._peer = str(self.sock.getpeername()[0])
        if self._context and self.port == IMPLICIT_TLS_PORT:
            self.sock = self._encrypted(self.sock)
        self._listen()
        self.welcome = self.getresp()
        if self._context and self.port != IMPLICIT_TLS_PORT:
            self.voidcmd("AUTH TLS")
            self.sock = self._encrypted(self.sock)
            self._listen()

    def close(self) -> None:
        """End the connection; a second time does nothing."""
        if self._fuse:
            self._fuse.cancel()
        super().close()

    def getmultiline(self) -> str:
        """Read an answer, which ends with a line that begins like its first one, but with a blank for the hyphen."""
        lines = [self.getline()]
        if lines[0][3:4] == "-":
            while not lines[-1].startswith(f"{lines[0][:3]} "):
                lines.append(self.getline())
                if len(lines) > MOST_LINES:
                    raise SourceError(f"{self.host} answers without an end.")
        return "\n".join(lines)

    def protect(self) -> None:
        """Have data connections encrypted too."""
        if self._context:
            self.voidcmd("PBSZ 0")
            self.voidcmd("PROT P")
            self._is_private = True

    def putline(self, line: str) -> None:
        """Send a command, with the bytes that a name has."""
        if any(character in line for character in "\r\n\0"):
            raise SourceError("A name with a line break in it cannot be asked for by FTP.")
        self._commands().sendall(line.encode("utf-8", "surrogateescape") + b"\r\n")

    def makepasv(self) -> tuple[str, int]:
        """Ask where to fetch the data, and believe only the port."""
        try:
            _, port = super().makepasv()
        except ftplib.error_perm as error:
            raise PassiveRefused(str(error)) from None
        if port < LOWEST_DATA_PORT:
            raise SourceError(f"{self.host} names port {port} for its data, which no FTP server uses: refused.")
        return self._peer, port

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Begin a transfer; returns its connection, and the size where the server says it."""
        connection, size = super().ntransfercmd(cmd, rest) if self.passiveserver else self._active(cmd)
        connection.settimeout(self._timeouts.idle)
        if self._is_private:
            try:
                # Servers that are careful want the control connection's session here.
                session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
                connection = self._encrypted(connection, session)
            except BaseException:
                connection.close()
                raise
        return connection, size

    def _active(self, cmd: str) -> tuple[socket.socket, int | None]:
        with self.makeport() as listener:
            listener.settimeout(self._timeouts.connect)
            answer = self.sendcmd(cmd)
            if answer[0] == "2":  # as ftplib: some send 200 before the 150
                answer = self.getresp()
            if answer[0] != "1":
                raise ftplib.error_reply(answer)  # noqa: S321
            connection, address = listener.accept()
        if bare(str(address[0])) != bare(self._peer):
            connection.close()
            raise SourceError(f"Somebody else than {self.host} connected to bring its data: refused.")
        return connection, None

    def _encrypted(self, connection: socket.socket, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        assert self._context is not None  # noqa: S101 - only asked for where there is one
        try:
            return self._context.wrap_socket(connection, server_hostname=bare(self.host), session=session)
        except ssl.SSLError as error:
            raise tls.trouble(error, self.host) from None

    def _commands(self) -> socket.socket:
        """Return the connection of the commands, which is open."""
        if self.sock is None:
            raise EOFError
        return self.sock

    def _listen(self) -> None:
        self.file = self._commands().makefile("r", encoding="utf-8", errors="surrogateescape")


@contextlib.contextmanager
def translated(host: str, secrets: tuple[str, ...] = ()) -> Iterator[None]:
    """Have the errors of a session be SourceErrors; a secret that a server repeats is not repeated again."""
    try:
        yield
    except (EOFError, OSError) as error:
        what = "does not answer any more" if isinstance(error, TimeoutError) else "broke the connection off"
        raise NetworkTrouble(f"{host} {what}.") from None
    except ftplib.Error as error:
        kind = NetworkTrouble if isinstance(error, ftplib.error_temp) else SourceError
        raise kind(f"{host} answers: {said(error, *secrets)}") from None
