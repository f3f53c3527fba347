"""Files over SFTP from a real server: keys and passwords, who the server is, growing files, hostile names."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from fetching_world import CSV, Fetching, put
from serving_ssh import PASSWORD, USER, SshFolder, ssh_server
from serving_web import WebServer, closed_port

from pim_pipelines.errors import FileTooLarge, InvalidField, SourceError
from pim_pipelines.sources.egress import AddressRefused, NetworkTrouble
from pim_pipelines.sources.source import Timeouts

ED25519 = asyncssh.generate_private_key("ssh-ed25519")
ECDSA = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "served"
    found.mkdir()
    return found


@pytest.fixture
def ssh(folder: Path) -> Iterator[SshFolder]:
    with ssh_server(folder, host_keys=[ED25519], client_key=RSA) as server:
        yield server


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


def with_password(server: SshFolder, **fields: Any) -> dict[str, Any]:
    return server.source(password=PASSWORD, **fields)


def test_newest_match_is_taken_and_every_match_named(ssh: SshFolder, folder: Path, fetching: Fetching) -> None:
    for day, name in enumerate(["p_1.csv", "p_2.csv", "stock.csv", "p_3.csv.filepart", ".p_4.csv"], 1):
        put(folder, f"exports/{name}", CSV * day, day)
    (folder / "exports/p_link.csv").symlink_to("p_1.csv")
    (folder / "exports/p_lost.csv").symlink_to("nowhere")
    (folder / "exports/p_folder.csv").mkdir()
    place = with_password(ssh, directory_path="exports", file_pattern="P_*.csv")

    taken = fetching.take(place)
    assert taken.fetched.candidate.path == "/exports/p_2.csv"
    assert taken.fetched.candidate.modified_at.isoformat() == "2026-03-03T00:00:00+00:00"  # type: ignore[union-attr]
    assert fetching.content() == CSV * 2

    every = fetching.take(place, every=True)
    assert [every.fetched.file_name, *(other.name for other in every.others)] == ["p_1.csv", "p_link.csv", "p_2.csv"]
    assert fetching.take(place | {"path": every.others[0].path}).fetched.file_name == "p_link.csv"


def test_folder_without_a_slash_is_below_the_logins_own(
    folder: Path, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "in/a.csv")
    monkeypatch.chdir(folder)
    with ssh_server(folder, is_root=False) as server:
        taken = fetching.take(with_password(server, directory_path="in"))
        assert taken.fetched.candidate.path == f"{folder}/in/a.csv"
        assert (
            fetching.take(with_password(server, directory_path=f"{folder}/in/")).fetched.candidate
            == taken.fetched.candidate
        )
        with pytest.raises(SourceError, match="no such file or folder"):
            fetching.take(with_password(server, directory_path="/in"))


def test_large_file_comes_whole(ssh: SshFolder, folder: Path, fetching: Fetching) -> None:
    content = os.urandom(9_000_001)
    put(folder, "large.csv", content)

    fetching.take(with_password(ssh))

    assert fetching.content() == content
    fetching.max_bytes = len(content) - 1
    with pytest.raises(FileTooLarge):
        fetching.take(with_password(ssh))


def test_key_from_the_key_folder(ssh: SshFolder, folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv")
    keys = fetching.settings.keys_directory / "suppliers"
    keys.mkdir(parents=True)
    RSA.write_private_key(keys / "right")
    ED25519.write_private_key(keys / "wrong")
    (keys / "locked").write_bytes(RSA.export_private_key("pkcs8-pem", passphrase="pAssphrase"))
    (keys / "no_key").write_text("hello")
    (folder / "outside").write_bytes(RSA.export_private_key())
    (keys / "link").symlink_to(folder / "outside")

    # An absolute path is meant below the folder too.
    for fields in (
        {"key_file_path": "suppliers/right"},
        {"key_file_path": "/suppliers/right"},
        {"key_file_path": "suppliers/locked", "key_passphrase": "pAssphrase"},
        {"key_file_path": "suppliers/wrong", "password": PASSWORD},
    ):
        assert fetching.take(ssh.source(**fields)).fetched.file_name == "a.csv"
    for fields, sentence in (
        ({"key_file_path": "suppliers/wrong", "password": "wr0ng"}, "check username and key file and password"),
        ({"key_file_path": "suppliers/wrong"}, "refuses the login as 'sftpuser': check username and key file"),
        ({"key_file_path": "suppliers/locked"}, "has a passphrase: send it as key_passphrase"),
        ({"key_file_path": "suppliers/locked", "key_passphrase": "wr0ng"}, "passphrase of the key file .* is wrong"),
        ({"key_file_path": "suppliers/no_key"}, "holds no private key"),
        ({"key_file_path": "suppliers/link"}, "no key file 'suppliers/link' below PIM_KEY_DIR"),
        ({"key_file_path": str(folder / "outside")}, "no key file .* below PIM_KEY_DIR"),
        ({"key_file_path": "suppliers"}, "no key file"),
    ):
        with pytest.raises(SourceError, match=sentence) as caught:
            fetching.take(ssh.source(**fields))
        assert type(caught.value) is SourceError
        assert "wr0ng" not in str(caught.value)
    for wrong in ({"key_file_path": "../right"}, {"key_file_path": "a/../../b"}, {}):
        with pytest.raises(InvalidField):
            fetching.source(ssh.source(**wrong))


def test_wrong_password_is_tried_once(ssh: SshFolder, fetching: Fetching) -> None:
    with pytest.raises(SourceError, match="check username and password") as caught:
        fetching.take(ssh.source(password="wr0ng"))

    assert type(caught.value) is SourceError
    assert ssh.tried == [(USER, "wr0ng")]


def test_first_host_key_is_kept_and_another_one_refused(folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv")
    with ssh_server(folder, host_keys=[ED25519]) as server:
        fetching.take(with_password(server))
        fetching.take(with_password(server))
    known = fetching.settings.home / "known_hosts"
    assert known.read_text() == f"[127.0.0.1]:{server.port} {server.public_key}\n"

    other = asyncssh.generate_private_key("ssh-ed25519")
    for keys in ([other], [ECDSA]):  # the same machine with another key, or with a key of another type only
        with ssh_server(folder, port=server.port, host_keys=keys) as changed:
            with pytest.raises(SourceError, match="has changed to") as caught:
                fetching.take(with_password(changed))
            assert changed.fingerprint in str(caught.value)
            assert type(caught.value) is SourceError
            assert changed.tried == []
            fetching.take(with_password(changed, host_key=changed.fingerprint))
    # A key of a further type is no change.
    with ssh_server(folder, port=server.port, host_keys=[ECDSA, ED25519, RSA]) as server:
        fetching.take(with_password(server))


@pytest.mark.parametrize("key", [ED25519, ECDSA, RSA], ids=["ed25519", "ecdsa", "rsa"])
def test_host_key_is_pinned(folder: Path, fetching: Fetching, key: asyncssh.SSHKey) -> None:
    put(folder, "a.csv")
    public = key.export_public_key().decode().strip()
    wrong = asyncssh.generate_private_key("ssh-ed25519")
    with ssh_server(folder, host_keys=[RSA, ECDSA, ED25519]) as server:
        for pin in (public, public.split()[1], key.get_fingerprint(), f"host.example {public} a comment"):
            fetching.take(with_password(server, host_key=pin))
        tried = len(server.tried)
        for pin in (wrong.get_fingerprint(), wrong.export_public_key().decode().strip()):
            with pytest.raises(SourceError, match=r"key (than|that) host_key names"):
                fetching.take(with_password(server, host_key=pin))
        with pytest.raises(SourceError, match="neither a public key"):
            fetching.take(with_password(server, host_key="nonsense"))
        assert len(server.tried) == tried  # no password was sent to a server that is another one
    assert not (fetching.settings.home / "known_hosts").exists()


def test_file_that_grows_is_waited_for(ssh: SshFolder, folder: Path, fetching: Fetching) -> None:
    put(folder, "growing.csv", b"", day=2)
    left = [CSV, CSV]

    def grow(_: float) -> None:
        if left:
            with (folder / "growing.csv").open("ab") as file:
                file.write(left.pop())

    fetching.take(with_password(ssh), sleep=grow)

    assert fetching.content() == CSV * 2
    assert "still being written" in fetching.said[0]


def test_ten_thousand_files_and_hostile_names(ssh: SshFolder, folder: Path, fetching: Fetching) -> None:
    for number in range(10_000):
        (folder / f"products_{number:05}.csv").touch()
    names = [b"new\r\nline.csv", b"latin-\xe9.csv", b"%2e%2e%2fetc.csv", "rtl\u202evsc.csv".encode(), b"a;b.csv"]
    for number, name in enumerate(names):
        put(folder, name, CSV + str(number).encode(), day=400 + number)

    with fetching.source(with_password(ssh)) as source:
        candidates = list(source.candidates())
    assert len(candidates) == 10_000 + len(names)
    for number in range(len(names)):
        found = candidates[len(names) - 1 - number]
        taken = fetching.take(with_password(ssh, path=found.path))
        assert fetching.content() == CSV + str(number).encode()
        assert taken.fetched.file_name.isprintable()


def test_what_goes_wrong(ssh: SshFolder, folder: Path, fetching: Fetching) -> None:
    for fields, sentence in [
        ({}, "No file matches in sftp://"),
        ({"directory_path": "/nowhere"}, "has no such file or folder: /nowhere"),
        ({"path": "/gone.csv"}, "has no such file or folder: /gone.csv"),
    ]:
        with pytest.raises(SourceError, match=sentence) as caught:
            fetching.take(with_password(ssh, **fields))
        assert type(caught.value) is SourceError
    with pytest.raises(NetworkTrouble, match="refused"):
        fetching.take(with_password(ssh) | {"port": closed_port()})
    with pytest.raises(AddressRefused):
        Fetching(folder, allow="127.0.0.1:1").take(with_password(ssh))
    with WebServer().running() as web, pytest.raises(NetworkTrouble):
        fetching.take(with_password(ssh) | {"port": web.port})
    with ssh_server(folder, has_sftp=False) as server, pytest.raises(SourceError, match="not for SFTP"):
        fetching.take(with_password(server))


def test_stalled_transfer_is_given_up(folder: Path, fetching: Fetching) -> None:
    put(folder, "a.csv")
    fetching.timeouts = Timeouts(idle=1)
    with ssh_server(folder, stalls=True) as server, pytest.raises(NetworkTrouble, match="does not answer any more"):
        fetching.take(with_password(server))

    assert fetching.kept() == []


def test_login_that_is_never_answered_is_given_up(folder: Path, fetching: Fetching) -> None:
    fetching.timeouts = Timeouts(idle=0.7)
    with ssh_server(folder, hangs_at_login=True) as server, pytest.raises(NetworkTrouble, match="not answer the login"):
        fetching.take(with_password(server))


@pytest.mark.parametrize("after_import", ["delete", "move"])
def test_what_is_left_behind(ssh: SshFolder, folder: Path, fetching: Fetching, after_import: str) -> None:
    put(folder, "in/a.csv")
    for _ in range(2):
        put(folder, "in/b.csv", day=2)
        with fetching.source(with_password(ssh, directory_path="/in", after_import=after_import)) as source:
            source.mark_done(next(source.candidates()))

    left = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert "in/a.csv" in left
    assert "in/b.csv" not in left
    assert len([name for name in left if name.endswith("-b.csv")]) == (2 if after_import == "move" else 0)
