"""Files that come as attachments of emails, by IMAP. Only the attachment that is wanted is fetched, in steps."""

import contextlib
import fnmatch
import imaplib
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from pim_pipelines.errors import SourceError
from pim_pipelines.sources import imap_answers, names
from pim_pipelines.sources.egress import Egress, NetworkTrouble
from pim_pipelines.sources.imap_client import ImapClient, checked, fetch, mailbox, quoted
from pim_pipelines.sources.places import MailPlace
from pim_pipelines.sources.source import Candidate, Deadline, Source, Timeouts, said
from pim_pipelines.sources.transfer_decoder import TransferDecoder

LOOKED_AT = 20_000
"""How many of a folder's latest messages are looked at."""

AT_ONCE = 50
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
        self._client: ImapClient | None = None
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
            found = fetch(client, uid, "(UID BODYSTRUCTURE)")
            part = next(
                (each for each in imap_answers.files(found.get("BODYSTRUCTURE")) if each.number == number), None
            )
            if part is None:
                raise SourceError(f"The message with {candidate.name!r} is no longer in {self.described}.")
            decode = TransferDecoder(part.encoding)
            offset = 0
            while True:
                answer = fetch(client, uid, f"(UID BODY.PEEK[{number}]<{offset}.{STEP_BYTES}>)")
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
            checked(client.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
            if self._place.after_import == "keep":
                return
            if self._place.after_import == "move":
                client.create(mailbox(DONE_FOLDER))  # it may be there already
                if "MOVE" in client.capabilities:
                    checked(client.uid("MOVE", uid, mailbox(DONE_FOLDER)))
                    return
                checked(client.uid("COPY", uid, mailbox(DONE_FOLDER)))
            checked(client.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
            checked(client.uid("EXPUNGE", uid) if "UIDPLUS" in client.capabilities else client.expunge())

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
    def _session(self) -> Iterator[ImapClient]:
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

    def _open(self) -> ImapClient:
        place = self._place
        if not place.tls and not self._egress.could_allow(place.imap_host, place.imap_port):
            raise SourceError(
                f"{place.imap_host} is not in PIM_EGRESS_ALLOW, and only those hosts may be asked without TLS."
            )
        client = ImapClient(place, self._egress, self._timeouts)
        try:
            self._log_in(client)
            status, data = client.select(mailbox(place.folder))
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

    def _log_in(self, client: ImapClient) -> None:
        user, host = self._place.email, self._place.imap_host
        if "LOGINDISABLED" in client.capabilities:
            raise SourceError(f"{host} allows no login by password without TLS.")
        try:
            if "AUTH=PLAIN" in client.capabilities:
                client.authenticate("PLAIN", lambda _: f"\0{user}\0{self._password}".encode())
            else:
                client.login(quoted(user), self._password)
        except UnicodeEncodeError:
            raise SourceError(f"{host} takes only ASCII in user names and passwords.") from None
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if any(code in str(error).upper() for code in _TRY_AGAIN):
                raise NetworkTrouble(f"{host} cannot take the login now.") from None
            raise SourceError(f"{host} refuses the login as {user!r}: check email and password.") from None

    def _uids(self, client: ImapClient) -> list[str]:
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
            criteria += ["FROM", quoted(address[-1])]
        found = checked(client.uid("SEARCH", *criteria))
        uids = b" ".join(part for part in found if isinstance(part, bytes)).decode().split()
        dated: list[tuple[datetime, int]] = []
        for start in range(0, len(uids), 1000):
            data = checked(client.uid("FETCH", ",".join(uids[start : start + 1000]), "(UID INTERNALDATE)"))
            for answer in imap_answers.answers(data):
                if (uid := imap_answers.text(answer.get("UID"))).isdigit():
                    dated.append((imap_answers.date(answer.get("INTERNALDATE")) or _OLDEST, int(uid)))
        return [str(uid) for _, uid in sorted(dated, reverse=True)]

    def _attachments(self, client: ImapClient, uids: list[str]) -> Iterator[Candidate]:
        data = checked(client.uid("FETCH", ",".join(uids), "(UID INTERNALDATE ENVELOPE BODYSTRUCTURE)"))
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
