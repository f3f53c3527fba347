"""Which addresses may be reached; and that a name is asked for once, whatever it means a moment later."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

import pytest

from pim_pipelines.errors import ConfigurationError, SourceError
from pim_pipelines.sources.egress import AddressRefused, Egress, NetworkTrouble, is_public

PUBLIC = ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2002:808:808::", "64:ff9b::808:808"]
PRIVATE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.0.2.1",
    "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "2001:db8::1",
]  # fmt: skip


def names(**known: list[str]) -> Callable[[str, int], list[str]]:
    """Return a resolver that knows these names, `_` for a dot."""
    by_name = {name.replace("_", "."): found for name, found in known.items()}
    return lambda host, _: by_name[host]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefused, match="PIM_EGRESS_ALLOW"):
        Egress().addresses(host, 443)
    with pytest.raises(AddressRefused):
        Egress(resolve=names(evil_example=[address])).addresses("evil.example", 443)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "LOCALHOST."])
def test_other_spellings_of_this_machine(host: str) -> None:
    with pytest.raises(SourceError):
        Egress().connect(host, 443, 1)


def test_of_a_name_only_the_addresses_that_may_be_reached_are_taken() -> None:
    guard = Egress(resolve=names(mixed_example=["10.0.0.1", "8.8.8.8"]))

    assert guard.addresses("mixed.example", 443) == [ip_address("8.8.8.8")]


def test_name_is_asked_for_once_and_the_checked_address_is_connected_to() -> None:
    """DNS rebinding: a second answer would be another address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        asked: list[str] = []

        def resolve(host: str, _: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

        with Egress("rebinding.example", resolve).connect("rebinding.example", port, 5) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)
        assert asked == ["rebinding.example"]


@pytest.mark.parametrize(
    ("allow", "host", "port", "is_allowed"),
    [
        ("10.0.0.0/8", "10.1.2.3", 21, True),
        ("10.0.0.0/8", "172.16.2.3", 21, False),
        ("10.0.0.0/8", "ftp.intern", 21, True),
        ("10.0.0.5", "10.0.0.5", 21, True),
        ("10.0.0.5:21", "10.0.0.5", 22, False),
        ("ftp.intern", "FTP.intern.", 2121, True),
        ("ftp.intern:21", "ftp.intern", 22, False),
        ("other.intern, ftp.intern:22", "ftp.intern", 22, True),
        ("intern", "ftp.intern", 21, False),
        ("fd00::/8", "[fd00::1]", 21, True),
        ("[fd00::1]:21", "fd00::1", 21, True),
        ("[fd00::1]:21", "fd00::1", 22, False),
        ("10.0.0.0/8", "::ffff:10.0.0.1", 21, True),
        ("", "10.0.0.1", 21, False),
    ],
)
def test_what_the_setting_allows(allow: str, host: str, port: int, is_allowed: bool) -> None:
    guard = Egress(allow, names(ftp_intern=["10.7.7.7"]))
    if is_allowed:
        assert len(guard.addresses(host, port)) == 1
        assert guard.could_allow(host, port)
    else:
        with pytest.raises(AddressRefused):
            guard.addresses(host, port)


@pytest.mark.parametrize("allow", ["10.0.0.0/33", "http://x", "x:0", "x:70000", "a/b"])
def test_setting_that_cannot_be_read(allow: str) -> None:
    with pytest.raises(ConfigurationError, match="PIM_EGRESS_ALLOW"):
        Egress(allow)


def test_connection_that_fails_says_why() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkTrouble, match="the connection was refused"):
            Egress("127.0.0.1").connect("127.0.0.1", unused.getsockname()[1], 5)
