"""Where this system may connect to: public addresses, and what PIM_EGRESS_ALLOW names.

A name is resolved once, each address is checked, and the connection goes to a checked address itself: what the
name means a moment later (DNS rebinding) makes no difference. Every connection of a source or a webhook is opened here.
"""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pim_pipelines.errors import ConfigurationError, SourceError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], list[str]]

RESOLVE_SECONDS = 8.0

_PORT = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
"""Not all of it is private to every version of Python."""

_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class NetworkTrouble(SourceError):
    """The other side could not be reached, or was lost: trying again may help."""


class AddressRefused(SourceError):
    """An address that fetches may not reach."""


@dataclass(frozen=True)
class _Entry:
    """One item of PIM_EGRESS_ALLOW: a name or a network, on one port or on all (None)."""

    name: str | None
    network: IpNetwork | None
    port: int | None


class Egress:
    """The guard; `allow` is PIM_EGRESS_ALLOW. Raises ConfigurationError where that cannot be read."""

    def __init__(self, allow: str = "", resolve: Resolve | None = None) -> None:
        self._entries = [_entry(item.strip()) for item in allow.split(",") if item.strip()]
        self._resolve = resolve or _resolve

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """Open a connection to a checked address of a host, with `seconds` as its timeout from then on.

        All its addresses are tried within that time. Raises AddressRefused, NetworkTrouble, or SourceError where
        there is no such host.
        """
        until = time.monotonic() + seconds
        last: OSError | None = None
        for address in self.addresses(host, port):
            left = until - time.monotonic()
            if last is not None and left <= 0:
                break
            try:
                connection = socket.create_connection((str(address), port), timeout=max(left, 0.5))
            except OSError as error:
                last = error
                continue
            connection.settimeout(seconds)
            return connection
        raise NetworkTrouble(f"{_shown(host)} cannot be reached on port {port}: {reason(last)}.") from None

    def addresses(self, host: str, port: int) -> list[IpAddress]:
        """Resolve a host, once, and return those of its addresses that may be reached; raises like `connect`."""
        name = bare(host)
        literal = _literal(name)
        found = [literal] if literal else [ipaddress.ip_address(text) for text in self._resolve(name, port)]
        good = [address for address in found if is_public(address) or self.allows(name, port, address)]
        if not good:
            raise AddressRefused(
                f"{_shown(host)} is not a public address, and fetches may only reach public ones. Whoever runs this "
                "system can allow it with PIM_EGRESS_ALLOW."
            )
        return good

    def allows(self, host: str, port: int, address: IpAddress | None = None) -> bool:
        """Tell whether PIM_EGRESS_ALLOW names a host (or this address of it)."""
        name = bare(host)
        inside = address or _literal(name)
        return any(_matches(entry, name, port, inside) for entry in self._entries)

    def could_allow(self, host: str, port: int) -> bool:
        """Tell, without resolving it, whether PIM_EGRESS_ALLOW may name a host: False is sure, True is not."""
        if self.allows(host, port):
            return True
        is_name = _literal(bare(host)) is None
        return is_name and any(entry.network and entry.port in {None, port} for entry in self._entries)


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is one of the public internet: of IPv6 ones that carry an IPv4 address, both count."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_public(inner)
        if address in _NAT64_LOCAL or address.is_site_local:
            return False
    elif address in _PROTOCOLS:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def may_be_public(host: str) -> bool:
    """Tell, without resolving it, whether a host may be a public one: False is sure, True is not."""
    name = bare(host)
    literal = _literal(name)
    return is_public(literal) if literal else not (name == "localhost" or name.endswith(".localhost"))


def bare(host: str) -> str:
    """Return a host as it is compared: without brackets, without the root's dot, in lower case."""
    return host.strip().removeprefix("[").removesuffix("]").rstrip(".").lower()


def reason(error: OSError | None) -> str:
    """Say in words why a connection failed."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return (error.strerror or type(error).__name__).lower() if error is not None else "it does not answer"


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or (address in _V4_COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _matches(entry: _Entry, name: str, port: int, address: IpAddress | None) -> bool:
    if entry.port not in {None, port}:
        return False
    if entry.name is not None:
        return entry.name == name
    assert entry.network is not None  # noqa: S101 - one of the two is there
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.version == entry.network.version and address in entry.network


def _entry(item: str) -> _Entry:
    port: int | None = None
    text = item
    if match := _PORT.fullmatch(item):
        text, port = match["host"], int(match["port"])
    text = bare(text)
    try:
        return _Entry(None, ipaddress.ip_network(text, strict=False), port)
    except ValueError:
        pass
    if not text or "/" in text or ":" in text or (port is not None and not 0 < port < 65536):
        raise ConfigurationError(f"PIM_EGRESS_ALLOW has {item!r}: write hosts, networks (10.0.0.0/8) or host:port.")
    return _Entry(text, None, port)


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _shown(host: str) -> str:
    return host if host.isprintable() else repr(host)


def _resolve(host: str, port: int) -> list[str]:
    """Ask the resolver, which knows no timeout of its own."""
    found: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            # The scope of a link-local address (`%eth0`) is of no use to anybody here.
            found.extend(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True, name=f"resolve {host}")
    thread.start()
    thread.join(RESOLVE_SECONDS)
    if found:
        return found
    error = failed[0] if failed else None
    if isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN:
        raise SourceError(f"There is no host named {_shown(host)}: check the name.") from None
    if isinstance(error, UnicodeError):
        raise SourceError(f"{_shown(host)} is no name of a host: check it.") from None
    raise NetworkTrouble(f"The name {_shown(host)} could not be looked up: the name server does not answer.") from None
