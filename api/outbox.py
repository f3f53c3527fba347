"""Delivers the outbox to its webhooks: threads of the API's process, as many processes as there may be.

Woken by NOTIFY, and once a second for what is due by time. A thread takes a webhook, sends what is due for it, one
event after the other, and takes the next; webhooks whose last try failed get half of the threads, so that dead and
slow receivers never hold up the others. How the deliverers of several processes share is in `store/deliveries.py`.
"""

import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import Connection

from api.event_bodies import body_of
from pim_pipelines.errors import ConfigurationError, PimError
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.sources.egress import AddressRefused, Egress
from pim_pipelines.store import deliveries, webhooks
from pim_pipelines.store.deliveries import Parcel, Try
from pim_pipelines.store.outbox import CHANNEL
from pim_pipelines.webhooks import signing
from pim_pipelines.webhooks.posting import Answer, post

log = logging.getLogger(__name__)

THREADS = 16
POLL_SECONDS = 1.0
STOP_SECONDS = 0.25
PRUNE_SECONDS = 3600.0
BACKOFF_SECONDS = (2.0, 10.0, 60.0, 300.0, 1800.0)
"""Before the first retry, the second, …; a tenth more or less."""

LONGEST_WAIT = 3600
"""A receiver's Retry-After is heeded up to this."""

GONE = 410
GONE_FOR_GOOD = "The receiver answered 410 Gone: the webhook was switched off."
REDIRECTED = "The receiver redirects, which is not followed: change the webhook's url to where it leads."


