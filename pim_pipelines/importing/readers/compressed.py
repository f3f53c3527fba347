"""Compressed files, expanded beside where the rows go, never beyond a limit."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pim_pipelines.errors import BrokenFile, EmptyFile, FileTooLarge
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.sniff import FileFormat

# Product tables shrink to a twentieth, repetitive ones to a hundredth; a bomb to a thousandth.
MOST_RATIO = 250
RATIO_COUNTS_FROM = 32 * MIB
_GZIP = 16 + zlib.MAX_WBITS


@contextmanager
def unpacked(source: Path, folder: Path, file_format: FileFormat, max_bytes: int) -> Iterator[Path]:
    """Give a file as it was before gzip or zip while the block runs, expanded in `folder`; a plain one as it is.

    Raises FileTooLarge beyond `max_bytes` or a ratio that no table has, BrokenFile where it is cut or damaged.
    """
    if file_format.compression is None:
        if source.stat().st_size > max_bytes:
            raise FileTooLarge("The file is larger than what is taken. Please split it and upload the parts.")
        yield source
        return
    # A member's name never becomes a path: what is in it goes to a file of our own naming.
    blocks = _expanded(source) if file_format.compression == "gzip" else _member(source, file_format.member or "")
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".expanded-", suffix=".part") as sink:
        written = taken = 0
        for block, taken in blocks:
            written += len(block)
            if written > max_bytes:
                raise FileTooLarge(
                    f"The file expands to more than {_size(max_bytes)}, the largest that is taken. "
                    "Please split it and upload the parts one by one."
                )
            if written > RATIO_COUNTS_FROM and written > MOST_RATIO * taken:
                raise FileTooLarge(
                    f"The file expands to more than {MOST_RATIO} times its size, which no product list does; "
                    "it was not read further. Please upload it uncompressed."
                )
            sink.write(block)
        sink.flush()
        if not written:
            raise EmptyFile("The compressed file is empty inside. Please check the export and upload it again.")
        yield Path(sink.name)


def _member(source: Path, name: str) -> Iterator[tuple[bytes, int]]:
    """Yield the blocks of a zip's member and how large it is compressed."""
    try:
        with zipfile.ZipFile(source) as archive, archive.open(name) as member:
            taken = archive.getinfo(name).compress_size
            while block := member.read(MIB):
                yield block, taken
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise BrokenFile("The zip archive is damaged or was cut off. Please transfer it again.") from error


def _expanded(source: Path) -> Iterator[tuple[bytes, int]]:
    """Yield expanded blocks and how many compressed bytes were read for them; members follow one another."""
    expander = zlib.decompressobj(_GZIP)
    taken = 0
    started = False
    with source.open("rb") as file:
        while piece := file.read(MIB // 4):
            taken += len(piece)
            while piece:
                if expander.eof:
                    piece = piece.lstrip(b"\0")  # gzip pads members with zeros
                    if not piece.startswith(b"\x1f") and piece:
                        return  # what is behind the last member is no data: gzip ignores it too
                    if not piece:
                        break
                    expander, started = zlib.decompressobj(_GZIP), False
                try:
                    block = expander.decompress(piece, 4 * MIB)
                except zlib.error as error:
                    raise _broken() from error
                started = True
                if block:
                    yield block, taken
                piece = expander.unused_data if expander.eof else expander.unconsumed_tail
    if started and not expander.eof:
        raise _broken()


def _broken() -> BrokenFile:
    return BrokenFile("The gzip file is damaged or was cut off before its end. Please transfer it again.")


def _size(number: int) -> str:
    for unit, name in ((1024**3, "GiB"), (MIB, "MiB"), (1024, "KiB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number} bytes"
