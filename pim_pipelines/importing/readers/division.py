"""Where the records of a block are, found in bulk; only doubtful ones are read by `records`.

Three ways, from the quickest, all with the outcome that reading record by record would have:

1. no quote in the block: every line is a record;
2. every quote of the block stands where RFC 4180 has it: the parity of quotes says what is inside a cell;
3. else each line is looked at by itself: one whose quotes are in order, or only text, is a record where it
   stands outside a cell; the others are read one after another.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pim_pipelines.importing.readers.limits import Limits
from pim_pipelines.importing.readers.records import LF, Marks, Scan, scan, scan_line

Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class OddRecord:
    """A record read by itself: its cells, and `cut_quote` where its quoting is beyond repair."""

    start: int
    stop: int
    fields: list[bytes]
    problem: str | None


@dataclass(frozen=True)
class Division:
    """The records of a block: `starts[i]:stops[i]` without the line end, `counts[i]` cells; `odd` ones beside them.

    Lines without a byte are left out. What stands behind `consumed` belongs to a record that goes on in the next block.
    """

    starts: Offsets
    stops: Offsets
    counts: Offsets
    consumed: int
    odd: list[OddRecord] = field(default_factory=list)


@dataclass(frozen=True)
class Divider:
    """Divides blocks; `width` is the table's number of columns, `widths` what many of its rows have."""

    marks: Marks
    width: int
    widths: frozenset[int]
    limits: Limits

    def divide(self, text: bytes, *, final: bool) -> Division:
        """Find the records of a block that starts with a record and ends with a line end."""
        raw = np.frombuffer(text, np.uint8)
        delimiter = self.marks.delimiter[0]
        quote = self.marks.quote[0] if self.marks.quote and self.marks.quote in text else None
        mask = (raw == delimiter) | (raw == LF)
        if quote is not None:
            mask |= raw == quote
        places = np.flatnonzero(mask)
        kinds = raw[places]
        ends = np.flatnonzero(kinds == LF)
        if quote is None:
            return _division(places[ends], np.diff(ends, prepend=-1), len(text))
        quotes = np.flatnonzero(kinds == quote)
        before, behind = raw[places[quotes] - 1], raw[places[quotes] + 1]
        around = _Quotes(
            places=quotes,
            at_cell_start=(before == delimiter) | (before == LF),
            behind_quote=before == quote,
            before_edge=(behind == delimiter) | (behind == LF) | (behind == quote),
        )
        return self._by_parity(text, places, kinds, around, final) or self._by_line(
            text, places, kinds, ends, around, final
        )

    def _by_parity(
        self, text: bytes, places: Offsets, kinds: npt.NDArray[np.uint8], quotes: "_Quotes", final: bool
    ) -> Division | None:
        opening, closing = slice(0, None, 2), slice(1, None, 2)
        if not (
            (quotes.at_cell_start[opening] | quotes.behind_quote[opening]).all() and quotes.before_edge[closing].all()
        ):
            return None
        is_quote = np.zeros(len(kinds), np.bool_)
        is_quote[quotes.places] = True
        outside = (np.cumsum(is_quote, dtype=np.int32) & 1) == 0
        is_end = kinds == LF
        ends = np.flatnonzero(is_end & outside)
        stops = places[ends]
        consumed = int(stops[-1]) + 1 if len(stops) else 0
        rest = len(text) - consumed
        if rest and (final or rest >= self.limits.open_cell):
            return None
        cells = np.cumsum(outside & ~is_end & ~is_quote)[ends]
        counts = np.diff(cells, prepend=0) + 1
        lines = np.diff(np.cumsum(is_end)[ends], prepend=0)
        starts = _starts(stops)
        several = lines > 1
        if (several & ((counts != self.width) | (stops + 1 - starts > self.limits.open_cell))).any():
            return None
        return _division(stops, counts, consumed)

    def _by_line(
        self,
        text: bytes,
        places: Offsets,
        kinds: npt.NDArray[np.uint8],
        ends: Offsets,
        quotes: "_Quotes",
        final: bool,
    ) -> Division:
        number = len(ends)
        is_end = kinds == LF
        line = np.cumsum(is_end) - is_end
        is_quote = np.zeros(len(kinds), np.bool_)
        is_quote[quotes.places] = True
        so_far = np.cumsum(is_quote)
        base = np.concatenate(([0], so_far[ends[:-1]]))
        local = so_far - base[line]
        quote_line = line[quotes.places]
        odd = local[quotes.places] % 2 == 1  # the 1st, 3rd, … quote of its line: an opening one
        wrong = np.where(odd, ~(quotes.at_cell_start | quotes.behind_quote), ~quotes.before_edge)
        number_of_quotes = np.bincount(quote_line, minlength=number)
        wrong_line = (number_of_quotes % 2 == 1) | (np.bincount(quote_line[wrong], minlength=number) > 0)
        only_text = np.bincount(quote_line[quotes.at_cell_start], minlength=number) == 0
        is_delimiter = ~is_end & ~is_quote
        outside = np.bincount(line[is_delimiter & (local % 2 == 0)], minlength=number)
        anywhere = np.bincount(line[is_delimiter], minlength=number)
        counts = np.where(only_text, anywhere, outside) + 1
        stops = places[ends]
        starts = _starts(stops)
        sound = ~wrong_line | only_text
        good = np.flatnonzero(sound & np.isin(counts, list(self.widths)) & (stops > starts))
        walk = _Walk(self, text, starts, stops, good, final)
        return walk.through(sound, counts)


