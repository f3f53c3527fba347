"""Names of files as clients send them, made fit to be shown. They are never used as paths or keys."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 255
_LONGEST_ENDING = 20
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, invisible and direction-changing characters (`annexe\\u202evsc.exe`), halves of characters."""


def displayable(name: str | None) -> str:
    """Return the last part of a path, without what cannot be seen, at most 255 characters long; else `file`."""
    last = re.split(r"[/\\]", name or "")[-1]
    shown = "".join(" " if character == "\t" else character for character in last if _is_shown(character))
    shown = re.sub(r"\s+", " ", shown).strip()
    if not shown.strip(". "):
        return "file"
    if len(shown) <= LONGEST:
        return shown
    stem, dot, ending = shown.rpartition(".")
    if dot and stem and len(ending) <= _LONGEST_ENDING:
        return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"
    return shown[:LONGEST]


def attachment(name: str) -> str:
    """Return the `Content-Disposition` of a download of this name (RFC 6266)."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_shown(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) not in _NOT_SHOWN
