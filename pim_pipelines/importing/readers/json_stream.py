"""JSON as a stream of text: values one by one, and arrays of records many at a time.

Numbers stay the text that they are in the file. Only so much is held as one batch of records needs.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, NoReturn

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.limits import MIB, Limits
from pim_pipelines.importing.readers.nested import NotANumber, too_deep
from pim_pipelines.importing.readers.text import MARK

_BLANK = re.compile(r"[ \t\n\r]*")
# The end of a record and the beginning of the next, up to its first name.
_BETWEEN = re.compile(r'\}\s*,\s*\{\s*"(?:[^"\\]|\\.)*"')
_BATCH = 2_000
_CUTS_TRIED = 64
_FAILURES = 3
_LONGEST_NUMBER = 400
_SHOWN = 20


def _decimal(text: str) -> str:
    """Return a number as it is written, but a whole one with all its digits as such: `1699.0`, `4.006381333931E12`."""
    if text.endswith(".0"):
        return text[:-2]
    if ("e" in text or "E" in text) and (number := Decimal(text)).as_tuple().exponent == 0:
        return str(int(number))
    return text


class JsonStream:
    """Reads JSON text from its pieces; `has_marks` once some of it could not be decoded.

    Raises BrokenFile naming line and column where it is no JSON.
    """

    def __init__(self, pieces: Iterable[str], limits: Limits) -> None:
        self._pieces = iter(pieces)
        self._limits = limits
        self._text, self._at, self._whole = "", 0, False
        self._gone = self._lines = self._behind_line = 0
        # Duplicate names: the last one wins. Line breaks and tabs in strings are let pass.
        decoder = json.JSONDecoder(parse_float=_decimal, parse_int=str, parse_constant=NotANumber, strict=False)
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # type: ignore[attr-defined]
        self.has_marks = False

    def peek(self) -> str:
        """Return the next character that is no white space, "" at the end."""
        while True:
            self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over a character that must come next."""
        if self.peek() != wanted:
            self._break(self._at)
        self._at += 1

    def stop_here(self) -> NoReturn:
        """Say that what stands here is wrong."""
        self.peek()
        self._break(self._at)

    def value(self) -> Any:
        """Return the value that begins here."""
        found, value = self.small(self._limits.line)
        if not found:
            raise BrokenFile(
                f"{self._where(self._at)} begins a value of more than {self._limits.line // MIB or 1} MiB. The file is "
                "broken there, or it is no product list; please check the export."
            )
        return value

    def small(self, size: int) -> tuple[bool, Any]:
        """Return whether the value that begins here is not larger than `size`, and the value."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
                # A number at the end of the text may go on behind it.
                if type(value) in (dict, list) or len(self._text) - end > _LONGEST_NUMBER or not self._more():
                    self._at = end
                    return True, value
                continue
            except StopIteration as stop:
                behind = stop.value - self._at
            except json.JSONDecodeError as error:
                # A string without an end is told by its beginning.
                place = len(self._text) if error.msg.startswith("Unterminated") else error.pos
                behind = place - self._at
            except RecursionError:
                raise too_deep() from None
            if len(self._text) - self._at > size:
                return False, None
            if not self._more():
                self._break(self._at + behind)

    def members(self) -> Iterator[str]:
        """Yield the names of an object's members; the caller takes each value before it asks for the next."""
        self.take("{")
        ended = self.peek() == "}"
        self._at += ended
        while not ended:
            if self.peek() != '"':
                self._break(self._at)
            name: str = self.value()
            self.take(":")
            yield name
            ended = self._ended("}")

    def elements(self) -> Iterator[list[Any]]:
        """Yield the elements of an array, many at a time."""
        self.take("[")
        ended = self.peek() == "]"
        self._at += ended
        between: str | None = None
        failures = 0
        while not ended:
            start = self._passed
            batch = [self.value()]
            between = self._between() or between
            ended = self._ended("]")
            many = self._many(between) if between and not ended and failures < _FAILURES else None
            if many:
                batch += many
                ended = self._ended("]")
            elif not ended:
                failures += between is not None
                while not ended and len(batch) < _BATCH and self._passed - start < self._limits.block:
                    batch.append(self.value())
                    ended = self._ended("]")
            yield batch

    def lines(self) -> Iterator[list[Any]]:
        """Yield values that follow one another, as in JSON lines, many at a time."""
        while self.peek():
            start = self._passed
            batch = self._many_lines()
            if not batch:
                batch = []
                while self.peek() and len(batch) < _BATCH and self._passed - start < self._limits.block:
                    batch.append(self.value())
                    if self.peek() == ",":
                        self._at += 1
            yield batch

    @property
    def _passed(self) -> int:
        return self._gone + self._at

    def _ended(self, close: str) -> bool:
        """Step over a comma or over the end, and tell which; a comma that nothing follows is an error."""
        if self.peek() == close:
            self._at += 1
            return True
        self.take(",")
        if self.peek() == close:
            self._break(self._at)
        return False

    def _between(self) -> str | None:
        """Return what stands between the record that ended here and the next one, by which others are told."""
        found = _BETWEEN.match(self._text, self._at - 1)
        return found[0] if found else None

    def _fill(self) -> None:
        while len(self._text) - self._at < self._limits.block and self._more():
            pass

    def _many(self, between: str) -> list[Any] | None:
        """Return the records up to the last end of one in the text, which is decoded at once; None where it fails.

        The same may stand between objects in a record: the end is only right where as many braces close as open.
        """
        self._fill()
        text, start = self._text, self._at
        cut = text.rfind(between, start) + 1
        excess = text.count("{", start, cut) - text.count("}", start, cut)
        for _ in range(_CUTS_TRIED):
            if not cut:
                return None
            if not excess:
                return self._decoded(text[start:cut], cut)
            last, cut = cut, text.rfind(between, start, cut + len(between) - 2) + 1
            excess -= text.count("{", cut, last) - text.count("}", cut, last)
        return None

    def _many_lines(self) -> list[Any] | None:
        """Return the values of all whole lines in the text; None where a line is none."""
        self._fill()
        cut = len(self._text) if self._whole else self._text.rfind("\n", self._at) + 1
        lines = [line for line in self._text[self._at : cut].split("\n") if line and not line.isspace()]
        values = self._decoded(",".join(lines), self._at) if lines else None
        if values is None or len(values) != len(lines):
            return None
        self._at = cut
        return values

    def _decoded(self, text: str, end: int) -> list[Any] | None:
        try:
            values: list[Any] = self._scan(f"[{text}]", 0)[0]
        except (StopIteration, json.JSONDecodeError):
            return None
        except RecursionError:
            raise too_deep() from None
        self._at = end
        return values

    def _more(self) -> bool:
        """Take another piece of text in; tell whether there was one."""
        if self._whole:
            return False
        passed = self._text[: self._at]
        lines = passed.count("\n")
        self._lines += lines
        self._behind_line = len(passed) - passed.rfind("\n") - 1 if lines else self._behind_line + len(passed)
        self._gone += len(passed)
        piece = next(self._pieces, None)
        self._whole = piece is None
        self._text, self._at = self._text[self._at :] + (piece or ""), 0
        self.has_marks = self.has_marks or (piece is not None and MARK in piece)
        return not self._whole

    def _where(self, place: int) -> str:
        line = self._lines + self._text.count("\n", 0, place)
        behind = self._text.rfind("\n", 0, place)
        column = place - behind if behind >= 0 else self._behind_line + place + 1
        return f"In line {line + 1:,}, column {column:,}"

    def _break(self, place: int) -> NoReturn:
        behind = place - self._at
        while len(self._text) - place < _SHOWN and self._more():
            place = self._at + behind
        if self._whole and place >= len(self._text.rstrip()):
            raise BrokenFile(
                f"{self._where(place)}, the JSON ends too early: the file was cut off. Please transfer it again."
            )
        shown = self._text[place : place + _SHOWN]
        raise BrokenFile(
            f"{self._where(place)}, the file is no valid JSON: “{shown}” cannot stand there. Please export it again."
        )
