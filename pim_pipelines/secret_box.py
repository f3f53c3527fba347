"""Credentials of sources and webhooks, encrypted as they stand in the database."""

import contextlib
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pim_pipelines.errors import ConfigurationError


class SecretBox:
    """Encrypts with the first of a list of Fernet keys, and decrypts with any of them.

    Raises ConfigurationError where the list is none.
    """

    def __init__(self, fernet_keys: str) -> None:
        keys = [key.strip() for key in fernet_keys.split(",") if key.strip()]
        try:
            self._box = MultiFernet([Fernet(key) for key in keys])
            self._newest = Fernet(keys[0])
        except ValueError as error:
            raise ConfigurationError(
                "PIM_SECRET_KEY is no list of Fernet keys: credentials can be neither stored nor read."
            ) from error
        self._first = keys[0].encode()

    def seal(self, secrets: dict[str, Any]) -> bytes:
        """Encrypt values for storage."""
        return self._box.encrypt(json.dumps(secrets).encode())

    def open(self, sealed: bytes) -> dict[str, Any]:
        """Decrypt what `seal` gave; raises ConfigurationError when none of the keys fits."""
        try:
            return dict(json.loads(self._box.decrypt(sealed)))
        except InvalidToken as error:
            raise ConfigurationError(
                "Stored credentials cannot be decrypted: PIM_SECRET_KEY lacks the key they were stored with."
            ) from error

    def renewed(self, sealed: bytes) -> bytes | None:
        """Encrypt anew with the first key what another one has encrypted; None where the first did, or none fits."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            with contextlib.suppress(InvalidToken):
                return self._box.rotate(sealed)
        return None

    def fingerprint(self, data: bytes) -> bytes:
        """Return 32 bytes that say whether data is the same, and by which nobody can try passwords without the key."""
        return hmac.new(self._first, data, hashlib.sha256).digest()
