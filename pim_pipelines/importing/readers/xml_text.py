"""The text of an XML file as a strict parser can read it: UTF-8, without declaration and DOCTYPE, entities resolved.

Nothing is ever loaded. Named HTML entities become their characters, entities that the file itself declares as plain
text too; other ones, and ampersands that nobody escaped, stay as text.
"""

import codecs
import html
import re
from collections.abc import Iterator
from html.entities import html5
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.encoding import detect_encoding
from pim_pipelines.importing.readers.limits import LIMITS, MIB, Limits
from pim_pipelines.importing.readers.text import characters

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z][\w.:-]{0,40})[\"']")
# Not more than this may stand before the first element, and an entity may not say more than this.
_PROLOG = MIB
_LONGEST_ENTITY = 256
_MOST_GROWTH = 4
_MOST_ENTITIES = 1000
_ENTITY = re.compile(r"<!ENTITY\s+([^\s%&;\"'>]{1,64})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_NUMBERED = re.compile(r"&#(?:\d{1,8}|[xX][0-9a-fA-F]{1,7});")
_DOCTYPE_PART = re.compile(r"<!--.*?-->|<\?.*?\?>|\"[^\"]*\"|'[^']*'|[\[\]>]", re.DOTALL)
_ROOT = re.compile(r"<[^\W\d]|<$")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,8}|[xX][0-9a-fA-F]{1,7});|([^\W\d][\w.-]{0,63});)?", re.ASCII
)
_OPENING = re.compile(r"<!\[CDATA\[|<!--|<\?")
_CLOSING = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
# A reference or the beginning of a section that the end of a piece cuts in two.
_LONGEST_CUT = 100
_CUT = re.compile(r"(?:&[\w#.-]{0,64}|<(?:!(?:-|\[[CDATA]{0,5})?)?)\Z")


def declared_encoding(head: bytes) -> str | None:
    """Return the encoding that an XML declaration names, as Python knows it; None without one that it knows."""
    found = _DECLARED.match(head.lstrip(codecs.BOM_UTF8 + b" \t\r\n"))
    try:
        return codecs.lookup(found[1].decode()).name if found else None
    except LookupError:
        return None


def xml_encoding(path: Path) -> str:
    """Return the encoding of an XML file: the declared one where all of it fits, else the one that does.

    Text that is UTF-8 is read as such whatever is declared: that hardly ever happens by chance.
    """
    found = detect_encoding(path)
    if found.startswith("utf"):
        return found
    with path.open("rb") as file:
        declared = declared_encoding(file.read(1024))
    if declared is None or declared.startswith("utf"):
        return found
    if declared == "iso8859-1":
        declared = "cp1252"  # what is called Latin-1 by those who have never seen its control characters
    return declared if _fits(path, declared) else found


