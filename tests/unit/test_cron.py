"""Due times: clock times in a zone, over both changes of daylight saving."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim_pipelines.automation.cron import DueTimes
from pim_pipelines.errors import InvalidField

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "UTC"]


def after(schedule: str, zone: str, moment: str, count: int) -> list[str]:
    """Return the next due times after a moment."""
    due, times = DueTimes(schedule, zone), []
    at = datetime.fromisoformat(moment)
    for _ in range(count):
        at = due.after(at)
        assert at.tzinfo is UTC
        times.append(f"{at:%m-%d %H:%M}")
    return times


@pytest.mark.parametrize(
    ("schedule", "zone", "moment", "expected"),
    [
        ("0 2 * * *", "UTC", "2026-03-15T09:00:00Z", ["03-16 02:00", "03-17 02:00"]),
        ("0 2 * * *", "UTC", "2026-03-15T02:00:00Z", ["03-16 02:00"]),
        # 02:00 to 03:00 is skipped on 29 March 2026: the first moment after it is 03:00 (01:00 UTC).
        ("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        ("0,15,45 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", ["03-29 01:00", "03-30 00:00"]),
        ("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["03-29 01:00", "03-30 01:00"]),
        # 02:00 to 03:00 comes twice on 25 October 2026: the first time is 00:00 to 01:00 UTC.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["10-25 00:30", "10-26 01:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", ["10-26 01:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T01:00:00Z", ["10-26 01:30"]),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", ["10-25 00:30", "10-25 02:00", "10-25 02:30"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", ["11-01 05:30", "11-02 06:30"]),
        # Half an hour is skipped in Lord Howe on 4 October 2026, at 02:00.
        ("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", ["10-03 15:30", "10-04 15:10"]),
        # Midnight itself is skipped in Santiago on 6 September 2026.
        ("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", ["09-06 04:00", "09-07 03:00"]),
        ("0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", ["02-29 00:00"]),
        ("0 6 * * mon-fri", "Asia/Kolkata", "2026-11-27T12:00:00Z", ["11-30 00:30"]),
        ("0 0 1 * 7", "UTC", "2026-11-25T12:00:00Z", ["11-29 00:00", "12-01 00:00", "12-06 00:00"]),
    ],
)
def test_due_times(schedule: str, zone: str, moment: str, expected: list[str]) -> None:
    assert after(schedule, zone, moment, len(expected)) == expected


def due_times_by_walking(zone: str, start: datetime, days: int, minutes: set[tuple[int, int]]) -> list[datetime]:
    """Find them by walking a clock, minute by minute of UTC: when it first shows, or has first passed, each time."""
    place, found, done = ZoneInfo(zone), [], set()
    before = start.astimezone(place).replace(tzinfo=None, fold=0)
    for minute in range(1, days * 1440 + 1):
        moment = start + timedelta(minutes=minute)
        clock = moment.astimezone(place).replace(tzinfo=None, fold=0)
        passed = before + timedelta(minutes=1)
        is_due = False
        while passed <= clock:
            if (passed.hour, passed.minute) in minutes and passed not in done:
                done.add(passed)
                is_due = True
            passed += timedelta(minutes=1)
        if is_due:
            found.append(moment)
        before = max(before, clock)  # a clock that was set back shows old times again
    return found


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["2026-03-28", "2026-04-04", "2026-09-05", "2026-10-03", "2026-10-24", "2026-10-31", "2026-02-14"]),
    st.sets(st.integers(0, 59), min_size=1, max_size=4),
    st.sets(st.integers(0, 4), min_size=1, max_size=3),
)
def test_as_a_clock_that_is_walked(zone: str, day: str, minutes: set[int], hours: set[int]) -> None:
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    due = DueTimes(f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *", zone)
    expected = due_times_by_walking(zone, start, 2, {(hour, minute) for hour in hours for minute in minutes})

    found, moment = [], start
    while (moment := due.after(moment)) <= start + timedelta(days=2):
        found.append(moment)

    assert found == expected


@pytest.mark.parametrize(
    "schedule",
    ["", "x", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "0 0 0 * *", "0 0 31 2 *", "@daily", "*/0 * * * *",
     "5-1 * * * *", "0 0 * * 8", "0 0 * * MOM", "a b c d e", "- - - - -", ", * * * *", "٣ * * * *"],
)  # fmt: skip
def test_what_is_no_schedule(schedule: str) -> None:
    with pytest.raises(InvalidField) as error:
        DueTimes(schedule)

    assert [field for field, _, _ in error.value.problems] == ["schedule"]


@pytest.mark.parametrize(
    "zone", ["", "Europe/Atlantis", "../../etc/passwd", "/etc/localtime", "UTC+2", "x" * 9999, "\0"]
)
def test_what_is_no_time_zone(zone: str) -> None:
    with pytest.raises(InvalidField) as error:
        DueTimes("0 2 * * *", zone)

    assert [field for field, _, _ in error.value.problems] == ["timezone"]
