"""The rows of a sheet's XML in whole pieces of one strict form, whatever form the file has (ECMA-376, part 1, 18.3).

    <row r="2"><c r="A2" s="1" t="s"><v>5</v></c>…</row>

Most programs write this form, and it is read in bulk. Pieces in another one are rewritten: other prefixes, cells that
do not say where they stand, texts in several runs, CDATA sections.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.merges import Range
from pim_pipelines.importing.readers.xlsx_package import XlsxPackage, damaged

_LONGEST_ROW = 64 * MIB
_LAST_ROW = 10_000_000
_BEGIN = re.compile(rb"<(?:(\w+):)?sheetData\s*(/?)>")
_END = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
_ROW_END = b"</row"
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"""
)
_OVERLAP = 64
# An attribute in single quotes is not of the strict form: no text may look like one (`<a href='x'>`).
_QUOTE = {"'": "&apos;"}
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)$")


def merged_ranges(package: XlsxPackage, part: str) -> list[Range]:
    """Return the merged cells of a sheet, which its XML tells last; reads all of it, which finds damage first."""
    held, ended, begun = b"", False, False
    for block in package.blocks(part):
        held += block
        if ended:
            held = held if len(held) < _LONGEST_ROW else b""
            continue
        if b"sheetData" in held:
            begun = True
            found = _END.search(held)
            ended = found is not None
            held = held[found.end() :] if found else held
        held = held if ended else held[-_OVERLAP:]
    if begun and not ended:
        raise damaged()
    return [
        ((int(top) - 1, column_number(left)), (int(bottom) - 1, column_number(right)))
        for left, top, right, bottom in _MERGED.findall(held)
    ]


def column_number(letters: bytes) -> int:
    """Return the 0-based column of its letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def column_letters(number: int) -> str:
    """Return the letters of a 0-based column."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def row_pieces(package: XlsxPackage, part: str) -> Iterator[bytes]:
    """Yield the XML of whole rows, a piece at a time, without a prefix before the elements' names."""
    held, prefix, begun = b"", b"", False
    for block in package.blocks(part):
        held += block
        if not begun:
            found = _BEGIN.search(held)
            if not found:
                if len(held) > _LONGEST_ROW:
                    raise damaged()
                continue
            if found[2]:
                return
            begun, prefix, held = True, found[1] or b"", held[found.end() :]
        if prefix:
            held = held.replace(b"<" + prefix + b":", b"<").replace(b"</" + prefix + b":", b"</")
        last = held.rfind(_ROW_END)
        end = held.find(b">", last) + 1 if last >= 0 else 0
        if end:
            yield held[:end]
            held = held[end:]
        elif len(held) > _LONGEST_ROW:
            raise BrokenFile("The workbook has a row that is too long. Please save it again in a spreadsheet.")


@dataclass
class Rewriter:
    """Writes pieces in the strict form; `row` is the last row there was (0-based), of this piece or one before it."""

    row: int = -1
    _out: list[str] = field(default_factory=list)
    _column: int = -1
    _type: str = ""
    _style: str = ""
    _texts: list[str] | None = None
    _value: list[str] = field(default_factory=list)
    _inline: list[str] = field(default_factory=list)
    _phonetic: int = 0
    _is_text: bool = False

    def rewritten(self, piece: bytes) -> bytes:
        """Return the piece in the strict form; raises BrokenFile where it is not well-formed."""
        self._out = []
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(b"<rows>")
            parser.Parse(piece)
            parser.Parse(b"</rows>", True)
        except expat.ExpatError as error:
            raise damaged() from error
        return "".join(self._out).encode()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "row":
                number = attributes.get("r", "")
                self.row = int(number) - 1 if number.isdigit() and 0 < int(number) <= _LAST_ROW else self.row + 1
                self._column = -1
                self._out.append(f'<row r="{self.row + 1}">')
            case "c":
                place = _PLACE.match(attributes.get("r", ""))
                self._column = column_number(place[1].encode()) if place else self._column + 1
                self._style, self._type = attributes.get("s", ""), attributes.get("t", "")
                self._value, self._inline, self._texts, self._is_text = [], [], None, False
            case "v":
                self._texts, self._is_text = self._value, self._type in ("str", "inlineStr")
            case "t" if not self._phonetic:
                self._texts, self._is_text = self._inline, True
            case "rPh":
                self._phonetic += 1

    def _text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def _end(self, name: str) -> None:
        self._texts = None
        match name:
            case "row":
                self._out.append("</row>\n")
            case "rPh":
                self._phonetic -= 1
            case "c":
                kind = self._type
                value = "".join(self._value)
                if kind == "inlineStr" or (not value and self._is_text):
                    kind, value = "str", "".join(self._inline)
                if value or self._is_text:
                    place = f"{column_letters(self._column)}{self.row + 1}"
                    style = f' s="{self._style}"' if self._style.isdigit() else ""
                    told = f' t="{kind}"' if kind.isalpha() else ""
                    self._out.append(f'<c r="{place}"{style}{told}><v>{escape(value, _QUOTE)}</v></c>')
