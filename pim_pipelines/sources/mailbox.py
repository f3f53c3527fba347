"""Files that come as attachments of emails, by IMAP. Only the attachment that is wanted is fetched, in steps."""

import base64
import binascii
import contextlib
import fnmatch
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import imap_answers, names, tls
from pim_pipelines.sources.egress import Egress, NetworkTrouble, bare
from pim_pipelines.sources.fuse import Fuse
from pim_pipelines.sources.places import MailPlace
from pim_pipelines.sources.source import Candidate, Deadline, Source, Timeouts, said

LOOKED_AT = 20_000
"""How many of a folder's latest messages are looked at."""

AT_ONCE = 50
MOST_LITERAL_BYTES = 16 << 20
"""More than any answer needs: attachments come in steps."""

STEP_BYTES = 1 << 18
DONE_FOLDER = "Imported"
_OLDEST = datetime.min.replace(tzinfo=UTC)
_TRY_AGAIN = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")


class MailSource(Source):
    """A folder of a mailbox."""

    can_grow = False

    def __init__(self, place: MailPlace, egress: Egress, timeouts: Timeouts | None = None) -> None:
        self._place = place
        self._egress = egress
        self._timeouts = timeouts or Timeouts()
        self._password = place.password.get_secret_value()
        self._is_meant = names.matcher(place.file_pattern)
        self._client: _Client | None = None
        self._validity = ""
        self._count = 0

    @property
    def described(self) -> str:
        """The mailbox, its folder and the pattern."""
        place = self._place
        sender = f" from {place.sender_filter}" if place.sender_filter else ""
        return f"imap://{place.imap_host}:{place.imap_port}/{place.folder}/{place.file_pattern or ''}{sender}"

    def candidates(self) -> Iterator[Candidate]:
        """Give the attachments that match, those of the newest message first; with `all_matching` of unread ones only.

        `path` is `folder/UIDVALIDITY/UID/part`.
        """
        with self._session() as client:
            uids = self._uids(client)
            for start in range(0, len(uids), AT_ONCE):
                yield from self._attachments(client, uids[start : start + AT_ONCE])

    def download(self, candidate: Candidate, write: Callable[[bytes], None]) -> str | None:
        """Give the attachment's bytes, decoded."""
        deadline = Deadline(self._timeouts.total, time.monotonic)
        with self._session() as client:
            uid, number = self._place_of(candidate)
            found = _fetch(client, uid, "(UID BODYSTRUCTURE)")
            part = next(
                (each for each in imap_answers.files(found.get("BODYSTRUCTURE")) if each.number == number), None
            )
            if part is None:
                raise SourceError(f"The message with {candidate.name!r} is no longer in {self.described}.")
            decode = _Decoder(part.encoding)
            offset = 0
            while True:
                answer = _fetch(client, uid, f"(UID BODY.PEEK[{number}]<{offset}.{STEP_BYTES}>)")
                data = next((value for key, value in answer.items() if key.startswith("BODY[")), None)
                taken = data if isinstance(data, bytes) else b""
                write(decode.step(taken, is_last=len(taken) < STEP_BYTES))
                offset += len(taken)
                if len(taken) < STEP_BYTES:
                    return None
                deadline.check()

    def mark_done(self, candidate: Candidate) -> None:
        """Mark the message as read; delete it or move it into the folder `Imported` where that is wanted."""
        with self._session() as client:
            uid, _ = self._place_of(candidate)
            _checked(client.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
            if self._place.after_import == "keep":
                return
            if self._place.after_import == "move":
                client.create(_mailbox(DONE_FOLDER))  # it may be there already
                if "MOVE" in client.capabilities:
                    _checked(client.uid("MOVE", uid, _mailbox(DONE_FOLDER)))
                    return
                _checked(client.uid("COPY", uid, _mailbox(DONE_FOLDER)))
            _checked(client.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
            _checked(client.uid("EXPUNGE", uid) if "UIDPLUS" in client.capabilities else client.expunge())

    def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            client.socket().settimeout(1)
            client.logout()
        with contextlib.suppress(OSError):
            client.shutdown()

    @contextlib.contextmanager
    def _session(self) -> Iterator["_Client"]:
        """Give the session, in the folder; one that fails is not used again."""
        host = self._place.imap_host
        try:
            if self._client is None:
                self._client = self._open()
            yield self._client
        except SourceError:
            self.close()
            raise
        except imaplib.IMAP4.abort:
            self.close()
            raise NetworkTrouble(f"{host} broke the connection off.") from None
        except imaplib.IMAP4.error as error:
            self.close()
            raise SourceError(f"{host} answers: {said(error, self._password)}") from None
        except OSError as error:
            self.close()
            what = "does not answer any more" if isinstance(error, TimeoutError) else "broke the connection off"
            raise NetworkTrouble(f"{host} {what}.") from None
        except GeneratorExit:  # whoever asked for candidates has seen enough; the session goes on
            raise
        except BaseException:
            self.close()
            raise

    def _open(self) -> "_Client":
        place = self._place
        if not place.tls and not self._egress.could_allow(place.imap_host, place.imap_port):
            raise SourceError(
                f"{place.imap_host} is not in PIM_EGRESS_ALLOW, and only those hosts may be asked without TLS."
            )
        client = _Client(place, self._egress, self._timeouts)
        try:
            self._log_in(client)
            status, data = client.select(_mailbox(place.folder))
            if status != "OK":
                raise SourceError(f"{place.imap_host} has no folder {place.folder!r} that may be read.")
            self._count = int(data[0] or 0)
            validity = client.response("UIDVALIDITY")[1]
            self._validity = imap_answers.text(validity[0] if validity else b"")
        except BaseException:
            with contextlib.suppress(OSError):
                client.shutdown()
            raise
        return client

    def _log_in(self, client: "_Client") -> None:
        user, host = self._place.email, self._place.imap_host
        if "LOGINDISABLED" in client.capabilities:
            raise SourceError(f"{host} allows no login by password without TLS.")
        try:
            if "AUTH=PLAIN" in client.capabilities:
                client.authenticate("PLAIN", lambda _: f"\0{user}\0{self._password}".encode())
            else:
                client.login(_quoted(user), self._password)
        except UnicodeEncodeError:
            raise SourceError(f"{host} takes only ASCII in user names and passwords.") from None
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if any(code in str(error).upper() for code in _TRY_AGAIN):
                raise NetworkTrouble(f"{host} cannot take the login now.") from None
            raise SourceError(f"{host} refuses the login as {user!r}: check email and password.") from None

    def _uids(self, client: "_Client") -> list[str]:
        """Return the messages that may bring a file, the newest first."""
        if self._place.path is not None:
            return [self._place_of(Candidate("", self._place.path))[0]]
        if not self._count:
            return []
        criteria = [f"{max(1, self._count - LOOKED_AT + 1)}:*", "UNDELETED"]
        if self._place.all_matching:
            criteria.append("UNSEEN")
        address = (self._place.sender_filter or "").replace("*", " ").split()
        if address and address[-1].isascii():  # a first sieve; the address itself is looked at later
            criteria += ["FROM", _quoted(address[-1])]
        found = _checked(client.uid("SEARCH", *criteria))
        uids = b" ".join(part for part in found if isinstance(part, bytes)).decode().split()
        dated: list[tuple[datetime, int]] = []
        for start in range(0, len(uids), 1000):
            data = _checked(client.uid("FETCH", ",".join(uids[start : start + 1000]), "(UID INTERNALDATE)"))
            for answer in imap_answers.answers(data):
                if (uid := imap_answers.text(answer.get("UID"))).isdigit():
                    dated.append((imap_answers.date(answer.get("INTERNALDATE")) or _OLDEST, int(uid)))
        return [str(uid) for _, uid in sorted(dated, reverse=True)]

    def _attachments(self, client: "_Client", uids: list[str]) -> Iterator[Candidate]:
        data = _checked(client.uid("FETCH", ",".join(uids), "(UID INTERNALDATE ENVELOPE BODYSTRUCTURE)"))
        by_uid = {imap_answers.text(answer.get("UID")): answer for answer in imap_answers.answers(data)}
        pinned = self._place.path
        for uid in uids:
            answer = by_uid.get(uid, {})
            if pinned is None and not self._is_from(imap_answers.senders(answer.get("ENVELOPE"))):
                continue
            for part in imap_answers.files(answer.get("BODYSTRUCTURE")):
                path = f"{names.quoted(self._place.folder)}/{self._validity}/{uid}/{part.number}"
                if pinned == path or (pinned is None and self._is_file(part.name)):
                    yield Candidate(part.name, path, None, imap_answers.date(answer.get("INTERNALDATE")))

    def _is_file(self, name: str) -> bool:
        # Outlook cuts what is written below an attachment into files of its own.
        is_text_of_message = self._place.file_pattern is None and re.fullmatch(r"(?i)ATT\d+\.(txt|html?)", name)
        return not is_text_of_message and self._is_meant(name.replace("/", "_"))

    def _is_from(self, senders: list[str]) -> bool:
        wanted = self._place.sender_filter
        return wanted is None or any(fnmatch.fnmatchcase(sender, wanted.lower()) for sender in senders)

    def _place_of(self, candidate: Candidate) -> tuple[str, str]:
        """Return UID and part of a candidate; raises SourceError where the folder was made anew since."""
        _, validity, uid, number = ("///" + candidate.path).rsplit("/", 3)
        if validity != self._validity or not uid.isdigit() or not re.fullmatch(r"[\d.]+", number):
            raise SourceError(f"The folder {self._place.folder!r} was made anew since the file was seen in it.")
        return uid, number


class _Client(imaplib.IMAP4):
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


class _Decoder:
    """Undoes a content transfer encoding a step at a time."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._rest = b""

    def step(self, data: bytes, *, is_last: bool) -> bytes:
        """Return what can be decoded of the bytes so far; raises SourceError."""
        data = self._rest + data
        self._rest = b""
        if self._encoding == "base64":
            letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
            whole = len(letters) - len(letters) % 4
            self._rest = letters[whole:]
            try:
                decoded = base64.b64decode(letters[:whole])
                if is_last and self._rest:
                    decoded += base64.b64decode(self._rest + b"=" * (-len(self._rest) % 4))
            except binascii.Error:
                raise SourceError("The attachment is damaged: it is no base64.") from None
            return decoded
        if self._encoding == "quoted-printable":
            end = len(data) if is_last else data.rfind(b"\n") + 1
            self._rest = data[end:]
            return binascii.a2b_qp(data[:end])
        return data


def _fetch(client: _Client, uid: str, items: str) -> dict[str, imap_answers.Value]:
    for answer in imap_answers.answers(_checked(client.uid("FETCH", uid, items))):
        if imap_answers.text(answer.get("UID")) == uid:
            return answer
    return {}


def _checked(answer: tuple[str, list[imap_answers.Part | None]]) -> list[imap_answers.Part | None]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(imap_answers.text(data[0] if data and isinstance(data[0], bytes) else b""))
    return data


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mailbox(name: str) -> str:
    """Return a folder's name as IMAP writes it: in its own UTF-7 (RFC 3501, 5.1.3), quoted."""

    def encoded(match: re.Match[str]) -> str:
        base = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{base}-"

    return _quoted(re.sub(r"[^\x20-\x7e]+", encoded, name.replace("&", "&-")))
