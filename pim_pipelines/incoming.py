"""Bytes on their way into storage: written in steps, counted, hashed, and never more than the limit."""

import hashlib
from typing import IO

from pim_pipelines.errors import FileTooLarge


class Sink:
    """Writes, counts and hashes."""

    def __init__(self, file: IO[bytes], max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Take some more; raises FileTooLarge."""
        self.size += len(data)
        if self.size > self._max_bytes:
            raise too_large(self._max_bytes)
        self._hash.update(data)
        self._file.write(data)

    def close(self) -> bytes:
        """End the file and return its SHA-256."""
        self._file.close()
        return self._hash.digest()


def too_large(max_bytes: int) -> FileTooLarge:
    """Return the error of a file that is larger than may be."""
    return FileTooLarge(f"The file is larger than {max_bytes:,} bytes (PIM_MAX_FILE_BYTES): split it, or compress it.")
