"""Threads with a connection each, that load chunks while the next are being read."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import SimpleQueue
from threading import Event
from typing import Generic, TypeVar

import psycopg

from pim_pipelines.loading.work import Cancelled, Connect, Connection, Progress
from pim_pipelines.store.chunks import Tally

CONNECTIONS = 2
WAITING = 1  # chunks prepared beyond those being loaded

Chunk = TypeVar("Chunk")


class Crew(Generic[Chunk]):
    """Loads chunks over `CONNECTIONS` connections; `on_chunk` is told the sums after each."""

    def __init__(
        self, connect: Connect, load_chunk: Callable[[Connection, Chunk], Tally], on_chunk: Progress | None
    ) -> None:
        self._connect, self._load_chunk, self._on_chunk = connect, load_chunk, on_chunk
        self._connections: list[Connection] = []
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._stop = Event()
        self._total = Tally()

    def load(self, todo: Iterable[Chunk]) -> None:
        """Load all chunks; the first error ends it, and what was being loaded is taken back."""
        running: set[Future[Tally]] = set()
        with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="load") as threads:
            try:
                for _ in range(CONNECTIONS):
                    self._connections.append(self._connect())
                    self._free.put(self._connections[-1])
                for chunk in todo:
                    while len(running) >= CONNECTIONS + WAITING:
                        running = self._gather(running)
                    running.add(threads.submit(self._load_one, chunk))
                while running:
                    running = self._gather(running)
            except BaseException:
                self._abandon(running)
                raise
            finally:
                for conn in self._connections:
                    conn.close()

    def _load_one(self, chunk: Chunk) -> Tally:
        conn = self._free.get()
        try:
            if self._stop.is_set():
                raise Cancelled("The load was stopped.")
            return self._load_chunk(conn, chunk)
        finally:
            self._free.put(conn)

    def _gather(self, running: set[Future[Tally]]) -> set[Future[Tally]]:
        done, left = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            self._total += future.result()
            if self._on_chunk is not None:
                self._on_chunk(self._total)
        return left

    def _abandon(self, running: set[Future[Tally]]) -> None:
        """End the statements that are at work, so that their transactions roll back now."""
        self._stop.set()
        for future in running:
            future.cancel()
        for conn in self._connections:
            with suppress(psycopg.Error):
                conn.cancel_safe(timeout=5)
        wait(running, timeout=30)
