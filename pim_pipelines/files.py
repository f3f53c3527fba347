"""The file store: uploaded and fetched files, and what imports make of them.

Keys are relative paths, `<tenant id>/<job uuid>/<name>`; `PIM_FILES_URL` (any fsspec URL) says
where they are. On a local store `local` and `create` work in place; elsewhere through a temporary
file.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

PART = ".part"
"""How the names of files end that are still being written."""


class FileStore:
    """Files by key, on any fsspec file system."""

    def __init__(self, url: str) -> None:
        self._fs, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")
        self._is_local = isinstance(self._fs, LocalFileSystem)

    def _path(self, key: str) -> str:
        if key.startswith("/") or ".." in key.split("/"):
            raise ValueError(f"not a key of the file store: {key!r}")
        return f"{self._root}/{key}"

    def open_write(self, key: str) -> IO[bytes]:
        """Open a new file for writing bytes; the caller closes it."""
        path = self._path(key)
        self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        return cast("IO[bytes]", self._fs.open(path, "wb"))

    def open_read(self, key: str) -> IO[bytes]:
        """Open a file for reading bytes; raises FileNotFoundError."""
        return cast("IO[bytes]", self._fs.open(self._path(key), "rb"))

    def exists(self, key: str) -> bool:
        """Tell whether there is a file of this key."""
        return bool(self._fs.exists(self._path(key)))

    def size(self, key: str) -> int:
        """Return a file's size in bytes."""
        return int(self._fs.size(self._path(key)))

    def rename(self, key: str, new_key: str) -> None:
        """Give a file another key."""
        target = self._path(new_key)
        self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._fs.mv(self._path(key), target)

    def copy(self, key: str, new_key: str) -> None:
        """Store a file under another key as well, whole or not at all; raises FileNotFoundError."""
        with self.open_read(key) as source, self.create(new_key) as path, path.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)

    def delete(self, prefix: str) -> None:
        """Remove a file, or a folder with all that is in it; absent is fine."""
        path = self._path(prefix)
        if self._fs.exists(path):
            self._fs.rm(path, recursive=True)

    def sweep(self, older_than_seconds: float) -> int:
        """Remove files that a process was killed in the middle of writing, and their empty folders; returns how many.

        Nobody writes any more to one that has not grown for so long. Other stores than local ones have none.
        """
        swept = 0
        for folder, _, names in os.walk(self._root) if self._is_local else ():
            for part in [Path(folder) / name for name in names if name.endswith(PART)]:
                with suppress(OSError):  # finished, or swept by another, meanwhile
                    if time.time() - part.stat().st_mtime > older_than_seconds:
                        part.unlink()
                        swept += 1
                        part.parent.rmdir()
        return swept

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """Give a local path of the file, for reading only; raises FileNotFoundError."""
        if self._is_local:
            path = Path(self._path(key))
            if not path.exists():
                raise FileNotFoundError(path)
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="pim-") as folder:
            target = Path(folder) / Path(key).name
            with self.open_read(key) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            yield target

    @contextmanager
    def create(self, key: str) -> Iterator[Path]:
        """Give a local path to write; what is there at the end of the block is stored whole.

        A block that raises stores nothing, so a reader never sees half a file.
        """
        final = self._path(key)
        self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
        if self._is_local:
            part = Path(f"{final}.{uuid4().hex}{PART}")  # two processes may be making the same file
            try:
                yield part
                part.replace(final)
            finally:
                part.unlink(missing_ok=True)
            return
        with tempfile.TemporaryDirectory(prefix="pim-") as folder:
            target = Path(folder) / Path(key).name
            yield target
            self._fs.put_file(str(target), final)
