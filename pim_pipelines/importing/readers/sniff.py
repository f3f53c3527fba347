"""What a file is, told by its content whatever its name; reads only its beginning (and a zip's list of members).

Loads no frames: the API asks it before a job is launched.
"""

import codecs
import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Literal

from pim_pipelines.errors import BrokenFile, EmptyFile, UnsupportedFormat
from pim_pipelines.importing.readers.signatures import SIGNATURES, ole_kind, zip_kind

ACCEPTED_ENDINGS: tuple[str, ...] = (
    ".csv",
    ".tsv",
    ".txt",
    ".psv",
    ".xlsx",
    ".xls",
    ".ods",
    ".json",
    ".ndjson",
    ".jsonl",
    ".xml",
    ".yml",
    ".gz",
    ".zip",
)

HEAD = 64 * 1024
_TAKEN = "Please upload CSV, TSV, XLSX, XLS, ODS, JSON, NDJSON or XML, or a .gz or .zip of one of them."
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|script|meta|div|style|center|form)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:\?xml\b|!--|!doctype\b|[^\W\d][\w.:-]*[\s/>])", re.IGNORECASE)
_PROLOG = re.compile(r"(?:\s*(?:<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\]\s*)?>))*\s*", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<([^\W\d][\w.:-]*)")
_INLINE = frozenset(
    ("b", "i", "u", "p", "a", "br", "hr", "em", "strong", "span", "ul", "ol", "li", "font", "h1", "h2", "img", "sub")
)  # fmt: skip
# What people pack beside a product list.
_AROUND = re.compile(
    r"(?:read[ _-]?me|licen[cs]e|changelog|lies ?mich|lisez[ _-]?moi|leggimi|leeme)(?![a-z])", re.IGNORECASE
)
_CONTROLS = bytes(set(range(32)) - {0, 9, 10, 12, 13, 26, 28, 29, 30, 31})


class FileType(StrEnum):
    """The formats that product files come in."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    JSON = "json"
    NDJSON = "ndjson"
    XML = "xml"


@dataclass(frozen=True)
class FileFormat:
    """A file's format once unpacked, how it is packed, and which member of a zip it is."""

    file_type: FileType
    compression: Literal["gzip", "zip"] | None = None
    member: str | None = None


class NoProductList(UnsupportedFormat):
    """The content is of a known kind that holds no products; `found` says of which, `advice` what to send instead."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(f"The file is {found}, not a product list. {advice}")
        self.found = found


def sniff(path: Path, file_name: str) -> FileFormat:
    """Tell a file's format; raises EmptyFile, BrokenFile, or UnsupportedFormat with what was found instead.

    `file_name` only serves the sentence: content decides.
    """
    if not path.stat().st_size:
        raise EmptyFile(f"The file {_called(file_name)} is empty. Please check the export and upload it again.")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"\x1f\x8b"):
        inner = _gzip_head(head)
        if not inner:
            return FileFormat(FileType.CSV, "gzip")
        return FileFormat(_container(inner) or _content(inner), "gzip")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return FileFormat(_workbook(ole_kind(path)))
    return FileFormat(_content(head))


def _called(file_name: str) -> str:
    return f"“{PurePosixPath(file_name.replace(chr(92), '/')).name[:100]}”" if file_name else ""


def _refuse(found: str) -> NoProductList:
    return NoProductList(found, _TAKEN)


def _workbook(kind: tuple[str | None, str]) -> FileType:
    known, description = kind
    if known is None:
        raise _refuse(description)
    return FileType(known)


def _gzip_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, HEAD)
    except zlib.error as error:
        raise BrokenFile("The gzip file is damaged at its beginning. Please transfer it again.") from error


def _zip(path: Path) -> FileFormat:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = zip_kind(names, archive.read("mimetype")[:200] if "mimetype" in names else b"")
            if kind is not None:
                return FileFormat(_workbook(kind))
            members = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
            products = [info for info in members if PurePosixPath(info.filename).suffix.lower() in ACCEPTED_ENDINGS]
            chosen = [info for info in products if not _AROUND.match(PurePosixPath(info.filename).name)]
            chosen = chosen or products or members
            if not chosen:
                raise EmptyFile("The zip archive has no file in it. Please pack the product list and upload it again.")
            if len(chosen) > 1:
                listed = ", ".join(info.filename for info in chosen[:5]) + (", …" if len(chosen) > 5 else "")
                raise UnsupportedFormat(
                    f"The zip archive holds {len(chosen)} files ({listed}). Please upload the product list alone."
                )
            member = chosen[0]
            if member.flag_bits & 1:
                raise UnsupportedFormat("The zip archive has a password. Please upload it without one.")
            if not member.file_size:
                raise EmptyFile(f"The file {member.filename} in the zip archive is empty.")
            with archive.open(member) as file:
                inner = file.read(HEAD)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BrokenFile("The zip archive is damaged or was cut off. Please transfer it again.") from error
    return FileFormat(_container(inner) or _content(inner), "zip", member.filename)


def _hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts) or parts[-1].lower() in (
        "thumbs.db",
        "desktop.ini",
    )


def _container(head: bytes) -> FileType | None:
    """Tell a workbook inside a compressed file by its first bytes."""
    if head.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" in head or b"xl/" in head:
            return FileType.XLSX
        if b"opendocument.spreadsheet" in head[:300]:
            return FileType.ODS
        raise UnsupportedFormat("The file is an archive inside an archive. Please upload the product list alone.")
    if head.startswith(b"\x1f\x8b"):
        raise UnsupportedFormat("The file is compressed twice. Please upload the product list alone.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return FileType.XLS
    return None


def _content(head: bytes) -> FileType:
    """Tell what text is in the first bytes of a file; raises where it is none."""
    for offset, signature, name in SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            raise _refuse(name)
    text = _text(head)
    start = text.lstrip("\ufeff \t\r\n\0")
    if not start:
        if len(head) < HEAD:
            raise EmptyFile("The file has nothing but blanks in it. Please check the export and upload it again.")
        return FileType.CSV
    if start[0] == "<":
        kind = _markup(start)
        if kind is not None:
            return kind
    if start[0] in "{[":
        kind = _json(start)
        if kind is not None:
            return kind
    return FileType.CSV


def _text(head: bytes) -> str:
    """Decode enough to recognise markup; raises where the bytes are no text."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="replace")
    guessed = bare_utf16(head)
    if guessed:
        return head.decode(guessed, errors="replace")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    zeros = head.count(b"\0")
    if zeros == len(head):
        raise _refuse("nothing but zero bytes (a transfer that went wrong)")
    if controls > 0.02 * len(head) or zeros > 0.3 * len(head):
        raise _refuse("binary data of an unknown kind")
    return head.decode("utf-8", errors="replace")


def bare_utf16(head: bytes) -> Literal["utf-16-le", "utf-16-be"] | None:
    """Tell UTF-16 without a byte-order mark: the zero bytes of digits and delimiters are all on one side."""
    size = len(head) // 2
    if size < 4:
        return None
    zeros = (head[0 : 2 * size : 2].count(b"\0"), head[1 : 2 * size : 2].count(b"\0"))
    most, least = max(zeros), min(zeros)
    if most < 0.15 * size or least > 0.02 * most:
        return None
    encoding: Literal["utf-16-le", "utf-16-be"] = "utf-16-le" if zeros[1] == most else "utf-16-be"
    text = head[: 2 * size].decode(encoding, errors="replace")
    odd = sum(not (character.isprintable() or character in "\t\r\n\ufeff") for character in text)
    is_text = "\n" in text or "\r" in text or text[0] in "{[<"
    return encoding if odd <= 0.02 * len(text) and is_text else None


def _markup(start: str) -> FileType | None:
    root = _ROOT.match(start[_match_end(_PROLOG, start) :])
    name = root[1].lower() if root else ""
    if _HTML.match(start) or name == "html":
        raise _refuse("an HTML page (perhaps a login or an error page instead of the file)")
    if name in _INLINE or not _MARKUP.match(start):
        return None
    if name == "svg":
        raise _refuse("an SVG image")
    if name.rpartition(":")[2] == "workbook" and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise UnsupportedFormat("The file is an XML spreadsheet of Excel 2003. Please save it as XLSX or CSV.")
    return FileType.XML


def _match_end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _json(start: str) -> FileType | None:
    behind = start[1:].lstrip()[:1]
    if start[0] == "{":
        if behind not in ('"', "}"):
            return None
        first, _, rest = start.partition("\n")
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            return FileType.JSON
        return FileType.NDJSON if rest.lstrip().startswith("{") else FileType.JSON
    if behind == '"':
        # `["a"]` is JSON; `["a",…` may also be a CSV row that a programmer wrote: both are read as JSON.
        return FileType.JSON
    return FileType.JSON if behind in ("{", "[", "]") else None
