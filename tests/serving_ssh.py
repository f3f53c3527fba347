"""An SFTP server of the tests: asyncssh over a folder."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

logging.getLogger("asyncssh").setLevel(logging.CRITICAL)

USER, PASSWORD = "sftpuser", "sF-s3cr3t"


class SshFolder:
    """The server: its port, its host key, and the logins that were tried."""

    def __init__(self, port: int, host_key: asyncssh.SSHKey, tried: list[tuple[str, str]]) -> None:
        self.port = port
        self.host_key = host_key
        self.tried = tried

    @property
    def public_key(self) -> str:
        """The host key as `known_hosts` has it."""
        return self.host_key.export_public_key().decode().strip()

    @property
    def fingerprint(self) -> str:
        """The host key as `ssh-keygen -l` shows it."""
        return self.host_key.get_fingerprint()

    def source(self, **fields: Any) -> dict[str, Any]:
        """Return the `file_source` of this server, without a login."""
        return {"type": "sftp", "host": "127.0.0.1", "port": self.port, "username": USER, **fields}


@contextmanager
def ssh_server(
    folder: Path,
    *,
    port: int = 0,
    host_keys: list[asyncssh.SSHKey] | None = None,
    client_key: asyncssh.SSHKey | None = None,
    stalls: bool = False,
    hangs_at_login: bool = False,
    has_sftp: bool = True,
    is_root: bool = True,
) -> Iterator[SshFolder]:
    """Serve a folder by SFTP on a port, a free one by default; `stalls`: every read of a file hangs.

    Without `is_root` the server's root is this machine's, and logins begin in the working directory.
    """
    keys = host_keys or [asyncssh.generate_private_key("ssh-ed25519")]
    tried: list[tuple[str, str]] = []

    connections: list[asyncssh.SSHServerConnection] = []
    opened: list[Any] = []

    class Server(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

        async def begin_auth(self, username: str) -> bool:
            if hangs_at_login:
                await asyncio.sleep(3600)
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            tried.append((username, password))
            return (username, password) == (USER, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            tried.append((username, key.get_fingerprint()))
            return client_key is not None and key.public_data == client_key.public_data and username == USER

    class Folder(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=str(folder).encode() if is_root else None)

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            found = super().open(path, pflags, attrs)
            opened.append(found)
            return found

        async def read(self, file_obj: object, offset: int, size: int) -> bytes:
            if stalls:
                await asyncio.sleep(3600)
            return super().read(file_obj, offset, size)

    loop = asyncio.new_event_loop()
    ready, stop, found = threading.Event(), asyncio.Event(), {}

    async def serve() -> None:
        listener = await asyncssh.listen(
            "127.0.0.1",
            port,
            server_factory=Server,
            server_host_keys=keys,
            sftp_factory=Folder if has_sftp else None,
        )
        found["port"] = listener.get_port()
        ready.set()
        await stop.wait()
        listener.close()
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections), return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for file in opened:
            file.close()
        await asyncio.sleep(0.02)  # transports close in their next turn

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    ready.wait(10)
    try:
        yield SshFolder(found["port"], keys[0], tried)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
