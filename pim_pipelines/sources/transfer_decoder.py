"""Content transfer encodings of attachments (RFC 2045, 6), undone a step at a time."""

import base64
import binascii
import re

from pim_pipelines.errors import SourceError


class TransferDecoder:
    """Undoes a content transfer encoding a step at a time."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._rest = b""

    def step(self, data: bytes, *, is_last: bool) -> bytes:
        """Return what can be decoded of the bytes so far; raises SourceError."""
        data = self._rest + data
        self._rest = b""
        if self._encoding == "base64":
            letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
            whole = len(letters) - len(letters) % 4
            self._rest = letters[whole:]
            try:
                decoded = base64.b64decode(letters[:whole])
                if is_last and self._rest:
                    decoded += base64.b64decode(self._rest + b"=" * (-len(self._rest) % 4))
            except binascii.Error:
                raise SourceError("The attachment is damaged: it is no base64.") from None
            return decoded
        if self._encoding == "quoted-printable":
            end = len(data) if is_last else data.rfind(b"\n") + 1
            self._rest = data[end:]
            return binascii.a2b_qp(data[:end])
        return data