@dataclass(frozen=True)
class _Quotes:
    """The quotes of a block: their index among its structural bytes, and what stands around each."""

    places: Offsets
    at_cell_start: Flags
    behind_quote: Flags
    before_edge: Flags


def _starts(stops: Offsets) -> Offsets:
    return np.concatenate((np.zeros(1, np.int64), stops[:-1] + 1)) if len(stops) else stops


def _division(stops: Offsets, counts: Offsets, consumed: int) -> Division:
    starts = _starts(stops)
    some = stops > starts
    if not some.all():
        starts, stops, counts = starts[some], stops[some], counts[some]
    return Division(starts, stops, counts, consumed)


class _Walk:
    """The way through the doubtful lines of a block."""

    def __init__(
        self, divider: Divider, text: bytes, starts: Offsets, stops: Offsets, good: Offsets, final: bool
    ) -> None:
        self._marks, self._width, self._limits = divider.marks, divider.width, divider.limits
        self._text, self._starts, self._stops, self._good, self._final = text, starts, stops, good, final

    def through(self, sound: Flags, counts: Offsets) -> Division:
        alone = sound & (self._stops > self._starts)
        spans: list[tuple[int, int]] = []
        odd: list[OddRecord] = []
        consumed, upcoming = len(self._text), 0
        for doubtful in np.flatnonzero(~sound).tolist():
            if doubtful < upcoming:
                continue
            record = self._read(doubtful)
            if record is None:
                consumed = int(self._starts[doubtful])
                alone[doubtful:] = False
                break
            upcoming = int(np.searchsorted(self._stops, record.stop))
            alone[doubtful : upcoming + 1] = False
            upcoming += 1
            if isinstance(record, OddRecord):
                odd.append(record)
            else:
                spans.append((record.start, record.stop))
        starts, stops, counts = self._starts[alone], self._stops[alone], counts[alone]
        if spans:
            more = np.array(spans, np.int64)
            starts = np.concatenate((starts, more[:, 0]))
            stops = np.concatenate((stops, more[:, 1]))
            counts = np.concatenate((counts, np.full(len(more), self._width)))
            order = np.argsort(starts, kind="stable")
            starts, stops, counts = starts[order], stops[order], counts[order]
        return Division(starts, stops, counts, consumed, odd)

    def _read(self, line: int) -> "OddRecord | _Span | None":
        """Read the record that starts with a doubtful line; None where the block ends too early to tell."""
        text, marks = self._text, self._marks
        start, stop = int(self._starts[line]), int(self._stops[line])
        limit = min(len(text), start + self._limits.open_cell)
        found = scan(text, start, limit, marks)
        fits = len(found.fields) == self._width
        if found.closed and found.stop <= stop + 1:
            if found.strict or fits:
                return OddRecord(start, stop, found.fields, None)
            other = scan_line(text, start, stop, marks)
            if other.closed and len(other.fields) == self._width:
                return OddRecord(start, stop, other.fields, None)
            return OddRecord(start, stop, found.fields, "cut_quote")
        if found.closed and found.strict and fits:
            return _Span(start, found.stop - 1)
        if not found.closed and not found.broken and self._goes_on(start + self._limits.open_cell):
            return None
        other = scan_line(text, start, stop, marks)
        if other.closed and len(other.fields) == self._width:
            return OddRecord(start, stop, other.fields, None)
        return self._cut(line, start, found)

    def _goes_on(self, needed: int) -> bool:
        return not self._final and len(self._text) < needed

    def _cut(self, line: int, start: int, found: Scan) -> OddRecord | None:
        """End a record whose quote was never closed where good rows go on."""
        reach = found.stop if found.closed else start + self._limits.resume
        place = int(np.searchsorted(self._good, line, side="right"))
        if place < len(self._good) and self._starts[self._good[place]] < reach:
            return self._until(start, int(self._starts[self._good[place]]))
        if found.closed:
            sound = found.strict or len(found.fields) == self._width
            return OddRecord(start, found.stop - 1, found.fields, None if sound else "cut_quote")
        if self._goes_on(reach):
            return None
        behind = int(np.searchsorted(self._starts, reach))
        return self._until(start, int(self._starts[behind]) if behind < len(self._starts) else len(self._text))

    def _until(self, start: int, behind: int) -> OddRecord:
        end = behind - 1
        found = scan(self._text, start, end, self._marks)
        if found.broken:
            found.fields[-1] += self._text[found.stop : end]
        return OddRecord(start, end, found.fields, "cut_quote")


@dataclass(frozen=True)
class _Span:
    """A record over several lines in which nothing is wrong."""

    start: int
    stop: int
