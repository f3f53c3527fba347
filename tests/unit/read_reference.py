"""A slow reader of text tables, to compare the quick one with: one character after another, no arrays.

`rfc_rows` is Python's csv module and the contract's rules; `records` says the same of broken quoting too.
"""

import csv
import io
import re
from dataclasses import dataclass

BLANK = " \t\r\n\u00a0\u200b\ufeff"


@dataclass(frozen=True)
class Row:
    """What a row of the rows file must be."""

    cells: tuple[str | None, ...]
    problem: str | None


def clean(cell: str) -> str | None:
    cell = cell.strip(BLANK)
    if re.fullmatch(r'(?s)="(.*)"', cell):
        cell = cell[2:-1].replace('""', '"').strip(BLANK)
    return cell or None


def row_of(fields: list[str], width: int, problem: str | None = None) -> Row | None:
    """Apply the rules for ragged and blank rows."""
    cells = [clean(field) for field in fields]
    surplus = any(cells[width:])
    kept = (cells + [None] * width)[:width]
    if problem is None and len(cells) < width:
        problem = "short"
    if problem is None and surplus:
        problem = "surplus"
    if not any(kept) and problem in (None, "short"):
        return None
    return Row(tuple(kept), problem)


def rfc_rows(text: str, delimiter: str, width: int) -> list[Row]:
    """Read well-formed text with Python's csv module."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(unified, newline=""), delimiter=delimiter)
    return [row for fields in reader if (row := row_of(fields, width))]


@dataclass
class _Scan:
    fields: list[str]
    stop: int
    closed: bool = True
    strict: bool = True
    broken: bool = False


def _scan(text: str, start: int, end: int, delimiter: str) -> _Scan:
    fields, cell, strict, at = [], "", True, start
    while at < end:
        if cell == "" and text[at] == '"' and (at == start or text[at - 1] in (delimiter, "\n")):
            opened_line = text[start : at + 1].count("\n")
            at += 1
            cell = ""
            while True:
                if at >= end:
                    return _Scan([*fields, cell], end, closed=False, strict=strict)
                if text[at] != '"':
                    cell += text[at]
                    at += 1
                    continue
                if at + 1 < end and text[at + 1] == '"':
                    cell += '"'
                    at += 2
                    continue
                behind = at + 1
                while behind < end and text[behind] in " \t" and text[behind] != delimiter:
                    behind += 1
                if behind >= end or text[behind] in (delimiter, "\n"):
                    strict = strict and behind == at + 1
                    break
                if text[start:at].count("\n") > opened_line and text[at - 1] in (delimiter, "\n"):
                    return _Scan([*fields, cell], at, closed=False, strict=False, broken=True)
                strict = False
                cell += '"'
                at += 1
            fields.append(cell)
            cell = ""
            if behind >= end:
                return _Scan(fields, end, strict=strict)
            if text[behind] == "\n":
                return _Scan(fields, behind + 1, strict=strict)
            at = behind + 1
            if at >= end:
                return _Scan([*fields, ""], end, strict=strict)
            continue
        if text[at] == "\n":
            return _Scan([*fields, cell], at + 1, strict=strict)
        if text[at] == delimiter:
            fields.append(cell)
            cell = ""
        else:
            cell += text[at]
        at += 1
    return _Scan([*fields, cell], end, strict=strict)


def _sloppy(line: str, delimiter: str) -> list[str] | None:
    """Read a line whose quoted cells close at the first single quote; None where one does not close."""
    fields = []
    while True:
        if line.startswith('"'):
            found = re.match(r'"((?:[^"]|"")*)"(?!")', line)
            if not found:
                return None
            rest, more, behind = line[found.end() :].partition(delimiter)
            cell = found[1].replace('""', '"') if not rest.strip() else found[0] + rest
        else:
            cell, more, behind = line.partition(delimiter)
        fields.append(cell)
        if not more:
            return fields
        line = behind


def records(text: str, delimiter: str, width: int, *, open_cell: int = 1 << 22, resume: int = 1 << 18) -> list[Row]:
    """Read any text that ends with a line end, by the rules in `records.py` and `division.py`, in one go."""
    d = re.escape(delimiter)
    rfc = re.compile(rf'(?:[^"{d}\n]*|"(?:[^"]|"")*")(?:{d}(?:[^"{d}\n]*|"(?:[^"]|"")*"))*')

    def is_good(line: str) -> bool:
        if not line:
            return False
        if not re.search(rf'(?:^|{d})"', line):
            return line.count(delimiter) + 1 == width
        return bool(rfc.fullmatch(line)) and len(next(csv.reader([line], delimiter=delimiter))) == width

    out: list[Row] = []

    def add(fields: list[str], problem: str | None) -> None:
        row = row_of(fields, width, problem)
        if row:
            out.append(row)

    at = 0
    while at < len(text):
        line_stop = text.index("\n", at)
        line = text[at:line_stop]
        if not line:
            at += 1
            continue
        limit = min(len(text), max(line_stop + 1, at + open_cell))
        found = _scan(text, at, limit, delimiter)
        if found.closed and text[found.stop - 1] != "\n":
            found.closed = False
        single = found.closed and found.stop == line_stop + 1
        fits = len(found.fields) == width
        if (single and (found.strict or fits)) or (found.closed and found.strict and fits):
            add(found.fields, None)
            at = found.stop
            continue
        sloppy = _sloppy(line, delimiter)
        if sloppy is not None and len(sloppy) == width:
            add(sloppy, None)
            at = line_stop + 1
            continue
        if single:
            add(found.fields, "cut_quote")
            at = found.stop
            continue
        reach = found.stop if found.closed else at + resume
        place = line_stop + 1
        while place < min(reach, len(text)) and not is_good(text[place : text.index("\n", place)]):
            place = text.index("\n", place) + 1
        if place >= min(reach, len(text)) and found.closed:
            add(found.fields, None if found.strict or fits else "cut_quote")
            at = found.stop
            continue
        cut = _scan(text, at, place - 1, delimiter)
        if cut.broken:
            cut.fields[-1] += text[cut.stop : place - 1]
        add(cut.fields, "cut_quote")
        at = place
    return out
