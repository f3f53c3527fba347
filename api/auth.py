"""Who asks: the key of a request, its scopes, and how many requests it has left."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.limits import RateLimits, classify
from api.problems import Problem
from pim_pipelines.store import keys
from pim_pipelines.store.keys import ApiKey

PREFIX = "/api/v1"
_BEARER = re.compile(r"bearer +(.+)", re.IGNORECASE)


class KeyGate:
    """ASGI middleware: below `/api/v1` nothing is done, not even a body read, without a key that is good.

    `lookup` finds a key's row (in a thread); it is put into the request's state as `key`.
    """

    def __init__(self, app: ASGIApp, *, lookup: Callable[[str], ApiKey | None], limits: RateLimits) -> None:
        self._app = app
        self._lookup = lookup
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not (path == PREFIX or path.startswith(f"{PREFIX}/")):
            await self._app(scope, receive, send)
            return
        try:
            key = await self._authenticate(Headers(scope=scope))
        except Exception as error:
            await problems.of(error).response()(scope, receive, send)
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
            await allowance.problem().response()(scope, receive, send_with_limits)
        else:
            await self._app(scope, receive, send_with_limits)

    async def _authenticate(self, headers: Headers) -> ApiKey:
        given = headers.get("x-api-key", "").strip()
        if not given and (match := _BEARER.fullmatch(headers.get("authorization", "").strip())):
            given = match[1]
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


_header = APIKeyHeader(
    name="X-API-Key", scheme_name="ApiKey", auto_error=False, description="A key made by `pim keys create`."
)
_bearer = HTTPBearer(scheme_name="Bearer", auto_error=False, description="The same key as a bearer token.")


async def _caller(
    request: Request,
    scopes: SecurityScopes,
    _by_header: Annotated[Any, Depends(_header)],
    _by_bearer: Annotated[Any, Depends(_bearer)],
) -> ApiKey:
    # The two schemes are here for the OpenAPI description; the gate has read the headers.
    key: ApiKey = request.state.key
    for scope in scopes.scopes:
        if not key.allows(scope):
            raise Problem(
                403, "PERMISSION_DENIED", f"The API key lacks the scope {scope}: make one that has it (`pim keys`)."
            )
    return key


ImportsReader = Annotated[ApiKey, Security(_caller, scopes=["imports:read"])]
ImportsWriter = Annotated[ApiKey, Security(_caller, scopes=["imports:write"])]
ProductsReader = Annotated[ApiKey, Security(_caller, scopes=["products:read"])]
SuppliersReader = Annotated[ApiKey, Security(_caller, scopes=["suppliers:read"])]
SuppliersWriter = Annotated[ApiKey, Security(_caller, scopes=["suppliers:write"])]
