"""A relay of blocks: one thread makes them, another writes them down meanwhile, in a transaction of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from queue import Queue
from threading import Thread
from typing import Generic, Protocol, TypeVar

import polars as pl
import psycopg

from pim_pipelines.errors import ImportFailed
from pim_pipelines.loading.work import Staged

AHEAD = 1  # block that may wait to be written


class Counted(Protocol):
    """A block as checking gives it; its errors have an `error_type`."""

    @property
    def errors(self) -> pl.DataFrame:
        """Errors and warnings of its rows."""

    @property
    def total_rows(self) -> int:
        """All its rows."""

    @property
    def failed_rows(self) -> int:
        """Those of them that have an error."""


Block = TypeVar("Block", bound=Counted)


class Sums:
    """What the blocks so far have come to."""

    def __init__(self) -> None:
        self._total = self._failed = 0
        self._by_type: Counter[str] = Counter()

    def add(self, block: Counted) -> None:
        """Add a block."""
        self._total += block.total_rows
        self._failed += block.failed_rows
        if block.errors.height:
            types = block.errors["error_type"].value_counts()
            self._by_type.update(dict(zip(types["error_type"], types["count"], strict=True)))

    def staged(self) -> Staged:
        """Return the sums."""
        return Staged(self._total, self._failed, dict(self._by_type))


def relay(
    blocks: Iterable[Block],
    write: Callable[[Iterator[Block], Sums], None],
    on_block: Callable[[Staged], None] | None = None,
) -> Staged:
    """Hand blocks to `write`, which runs in a thread of its own and takes them one after the other; return their sums.

    The sums that `write` is given are whole once it has taken the last block. `on_block` is told them after each block.
    Where making the blocks fails, `write` meets psycopg.Rollback in its iterator, to be raised within its transaction.
    Raises ImportFailed where the database fails.
    """
    handed: _Handed[Block] = _Handed()
    sums, failure = Sums(), _Failure()

    def run() -> None:
        try:
            write(iter(handed), sums)
        except psycopg.Rollback:
            pass
        except BaseException as error:  # the other thread raises it
            failure.error = error
        finally:
            handed.drain()

    thread = Thread(target=run, name="stage", daemon=True)
    thread.start()
    try:
        for block in blocks:
            if failure.error is not None:
                break
            sums.add(block)
            handed.queue.put(block)
            if on_block is not None:
                on_block(sums.staged())
    except BaseException:
        handed.stopped = True
        raise
    finally:
        handed.queue.put(None)
        thread.join()
    if isinstance(failure.error, psycopg.Error):
        raise ImportFailed(
            "The database failed while the checked rows were being staged; nothing was loaded. Retry the import."
        ) from failure.error
    if failure.error is not None:
        raise failure.error
    return sums.staged()


class _Failure:
    """What went wrong in the writing thread."""

    error: BaseException | None = None


class _Handed(Generic[Block]):
    """The blocks as the writing thread takes them."""

    def __init__(self) -> None:
        self.queue: Queue[Block | None] = Queue(AHEAD)
        self.stopped = False
        self._is_over = False

    def __iter__(self) -> Iterator[Block]:
        while (block := self.queue.get()) is not None:
            yield block
        self._is_over = True
        if self.stopped:
            raise psycopg.Rollback

    def drain(self) -> None:
        """Take whatever still comes, so that nobody waits to hand it over."""
        while not self._is_over:
            self._is_over = self.queue.get() is None
