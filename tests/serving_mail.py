"""A mail server of the tests: pymap, with mailboxes in memory, over TLS or without."""

import asyncio
import imaplib
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from certificates import Certificate
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

USER, PASSWORD = "orders@shop.example", "mA-s3cr3t"
SENDER = "export@supplier.example"


class MailServer:
    """The server: its port, and a mailbox to fill."""

    def __init__(self, port: int, certificate: Certificate | None) -> None:
        self.port = port
        self._certificate = certificate
        self._moment = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def source(self, **fields: Any) -> dict[str, Any]:
        """Return the `file_source` of this server."""
        return {
            "type": "email", "imap_host": "127.0.0.1", "imap_port": self.port, "email": USER, "password": PASSWORD,
            "tls": self._certificate is not None, **fields,
        }  # fmt: skip

    def client(self) -> imaplib.IMAP4:
        """Log in as the mailbox's owner does."""
        if self._certificate:
            context = ssl.create_default_context(cafile=self._certificate.authority)
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context)
        else:
            client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(USER, PASSWORD)
        return client

    def deliver(self, message: EmailMessage | bytes, folder: str = "INBOX") -> None:
        """Put a message into a folder, an hour after the one before."""
        self._moment += timedelta(hours=1)
        data = message if isinstance(message, bytes) else message.as_bytes()
        with self.client() as client:
            if folder != "INBOX":
                client.create(folder)
            status, said = client.append(folder, "", imaplib.Time2Internaldate(self._moment), data)
            assert status == "OK", said

    def flags(self, folder: str = "INBOX") -> list[str]:
        """Return the flags of each message of a folder, as the server writes them."""
        with self.client() as client:
            status, _ = client.select(folder, readonly=True)
            assert status == "OK"
            _, data = client.fetch("1:*", "(FLAGS)")
            return [each.decode() for each in data if isinstance(each, bytes)]


def message(*files: tuple[str, bytes], sender: str = SENDER, subject: str = "Catalogue") -> EmailMessage:
    """Write a message with attachments, `(name, content)`."""
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = f'"Export, nightly" <{sender}>', USER, subject
    found.set_content("Please find our catalogue attached.")
    for name, content in files:
        found.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return found


@contextmanager
def mail_server(certificate: Certificate | None = None) -> Iterator[MailServer]:
    """Serve an empty mailbox on a free port of this machine."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    ports: list[int] = []
    arguments = Namespace(
        host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=False, proxy_protocol=None, passlib_cfg=None,
        inherited_sockets=None, demo_data=False, demo_user=USER, demo_password=PASSWORD,
    )  # fmt: skip

    async def serve() -> None:
        backend, config = await DictBackend.init(arguments, invalid_user_sleep=0.0, hash_context=BuiltinHash(rounds=1))
        config.apply_context()
        answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    assert ready.wait(10)
    try:
        yield MailServer(ports[0], certificate)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
