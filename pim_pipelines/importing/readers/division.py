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
        structure = _Structure(
            text=text,
            final=final,
            places=places,
            ends=ends,
            is_end=kinds == LF,
            is_quote=kinds == quote,
            quotes=quotes,
            at_cell_start=(before == delimiter) | (before == LF),
            behind_quote=before == quote,
            before_edge=(behind == delimiter) | (behind == LF) | (behind == quote),
        )
        return self._by_parity(structure) or self._by_line(structure)

    def _by_parity(self, block: "_Structure") -> Division | None:
        opening, closing = slice(0, None, 2), slice(1, None, 2)
        at_cell_start, behind_quote = block.at_cell_start[opening], block.behind_quote[opening]
        if not ((at_cell_start | behind_quote).all() and block.before_edge[closing].all()):
            return None
        outside = (np.cumsum(block.is_quote, dtype=np.int32) & 1) == 0
        ends = np.flatnonzero(block.is_end & outside)
        stops = block.places[ends]
        consumed = int(stops[-1]) + 1 if len(stops) else 0
        rest = len(block.text) - consumed
        if rest and (block.final or rest >= self.limits.open_cell):
            return None
        cells = np.cumsum(outside & ~block.is_end & ~block.is_quote)[ends]
        counts = np.diff(cells, prepend=0) + 1
        several = np.diff(np.cumsum(block.is_end)[ends], prepend=0) > 1
        lengths = stops + 1 - _starts(stops)
        if (several & ((counts != self.width) | (lengths > self.limits.open_cell))).any():
            return None
        return _division(stops, counts, consumed)

    def _by_line(self, block: "_Structure") -> Division:
        number = len(block.ends)
        line: Offsets = np.cumsum(block.is_end) - block.is_end
        so_far = np.cumsum(block.is_quote)
        local: Offsets = so_far - np.concatenate(([0], so_far[block.ends[:-1]]))[line]
        quote_line: Offsets = line[block.quotes]
        opening = local[block.quotes] % 2 == 1  # the 1st, 3rd, … quote of its line
        wrong = np.where(opening, ~(block.at_cell_start | block.behind_quote), ~block.before_edge)
        uneven = np.bincount(quote_line, minlength=number) % 2 == 1
        only_text = np.bincount(quote_line[block.at_cell_start], minlength=number) == 0
        is_delimiter = ~block.is_end & ~block.is_quote
        outside = np.bincount(line[is_delimiter & (local % 2 == 0)], minlength=number)
        anywhere = np.bincount(line[is_delimiter], minlength=number)
        counts = np.where(only_text, anywhere, outside) + 1
        stops = block.places[block.ends]
        starts = _starts(stops)
        sound = ~(uneven | (np.bincount(quote_line[wrong], minlength=number) > 0)) | only_text
        good = np.flatnonzero(sound & np.isin(counts, list(self.widths)) & (stops > starts))
        walk = _Walk(self, block.text, final=block.final, starts=starts, stops=stops, good=good)
        return walk.through(sound, counts)


@dataclass(frozen=True)
class _Structure:
    """The bytes of a block that divide it (`places` in the text), and what stands around each quote."""

    text: bytes
    final: bool
    places: Offsets
    ends: Offsets
    is_end: Flags
    is_quote: Flags
    quotes: Offsets
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
        self, divider: Divider, text: bytes, *, final: bool, starts: Offsets, stops: Offsets, good: Offsets
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
        start, stop = int(self._starts[line]), int(self._stops[line])
        reach = start + self._limits.open_cell
        found = scan(self._text, start, min(len(self._text), max(stop + 1, reach)), self._marks)
        if found.closed and self._text[found.stop - 1] != LF:
            found.closed = False
        fits = len(found.fields) == self._width
        if found.closed and found.stop <= stop + 1 and (found.strict or fits):
            return OddRecord(start, stop, found.fields, None)
        if found.closed and found.strict and fits:
            return _Span(start, found.stop - 1)
        if not found.closed and not found.broken and self._goes_on(reach):
            return None
        other = scan_line(self._text, start, stop, self._marks)
        if other.closed and len(other.fields) == self._width:
            return OddRecord(start, stop, other.fields, None)
        if found.closed and found.stop <= stop + 1:
            return OddRecord(start, stop, found.fields, "cut_quote")
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
