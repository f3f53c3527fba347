"""The rules by which text becomes records: quotes, line breaks in cells, and what to do when quoting is broken.

This is the sequential reading: `blocks` reads well-formed text in bulk and asks here about the rest.

- A cell is quoted if a quote is its first character. In it a doubled quote is a quote, and the quote that a
  delimiter or the line end follows (blanks may stand between) closes it; any other one is text.
- In a cell that does not begin with a quote, quotes are text.
"""

from dataclasses import dataclass

LF = 10


@dataclass(frozen=True)
class Marks:
    """The delimiter and the quote, one ASCII byte each; no quote where the file does not quote."""

    delimiter: bytes
    quote: bytes | None


@dataclass(slots=True)
class Scan:
    """A record as read from its first byte on.

    `stop` is behind its line end; `closed` is false where a quoted cell has no end; `broken` where a
    quote that opens a cell on a later line shows that it never had one; `strict` where RFC 4180 was followed.
    """

    fields: list[bytes]
    stop: int
    closed: bool = True
    strict: bool = True
    broken: bool = False


def scan(text: bytes, start: int, end: int, marks: Marks) -> Scan:
    """Read one record of `text[start:end]` by the rules above."""
    delimiter, quote = marks.delimiter, marks.quote
    fields: list[bytes] = []
    strict = True
    position = start
    line_end = _find(text, b"\n", start, end)
    while True:
        if quote is None or text[position : position + 1] != quote or position >= end:
            stop = text.find(delimiter, position, line_end)
            if stop < 0:
                fields.append(text[position:line_end])
                return Scan(fields, min(line_end + 1, end), strict=strict)
            fields.append(text[position:stop])
            position = stop + 1
            continue
        opened = position + 1
        look = opened
        while True:
            closing = text.find(quote, look, end)
            if closing < 0:
                fields.append(text[opened:end].replace(quote + quote, quote))
                return Scan(fields, end, closed=False, strict=strict)
            if text[closing + 1 : closing + 2] == quote and closing + 1 < end:
                look = closing + 2
                continue
            behind = _behind_blanks(text, closing + 1, end, delimiter)
            if behind >= end or text[behind] == LF or text[behind : behind + 1] == delimiter:
                strict = strict and behind == closing + 1
                break
            strict = False
            if closing > line_end and (text[closing - 1] == LF or text[closing - 1 : closing] == delimiter):
                # It opens a cell of a later row: the one before was never closed.
                fields.append(text[opened:closing].replace(quote + quote, quote))
                return Scan(fields, closing, closed=False, strict=False, broken=True)
            look = closing + 1
        fields.append(text[opened:closing].replace(quote + quote, quote))
        if behind >= end or text[behind] == LF:
            return Scan(fields, min(behind + 1, end), strict=strict)
        position = behind + 1
        if line_end < position:
            line_end = _find(text, b"\n", position, end)


def scan_line(text: bytes, start: int, end: int, marks: Marks) -> Scan:
    """Read one line as those do who never double a quote: `"Hammer 5" long,3` are two cells, the first as written."""
    delimiter, quote = marks.delimiter, marks.quote
    fields: list[bytes] = []
    position = start
    while True:
        if quote is None or text[position : position + 1] != quote or position >= end:
            stop = text.find(delimiter, position, end)
            cell = text[position : stop if stop >= 0 else end]
        else:
            closing = _lone_quote(text, position + 1, end, quote)
            if closing < 0:
                return Scan([*fields, text[position + 1 : end]], end, closed=False, strict=False)
            stop = text.find(delimiter, closing + 1, end)
            inner = text[position + 1 : closing].replace(quote + quote, quote)
            rest = text[closing + 1 : stop if stop >= 0 else end]
            cell = inner if not rest.strip() else text[position : stop if stop >= 0 else end]
        fields.append(cell)
        if stop < 0:
            return Scan(fields, end, strict=False)
        position = stop + 1


def _lone_quote(text: bytes, position: int, end: int, quote: bytes) -> int:
    while True:
        found = text.find(quote, position, end)
        if found < 0 or text[found + 1 : found + 2] != quote or found + 1 >= end:
            return found
        position = found + 2


def _behind_blanks(text: bytes, position: int, end: int, delimiter: bytes) -> int:
    while position < end and text[position] in (32, 9) and text[position : position + 1] != delimiter:
        position += 1
    return position


def _find(text: bytes, what: bytes, start: int, end: int) -> int:
    found = text.find(what, start, end)
    return found if found >= 0 else end
