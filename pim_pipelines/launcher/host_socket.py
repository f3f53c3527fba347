"""The host's end of the socket: accepts, collects lines, answers; never blocks on a client."""

import json
import os
import selectors
import socket
from contextlib import suppress
from pathlib import Path

from pim_pipelines.launcher.wire import LONGEST_LINE, Message

BACKLOG = 128


class Request:
    """One message and its way back."""

    def __init__(self, message: Message, connection: socket.socket) -> None:
        self.message = message
        self._connection = connection

    def answer(self, message: Message) -> None:
        """Send the answer, and close; who asked may be gone."""
        with self._connection, suppress(OSError):
            self._connection.sendall(json.dumps(message).encode() + b"\n")

    def leave(self) -> None:
        """Close a forked child's copy of the connection; the parent answers."""
        self._connection.close()


class HostSocket:
    """A listening Unix socket for its owner only, in a selector."""

    def __init__(self, path: Path, selector: selectors.BaseSelector) -> None:
        """Listen. The caller holds the home's host lock, so a socket file that is there is a dead host's."""
        self._path = path
        self._selector = selector
        self._received: dict[socket.socket, bytes] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(before)
        self._listener.listen(BACKLOG)
        selector.register(self._listener, selectors.EVENT_READ)

    def read(self, key: selectors.SelectorKey) -> Request | None:
        """Read what has come on a socket of the selector; returns a request when it is complete."""
        if key.fileobj is self._listener:
            with suppress(OSError):
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                self._received[connection] = b""
                self._selector.register(connection, selectors.EVENT_READ)
            return None
        connection = key.fileobj  # type: ignore[assignment]
        try:
            block = connection.recv(4096)
        except BlockingIOError:
            return None
        except OSError:
            block = b""
        received = self._received[connection] + block
        self._received[connection] = received
        if block and not received.endswith(b"\n") and len(received) < LONGEST_LINE:
            return None
        self._selector.unregister(connection)
        del self._received[connection]
        try:
            message = json.loads(received)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            connection.close()
            return None
        return Request(message, connection)

    def leave(self) -> None:
        """Close a forked child's copies: the file, and who waits at it, are the parent's."""
        self._listener.close()
        for connection in self._received:
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        self.leave()
        self._path.unlink(missing_ok=True)
