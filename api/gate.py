"""The gate that every request with a key passes: who asks, and how many requests that key has left."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import failures
from api.limits import RateLimits, classify
from api.problems import Problem
from pim_pipelines.store import keys
from pim_pipelines.store.keys import ApiKey


class KeyGate:
    """ASGI middleware: below the prefixes of `doors` nothing is done, not even a body read, without a good key.

    A door says how its clients send their key. `lookup` finds a key's row (in a thread); it is put into the request's
    state as `key`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        doors: Mapping[str, Callable[[Scope], str]],
        lookup: Callable[[str], ApiKey | None],
        limits: RateLimits,
    ) -> None:
        self._app = app
        self._doors = doors
        self._lookup = lookup
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        path: str = scope.get("path", "")
        key_of = next((key_of for prefix, key_of in self._doors.items() if f"{path}/".startswith(f"{prefix}/")), None)
        if scope["type"] != "http" or key_of is None:
            await self._app(scope, receive, send)
            return
        try:
            key = await self._authenticate(key_of(scope))
        except Exception as error:
            await failures.response(error, scope)(scope, receive, send)
            return
        scope.setdefault("state", {})["key"] = key
        allowance = self._limits.take(key.id, classify(scope["method"], path))
        if allowance is None:
            await self._app(scope, receive, send)
            return

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(allowance.headers)
            await send(message)

        if allowance.is_exceeded:
            await failures.response(allowance.problem(), scope)(scope, receive, send_with_limits)
        else:
            await self._app(scope, receive, send_with_limits)

    async def _authenticate(self, given: str) -> ApiKey:
        if not given:
            raise _unauthorized("AUTHENTICATION_REQUIRED", "Send an API key: X-API-Key: pm_live_… (see `pim keys`).")
        found = await run_in_threadpool(self._lookup, given)
        if found is None:
            raise _unauthorized("INVALID_API_KEY", "The API key is unknown or was revoked: check it, or make another.")
        return found


def lookup_by(connection: Callable[[], Any]) -> Callable[[str], ApiKey | None]:
    """Return the lookup of a gate, by connections of a pool."""

    def lookup(key: str) -> ApiKey | None:
        with connection() as conn:
            return keys.authenticate(conn, key)

    return lookup


def _unauthorized(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": "Bearer"})
