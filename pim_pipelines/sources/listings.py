"""What FTP servers say about a folder: MLSD (RFC 3659), or LIST as Unix and Windows servers write it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNIX = re.compile(
    r"(?P<kind>[-bcdlps])[-rwxsStTlL]{9}[.+@]?\s+\d+\s+\S+\s+(?:\S+\s+)??(?P<size>\d+)\s+"
    r"(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<when>\d{4}|\d{1,2}:\d{2})\s(?P<name>.+)"
)
_WINDOWS = re.compile(
    r"(?P<month>\d{2})-(?P<day>\d{2})-(?P<year>\d{2,4})\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<half>[AP]M)?\s+"
    r"(?P<size><DIR>|\d+)\s(?P<name>.+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a listing; `is_exact`: its time is in UTC and to the second."""

    name: str
    size: int | None
    modified_at: datetime | None
    is_exact: bool


def of_mlsd(lines: Iterable[str]) -> Iterator[Entry]:
    """Give the files of an MLSD listing."""
    for line in lines:
        facts_text, _, name = line.partition(" ")
        facts = dict(fact.lower().partition("=")[::2] for fact in facts_text.split(";") if "=" in fact)
        if name and facts.get("type", "file") == "file":
            size = facts.get("size", "")
            yield Entry(name, int(size) if size.isdigit() else None, time_of(facts.get("modify", "")), True)


def of_list(lines: Iterable[str], now: datetime) -> Iterator[Entry]:
    """Give the files of a LIST listing; times without a year are within the last one."""
    for line in lines:
        if (match := _UNIX.fullmatch(line)) and match["kind"] in "-l":
            name = match["name"].partition(" -> ")[0] if match["kind"] == "l" else match["name"]
            size = int(match["size"]) if match["kind"] == "-" else None
            yield Entry(name.removeprefix(" "), size, _unix_time(match, now), False)
        elif (match := _WINDOWS.fullmatch(line)) and match["size"].isdigit():
            yield Entry(match["name"].lstrip(" "), int(match["size"]), _windows_time(match), False)


def time_of(text: str) -> datetime | None:
    """Read `YYYYMMDDHHMMSS[.sss]`, which MLSD and MDTM give in UTC."""
    try:
        return datetime.strptime(text.strip()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _unix_time(match: re.Match[str], now: datetime) -> datetime | None:
    day, when = int(match["day"]), match["when"]
    try:
        month = _MONTHS.index(match["month"].lower()) + 1
        if ":" not in when:
            return datetime(int(when), month, day, tzinfo=UTC)
        hour, minute = map(int, when.split(":"))
        found = datetime(now.year, month, day, hour, minute, tzinfo=UTC)
        # A day of grace for a server whose clock is ahead, or in another zone.
        return found if found <= now + timedelta(days=1) else found.replace(year=now.year - 1)
    except ValueError:
        return None


def _windows_time(match: re.Match[str]) -> datetime | None:
    year, hour = int(match["year"]), int(match["hour"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].upper() == "PM" else 0)
    try:
        return datetime(year, int(match["month"]), int(match["day"]), hour, int(match["minute"]), tzinfo=UTC)
    except ValueError:
        return None
