"""The schedule against a frozen clock and the real database: every due time exactly once."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from config_world import Connect, Daemon, config
from dagster import DagsterRunStatus, RunsFilter

from pim_pipelines.automation.due import claim_due
from pim_pipelines.resources import Catalogue
from pim_pipelines.store import configs, keys, looks

FIVE = timedelta(minutes=5)
CHANGES = {"03-08", "03-09", "03-29", "03-30", "04-05", "10-04", "10-05", "10-25", "10-26", "11-01", "11-02"}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]
TIMES = {
    "0 2 * * *": {(2, 0)},
    "30 2 * * *": {(2, 30)},
    "15,45 1,2 * * *": set(product((1, 2), (15, 45))),
    "0 */6 * * *": set(product((0, 6, 12, 18), (0,))),
    "10 0 * * *": {(0, 10)},
}


@pytest.fixture
def tenant_id(connect: Connect) -> int:
    with connect() as conn:
        return keys.create(conn, "acme")[0].tenant_id


@pytest.fixture
def daemon(database: str) -> Daemon:
    return Daemon(Catalogue(url=database))


def due_by_hand(zone: str, times: set[tuple[int, int]], start: datetime, end: datetime) -> list[datetime]:
    """Walk UTC in steps of five minutes, and note when the zone's clock first shows, or has first passed, each time."""
    place, seen, found, moment = ZoneInfo(zone), set(), [], start
    last = start.astimezone(place).replace(tzinfo=None, fold=0)
    while moment < end:
        moment += FIVE
        clock = moment.astimezone(place).replace(tzinfo=None, fold=0)
        passed = [last + FIVE * n for n in range(1, max(0, (clock - last) // FIVE) + 1)]
        new = {each for each in passed if (each.hour, each.minute) in times} - seen
        if new:
            seen |= new
            found.append(moment)
        last = max(last, clock)
    return found


def ticks(start: datetime, end: datetime, rng: random.Random) -> Iterator[datetime]:
    """Give the schedule's ticks of a simulated time, some of them seconds late.

    Every five minutes on the days of a change, else every twenty: no two due times of a config lie closer.
    """
    moment = start
    while (moment := moment + (FIVE if f"{moment:%m-%d}" in CHANGES else 4 * FIVE)) <= end:
        yield moment + timedelta(seconds=rng.choice([0, 0, 3, 17]))


def looks_by_config(conn: psycopg.Connection[Any]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    for config_id, due_at in conn.execute("select config_id, due_at from looks order by config_id, due_at"):
        found.setdefault(config_id, []).append(due_at.astimezone(UTC))
    return found


@pytest.mark.parametrize(
    ("start", "days"), [("2025-03-03T00:00:00+00:00", 36), ("2025-10-02T00:00:00+00:00", 33)], ids=["spring", "autumn"]
)
def test_over_a_month_with_both_changes_every_due_time_is_claimed_once(
    connect: Connect, tenant_id: int, start: str, days: int
) -> None:
    """Both months hold a change in Berlin, New York and Lord Howe (the other way round there); Santiago has its own.

    The daemon is away now and then, for less time than lies between two due times of a config.
    """
    begin, rng = datetime.fromisoformat(start), random.Random(7)
    end = begin + timedelta(days=days)
    expected = {}
    with connect() as conn:
        for zone, schedule in product(ZONES, TIMES):
            made = config(conn, tenant_id, schedule, zone, now=begin)
            expected[made.id] = due_by_hand(zone, TIMES[schedule], begin, end)
    conn = connect()
    skipped_until = begin
    for moment in ticks(begin, end, rng):
        if moment < skipped_until:
            continue
        if (
            f"{moment:%m-%d}" in CHANGES and rng.random() < 0.05
        ):  # down for some minutes; another process goes on, with another connection
            skipped_until = moment + timedelta(minutes=rng.choice([6, 11, 14]))
            conn.close()
            conn = connect()
            continue
        for look in claim_due(conn, moment):
            assert timedelta(0) <= moment - look.due_at < timedelta(minutes=25)
    claim_due(conn, end)

    assert looks_by_config(conn) == expected


def test_daemon_that_dies_between_claim_and_launch_starts_each_due_time_once(
    connect: Connect, tenant_id: int, daemon: Daemon
) -> None:
    """A day with Berlin's change in autumn: ticks die, daemons are restarted, one instance remembers the runs."""
    begin, rng = datetime(2025, 10, 25, 22, tzinfo=UTC), random.Random(3)
    end = begin + timedelta(hours=24)
    with connect() as conn:
        made = [config(conn, tenant_id, "30 2,14 * * *", zone, now=begin) for zone in ZONES]
    for moment in ticks(begin, end, rng):
        if moment.minute % 30 == 0 and rng.random() < 0.6:
            daemon = Daemon(daemon.catalogue, daemon.instance)  # restarted: nothing is remembered but in the database
            dies = rng.random() < 0.5
            if daemon.tick(moment, dies=dies) or dies:
                daemon.sweep(moment + timedelta(seconds=90))

    with connect() as conn:
        due = [uuid for (uuid,) in conn.execute("select uuid::text from looks")]
    launched = Counter(run.tags["pim/look_id"] for run in daemon.instance.get_runs())
    assert len(due) == sum(len(due_by_hand(each.timezone, {(2, 30), (14, 30)}, begin, end)) for each in made)
    assert launched == Counter(due)


def test_missed_times_are_caught_up_once(connect: Connect, tenant_id: int, daemon: Daemon) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    with connect() as conn:
        made = config(conn, tenant_id, "*/10 * * * *", now=begin)
    back = begin + timedelta(days=3, minutes=3)

    assert len(daemon.tick(back)) == 1
    assert daemon.tick(back + timedelta(seconds=1)) == []  # the ticks that Dagster catches up

    with connect() as conn:
        later = configs.by_id(conn, made.id)
        assert looks_by_config(conn)[made.id] == [begin + timedelta(minutes=10)]
    assert later is not None
    assert later.next_run_at == begin + timedelta(days=3, minutes=10)


def test_two_daemons_at_once_share_what_is_due(connect: Connect, tenant_id: int, daemon: Daemon) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    with connect() as conn:
        due = {config(conn, tenant_id, now=begin).id for _ in range(4)}
    now = begin + timedelta(hours=2)
    with connect() as first, connect() as second:
        configs.due(first, now, 2)  # holds two of them

        begun = {look.config_id for look in claim_due(second, now)}

        first.rollback()
        assert len(begun) == 2
        assert begun | {look.config_id for look in claim_due(first, now)} == due


def test_thousand_configs_due_at_once_are_claimed_in_one_tick(
    connect: Connect, tenant_id: int, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    with connect() as conn:
        first = config(conn, tenant_id, now=begin)
        conn.execute(
            """insert into import_configs (tenant_id, name, schedule, source, next_run_at)
               select tenant_id, name || n, schedule, source, next_run_at
               from import_configs, generate_series(1, 999) n where id = %s""",
            (first.id,),
        )

    with connect() as conn:
        begun = claim_due(conn, begin + timedelta(hours=2))

        assert len({look.config_id for look in begun}) == 1000
        assert claim_due(conn, begin + timedelta(hours=2)) == []


def test_inactive_config_is_not_started(connect: Connect, tenant_id: int, daemon: Daemon) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    with connect() as conn:
        config(conn, tenant_id, now=begin, is_active=False, next_run_at=None)

    assert "No automated import is active" in daemon.skips(begin + timedelta(days=9))


def test_skipped_tick_says_what_is_next(connect: Connect, tenant_id: int, daemon: Daemon) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    with connect() as conn:
        config(conn, tenant_id, now=begin, name="Daily")

    said = daemon.skips(begin)

    assert said.startswith("None of the 1 active automated imports is due.")
    assert said.endswith("Next: 'Daily' of tenant acme at 2025-03-01 02:00 UTC.")


def test_run_that_dies_is_launched_again_and_given_up_after_three(
    connect: Connect, tenant_id: int, daemon: Daemon
) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    now = begin + timedelta(hours=2)
    with connect() as conn:
        made = config(conn, tenant_id, now=begin)
    [request] = daemon.tick(now)
    for tries in range(1, 4):
        run = daemon.instance.get_runs(RunsFilter(tags=dict(request.tags)), limit=1)[0]
        with connect() as conn:
            look = looks.unfinished(conn, now)[0]
            assert looks.claim(conn, look.uuid, _uuid(run.run_id))
        assert daemon.sweep(now + timedelta(minutes=2)) == []  # it is at work
        daemon.instance.report_run_failed(run)
        assert len(daemon.sweep(now + timedelta(minutes=tries + 2))) == (1 if tries < 3 else 0)

    with connect() as conn:
        ended = configs.by_id(conn, made.id)
        assert looks.unfinished(conn, now) == []
    assert ended is not None
    assert "3 Dagster runs" in (ended.last_result or "")
    assert {run.status for run in daemon.instance.get_runs()} == {DagsterRunStatus.FAILURE}


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


def test_schedule_that_this_machine_cannot_follow_holds_up_no_other(
    connect: Connect, tenant_id: int, daemon: Daemon
) -> None:
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    with connect() as conn:
        bad, good = (config(conn, tenant_id, now=begin) for _ in range(2))
        conn.execute("update import_configs set timezone = 'Europe/Atlantis' where id = %s", (bad.id,))

    assert len(daemon.tick(begin + timedelta(hours=2))) == 2  # both were due; one of them for the last time

    with connect() as conn:
        ended, going = configs.by_id(conn, bad.id), configs.by_id(conn, good.id)
    assert ended is not None
    assert going is not None
    assert ended.next_run_at is None
    assert "cannot be followed" in (ended.last_result or "")
    assert going.next_run_at == begin + timedelta(days=1, hours=2)
