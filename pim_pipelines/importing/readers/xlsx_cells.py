"""The cells of rows in the strict form of `xlsx_rows`, read in bulk: where each stands, what it is, its raw text."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Places = npt.NDArray[np.int64]
Raw = npt.NDArray[np.uint8]

_ROW = re.compile(rb'<row r="([1-9]\d{0,6})"')
_LETTERS = 3
_BEYOND = 32  # so that nothing is looked for behind the end
_FIRST_NAMED = 6  # of `<c r="`
_TYPE = re.compile(rb'\bt="(\w+)"')
_STYLE = re.compile(rb'\bs="(\d{1,6})"')
_TAIL = re.compile(rb'"(?: [\w:.]+="[^"<>]*")*\s*\Z')
_DIGITS = 7
_LT, _GT, _QUOTE, _SLASH, _BLANK = b'<>"/ '
_BANG, _QUESTION = b"!?"
_C, _R, _O, _W, _V, _T, _P = b"crowvtP"
_A, _Z, _ZERO = b"AZ0"


@dataclass(frozen=True)
class Cells:
    """Cells with a value, in the order of the file.

    `numbers` are the rows' own numbers (0-based), of each row with a cell; `row` is a cell's place among them, `column`
    its 0-based column, `kind` its place in `kinds`, which are (type, style) as the file writes them.
    """

    numbers: Places
    row: Places
    column: Places
    kind: Places
    kinds: list[tuple[str, int]]
    raw: pa.BinaryArray


class NotStrict(Exception):
    """The XML is in another form than the strict one."""


def cells_of(piece: bytes) -> Cells:
    """Read the cells of whole rows; raises NotStrict."""
    _require(b"='" not in piece)
    raw = np.frombuffer(piece + bytes(_BEYOND), np.uint8)
    opens = np.flatnonzero(raw == _LT)
    first, second = raw[opens + 1], raw[opens + 2]
    odd = (first == _BANG) | (first == _QUESTION) | ((first == _R) & (second == _P))
    _require(not odd.any())
    ends = (second == _GT) | (second == _BLANK) | (second == _SLASH)
    is_cell = (first == _C) & ends
    is_row = (first == _R) & (second == _O) & (raw[opens + 3] == _W)
    rows = _ROW.findall(piece)
    _require(len(rows) == np.count_nonzero(is_row))
    values = np.flatnonzero(((first == _V) | (first == _T)) & ends)
    owner = np.cumsum(is_cell)[values] - 1
    # No value stands outside of a cell, and no cell has several texts.
    _require(not len(values) or (owner[0] >= 0 and bool((np.diff(owner) > 0).all())))
    tags = np.flatnonzero(is_cell)[owner]
    cells, row = opens[tags], np.cumsum(is_row)[tags] - 1
    _require(not len(row) or bool(row[0] >= 0))
    numbers = np.array([int(number) for number in rows], np.int64)
    column, behind = _placed(raw, cells, numbers[row])
    closes = np.flatnonzero(raw == _GT)
    starts = _ends(closes, opens, opens[values]) + 1
    stops = opens[np.minimum(values + 1, len(opens) - 1)]
    tails = substrings(raw, behind, _ends(closes, opens, cells)).dictionary_encode()
    kinds = [_kind(tail) for tail in tails.dictionary.to_pylist()]
    used, row = np.unique(row, return_inverse=True)
    kind = tails.indices.to_numpy().astype(np.int64)
    return Cells(numbers[used] - 1, row, column, kind, kinds, substrings(raw, starts, stops))


def substrings(raw: Raw, starts: Places, stops: Places) -> pa.BinaryArray:
    """Return the pieces of a text as an array."""
    lengths = stops - starts
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    places = np.repeat((starts - offsets[:-1]).astype(np.int32), lengths) + np.arange(offsets[-1], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(raw[places])]
    return pa.BinaryArray.from_buffers(pa.binary(), len(lengths), buffers)


def _require(is_so: bool) -> None:
    if not is_so:
        raise NotStrict


def _ends(closes: Places, opens: Places, tags: Places) -> Places:
    """Return the `>` of each tag, which comes before the next tag."""
    places = np.searchsorted(closes, tags)
    _require(not len(tags) or bool(places[-1] < len(closes)))
    ends = closes[places]
    following = np.searchsorted(opens, tags, side="right")
    inner = following < len(opens)
    _require(bool((ends[inner] < opens[following[inner]]).all()))
    return ends


def _placed(raw: Raw, cells: Places, numbers: Places) -> tuple[Places, Places]:
    """Return each cell's column, and where its reference ends, which names the cell's row."""
    for offset, sign in enumerate(b'<c r="'):
        _require(bool((raw[cells + offset] == sign).all()))
    column = np.zeros(len(cells), np.int64)
    letters = np.zeros(len(cells), np.int64)
    going = np.ones(len(cells), np.bool_)
    for place in range(_LETTERS):
        signs = raw[cells + _FIRST_NAMED + place].astype(np.int64)
        going &= (signs >= _A) & (signs <= _Z)
        column = np.where(going, column * 26 + (signs - _A + 1), column)
        letters += going
    digits = np.ones(len(cells), np.int64)
    for power in range(1, _DIGITS):
        digits += numbers >= 10**power
    last = cells + _FIRST_NAMED + letters + digits
    rest = numbers
    for place in range(1, int(digits.max(initial=0)) + 1):
        there = digits >= place
        _require(bool((raw[last - place][there] == (rest % 10 + _ZERO)[there]).all()))
        rest = rest // 10
    _require(bool((letters > 0).all() and (raw[last] == _QUOTE).all()))
    return column - 1, last


def _kind(tail: bytes) -> tuple[str, int]:
    """Return the type and style that stand behind a cell's reference."""
    _require(_TAIL.match(tail) is not None)
    kind, style = _TYPE.search(tail), _STYLE.search(tail)
    return (kind[1].decode() if kind else "n", int(style[1]) if style else 0)
