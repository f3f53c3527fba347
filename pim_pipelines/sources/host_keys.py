"""The SSH host keys that were seen first, kept in a file as OpenSSH keeps its `known_hosts`."""

import base64
import binascii
import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paramiko import PKey

from pim_pipelines.errors import SourceError


class HostKeys:
    """A file of lines `[host]:port type base64`; a person may remove a line from it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, host: str, port: int) -> dict[str, str]:
        """Return the keys of a host that are known, base64 by type."""
        name = _name(host, port)
        return {kind: key for line_name, kind, key in self._lines() if line_name == name}

    def keep(self, host: str, port: int, key: PKey) -> None:
        """Trust a key from now on, in place of another of its type; raises SourceError where it cannot be kept."""
        name, kind = _name(host, port), key.get_name()
        try:
            with self._locked():
                lines = [line for line in self._lines() if line[:2] != (name, kind)]
                part = self._path.with_name(f"{self._path.name}.part")
                part.write_text("".join(f"{' '.join(line)}\n" for line in [*lines, (name, kind, key.get_base64())]))
                part.replace(self._path)
        except OSError as error:
            raise SourceError(f"The host key of {host} cannot be kept: {error.strerror}.") from None

    def _lines(self) -> list[tuple[str, str, str]]:
        try:
            text = self._path.read_text()
        except FileNotFoundError:
            return []
        parts = [line.split() for line in text.splitlines() if not line.startswith("#")]
        return [(line[0], line[1], line[2]) for line in parts if len(line) >= 3]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def fingerprint(key: PKey) -> str:
    """Return a key's fingerprint as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def is_pinned(pin: str, key: PKey) -> bool:
    """Tell whether a key is the one that `host_key` names: by fingerprint, or whole, with its type or a host before it.

    Raises SourceError where the pin is neither.
    """
    words = pin.split()
    for word in words:
        if word.upper().startswith("SHA256:"):
            return word[7:].rstrip("=") == fingerprint(key)[7:]
        plain = word.upper().removeprefix("MD5:").replace(":", "")
        if re.fullmatch(r"[0-9A-F]{32}", plain):
            # An old form of fingerprint, which old servers' pages still show.
            return bool(plain.lower() == hashlib.md5(key.asbytes(), usedforsecurity=False).hexdigest())
    for word in words:
        try:
            data = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(data) >= 32:
            return bool(data == key.asbytes())
    raise SourceError("host_key is neither a public key (`ssh-ed25519 AAAA…`) nor a fingerprint (`SHA256:…`).")


def type_of(pin: str) -> str | None:
    """Return the type of key that `host_key` names; None for a fingerprint."""
    return next((word for word in pin.split() if word.startswith(("ssh-", "ecdsa-", "rsa-"))), None)


def _name(host: str, port: int) -> str:
    return f"[{host.lower()}]:{port}"
