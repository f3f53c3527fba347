"""Attachments over IMAP from a real server, over TLS and without; and what other servers answer."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from certificates import Certificate, make_certificate
from fetching_world import CSV, IMPATIENT, Fetching
from serving_mail import SENDER, MailServer, mail_server, message
from serving_web import WebServer, closed_port

from pim_pipelines.errors import FileTooLarge, InvalidField, SourceError
from pim_pipelines.sources import imap_answers, tls
from pim_pipelines.sources.egress import AddressRefused, NetworkTrouble


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


def test_newest_attachment_that_looks_like_a_product_file(mail: MailServer, fetching: Fetching) -> None:
    mail.deliver(message(("old.csv", CSV)))
    mail.deliver(message(("logo.png", b"x"), ("ATT00001.txt", b"--"), ("prix été €.csv", CSV * 2), ("b.xlsx", b"z")))
    mail.deliver(message(("letter.pdf", b"%PDF")))
    mail.deliver(message(("stranger.csv", CSV), sender="someone@else.example"))
    mail.deliver(message())

    taken = fetching.take(mail.source(sender_filter=SENDER))

    assert taken.fetched.file_name == "prix été €.csv"
    assert fetching.content() == CSV * 2
    assert not any("Seen" in flags for flags in mail.flags())  # nothing is marked before it was taken over
    with fetching.source(mail.source(sender_filter=SENDER)) as source:
        source.mark_done(taken.fetched.candidate)
    assert ["Seen" in flags for flags in mail.flags()] == [False, True, False, False, False]
    # An explicit fetch takes it again, read or not.
    assert (
        fetching.take(mail.source(sender_filter=f"*@{SENDER.partition('@')[2]}")).fetched.file_name
        == taken.fetched.file_name
    )
    assert fetching.take(mail.source()).fetched.file_name == "stranger.csv"
    assert fetching.take(mail.source(file_pattern="*.PDF")).fetched.file_name == "letter.pdf"


def test_every_attachment_of_unread_messages(mail: MailServer, fetching: Fetching) -> None:
    mail.deliver(message(("read.csv", CSV)))
    mail.deliver(message(("a.csv", CSV + b"a"), ("b.csv", CSV + b"b")))
    mail.deliver(message(("c.csv", CSV + b"c")))
    with mail.client() as client:
        client.select("INBOX")
        client.store("1", "+FLAGS", r"(\Seen)")
    place = mail.source(all_matching=True)

    taken = fetching.take(place, every=True)

    names = [taken.fetched.file_name, *(other.name for other in taken.others)]
    assert sorted(names) == ["a.csv", "b.csv", "c.csv"]
    assert names[2] == "c.csv"
    for other in taken.others:  # each is fetched by a job of its own, also once its message is read
        with fetching.source(mail.source(path=other.path)) as source:
            source.mark_done(other)
        assert fetching.take(mail.source(path=other.path)).fetched.file_name == other.name
        assert fetching.content() == CSV + other.name[:1].encode()


def test_sender_is_compared_with_the_address_and_not_with_what_stands_before_it(
    mail: MailServer, fetching: Fetching
) -> None:
    forged = message(("forged.csv", CSV), sender="evil@else.example")
    del forged["From"]
    forged["From"] = f'"{SENDER}" <evil@else.example>'
    mail.deliver(message(("real.csv", CSV), sender=SENDER.upper()))
    mail.deliver(forged)

    assert fetching.take(mail.source(sender_filter=SENDER)).fetched.file_name == "real.csv"
    with pytest.raises(SourceError, match=r"No file matches in imap://.* from nobody@"):
        fetching.take(mail.source(sender_filter="nobody@supplier.example"))


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_large_attachments_come_in_steps_whatever_their_encoding(
    mail: MailServer, fetching: Fetching, encoding: str
) -> None:
    content = "EAN;Titre\n" + "4006381333931;Crème = brûlée\n" * 20_000
    found = EmailMessage()
    found["From"], found["Subject"] = SENDER, "x"
    found.set_content("see below")
    found.add_attachment(content, subtype="csv", cte=encoding, filename="a.csv")
    mail.deliver(found)

    fetching.take(mail.source())

    # The line break before the next part is a matter of taste.
    assert fetching.content().replace(b"\r\n", b"\n").rstrip() == content.encode().rstrip()
    fetching.max_bytes = 500_000
    with pytest.raises(FileTooLarge):
        fetching.take(mail.source())


def test_attachment_in_a_message_that_is_attached(mail: MailServer, fetching: Fetching) -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = SENDER, "Fwd"
    outer.set_content("see below")
    outer.add_attachment(message(("inner.csv", CSV)))
    mail.deliver(outer)

    with fetching.source(mail.source()) as source:
        assert [candidate.name for candidate in source.candidates()] == ["inner.csv"]


def test_folders(mail: MailServer, fetching: Fetching) -> None:
    mail.deliver(message(("in folder.csv", CSV)), folder="Suppliers")

    with pytest.raises(SourceError, match="No file matches"):
        fetching.take(mail.source())
    assert fetching.take(mail.source(folder="Suppliers")).fetched.file_name == "in folder.csv"
    with pytest.raises(SourceError, match="no folder 'Nowhere' that may be read"):
        fetching.take(mail.source(folder="Nowhere"))


@pytest.mark.parametrize("after_import", ["delete", "move"])
def test_what_is_left_behind(mail: MailServer, fetching: Fetching, after_import: str) -> None:
    mail.deliver(message(("old.csv", CSV)))
    mail.deliver(message(("new.csv", CSV)))
    with fetching.source(mail.source(after_import=after_import)) as source:
        source.mark_done(next(source.candidates()))

    assert fetching.take(mail.source()).fetched.file_name == "old.csv"
    assert len(mail.flags()) == 1
    if after_import == "move":
        assert fetching.take(mail.source(folder="Imported")).fetched.file_name == "new.csv"


def test_over_tls_with_a_certificate_that_is_trusted_only(
    fetching: Fetching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate: Certificate = make_certificate(tmp_path)
    with mail_server(certificate) as server:
        server.deliver(message(("a.csv", CSV)))
        with pytest.raises(SourceError, match="not trusted"):
            fetching.take(server.source())
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        tls.client_context.cache_clear()
        try:
            assert fetching.take(server.source()).fetched.file_name == "a.csv"
        finally:
            tls.client_context.cache_clear()


def test_what_goes_wrong(mail: MailServer, fetching: Fetching) -> None:
    with pytest.raises(SourceError, match=r"refuses the login as 'orders@shop\.example'") as caught:
        fetching.take(mail.source() | {"password": "wr0ng"})
    assert type(caught.value) is SourceError
    assert "wr0ng" not in str(caught.value)
    with pytest.raises(SourceError, match="encrypt"):  # TLS with a server that does not know it
        fetching.take(mail.source() | {"tls": True})
    with pytest.raises(NetworkTrouble, match="refused"):
        fetching.take(mail.source() | {"imap_port": closed_port()})
    with pytest.raises(AddressRefused):
        Fetching(fetching.home, allow="").take(mail.source() | {"tls": True})
    with pytest.raises(SourceError, match="not in PIM_EGRESS_ALLOW"):
        Fetching(fetching.home, allow="").take(mail.source(imap_host="mail.supplier.example"))
    with pytest.raises(SourceError, match=r"no longer in|made anew"):
        fetching.take(mail.source(path="INBOX/1/1/2"))
    fetching.timeouts = IMPATIENT
    with WebServer().running() as web, pytest.raises(SourceError):
        fetching.take(mail.source() | {"imap_port": web.port})
    for field in ("email", "password", "folder", "sender_filter", "imap_host"):
        with pytest.raises(InvalidField):
            fetching.source(mail.source() | {field: 'x"\r\nA1 DELETE INBOX'})


DOVECOT = [
    (
        b'1 (UID 7 INTERNALDATE " 3-Mar-2026 09:00:00 +0100" ENVELOPE ("Tue, 3 Mar 2026 09:00:00 +0100" "x" '
        b'((NIL NIL "Export" "Supplier.Example")) NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE '
        b'(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 20 1 NIL NIL NIL NIL)'
        b'("application" "vnd.ms-excel" ("name" "=?utf-8?B?cHJpeCDDqXTDqS5jc3Y=?=") NIL NIL "base64" 90 NIL '
        b'("attachment" ("filename*0*" "utf-8\'\'prix%20" "filename*1*" "%C3%A9t%C3%A9.csv")) NIL NIL)'
        b'("text" "csv" NIL NIL NIL "quoted-printable" 12 1 NIL ("ATTACHMENT" NIL) NIL NIL)'
        b'("application" "octet-stream" ("name" {9}',
        b'q"uo)te.x',
    ),
    b') NIL NIL "base64" 5 NIL NIL NIL NIL)'
    b'("message" "rfc822" NIL NIL NIL "7bit" 900 ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL) '
    b'(("text" "plain" NIL NIL NIL "7bit" 1 1)("text" "xml" ("name" "in.xml") NIL NIL "7bit" 5 1 NIL '
    b'("inline" ("filename" "in.xml")) NIL NIL) "mixed" NIL NIL NIL NIL) 30 NIL NIL NIL NIL)'
    b' "mixed" ("boundary" "b") NIL NIL NIL))',
]


def test_what_other_servers_answer() -> None:
    """Forms of RFC 3501 that the test's server does not use, as Dovecot's; names after RFC 2047 and 2231."""
    (answer,) = imap_answers.answers(DOVECOT)

    moment = imap_answers.date(answer["INTERNALDATE"])
    assert moment is not None
    assert moment.isoformat() == "2026-03-03T09:00:00+01:00"
    assert imap_answers.senders(answer["ENVELOPE"]) == ["export@supplier.example"]
    found = [(file.number, file.name, file.encoding) for file in imap_answers.files(answer["BODYSTRUCTURE"])]
    assert found == [
        ("2", "prix été.csv", "base64"),
        ("3", "attachment.csv", "quoted-printable"),
        ("4", 'q"uo)te.x', "base64"),
        ("5.2", "in.xml", "7bit"),
    ]


@pytest.mark.parametrize("data", [b"1 (" * 100, b")))", b"1 (UID", b'1 (BODYSTRUCTURE ("text" "plain"', b"", b'"'])
def test_answers_that_are_none(data: bytes) -> None:
    try:
        for answer in imap_answers.answers([data]):
            list(imap_answers.files(answer.get("BODYSTRUCTURE")))
    except SourceError as error:
        assert "nested" in str(error)
