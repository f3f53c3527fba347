"""Texts of an XLSX file in bulk: the shared strings, and what XML and Excel write for some characters."""

import html
import re

import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.readers.cells import normalise_texts
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.xlsx_package import XlsxPackage, damaged

_LONGEST_STRING = 64 * MIB
_END = b"</si>"
_PHONETIC = re.compile(rb"<rPh\b.*?</rPh>", re.DOTALL)
_ITEM = re.compile(rb"<si\s*/>|<si(?:\s[^>]*)?>(.*?)</si>", re.DOTALL)
_TEXT = re.compile(rb"<t(?:\s[^>]*[^>/])?>(.*?)</t>", re.DOTALL)
_SIMPLE = re.compile(rb"<si><t(?: [^>/]*)?>([^<]*)</t></si>")
_PREFIX = re.compile(rb"<(?:(\w+):)?sst[\s>]")
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
# Characters that XML cannot have are written `_x0007_` (ECMA-376, part 1, 22.9.2.19).
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def shared_strings(package: XlsxPackage) -> pa.LargeStringArray:
    """Return the strings that cells name by their place, normalised as cells are."""
    part = package.part_of("sharedStrings", "xl/sharedstrings.xml")
    held, prefix = b"", b""
    arrays: list[pa.Array] = []
    for number, block in enumerate(package.blocks(part) if part else ()):
        held += block
        if number == 0 and (found := _PREFIX.search(held)):
            prefix = found[1] or b""
        if prefix:
            held = held.replace(b"<" + prefix + b":", b"<").replace(b"</" + prefix + b":", b"</")
        end = held.rfind(_END) + len(_END)
        if end >= len(_END):
            arrays.append(_strings(held[:end]))
            held = held[end:]
        elif len(held) > _LONGEST_STRING:
            raise damaged()
    if held and (rest := _strings(held)):
        arrays.append(rest)
    texts: pa.LargeStringArray = pa.concat_arrays(arrays) if arrays else pa.array([], pa.large_string())
    return texts


def _strings(piece: bytes) -> pa.LargeStringArray:
    """Return the strings of whole items; most are one text without anything about it."""
    total = piece.count(b"<si>") + piece.count(b"<si ") + piece.count(b"<si/")
    found = _SIMPLE.findall(piece)
    if len(found) != total or b"<!" in piece:
        if b"<!" in piece:
            piece = _CDATA.sub(lambda each: html.escape(each[1].decode("utf-8", "replace")).encode(), piece)
            piece = _COMMENT.sub(b"", piece)
        found = [b"".join(_TEXT.findall(_PHONETIC.sub(b"", item))) for item in _ITEM.findall(piece)]
    return normalise_texts(plain_texts(pa.array(found, pa.binary()))).cast(pa.large_string())


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
