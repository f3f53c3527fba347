"""The outermost layer: logs and counts every request, and answers what nothing else has caught."""

import logging
import re
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import failures
from api.metrics import Metrics

log = logging.getLogger("api.requests")

CLIENT_WENT_AWAY = 499
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


_SIGNATURE = re.compile(r"(?<=/)[0-9a-f]{64}(?=/|$)")
"""Of an address that needs no key (`api/voog/file_addresses.py`)."""


class RequestLog:
    """ASGI middleware. Paths are logged without their query, and headers not at all: both may hold secrets."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see what becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, method = time.perf_counter(), scope["method"]
        status = CLIENT_WENT_AWAY
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal status, has_started
            if message["type"] == "http.response.start":
                status, has_started = message["status"], True
            await send(message)

        state = scope.setdefault("state", {})
        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            pass
        except Exception as error:
            if has_started:  # too late for an answer: the connection breaks, and the client sees that
                raise
            await failures.response(error, scope)(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - began
            key = state.get("key")
            log.info(
                "%s %s %d %.0f ms%s",
                method,
                _SIGNATURE.sub("***", scope["path"].encode("unicode_escape").decode()),  # no line breaks of clients
                status,
                seconds * 1000,
                f" {key.tenant_code} {key.prefix}" if key else "",
            )
            route = getattr(scope.get("route"), "path_format", "-")
            self._metrics.count(method if method in METHODS else "-", route, status, seconds)
