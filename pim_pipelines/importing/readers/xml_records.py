"""The elements of XML as rows: each record's texts and attributes by their paths, `a/b` and `a/@c`."""

from typing import Any
from xml.parsers import expat

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.limits import MIB, Limits, TooManyColumns
from pim_pipelines.importing.readers.repeated import kept
from pim_pipelines.importing.readers.xml_shape import Place, too_deep
from pim_pipelines.importing.readers.xml_text import Advance

SEPARATOR = "/"
_NOT_DATA = ("xmlns", "xsi:")


class _Step:
    """An element of one path in a record: the columns of its text and attributes, and the elements in it."""

    __slots__ = ("attributes", "children", "column", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.column = -1
        self.attributes: dict[str, int] = {}
        self.children: dict[str, _Step] = {}


class XmlRecords:
    """Takes a document piece by piece and keeps the rows of its records until they are taken.

    Names are as the file writes them: prefixes are kept, and a default namespace leaves no trace. Of several values
    of one path `kept` decides. Raises BrokenFile where the document is not well-formed, naming the place.
    """

    def __init__(self, place: Place, limits: Limits) -> None:
        self._above, self._record = place
        self._limits = limits
        self.names: list[str] = []
        self.total = 0
        self._rows: list[dict[int, str]] = []
        self._outer: list[str] = [""]
        self._root = _Step("")
        self._steps: list[_Step] = []
        self._row: dict[int, str] = {}
        self._several: dict[int, list[str]] = {}
        self._texts: list[str] = []
        self._mixed: dict[int, list[str]] = {}
        self._is_leaf = False
        self._begun = 0
        self._advance = Advance(limits)
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = MIB // 16
        parser.ordered_attributes = True
        self._handle_outside()

    def feed(self, piece: str, *, final: bool = False) -> None:
        """Take a piece of the document."""
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise self._broken(error) from None
        if piece:
            self._advance.to(self._parser.CurrentByteIndex)
        if self._steps and self._parser.CurrentByteIndex - self._begun > self._limits.line:
            raise BrokenFile(
                f"The record “{self._record}” that begins behind {self.total:,} others has more than "
                f"{self._limits.line // MIB or 1} MiB, as no product has. Please check the export."
            )

    def take(self) -> tuple[int, dict[str, list[str | None]]]:
        """Give away the rows so far: their number, and their columns."""
        rows, self._rows = self._rows, []
        used = sorted(set().union(*rows)) if rows else []
        return len(rows), {self.names[column]: [row.get(column) for row in rows] for column in used}

    def _handle_outside(self) -> None:
        self._parser.StartElementHandler = self._start_outside
        self._parser.EndElementHandler = self._end_outside
        self._parser.CharacterDataHandler = None

    def _start_outside(self, name: str, attributes: list[str]) -> None:
        if name == self._record and self._outer[-1] == self._above:
            self._begun = self._parser.CurrentByteIndex
            self._parser.StartElementHandler = self._start
            self._parser.EndElementHandler = self._end
            self._parser.CharacterDataHandler = self._texts.append
            self._enter(self._root, attributes)
            return
        self._outer.append(name)
        if len(self._outer) > self._limits.depth:
            raise too_deep()

    def _end_outside(self, _: str) -> None:
        self._outer.pop()

    def _enter(self, step: _Step, attributes: list[str]) -> None:
        self._steps.append(step)
        self._is_leaf = True
        for place in range(0, len(attributes), 2):
            name = attributes[place]
            column = step.attributes.get(name)
            if column is None:
                if name.startswith(_NOT_DATA):
                    continue
                path = f"{step.path}{SEPARATOR}@{name}" if step.path else f"@{name}"
                column = step.attributes[name] = self._column(path)
            self._put(column, attributes[place + 1])

    def _start(self, name: str, attributes: list[str]) -> None:
        steps = self._steps
        step = steps[-1]
        if self._texts:
            text = "".join(self._texts)
            self._texts.clear()
            if not text.isspace():
                self._mixed.setdefault(len(steps), []).append(text)
        inner = step.children.get(name)
        if inner is None:
            if len(steps) > self._limits.depth:
                raise too_deep()
            inner = step.children[name] = _Step(f"{step.path}{SEPARATOR}{name}" if step.path else name)
        if attributes:
            self._enter(inner, attributes)
        else:
            steps.append(inner)
            self._is_leaf = True

    def _end(self, _: str) -> None:
        texts, steps = self._texts, self._steps
        text = "".join(texts)
        texts.clear()
        if self._mixed and (before := self._mixed.pop(len(steps), None)):
            text = "".join((*before, text))
        step = steps.pop()
        if (self._is_leaf and (steps or text)) or (text and not text.isspace()):
            column = step.column
            if column < 0:
                column = step.column = self._column(step.path or self._record)
            row = self._row
            if column not in row:
                row[column] = text
            else:
                self._put(column, text)
        self._is_leaf = False
        if not steps:
            for column, found in self._several.items():
                self._row[column] = kept(self.names[column], found)
            self._several.clear()
            self._rows.append(self._row)
            self._row = {}
            self.total += 1
            self._handle_outside()

    def _put(self, column: int, text: str) -> None:
        if column not in self._row:
            self._row[column] = text
        else:
            self._several.setdefault(column, [self._row[column]]).append(text)

    def _column(self, path: str) -> int:
        if len(self.names) >= self._limits.columns:
            raise TooManyColumns(self._limits)
        self.names.append(path)
        return len(self.names) - 1

    def _broken(self, error: expat.ExpatError) -> BrokenFile:
        where = f"In line {error.lineno:,}, column {error.offset + 1:,}"
        reason = expat.ErrorString(error.code)
        if error.code in _CUT_OFF:
            return BrokenFile(
                f"{where}, behind {self.total:,} records, the XML ends too early: the file was cut off. "
                "Please transfer it again."
            )
        return BrokenFile(
            f"{where}, behind {self.total:,} records, the file is no well-formed XML ({reason}). "
            "Please export it again."
        )


_CUT_OFF: frozenset[Any] = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
