"""Talking to the worker host: one line of JSON each way over its Unix socket. Imports no Dagster.

    {"ask": "launch", "run_id": "…", "until": 1764043200.5}   →  {"ok": true, "pid": 4711}
    {"ask": "health"}                                         →  {"ok": true, "pid": …, "runs": {…}, "threads": […], …}

`until` is the time after which the one who asks no longer waits: what the host finds then in its
queue (it was stopped, or the machine slept) must not start any more.
"""

import json
import socket
from pathlib import Path
from typing import Any

from pim_pipelines.launcher.folder import Folder

Message = dict[str, Any]
LONGEST_LINE = 64 * 1024


class HostAway(Exception):
    """Nobody answers at the socket; what was asked for has not been done."""


class NoAnswer(Exception):
    """The host took the request and did not answer; what was asked for may have been done."""


def ask(folder: Folder, message: Message, *, timeout: float) -> Message:
    """Send a message and return the answer; raises HostAway, NoAnswer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(folder.socket))
        except OSError as error:
            raise HostAway(str(error)) from error
        try:
            connection.sendall(json.dumps(message).encode() + b"\n")
            line = read_line(connection)
        except OSError as error:
            raise NoAnswer(str(error)) from error
    if not line:
        raise NoAnswer("the host closed the connection")
    answer: Message = json.loads(line)
    return answer


def read_line(connection: socket.socket) -> bytes:
    """Read up to the line's end; what the other side has sent before it closed, if it did."""
    received = b""
    while not received.endswith(b"\n") and len(received) < LONGEST_LINE:
        block = connection.recv(4096)
        if not block:
            break
        received += block
    return received


def health(home: Path, *, timeout: float = 2.0) -> Message | None:
    """Return what the worker host of a home says of itself, None when none is ready.

    `{"ok": true, "pid": int, "module": str, "started_at": float, "runs": {run id: pid}, "threads": [names of the
    threads besides the main one], "forked": int}`. A host listens only when it is warm, so an answer
    means that it is ready.
    """
    try:
        return ask(Folder(home), {"ask": "health"}, timeout=timeout)
    except (HostAway, NoAnswer):
        return None