class Deliverer:
    """Starts with the app and stops with it; `connect` opens the connection that listens, `connection` lends others."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        connection: Callable[[], AbstractContextManager[Connection[Any]]],
        *,
        egress: Egress,
        box: Callable[[], SecretBox],
        backoff: Sequence[float] = BACKOFF_SECONDS,
        threads: int = THREADS,
    ) -> None:
        self._connect = connect
        self._connection = connection
        self._egress = egress
        self._box = box
        self._backoff = backoff
        self._threads = threads
        self._lock = threading.Lock()
        self._at_work = 0
        self._with_failing = 0
        self._stopping = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._listener.start()

    def stop(self) -> None:
        """Begin no more deliveries; what is under way is sent again by whoever comes next, where it is not noted."""
        self._stopping.set()
        self._listener.join(2 * STOP_SECONDS)

    # Waiting ---------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        pruned_at = 0.0
        while not self._stopping.is_set():
            try:
                with contextlib.closing(self._connect()) as conn:
                    conn.autocommit = True
                    conn.execute(f"listen {CHANNEL}".encode())
                    while not self._stopping.is_set():
                        if time.monotonic() - pruned_at > PRUNE_SECONDS:
                            pruned_at = time.monotonic()
                            self._prune()
                        self._set_to_work()
                        self._wait(conn)
            except (psycopg.Error, PimError) as error:
                if not self._stopping.is_set():
                    log.warning("webhooks wait for the database (%s)", type(error).__name__)
            except Exception:
                log.exception("delivering webhooks failed; it goes on in a second")
            self._stopping.wait(POLL_SECONDS)

    def _wait(self, conn: Connection[Any]) -> None:
        until = time.monotonic() + POLL_SECONDS
        while not self._stopping.is_set() and time.monotonic() < until:
            if any(True for _ in conn.notifies(timeout=STOP_SECONDS, stop_after=1)):
                return

    def _prune(self) -> None:
        with self._connection() as conn:
            if removed := deliveries.prune(conn):
                log.info("removed %d old deliveries of webhooks", removed)

    def _set_to_work(self) -> None:
        """Start a thread for each webhook that is due, as far as there are threads."""
        while not self._stopping.is_set() and self._at_work < self._threads:
            taken = self._take()
            if taken is None:
                return
            with self._lock:
                self._at_work += 1
            threading.Thread(target=self._work, args=taken, name=f"webhook {taken[0]}", daemon=True).start()

    # Working ---------------------------------------------------------------------------------------------

    def _take(self) -> tuple[int, bool] | None:
        """Take a webhook, and a place among those for the failing ones where it is one."""
        with self._connection() as conn:
            if (webhook_id := deliveries.take_webhook(conn, failing_too=False)) is not None:
                return webhook_id, False
            with self._lock:
                if self._with_failing >= max(self._threads // 2, 1):
                    return None
                self._with_failing += 1
            webhook_id = deliveries.take_webhook(conn, failing_too=True)
        if webhook_id is None:
            self._leave_failing()
            return None
        return webhook_id, True

    def _leave_failing(self) -> None:
        with self._lock:
            self._with_failing -= 1

    def _work(self, webhook_id: int, is_failing: bool) -> None:
        taken: tuple[int, bool] | None = (webhook_id, is_failing)
        try:
            while taken is not None:
                try:
                    self._serve(taken[0])
                finally:
                    if taken[1]:
                        self._leave_failing()
                    taken = None
                if not self._stopping.is_set():
                    taken = self._take()
        except Exception as error:
            # What was taken is free again when its lease is over.
            if not self._stopping.is_set():
                log.warning("delivering a webhook broke off (%s)", type(error).__name__, exc_info=True)
        finally:
            with self._lock:
                self._at_work -= 1

    def _serve(self, webhook_id: int) -> None:
        """Send what is due for a webhook, until it fails: then others come first."""
        while not self._stopping.is_set():
            with self._connection() as conn:
                parcel = deliveries.next_parcel(conn, webhook_id)
                body = body_of(conn, parcel) if parcel else b""
            if parcel is None:
                return
            outcome, is_gone = self._try(parcel, body)
            with self._connection() as conn:
                deliveries.note(conn, parcel, outcome)
                if is_gone:
                    webhooks.switch_off(conn, parcel.webhook_id, GONE_FOR_GOOD)
                if not outcome.is_good:
                    deliveries.release(conn, webhook_id)
            if not outcome.is_good:
                log.info("webhook %r of tenant %d: %s", parcel.name, parcel.tenant_id, outcome.error)
                return

    def _try(self, parcel: Parcel, body: bytes) -> tuple[Try, bool]:
        """Send a parcel once; returns how it went, and whether the receiver is gone for good."""
        start = time.monotonic()
        answer: Answer | None = None
        error: str | None = None
        can_retry = True
        try:
            answer = post(
                parcel.url, body, self._headers(parcel, body), egress=self._egress, seconds=parcel.timeout_seconds
            )
        except AddressRefused as refused:
            error, can_retry = str(refused), False
        except PimError as trouble:
            error = str(trouble)
        is_good = answer is not None and 200 <= answer.status < 300
        is_gone = answer is not None and answer.status == GONE
        if answer is not None and not is_good:
            error = _sentence(answer.status)
        retry_in = None
        if not is_good and can_retry and not is_gone and parcel.tries < parcel.max_retries:
            retry_in = self._pause(parcel.tries, answer)
        return (
            Try(
                is_good=is_good,
                duration_ms=round((time.monotonic() - start) * 1000),
                response_status=answer.status if answer else None,
                response_excerpt=answer.excerpt if answer else None,
                error=error,
                retry_in=retry_in,
            ),
            is_gone,
        )

    def _headers(self, parcel: Parcel, body: bytes) -> dict[str, str]:
        secret, own = None, {}
        if parcel.secret is not None:
            secret = str(self._box().open(parcel.secret)["secret"])
        if parcel.headers is not None:
            own = self._box().open(parcel.headers)
        return {
            **own,
            "Content-Type": "application/json",
            "User-Agent": "pim-pipelines",
            "X-PM-Event": parcel.event,
            **signing.headers(secret, str(parcel.event_uuid), int(time.time()), body),
        }

    def _pause(self, tries: int, answer: Answer | None) -> timedelta:
        seconds = self._backoff[min(tries, len(self._backoff) - 1)]
        seconds *= random.uniform(0.9, 1.1)  # noqa: S311 - only so that retries do not come all at once
        asked = min(answer.retry_after or 0, LONGEST_WAIT) if answer else 0
        return timedelta(seconds=max(seconds, asked))


def box_of(secret_key: str | None) -> Callable[[], SecretBox]:
    """Return what makes the box of a key; it raises ConfigurationError where there is none."""

    def box() -> SecretBox:
        if secret_key is None:
            raise ConfigurationError("Secrets of webhooks cannot be read or stored: PIM_SECRET_KEY is not set.")
        return SecretBox(secret_key)

    return box


def _sentence(status: int) -> str:
    if 300 <= status < 400:
        return REDIRECTED
    return GONE_FOR_GOOD if status == GONE else f"The receiver answered {status}."
