"""Texts of an XLSX file in bulk: the shared strings, and what XML and Excel write for some characters."""

import html
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.readers.cells import normalise_texts
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.xlsx_package import XlsxPackage, damaged

_LONGEST_STRING = 64 * MIB
_END = b"</si>"
# Nothing here may look far ahead from many places, or a file that means harm takes hours.
_ITEM = re.compile(rb"<si\s*/>|<si(?:\s[^<>]*)?>(.*?)</si>", re.DOTALL)
_BLANK_ITEM = re.compile(rb"<si\s*/>")
_TEXT = re.compile(rb"<t(?:\s[^<>]*)?(?<!/)>([^<]*)</t>")
_SIMPLE = re.compile(rb"<si><t(?: [^<>/]*)?>([^<]*)</t></si>")
_PREFIX = re.compile(rb"<(?:(\w+):)?sst[\s>]")
# Characters that XML cannot have are written `_x0007_` (ECMA-376, part 1, 22.9.2.19).
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class _Packed:
    """Strings one behind the other in one piece of memory, which grows with them and is never copied whole."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._lengths: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []

    def add(self, texts: pa.StringArray) -> None:
        texts = texts.fill_null("")
        _, offsets, data = texts.buffers()
        places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        if data is not None:
            self._data += memoryview(data)[places[0] : places[-1]]
        self._lengths.append(np.diff(places))

    def array(self) -> pa.LargeStringArray:
        total = sum(map(len, self._lengths))
        offsets = np.zeros(total + 1, np.int64)
        if total:
            np.cumsum(np.concatenate(self._lengths), out=offsets[1:])
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._data)]
        return pa.Array.from_buffers(pa.large_string(), total, buffers)


def shared_strings(package: XlsxPackage) -> pa.LargeStringArray:
    """Return the strings that cells name by their place, normalised as cells are, but "" for blank."""
    part = package.part_of("sharedStrings", "xl/sharedstrings.xml")
    held, prefix = b"", b""
    packed = _Packed()
    for number, block in enumerate(package.blocks(part) if part else ()):
        held += block
        if number == 0 and (found := _PREFIX.search(held)):
            prefix = found[1] or b""
        if prefix:
            held = held.replace(b"<" + prefix + b":", b"<").replace(b"</" + prefix + b":", b"</")
        end = held.rfind(_END) + len(_END)
        if end >= len(_END):
            packed.add(_strings(held[:end]))
            held = held[end:]
        elif len(held) > _LONGEST_STRING:
            raise damaged()
    packed.add(pa.array([""] * len(_BLANK_ITEM.findall(held)), pa.string()))
    return packed.array()


def _strings(piece: bytes) -> pa.StringArray:
    """Return the strings of whole items; most are one text without anything about it."""
    total = piece.count(b"<si>") + piece.count(b"<si ") + piece.count(b"<si/")
    found = _SIMPLE.findall(piece)
    if len(found) != total or b"<!" in piece:
        if b"<!" in piece:
            piece = _replaced(
                piece, b"<![CDATA[", b"]]>", lambda text: html.escape(text.decode(errors="replace")).encode()
            )
            piece = _replaced(piece, b"<!--", b"-->", lambda _: b"")
        piece = _replaced(piece, b"<rPh", b"</rPh>", lambda _: b"")
        found = [b"".join(_TEXT.findall(item)) for item in _ITEM.findall(piece)]
    return normalise_texts(plain_texts(pa.array(found, pa.binary())))


def _replaced(piece: bytes, opening: bytes, closing: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change what stands between two marks, and drop these; what has no end is left as it is."""
    parts: list[bytes] = []
    place = 0
    while (start := piece.find(opening, place)) >= 0 and (end := piece.find(closing, start)) >= 0:
        parts += [piece[place:start], change(piece[start + len(opening) : end])]
        place = end + len(closing)
    return b"".join([*parts, piece[place:]])


def plain_texts(raw: pa.BinaryArray) -> pa.StringArray:
    """Return the texts that some XML says: references resolved, Excel's own escapes too."""
    try:
        texts = raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = pa.array([None if each is None else each.decode("utf-8", "replace") for each in raw.to_pylist()])
    for odd, change in (("&", html.unescape), ("_x", _without_escapes)):
        marked = pc.fill_null(pc.match_substring(texts, odd), False)
        if pc.any(marked).as_py():
            changed = [change(text) for text in texts.filter(marked).to_pylist()]
            texts = pc.replace_with_mask(texts, marked, pa.array(changed, pa.string()))
    return texts


def _without_escapes(text: str) -> str:
    return _ESCAPED.sub(lambda found: _character(int(found[1], 16)), text)


def _character(code: int) -> str:
    return "" if 0xD800 <= code <= 0xDFFF else chr(code)
