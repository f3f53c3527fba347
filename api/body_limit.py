"""No body but an upload's may be large."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import failures
from api.problems import Problem
from api.voog import file_addresses

MOST_BYTES = 10 * 1024 * 1024
COUNTS_BY_ITSELF = re.compile(rf"/api/v1/imports/upload|{file_addresses.PREFIX}/[0-9]+/content")


class BodyLimit:
    """ASGI middleware: a body over 10 MB is 413, by its declared length or by what has come."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or stop it."""
        if scope["type"] != "http" or COUNTS_BY_ITSELF.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._most_bytes:
            await failures.response(self._problem(), scope)(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._most_bytes:
                raise self._problem()
            return message

        await self._app(scope, counted, send)

    def _problem(self) -> Problem:
        return Problem(413, "BODY_TOO_LARGE", f"The body is larger than {self._most_bytes:,} bytes: send less at once.")
