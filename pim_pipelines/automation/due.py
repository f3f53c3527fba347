"""The configs that are due now: each due time is claimed once, in one transaction with moving on to the next.

What is committed here is a row in `looks`, unique by config and due time. Its run is launched afterwards, and launched
again where that was lost: the row decides, so a due time is neither forgotten nor carried out twice.
"""

from datetime import datetime, timedelta

from pim_pipelines.automation.cron import DueTimes
from pim_pipelines.database import Connection
from pim_pipelines.errors import InvalidField
from pim_pipelines.store import configs, looks
from pim_pipelines.store.configs import Config
from pim_pipelines.store.looks import Cause, Look

AT_ONCE = 1000
"""How many configs one tick starts; more wait for the next one."""

KEPT = timedelta(days=90)


def claim_due(conn: Connection, now: datetime) -> list[Look]:
    """Begin a look for each active config whose time has come, and commit.

    Times that were missed (nobody asked for days) are caught up by one look, that of the first of them.
    """
    begun = []
    for config in configs.due(conn, now, AT_ONCE):
        assert config.next_run_at is not None  # noqa: S101 - it is due
        look = looks.begin(conn, config.id, config.next_run_at, Cause.SCHEDULE)
        configs.move_on(conn, config.id, next_due(config, now, conn))
        if look is not None:
            begun.append(look)
    if begun:
        looks.forget(conn, now - KEPT)
    conn.commit()
    return begun


def next_due(config: Config, now: datetime, conn: Connection) -> datetime | None:
    """Return when a config is due after now; None, and said in its result, where its schedule has no sense any more."""
    try:
        return DueTimes(config.schedule, config.timezone).after(now)
    except InvalidField as error:  # this machine's time zones may lack one that another machine's had
        configs.checked(conn, config.id, now, f"The schedule cannot be followed: {error}.")
        return None


def why_none(conn: Connection) -> str:
    """Say why no config is due now, and which one will be next."""
    total, first = configs.due_next(conn)
    if first is None or first.next_run_at is None:
        return "No automated import is active. POST /api/v1/import-configs/configs makes one."
    return (
        f"None of the {total:,} active automated imports is due. Next: {first.name!r} of tenant {first.tenant_code} at "
        f"{first.next_run_at:%Y-%m-%d %H:%M} UTC."
    )
