"""Places that are watched between their scheduled times (`on_new_file`), many at once and none for long.

Only listings are asked for here; what is new is fetched by a look, in a run of its own. A server that does not answer
costs a thread some seconds, and the next one nothing.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from pim_pipelines.automation.looking import opened
from pim_pipelines.automation.new_files import Listing, compare, tells
from pim_pipelines.database import Connection
from pim_pipelines.errors import PimError
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.settings import Settings
from pim_pipelines.sources.source import Timeouts
from pim_pipelines.store import configs, looks
from pim_pipelines.store.configs import Config
from pim_pipelines.store.looks import Cause, Look

EVERY = timedelta(seconds=60)
RESTS = timedelta(seconds=45)
"""A place is left alone for a little less than lies between two ticks, which are not punctual."""

AT_ONCE = 16
MOST_A_TICK = 200
BUDGET_SECONDS = 20.0
"""How long one tick waits for all its places; the slower ones are seen by a later tick."""

TIMEOUTS = Timeouts(connect=4.0, idle=8.0, total=15.0, session=20.0)
PATIENCE = timedelta(minutes=15)
"""How long a place is left alone after a look that failed, or where only fetching tells whether its file is new."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a config's place; `look` is the one that was begun because a file is new."""

    config: Config
    said: str
    look: Look | None = None


class Watcher:
    """Looks at places; one a process, so that a place whose server hangs is not asked again meanwhile."""

    def __init__(self) -> None:
        self._asked: set[int] = set()
        self._lock = threading.Lock()

    def watch(
        self, connect: Callable[[], Connection], box: Callable[[], SecretBox], settings: Settings, now: datetime
    ) -> list[Sight]:
        """Look at the places whose turn it is, and begin a look where a whole new file is; ends within its budget."""
        with connect() as conn:
            waiting = configs.watched(conn, now - RESTS, MOST_A_TICK)
            troubled = looks.failed_since(conn, [config.id for config in waiting], now - PATIENCE)
        mine = self._begin([config for config in waiting if config.id not in troubled])
        pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="watch")
        futures: dict[Future[Sight], Config] = {
            pool.submit(self._seen, config, connect, box, settings, now): config for config in mine
        }
        done, late = wait(futures, timeout=BUDGET_SECONDS)
        for future in late:
            if future.cancel():
                self._end(futures[future])
        pool.shutdown(wait=False)
        return [
            *(future.result() for future in done),
            *(Sight(futures[future], f"did not answer within {BUDGET_SECONDS:.0f} s") for future in late),
        ]

    def _begin(self, wanted: list[Config]) -> list[Config]:
        with self._lock:
            free = [config for config in wanted if config.id not in self._asked]
            self._asked |= {config.id for config in free}
        return free

    def _end(self, config: Config) -> None:
        with self._lock:
            self._asked.discard(config.id)

    def _seen(
        self,
        config: Config,
        connect: Callable[[], Connection],
        box: Callable[[], SecretBox],
        settings: Settings,
        now: datetime,
    ) -> Sight:
        try:
            return glance(config, connect, box, settings, now)
        except Exception as error:  # one place must not hide what the others show
            return Sight(config, f"an unexpected error ({type(error).__name__}) kept it from being looked at")
        finally:
            self._end(config)


def glance(
    config: Config, connect: Callable[[], Connection], box: Callable[[], SecretBox], settings: Settings, now: datetime
) -> Sight:
    """List one place and begin a look where a new file is whole; what was seen becomes the config's `last_result`."""
    try:
        with opened(config, box, settings, TIMEOUTS) as source, connect() as conn:
            listing = compare(conn, config, source.glance(), can_grow=source.can_grow, now=now)
    except PimError as error:
        with connect() as conn:
            configs.checked(conn, config.id, now, f"Failed: {error}")
        return Sight(config, f"could not be looked at: {str(error).rstrip('.')}")
    with connect() as conn:
        if listing.new and not _is_worth_it(config, listing, now):
            return Sight(config, "does not say whether its file has changed; it is fetched and compared now and then")
        look = looks.begin(conn, config.id, now, Cause.NEW_FILE) if listing.new else None
        configs.checked(conn, config.id, now, _result(listing))
    return Sight(config, listing.described(), look)


def _is_worth_it(config: Config, listing: Listing, now: datetime) -> bool:
    if any(tells(candidate, config) for candidate in listing.new):
        return True
    return config.last_checked_at is None or now - config.last_checked_at >= PATIENCE


def _result(listing: Listing) -> str:
    return f"{'New files' if listing.new else 'Nothing new'}: {listing.described()}."