def _fits(path: Path, encoding: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            while block := file.read(LIMITS.block):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def well_formed(path: Path, encoding: str, limits: Limits) -> Iterator[str]:
    """Yield a file's text from its first element on, in pieces; line breaks stand for what was left out."""
    pieces = characters(path, encoding, limits.block)
    head = ""
    start: int | None = None
    entities: dict[str, str] = {}
    for piece in pieces:
        head += piece
        start = _behind_prolog(head, entities)
        if start is not None:
            break
        if len(head) > _PROLOG + limits.block:
            raise BrokenFile("No element comes in the file's first MiB: it is no XML. Please check the export.")
    if start is None:
        raise BrokenFile("The file has no XML element in it. Please check the export.")
    yield "\n" * head.count("\n", 0, start)
    resolving = _Resolving(entities)
    for piece in chain((head[start:],), pieces):
        text = resolving.resolve(piece)
        if len(text) > _MOST_GROWTH * (len(piece) + _PROLOG):
            raise BrokenFile("The XML has entities that make it many times as long, as in no product list.")
        yield text
    yield resolving.rest


def _behind_prolog(text: str, entities: dict[str, str]) -> int | None:
    """Return where the first element begins, None where more text is needed; put what is declared into `entities`."""
    place = 0
    while True:
        place = text.find("<", place)
        if place < 0 or _ROOT.match(text, place):
            return place if 0 <= place < len(text) - 1 else None
        if text.startswith("<!DOCTYPE", place) or text.startswith("<!doctype", place):
            end = _doctype_end(text, place)
            if end is not None:
                _declare(text[place:end], entities)
        else:
            opening = _OPENING.match(text, place)
            found = text.find(_CLOSING[opening[0]] if opening else ">", place)
            end = found + 1 if found >= 0 else None
        if end is None:
            return None
        place = end


def _doctype_end(text: str, start: int) -> int | None:
    within = False
    for part in _DOCTYPE_PART.finditer(text, start):
        if part[0] in "[]":
            within = part[0] == "["
        elif part[0] == ">" and not within:
            return part.end()
    return None


def _declare(doctype: str, entities: dict[str, str]) -> None:
    for name, quoted, otherwise in _ENTITY.findall(doctype):
        value = quoted or otherwise
        text = _NUMBERED.sub(lambda found: html.unescape(found[0]), value)
        # One that names others, or has elements in it, is how a small file becomes a huge one.
        if len(text) <= _LONGEST_ENTITY and len(entities) < _MOST_ENTITIES and not ("<" in text or "&" in text):
            entities.setdefault(name, text)


class Advance:
    """Watches that a parser gets on: what has no end is read again with every piece, and would be held whole."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.line // limits.block + 2
        self._place, self._stood = -1, 0

    def to(self, place: int) -> None:
        """Take note of how far the parser is; raises BrokenFile where it has stood still for long."""
        self._stood = self._stood + 1 if place == self._place else 0
        self._place = place
        if self._stood > self._most:
            raise BrokenFile("The XML has a tag without end. Please check the export.")


class _Resolving:
    """Resolves the references in a text that comes in pieces, outside of CDATA sections and comments."""

    def __init__(self, entities: dict[str, str]) -> None:
        self._entities = entities
        self._closing: str | None = None
        self.rest = ""

    def resolve(self, piece: str) -> str:
        text, self.rest = self.rest + piece, ""
        if self._closing is None and "&" not in text and "<!" not in text and "<?" not in text:
            self.rest = text[len(text) - 1 :] if text.endswith("<") else ""
            return text[: len(text) - len(self.rest)]
        has_sections = "<!" in text or "<?" in text
        parts: list[str] = []
        place = 0
        while place < len(text):
            if self._closing is not None:
                end = text.find(self._closing, place)
                if end < 0:
                    # The end of the section may be cut in two.
                    end = max(len(text) - 2, place)
                    parts.append(self._within(text[place:end]))
                    self.rest = text[end:]
                    break
                end += len(self._closing)
                parts.append(self._within(text[place:end]))
                place, self._closing = end, None
                continue
            opening = _OPENING.search(text, place) if has_sections else None
            end = opening.start() if opening else len(text)
            plain = text[place:end]
            if opening is None and (cut := _CUT.search(plain, max(len(plain) - _LONGEST_CUT, 0))):
                self.rest = plain[cut.start() :]
                plain = plain[: cut.start()]
            parts.append(_REFERENCE.sub(self._reference, plain) if "&" in plain else plain)
            if opening is None:
                break
            self._closing = _CLOSING[opening[0]]
            parts.append(self._within(opening[0]))
            place = opening.end()
        return "".join(parts)

    def _within(self, text: str) -> str:
        """Return what is kept of a section's text: of comments and instructions their line breaks only."""
        return text if self._closing == _CLOSING["<![CDATA["] else "\n" * text.count("\n")

    def _reference(self, found: re.Match[str]) -> str:
        number, name = found[1], found[2]
        if number:
            code = int(number[1:], 16) if number[0] in "xX" else int(number)
            return escape(_character(code))
        if name in self._entities:
            return escape(self._entities[name])
        if name and f"{name};" in html5:
            return escape(html5[f"{name};"])
        return "&amp;" + found[0][1:]


def _character(code: int) -> str:
    """Return a character that XML allows (XML 1.0, 2.2), "" for others; those of cp1252 as browsers read them."""
    if 0x80 <= code <= 0x9F:
        return html.unescape(f"&#{code};")
    allowed = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return chr(code) if allowed else ""
