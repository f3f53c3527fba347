"""The text of a file as UTF-8 in blocks of whole lines, whatever its encoding and line ends were.

Line ends become LF (inside cells too), NUL bytes and a byte-order mark are dropped, and bytes that the
encoding does not have become `MARK`, by which their row is found later.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.limits import LIMITS, MIB, Limits

# A non-character: Unicode forbids it in interchange, so no honest file has it.
MARK = "\ufdd0"
MARK_BYTES = MARK.encode()
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_WIDE_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_LF, _CR = 10, 13
REPLACEMENT = "\ufffd"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return MARK, error.end
    raise error


codecs.register_error("pim-mark", _mark)


def lines(path: Path, encoding: str, limits: Limits = LIMITS) -> Iterator[bytes]:
    """Yield blocks of about `limits.block` bytes; each ends with LF, the last one too.

    Raises BrokenFile where one line is longer than `limits.line`.
    """
    carry = b""
    for piece in _unified(_utf8(path, encoding, limits.block)):
        end = piece.rfind(b"\n") + 1
        if end:
            yield _valid(carry + piece[:end])
            carry = piece[end:]
        else:
            carry += piece
        if len(carry) > limits.line:
            raise BrokenFile(
                f"The file has a line of more than {limits.line // MIB or 1} MiB. Its line ends are missing, "
                "or it is not a table; please export it again with one product a line."
            )
    if carry:
        yield _valid(carry + b"\n")


def characters(path: Path, encoding: str, size: int = LIMITS.block) -> Iterator[str]:
    """Yield a file's text in pieces cut anywhere, without byte-order mark and control characters."""
    wide = encoding.startswith(("utf-16", "utf-32", "iso2022"))
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)(errors="pim-mark")
    with path.open("rb") as file:
        while block := file.read(size):
            piece = decoder.decode(block if wide else block.translate(None, _CONTROLS))
            yield _WIDE_CONTROLS.sub("", piece) if wide else piece
        yield decoder.decode(b"", final=True)


def _utf8(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    """Yield UTF-8 of the raw file; for UTF-8 itself the bytes as they are, cut anywhere."""
    with path.open("rb") as file:
        if encoding in ("utf-8", "utf-8-sig"):
            first = file.read(3)
            if first != codecs.BOM_UTF8:
                file.seek(0)
            while block := file.read(size):
                yield block
            return
        decoder = codecs.getincrementaldecoder(encoding)(errors="pim-mark")
        while block := file.read(size):
            yield decoder.decode(block).encode("utf-8")
        yield decoder.decode(b"", final=True).encode("utf-8")


def _unified(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Drop NULs and make every line end LF; a CR at the end of a piece waits for the next one."""
    held = b""
    for raw in pieces:
        piece = raw.replace(b"\0", b"") if b"\0" in raw else raw
        if held:
            piece, held = held + piece, b""
        if piece.endswith(b"\r"):
            piece, held = piece[:-1], b"\r"
        if b"\r" in piece:
            if _all_crlf(piece):
                piece = piece.translate(None, b"\r")
            else:
                piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if piece:
            yield piece
    if held:
        yield b"\n"


def _all_crlf(piece: bytes) -> bool:
    """Tell whether every CR has its LF."""
    if piece.endswith(b"\r"):
        return False
    raw = np.frombuffer(piece, np.uint8)
    return bool((raw[np.flatnonzero(raw == _CR) + 1] == _LF).all())


def _valid(block: bytes) -> bytes:
    if is_utf8(block):
        return block
    return block.decode("utf-8", errors="pim-mark").encode("utf-8")


def is_utf8(block: bytes) -> bool:
    """Tell whether bytes are valid UTF-8, without making a string of them."""
    if block.isascii():
        return True
    offsets = np.array([0, len(block)], np.int32)
    try:
        pa.StringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def shown(raw: bytes, length: int = 1000) -> str:
    """Return text for a person: what could not be decoded as the replacement sign, cut to a length."""
    return raw[: 4 * length].decode("utf-8", errors="ignore").replace(MARK, REPLACEMENT)[:length]
