"""An SSH session to a server that has proved who it is, with a key or a password: what SFTP begins with."""

import logging
import socket
from pathlib import Path

import paramiko

from pim_pipelines.errors import SourceError
from pim_pipelines.sources.egress import Egress, NetworkTrouble
from pim_pipelines.sources.fuse import Fuse
from pim_pipelines.sources.host_keys import HostKeys, fingerprint, is_pinned, type_of
from pim_pipelines.sources.places import SftpPlace
from pim_pipelines.sources.private_keys import private_key
from pim_pipelines.sources.source import Timeouts

_RSA = ("rsa-sha2-512", "rsa-sha2-256")

# It logs what servers say and where connections broke, with stack traces; our errors say it in a sentence.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class SshLogin:
    """How to get in."""

    def __init__(self, place: SftpPlace, egress: Egress, known: HostKeys, key_folder: Path, timeouts: Timeouts) -> None:
        self._place = place
        self._egress = egress
        self._known = known
        self._key_folder = key_folder
        self._timeouts = timeouts

    def open(self) -> paramiko.Transport:
        """Return a session that is logged in, by the key or else by the password; raises SourceError."""
        key = self._private_key()
        try:
            return self._opened(key)
        except _KeyRefused:
            # In a session of its own: paramiko asks for each login as if it were the first, which servers may refuse,
            # and its newer class that does not may miss an answer that comes at once.
            return self._opened(None)

    def _opened(self, key: paramiko.PKey | None) -> paramiko.Transport:
        place = self._place
        types: list[str | None] = [None]
        if place.host_key and type_of(place.host_key) is None:
            # A fingerprint does not say of which of its keys it is: each is asked for.
            types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]
        for kind in types:
            transport = self._connected(kind)
            if transport is None:
                continue
            try:
                self._check_host_key(transport.get_remote_server_key(), is_last=kind == types[-1])
                self._log_in(transport, key)
            except _OtherKey:
                transport.close()
                continue
            except BaseException:
                transport.close()
                raise
            return transport
        raise SourceError(f"{place.host} does not have the key that host_key names: it may be another server. Refused.")

    def _connected(self, kind: str | None) -> paramiko.Transport | None:
        """Connect and agree on a key; None where the server has none of the wanted type."""
        place = self._place
        connection = self._egress.connect(place.host, place.port, self._timeouts.connect)
        transport = _Transport(connection, self._timeouts)
        transport.banner_timeout = transport.handshake_timeout = self._timeouts.connect
        transport.auth_timeout = transport.channel_timeout = self._timeouts.idle
        wanted = self._wanted_types(kind)
        options = transport.get_security_options()
        rest = [name for name in options.key_types if name not in wanted]
        options.key_types = wanted if kind else [*wanted, *rest]
        try:
            transport.start_client(timeout=self._timeouts.connect)
        except paramiko.IncompatiblePeer:
            transport.close()
            if kind:
                return None
            raise SourceError(f"{place.host} only speaks kinds of encryption that are not safe any more.") from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            transport.close()
            if "banner" in str(error).lower() and not isinstance(error, TimeoutError):
                raise NetworkTrouble(f"{place.host} does not answer as an SSH server on port {place.port}.") from None
            raise NetworkTrouble(f"No SSH session with {place.host} could be made: it broke off.") from None
        return transport

    def _wanted_types(self, kind: str | None) -> list[str]:
        """Return which types of host key to ask for first: what is pinned or known, so that a new type is no change."""
        place = self._place
        pinned = type_of(place.host_key) if place.host_key else None
        types = [kind] if kind else [pinned] if pinned else list(self._known.of(place.host, place.port))
        return [name for each in types for name in (_RSA if each and "rsa" in each else (each,)) if name]

    def _check_host_key(self, key: paramiko.PKey, *, is_last: bool) -> None:
        place = self._place
        if place.host_key:
            if is_pinned(place.host_key, key):
                return
            if not is_last:
                raise _OtherKey
            raise SourceError(
                f"{place.host} shows another key than host_key names ({key.get_name()} {fingerprint(key)}): it may be "
                "another server. Nothing was sent to it."
            )
        known = self._known.of(place.host, place.port)
        if not known:
            self._known.keep(place.host, place.port, key)
        elif known.get(key.get_name()) != key.get_base64():
            raise SourceError(
                f"The host key of {place.host} has changed to {key.get_name()} {fingerprint(key)}: it may be another "
                "server, and nothing was sent to it. Ask its owner; if the new key is right, send it as host_key."
            )

    def _private_key(self) -> paramiko.PKey | None:
        place = self._place
        if place.key_file_path is None:
            return None
        passphrase = place.key_passphrase or place.password
        return private_key(self._key_folder, place.key_file_path, passphrase.get_secret_value() if passphrase else None)

    def _log_in(self, transport: paramiko.Transport, key: paramiko.PKey | None) -> None:
        place = self._place
        password = place.password.get_secret_value() if place.password else None
        try:
            if key is not None:
                transport.auth_publickey(place.username, key)
            if not transport.is_authenticated() and password is not None:
                transport.auth_password(place.username, password)
        except paramiko.AuthenticationException as error:
            if "timeout" in str(error).lower():
                raise NetworkTrouble(f"{place.host} does not answer the login.") from None
            if key is not None and password is not None:
                raise _KeyRefused from None
            raise self._refused(password) from None
        except paramiko.SSHException:
            if not transport.is_active():
                raise NetworkTrouble(f"{place.host} broke the connection off during the login.") from None
            raise self._refused(password) from None
        if not transport.is_authenticated():
            raise self._refused(password)

    def _refused(self, password: str | None) -> SourceError:
        has_key = self._place.key_file_path is not None
        means = " and ".join([*(["key file"] if has_key else []), *(["password"] if password is not None else [])])
        return SourceError(
            f"{self._place.host} refuses the login as {self._place.username!r}: check username and {means}."
        )


class _Transport(paramiko.Transport):  # type: ignore[misc]
    """A session that ends after its time."""

    def __init__(self, connection: socket.socket, timeouts: Timeouts) -> None:
        super().__init__(connection)
        self._fuse = Fuse(connection, timeouts.session)

    def close(self) -> None:
        """End the session; a second time does nothing."""
        self._fuse.cancel()
        super().close()


class _KeyRefused(Exception):
    """The private key does not let us in; there is a password too."""


class _OtherKey(Exception):
    """The server's key of this type is not the pinned one; it may have another."""
