"""What ends a connection after its time, however steadily the other side trickles.

Timeouts count from one byte to the next; a server that sends one now and then would hold a connection for days.
"""

import contextlib
import socket
import threading


class Fuse:
    """Ends a connection after `seconds`: whoever reads from it then sees its end. `cancel` it with the connection."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._end = connection.dup()  # TLS takes the file descriptor away from the first one
        self._lock = threading.Lock()
        self._is_over = False
        self._timer = threading.Timer(seconds, self._blow)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Let the connection be; a second time does nothing."""
        self._timer.cancel()
        self._finish(cut=False)

    def _blow(self) -> None:
        self._finish(cut=True)

    def _finish(self, *, cut: bool) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            if cut:
                with contextlib.suppress(OSError):
                    self._end.shutdown(socket.SHUT_RDWR)
            self._end.close()
