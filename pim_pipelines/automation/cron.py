"""Five-field cron in a time zone, and its due times in UTC.

The schedule is a list of clock times. Where daylight saving skips one, it is due at the first moment after the gap; one
that comes twice is due the first time only. CronSim reads the fields and counts in clock times without a zone; what
those mean in UTC is decided here, so that its own (Debian's) rules for daylight saving never apply.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from pim_pipelines.errors import InvalidField

FIELDS = "minute hour day-of-month month day-of-week"
_SECOND = timedelta(seconds=1)


class DueTimes:
    """The due times of a schedule; raises InvalidField (`schedule`, `timezone`) for one that is none."""

    def __init__(self, schedule: str, timezone: str = "UTC") -> None:
        self._zone = _zone(timezone)
        self._schedule = schedule
        if len(schedule.split()) != 5:
            raise _wrong(f"must be five fields of cron ({FIELDS}), such as `0 2 * * *`")
        try:
            next(self._clock_times(datetime(2026, 1, 1)))
        except CronSimError as error:
            raise _wrong(f"is no cron expression: {str(error).lower()}. It has five fields: {FIELDS}") from None
        except StopIteration:
            raise _wrong("never comes: there is no such date") from None

    def after(self, moment: datetime) -> datetime:
        """Return the first due time after a moment, in UTC."""
        clock = moment.astimezone(self._zone).replace(tzinfo=None, fold=0)
        # Clock times up to now's mean moments up to now: of one that comes twice, the first is meant.
        for time in self._clock_times(clock):
            due = first_moment(time, self._zone)
            if due > moment:
                return due
        raise _wrong("never comes again: there is no such date")  # CronSim looks 50 years ahead

    def _clock_times(self, after: datetime) -> Iterator[datetime]:
        return iter(CronSim(self._schedule, after))


def first_moment(clock: datetime, zone: ZoneInfo) -> datetime:
    """Return when a clock (without a zone) first shows a time, or has first passed it where it skips it; in UTC."""
    moment = clock.replace(tzinfo=zone).astimezone(UTC)  # fold=0: the first of two
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == clock:
        return moment
    # Skipped: read with the offset before the gap it lies after the change, with the one after the gap before it.
    before = clock.replace(tzinfo=zone, fold=1).astimezone(UTC)
    new_offset = moment.astimezone(zone).utcoffset()
    while moment - before > _SECOND:
        middle = (before + (moment - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == new_offset:
            moment = middle
        else:
            before = middle
    return moment


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str) -> ZoneInfo:
    if name not in _zones():
        raise InvalidField.one("timezone", "must be the name of a time zone, such as Europe/Berlin", "unknown_timezone")
    return ZoneInfo(name)


def _wrong(message: str) -> InvalidField:
    return InvalidField.one("schedule", message, "invalid_schedule")
