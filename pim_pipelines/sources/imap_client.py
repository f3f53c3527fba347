"""A session with an IMAP server: how it is connected, and the forms of what is sent and answered."""

import base64
import imaplib
import re
import socket
import ssl

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import imap_answers, tls
from pim_pipelines.sources.egress import Egress, bare
from pim_pipelines.sources.fuse import Fuse
from pim_pipelines.sources.places import MailPlace
from pim_pipelines.sources.source import Timeouts

MOST_LITERAL_BYTES = 16 << 20
"""More than any answer needs: attachments come in steps."""


class ImapClient(imaplib.IMAP4):
    """A session whose connection the guard has opened."""

    def __init__(self, place: MailPlace, egress: Egress, timeouts: Timeouts) -> None:
        self._egress = egress
        self._timeouts = timeouts
        self._is_encrypted = place.tls
        self._fuse: Fuse | None = None
        super().__init__(place.imap_host, place.imap_port, timeouts.idle)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        connection = self._egress.connect(self.host, self.port, self._timeouts.connect)
        self._fuse = Fuse(connection, self._timeouts.session)
        connection.settimeout(timeout)
        if not self._is_encrypted:
            return connection
        try:
            return tls.client_context().wrap_socket(connection, server_hostname=bare(self.host))
        except BaseException as error:
            self._fuse.cancel()
            connection.close()
            if isinstance(error, ssl.SSLError):
                raise tls.trouble(error, self.host) from None
            raise

    def read(self, size: int) -> bytes:
        """Read a literal, whose size the server has said."""
        if size > MOST_LITERAL_BYTES:
            raise SourceError(f"{self.host} answers with {size:,} bytes at once, which nobody asked for.")
        return super().read(size)

    def shutdown(self) -> None:
        """End the connection."""
        if self._fuse:
            self._fuse.cancel()
        super().shutdown()


def fetch(client: ImapClient, uid: str, items: str) -> dict[str, imap_answers.Value]:
    """Return what a server says of a message, `{}` where it is gone; raises IMAP4.error."""
    for answer in imap_answers.answers(checked(client.uid("FETCH", uid, items))):
        if imap_answers.text(answer.get("UID")) == uid:
            return answer
    return {}


def checked(answer: tuple[str, list[imap_answers.Part | None]]) -> list[imap_answers.Part | None]:
    """Return the data of a good answer; raises IMAP4.error with the words of another."""
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(imap_answers.text(data[0] if data and isinstance(data[0], bytes) else b""))
    return data


def quoted(text: str) -> str:
    """Return a text as a quoted string (RFC 9051, 4.3)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def mailbox(name: str) -> str:
    """Return a folder's name as IMAP writes it: in its own UTF-7 (RFC 3501, 5.1.3), quoted."""

    def encoded(match: re.Match[str]) -> str:
        base = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{base}-"

    return quoted(re.sub(r"[^\x20-\x7e]+", encoded, name.replace("&", "&-")))
