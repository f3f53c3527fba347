"""An FTP or FTPS server of the tests: pyftpdlib over a folder."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

with warnings.catch_warnings():  # it is built on what Python 3.12 has no more, and brings it there
    warnings.simplefilter("ignore")
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import DTPHandler, FTPHandler, ThrottledDTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)

USER, PASSWORD = "ftpuser", "fT-s3cr3t"


class _Stalling(ThrottledDTPHandler):  # type: ignore[misc]
    """Sends its first bytes and then hardly any."""

    write_limit = 1000


@contextmanager
def ftp_server(
    folder: Path,
    *,
    certificate: Path | None = None,
    without: tuple[str, ...] = (),
    stalls: bool = False,
    anonymous: bool = False,
    masquerade: str | None = None,
) -> Iterator["FtpFolder"]:
    """Serve a folder on a free port; `without` are commands that the server does not know."""
    asked: list[str] = []
    base: Any = TLS_FTPHandler if certificate else FTPHandler

    class Handler(base):  # type: ignore[misc]
        """Of this server alone: pyftpdlib's settings are attributes of a class."""

        unicode_errors = "surrogateescape"
        use_gmt_times = True
        permit_foreign_addresses = False
        masquerade_address = masquerade

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            asked.append(f"{cmd} {arg}".strip())
            super().pre_process_command(line, cmd, arg)

    Handler.proto_cmds = {name: info for name, info in base.proto_cmds.items() if name not in without}
    if certificate:
        Handler.certfile = str(certificate)
        Handler.tls_control_required = Handler.tls_data_required = True
    Handler.dtp_handler = _Stalling if stalls else (base.dtp_handler if certificate else DTPHandler)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elrdfmw")
    if anonymous:
        authorizer.add_anonymous(str(folder))
    Handler.authorizer = authorizer
    Handler.auth_failed_timeout = 0
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), Handler, ioloop=loop)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            loop.loop(timeout=0.02, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield FtpFolder(int(server.address[1]), asked)
    finally:
        stop.set()
        thread.join()


class FtpFolder:
    """The server: its port, and the commands that it was asked, with passwords as they came."""

    def __init__(self, port: int, asked: list[str]) -> None:
        self.port = port
        self.asked = asked

    def source(self, **fields: Any) -> dict[str, Any]:
        """Return the `file_source` of this server."""
        return {
            "type": "ftp", "host": "127.0.0.1", "port": self.port, "username": USER, "password": PASSWORD, **fields,
        }  # fmt: skip

    def commands(self) -> set[str]:
        """Return the names of the commands that it was asked."""
        return {line.partition(" ")[0].upper() for line in self.asked}
