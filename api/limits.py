"""Rate limits: requests a minute and key, in four classes, counted in this process's memory.

A window of 60 seconds begins with a key's first request of a class, and another one with the first after its end.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from api.problems import Problem
from pim_pipelines.errors import ConfigurationError

WINDOW_SECONDS = 60


class RequestClass(StrEnum):
    """What a request costs us; `polling` is GETs of one job, `uploads` whatever brings a file."""

    READS = "reads"
    WRITES = "writes"
    UPLOADS = "uploads"
    POLLING = "polling"


_BRINGS_A_FILE = re.compile(
    r"^/api/v1/(imports/(upload|upload-from-url|import/[a-z]+)|import-configs/configs/[^/]+/run)$"
    r"|^/admin/api/ecommerce/v1/products_imports$"
)
_ONE_JOB = re.compile(
    r"^/api/v1/imports/[0-9a-fA-F-]{32,36}(/dry-run)?$|^/admin/api/ecommerce/v1/products_imports/[0-9]+$"
)


def classify(method: str, path: str) -> RequestClass:
    """Return the class of a request, by its path without a trailing slash."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return RequestClass.POLLING if _ONE_JOB.match(path) else RequestClass.READS
    if method == "POST" and _BRINGS_A_FILE.match(path):
        return RequestClass.UPLOADS
    return RequestClass.WRITES


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still ask for in this minute; `reset_at` is in epoch seconds."""

    limit: int
    remaining: int
    reset_at: int
    retry_after: int
    is_exceeded: bool

    @property
    def headers(self) -> dict[str, str]:
        """The headers that every keyed answer carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_at),
        }

    def problem(self) -> Problem:
        """Return the answer to a request too many."""
        return Problem(
            429,
            "RATE_LIMIT_EXCEEDED",
            f"More than {self.limit} requests of this kind in a minute: wait {self.retry_after} s and go on.",
            headers={"Retry-After": str(self.retry_after)},
            extra={"retry_after_seconds": self.retry_after},
        )


class RateLimits:
    """The counters; used by one thread, the event loop's."""

    def __init__(self, limits: dict[RequestClass, int], clock: Callable[[], float] = time.time) -> None:
        self._limits = limits
        self._clock = clock
        self._windows: dict[tuple[int, RequestClass], tuple[float, int]] = {}

    def take(self, key_id: int, request_class: RequestClass) -> Allowance | None:
        """Count a request; None where requests of its class are not limited."""
        limit = self._limits.get(request_class)
        if limit is None:
            return None
        now = self._clock()
        began, count = self._windows.get((key_id, request_class), (now, 0))
        if not began <= now < began + WINDOW_SECONDS:  # over, or the clock was put back
            began, count = now, 0
        is_exceeded = count >= limit
        if not is_exceeded:
            count += 1
        self._windows[key_id, request_class] = (began, count)
        ends = began + WINDOW_SECONDS
        return Allowance(limit, limit - count, ceil(ends), max(1, ceil(ends - now)), is_exceeded)


def parse(text: str) -> dict[RequestClass, int]:
    """Read `PIM_RATE_LIMITS`; nothing is limited by `off`. Raises ConfigurationError."""
    limits: dict[RequestClass, int] = {}
    if text.strip().lower() == "off":
        return limits
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = item.partition("=")
        try:
            limits[RequestClass(name.strip())] = int(number)
            if limits[RequestClass(name.strip())] < 1:
                raise ValueError(number)
        except ValueError:
            raise ConfigurationError(
                f"PIM_RATE_LIMITS has {item!r}: write reads=1000,writes=100,uploads=30,polling=600, or off."
            ) from None
    return limits
