"""Which of the files in a place are meant, and which are not finished."""

import fnmatch
import re
from collections.abc import Callable
from urllib.parse import quote, unquote, unquote_to_bytes

from pim_pipelines.importing.readers.sniff import ACCEPTED_ENDINGS

UNFINISHED = (
    ".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".upload", ".uploading",
    ".incomplete", ".inprogress", ".writing", ".lock", ".swp", ".bak~", "~",
)  # fmt: skip
"""How programs call a file until it is whole."""

NAMELESS = "download"

_PLAIN = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")

_TYPES = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".psv"), "csv"),
    **{f".{name}": name for name in ("xlsx", "xls", "ods", "json", "ndjson", "xml")},
    ".jsonl": "ndjson",
    ".yml": "xml",
}


def matcher(pattern: str | None) -> Callable[[str], bool]:
    """Return what tells whether a name is meant: by a glob without regard to case; none: any ending that we take.

    Hidden and unfinished files are never meant, nor names that are paths.
    """
    match = re.compile(fnmatch.translate(pattern.lower())).match if pattern else None

    def is_meant(name: str) -> bool:
        if not name or name.startswith(("~$", ".")) or "/" in name or "\0" in name:
            return False
        low = name.lower()
        if low.endswith(UNFINISHED):
            return False
        return bool(match(low)) if match else low.endswith(ACCEPTED_ENDINGS)

    return is_meant


def of_url(path: str) -> str | None:
    """Return the last segment of a URL's path where it has an ending that we take, else None."""
    last = unquote(path.rpartition("/")[2], errors="replace")
    return last if last.lower().endswith(ACCEPTED_ENDINGS) else None


def type_of(name: str) -> str | None:
    """Return the file type that a name promises; None where it promises none (the content decides anyway)."""
    low = name.lower().removesuffix(".gz")
    return next((kind for ending, kind in _TYPES.items() if low.endswith(ending)), None)


def quoted(path: str) -> str:
    """Return a path in printable ASCII, reversibly, whatever bytes are in it: fit for a database and for a log."""
    return quote(path.encode("utf-8", "surrogateescape"), safe=_PLAIN)


def unquoted(path: str) -> str:
    """Return the path of `quoted`; bytes that are no UTF-8 are surrogates, as `os.fsdecode` makes them."""
    return unquote_to_bytes(path).decode("utf-8", "surrogateescape")
