"""Private keys of SSH logins from the one folder that they may lie in, in any form that they come in."""

import io
from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from pim_pipelines.errors import SourceError


def private_key(folder: Path, name: str, passphrase: str | None) -> paramiko.PKey:
    """Read the key of a `key_file_path`, below a folder also where it begins with `/`; raises SourceError."""
    root = folder.resolve()
    path = (root / name.lstrip("/")).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise SourceError(f"There is no key file {name!r} below PIM_KEY_DIR.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"The key file {name!r} cannot be read: {error.strerror}.") from None
    try:
        return _loaded(data, None)
    except TypeError:  # it has a passphrase
        if not passphrase:
            raise SourceError(f"The key file {name!r} has a passphrase: send it as key_passphrase.") from None
    except (ValueError, UnsupportedAlgorithm, paramiko.SSHException):
        raise SourceError(f"The key file {name!r} holds no private key that is understood.") from None
    try:
        return _loaded(data, passphrase.encode())
    except (TypeError, ValueError, UnsupportedAlgorithm, paramiko.SSHException):
        raise SourceError(f"The passphrase of the key file {name!r} is wrong.") from None


def _loaded(data: bytes, passphrase: bytes | None) -> paramiko.PKey:
    """Return a key of OpenSSH's own form, PKCS 1 or PKCS 8 as paramiko has it, which knows not all of them itself."""
    try:
        key = serialization.load_ssh_private_key(data, passphrase)
    except ValueError:
        key = serialization.load_pem_private_key(data, passphrase)  # type: ignore[assignment]
    if isinstance(key, rsa.RSAPrivateKey):
        kind = paramiko.RSAKey
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        kind = paramiko.ECDSAKey
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        kind = paramiko.Ed25519Key
    else:
        raise ValueError("a kind of key that SSH servers take no more")
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return kind.from_private_key(io.StringIO(plain.decode()))
