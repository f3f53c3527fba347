"""How a text table is written: its delimiter, its quote, and the frames that people draw around cells.

Told by a sample: each candidate reads it, and the one whose records are of one width wins.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace

from pim_pipelines.importing.readers.records import Marks, Scan, scan, scan_line

DELIMITERS = (";", "\t", "|", ",")
# Only where none of the usual ones divides the lines: times and addresses are full of colons.
RARE_DELIMITERS = ("^", "~", "\x1f", "\x01", ":")
# A byte that no text has: for a file of one column.
NO_DELIMITER = "\x1e"
ROWS_LOOKED_AT = 250

_DECLARED = re.compile(rb'^\s*"?sep=(["]?)(.)\1"?[;,\t ]*\n', re.IGNORECASE)
_FRAME = re.compile(rb"^[ \t]*\|[^\n]*\|[ \t]*$", re.MULTILINE)
_RULER = re.compile(rb"^[ \t]*[|+:]?[ \t]*:?-{2,}[-+|: \t]*$", re.MULTILINE)
_WRAPPED = re.compile(rb'^"((?:[^"\n]|"")*)"[;, \t]*$', re.MULTILINE)
_FRAME_ENDS = re.compile(rb"^[ \t]*\||\|[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    `delimiter` is None for a file of one column; `framed` means a pipe at both ends of each line, `spaced` a
    blank between delimiter and opening quote, `escaped` a backslash before a quote in a cell, `wrapped` whole
    lines in quotes (a CSV file that a spreadsheet took for one column and saved again).
    """

    delimiter: str | None
    quote: str | None = '"'
    framed: bool = False
    spaced: bool = False
    escaped: bool = False
    wrapped: bool = False

    @property
    def marks(self) -> Marks:
        """The bytes that divide records."""
        return Marks((self.delimiter or NO_DELIMITER).encode(), self.quote.encode() if self.quote else None)

    def plain(self, block: bytes) -> bytes:
        """Take off frames, rulers and blanks, so that plain delimited text is left; lines stay lines."""
        if self.wrapped:
            block = _WRAPPED.sub(lambda found: found[1].replace(b'""', b'"'), block)
        if self.delimiter == "|":
            if b"--" in block:
                block = _RULER.sub(b"", block)
            if self.framed:
                block = _FRAME_ENDS.sub(b"", block)
        if self.escaped:
            block = re.sub(rb'\\(["\\])', lambda found: b'""' if found[1] == b'"' else b"\\", block)
        if self.spaced and self.delimiter and self.quote:
            between, quote = re.escape(self.delimiter.encode()), self.quote.encode()
            block = re.sub(rb"((?:^|%b) +)%b" % (between, quote), lambda m: m[0].replace(b" ", b""), block, flags=re.M)
        return block


@dataclass(frozen=True)
class SampleRow:
    """A record of the sample; `start` and `stop` are offsets in its text."""

    fields: list[bytes]
    start: int
    stop: int
    sound: bool = True

    @property
    def blank(self) -> bool:
        """Tell whether nothing is in it."""
        return not any(field.strip() for field in self.fields)


def declared_delimiter(text: bytes) -> tuple[str, int] | None:
    """Return the delimiter that a first line `sep=;` names, and where the next line starts."""
    found = _DECLARED.match(text)
    return (found[2].decode("ascii", "replace"), found.end()) if found and found[2].isascii() else None


def sample_rows(text: bytes, marks: Marks, most: int = 1000, *, whole: bool = True) -> list[SampleRow]:
    """Read the first records of a sample, of which nothing is known yet.

    `whole` is false where the file goes on behind the sample: a last record without end is left out then.
    """
    rows: list[SampleRow] = []
    position, end = 0, len(text)
    while position < end and len(rows) < most:
        found = scan(text, position, end, marks)
        sound = found.closed
        if not found.closed or (not found.strict and b"\n" in text[position : found.stop - 1]):
            line_end = text.find(b"\n", position, end)
            line_end = line_end if line_end >= 0 else end
            line = scan_line(text, position, line_end, marks)
            if not whole and not line.closed and not found.broken and end - position < end // 2:
                break
            if not found.closed or len(line.fields) >= len(found.fields):
                found = Scan(line.fields, min(line_end + 1, end), closed=line.closed)
                sound = line.closed
        rows.append(SampleRow(found.fields, position, found.stop, sound))
        position = found.stop
    return rows


def detect_dialect(text: bytes, delimiter: str | None = None, *, whole: bool = True) -> Dialect:
    """Tell the dialect of a sample; `delimiter` where it is already known."""
    text = _cut(text, 1 << 18)
    known = delimiter
    if known is None:
        delimiter = _best(text, DELIMITERS, whole) or _best(text, RARE_DELIMITERS, whole)
    framed = delimiter == "|" and _is_framed(text)
    quote, spaced, escaped = _quoting(text, delimiter, whole)
    dialect = Dialect(delimiter, quote, framed, spaced, escaped)
    if known is None and _is_wrapped(text):
        lines = Dialect(None, wrapped=True).plain(text)
        inner = detect_dialect(lines, whole=whole)
        if inner.delimiter and _evenness(sample_rows(lines, inner.marks, ROWS_LOOKED_AT, whole=whole)) > 0.95:
            return replace(inner, wrapped=True)
    return dialect


def _cut(text: bytes, size: int) -> bytes:
    if len(text) <= size:
        return text
    end = text.rfind(b"\n", 0, size) + 1
    return text[:end] if end else text


