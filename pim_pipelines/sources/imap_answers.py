"""What IMAP servers answer (RFC 9051): lists in parentheses, and from BODYSTRUCTURE the files that a message brings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from urllib.parse import unquote, unquote_to_bytes

from pim_pipelines.errors import SourceError

Value = bytes | None | list["Value"]
Part = bytes | tuple[bytes, bytes]

DEEPEST = 50
_TOKEN = re.compile(rb'\s+|(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<atom>[^\s()"]+)')
_LITERAL = re.compile(rb"\{\d+\}$")
_DATE = re.compile(r"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BY_TYPE = {
    "text/csv": "attachment.csv",
    "text/tab-separated-values": "attachment.tsv",
    "application/vnd.ms-excel": "attachment.xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "attachment.xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "attachment.ods",
    "application/json": "attachment.json",
    "application/xml": "attachment.xml",
    "text/xml": "attachment.xml",
}
"""Names of attachments that have none."""


@dataclass(frozen=True, slots=True)
class File:
    """A part of a message that is a file: its number, its name, and how its bytes are written."""

    number: str
    name: str
    encoding: str


def answers(data: Iterable[Part | None]) -> Iterator[dict[str, Value]]:
    """Give the items of each FETCH answer by their names, from what imaplib returns."""
    parts: list[Part] = []
    for part in data:
        if part is None:
            continue
        parts.append(part)
        if isinstance(part, bytes):  # which ends an answer: a tuple is its beginning up to a literal
            parsed = parse(parts)
            parts = []
            if len(parsed) >= 2 and isinstance(parsed[1], list):
                items = parsed[1]
                yield {text(key).upper(): value for key, value in zip(items[::2], items[1::2], strict=False)}


def parse(parts: Iterable[Part]) -> list[Value]:
    """Read an answer; raises SourceError where it is none."""
    top: list[Value] = []
    stack = [top]
    for part in parts:
        plain, literal = part if isinstance(part, tuple) else (part, None)
        for match in _TOKEN.finditer(_LITERAL.sub(b"", plain) if literal is not None else plain):
            if match["open"]:
                inner: list[Value] = []
                stack[-1].append(inner)
                stack.append(inner)
                if len(stack) > DEEPEST:
                    raise SourceError("The mail server's answer is nested too deeply to be read.")
            elif match["close"]:
                if len(stack) > 1:
                    stack.pop()
            elif match["quoted"] is not None:
                stack[-1].append(re.sub(rb"\\(.)", rb"\1", match["quoted"]))
            elif match["atom"]:
                stack[-1].append(None if match["atom"].upper() == b"NIL" else match["atom"])
        if literal is not None:
            stack[-1].append(literal)
    return top


def files(structure: Value, number: str = "") -> Iterator[File]:
    """Give the files of a BODYSTRUCTURE, also those of messages that are attached to it."""
    if not isinstance(structure, list) or not structure:
        return
    if isinstance(structure[0], list):
        children = [child for child in structure if isinstance(child, list)]
        for place, child in enumerate(children[: _leading_lists(structure)], 1):
            yield from files(child, f"{number}.{place}" if number else str(place))
        return
    own = number or "1"
    kind = f"{text(structure[0])}/{text(_at(structure, 1))}".lower()
    if kind == "message/rfc822" and isinstance(_at(structure, 8), list):
        inner = structure[8]
        is_single = isinstance(inner, list) and bool(inner) and not isinstance(inner[0], list)
        yield from files(inner, f"{own}.1" if is_single else own)
        return
    name = _name(structure, kind)
    if name:
        yield File(own, name, text(_at(structure, 5)).lower())


def senders(envelope: Value) -> list[str]:
    """Return the addresses that an ENVELOPE says a message is from, in lower case."""
    found = _at(envelope, 2) if isinstance(envelope, list) else None
    people = found if isinstance(found, list) else []
    return [
        f"{text(person[2])}@{text(person[3])}".lower()
        for person in people
        if isinstance(person, list) and len(person) >= 4
    ]


def date(value: Value) -> datetime | None:
    """Read an INTERNALDATE."""
    match = _DATE.fullmatch(text(value))
    if match is None or match[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    try:
        month = _MONTHS.index(match[2].lower()) + 1
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None


def text(value: Value) -> str:
    """Return a string as text: UTF-8, or Latin-1 where it is none."""
    if not isinstance(value, bytes):
        return ""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _name(structure: list[Value], kind: str) -> str | None:
    is_attachment = False
    for item in structure[7:]:
        kind_of_part, parameters = _disposition(item)
        if kind_of_part in {"attachment", "inline"}:
            is_attachment = kind_of_part == "attachment"
            name = _parameter(parameters, "filename")
            if name:
                return name
    return _parameter(_at(structure, 2), "name") or (_BY_TYPE.get(kind) if is_attachment else None)


def _disposition(item: Value) -> tuple[str, Value]:
    """Return the kind and the parameters of a Content-Disposition; some servers give the header as it stands."""
    if isinstance(item, list):
        return text(_at(item, 0)).lower(), _at(item, 1)
    header = text(item)
    if not header.lower().startswith(("attachment;", "inline;")):
        return header.lower(), None
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n]+", " ", header)
    name = message.get_filename()
    return header.partition(";")[0].lower(), [b"filename", name.encode("utf-8", "replace")] if name else None


def _parameter(value: Value, name: str) -> str | None:
    """Return a parameter: plain, with encoded words (RFC 2047), or in pieces and character sets (RFC 2231)."""
    pairs = value if isinstance(value, list) else []
    found = {text(key).lower(): text(item) for key, item in zip(pairs[::2], pairs[1::2], strict=False)}
    if f"{name}*" in found:
        return _extended(found[f"{name}*"])
    pieces: list[str] = []
    is_extended = f"{name}*0*" in found
    while (key := f"{name}*{len(pieces)}") in found or f"{key}*" in found:
        pieces.append(found.get(key) or found[f"{key}*"])
    if pieces:
        return _extended("".join(pieces)) if is_extended else "".join(pieces)
    plain = found.get(name)
    if not plain:
        return None
    try:
        return str(make_header(decode_header(plain)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return plain


def _extended(value: str) -> str:
    charset, _, rest = value.partition("'")
    _, _, encoded = rest.partition("'")
    try:
        return unquote_to_bytes(encoded).decode(charset or "utf-8")
    except (LookupError, UnicodeError):
        return unquote(encoded or value, errors="replace")


def _leading_lists(structure: list[Value]) -> int:
    return next((place for place, item in enumerate(structure) if not isinstance(item, list)), len(structure))


def _at(value: Value, place: int) -> Value:
    return value[place] if isinstance(value, list) and len(value) > place else None