@dataclass(frozen=True)
class _Reading:
    delimiter: str
    width: int
    share: float
    first: int
    cover: float
    torn: float


def _best(text: bytes, candidates: tuple[str, ...], whole: bool) -> str | None:
    present = [mark for mark in candidates if mark.encode() in text]
    readings = [reading for mark in present if (reading := _reading(text, mark, whole))]
    if not readings:
        return None
    strong = [reading for reading in readings if reading.share >= 0.5] or readings
    first = min(reading.first for reading in strong)
    scores = {reading.delimiter: _score(text, reading, first, len(readings) > 1) for reading in readings}
    best = max(readings, key=lambda reading: scores[reading.delimiter])
    if candidates is RARE_DELIMITERS and (best.share < 0.9 or best.width < 3):
        return None
    return best.delimiter if best.share >= 0.3 or best.cover >= 0.6 else None


def _reading(text: bytes, delimiter: str, whole: bool) -> _Reading | None:
    marks = Marks(delimiter.encode(), b'"')
    rows = [
        row for row in sample_rows(text, marks, ROWS_LOOKED_AT, whole=whole) if not row.blank and not _is_ruler(row)
    ]
    widths = Counter(len(row.fields) for row in rows if len(row.fields) > 1)
    if not widths:
        return None
    width = max(widths, key=lambda each: (widths[each], each))
    first = next(row.start for row in rows if len(row.fields) == width)
    torn = sum(any(field.count(b'"') % 2 for field in row.fields) for row in rows)
    return _Reading(
        delimiter, width, widths[width] / len(rows), first, sum(widths.values()) / len(rows), torn / len(rows)
    )


def _score(text: bytes, reading: _Reading, first: int, rivals: bool) -> float:
    """Wide and even wins; a mark that the first full row lacks is one of the text, not of the table."""
    score = (0.7 * reading.share + 0.3 * reading.cover) * (1 - 1 / reading.width)
    score *= 1 - 0.7 * reading.torn  # cells with one quote of a pair: the mark stands inside quoted cells
    if reading.first > first:
        score *= 0.6
    mark = reading.delimiter.encode()
    if rivals and reading.delimiter == ",":
        between = len(re.findall(rb"(?<=\d),(?=\d)", text))
        if between > 0.9 * text.count(mark):
            score *= 0.5
    if text.count(b'"' + mark + b'"') >= max(1, text.count(b"\n") // 3):
        score *= 1.5
    # A draw: a comma is more often text than a semicolon, a tab hardly ever.
    return score * (1 - 0.02 * DELIMITERS.index(reading.delimiter) if reading.delimiter in DELIMITERS else 1)


def _is_ruler(row: SampleRow) -> bool:
    return bool(_RULER.fullmatch(b"|".join(row.fields)))


def _is_framed(text: bytes) -> bool:
    body = [line for line in text.split(b"\n") if line.strip() and not _RULER.fullmatch(line)]
    return len(body) > 1 and sum(bool(_FRAME.fullmatch(line)) for line in body) >= 0.9 * len(body)


def _is_wrapped(text: bytes) -> bool:
    body = [line for line in text.split(b"\n") if line.strip()]
    return len(body) > 1 and all(_WRAPPED.fullmatch(line) for line in body)


def _quoting(text: bytes, delimiter: str | None, whole: bool) -> tuple[str | None, bool, bool]:
    """Tell the quote, whether blanks stand before it, and whether backslashes escape it."""
    mark = (delimiter or NO_DELIMITER).encode()
    double = sample_rows(text, Marks(mark, b'"'), ROWS_LOOKED_AT, whole=whole)
    evenness = _evenness(double)
    read = text[: double[-1].stop] if double else b""
    opened = len(re.findall(rb'(?:^|%b)"' % re.escape(mark), read, re.MULTILINE))
    if opened:
        unsound = sum(not row.sound for row in double)
        if unsound >= 3 and unsound > 0.5 * opened:
            return None, False, False
        if b'\\"' in text:
            plain = Dialect(delimiter, escaped=True).plain(text)
            rows = sample_rows(plain, Marks(mark, b'"'), ROWS_LOOKED_AT, whole=whole)
            is_escaped = _evenness(rows) > evenness or (
                # With quotes doubled, one behind a backslash has another behind it, or ends its cell.
                _evenness(rows) == evenness and re.search(rb'\\"(?!["\n]|%b|\Z)' % re.escape(mark), text)
            )
            if is_escaped and rows and all(row.sound for row in rows):
                return '"', False, True
    elif delimiter and b"'" in text:
        single = _evenness(sample_rows(text, Marks(mark, b"'"), ROWS_LOOKED_AT, whole=whole))
        if single > evenness + 0.05:
            return "'", False, False
    if delimiter and delimiter != "|" and b' "' in text:
        plain = Dialect(delimiter, spaced=True).plain(text)
        if (
            plain != text
            and _evenness(sample_rows(plain, Marks(mark, b'"'), ROWS_LOOKED_AT, whole=whole)) > evenness + 0.05
        ):
            return '"', True, False
    return '"', False, False


def _evenness(rows: list[SampleRow]) -> float:
    """Return the share of records of the commonest width, times those that are read without doubt."""
    full = [row for row in rows if not row.blank]
    if not full:
        return 0.0
    widths = Counter(len(row.fields) for row in full)
    return widths.most_common(1)[0][1] / len(full) * sum(row.sound for row in full) / len(full)
