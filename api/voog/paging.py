"""Pages of a list as Voog has them: a plain array, and headers that say where it goes on.

Source: the Voog page "Pagination in API", and the contract's section 5.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from api.paging import FURTHEST, offset
from api.texts import quoted
from api.voog.errors import VoogProblem

DEFAULT_PER_PAGE = 50
MOST_PER_PAGE = 250

PAGE_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "page",
        "in": "query",
        "required": False,
        "description": "Page number. A page past the end is an empty list.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
    },
    {
        "name": "per_page",
        "in": "query",
        "required": False,
        "description": "Items per page; more than 250 are 250.",
        "schema": {"type": "integer", "minimum": 1, "default": DEFAULT_PER_PAGE},
    },
]
"""How the OpenAPI description shows the parameters; another value than these is a 400."""

LINKS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Link": {
                "description": "Absolute addresses of the pages `first`, `prev`, `next` and `last`, without the token.",
                "schema": {"type": "string"},
            },
            "X-Total-Entries": {"description": "How many there are.", "schema": {"type": "integer"}},
            "X-Total-Pages": {"description": "How many pages that makes.", "schema": {"type": "integer"}},
        }
    }
}
"""The `responses` of an endpoint that has pages."""

_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]+")


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page of a list is asked for."""

    number: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many items stand before it."""
        return offset(self.number, self.per_page)

    def headers(self, request: Request, total: int) -> dict[str, str]:
        """Return the headers of the page, of a list of so many items.

        `Link` has absolute addresses with everything that was asked, but for the token: what answers is logged in
        places where a token must not be. There is no `prev` on the first page and no `next` on the last; the last
        page of an empty list is its first.
        """
        last = max(1, -(-total // self.per_page))
        pages = {"first": 1, "prev": min(self.number - 1, last), "next": self.number + 1, "last": last}
        if self.number == 1:
            del pages["prev"]
        if self.number >= last:
            del pages["next"]
        kept = [(name, value) for name, value in request.query_params.multi_items() if _plain(name) not in _LEFT_OUT]
        links = [
            f'<{_address(request)}?{urlencode([("page", str(page)), *kept], safe="$:")}>; rel="{rel}"'
            for rel, page in pages.items()
        ]
        total_pages = -(-total // self.per_page)
        return {"Link": ", ".join(links), "X-Total-Entries": str(total), "X-Total-Pages": str(total_pages)}


_LEFT_OUT = {"page", "api_token"}


def page_asked(request: Request) -> PageAsked:
    """Return the page that a request asks for; raises VoogProblem, 400. More than 250 a page are 250."""
    per_page = _number(request, "per_page", DEFAULT_PER_PAGE)
    return PageAsked(_number(request, "page", 1), min(per_page, MOST_PER_PAGE))


def _number(request: Request, name: str, default: int) -> int:
    given = [value for key, value in request.query_params.multi_items() if _plain(key) == name]
    text = given[-1].strip() if given else ""
    if not given:
        return default
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise VoogProblem(400, f"{name} must be a whole number from 1, which {quoted(text)} is not.")
    return int(text) if len(text) < 18 else FURTHEST


def _plain(name: str) -> str:
    return name.removeprefix("?")


def _address(request: Request) -> str:
    """Return the address that was asked, without its query; a host that is none is left to the server's own."""
    asked = request.url
    if _HOST.fullmatch(asked.netloc):
        return f"{asked.scheme}://{asked.netloc}{asked.path}"
    host, port = request.scope.get("server") or ("localhost", None)
    return f"{asked.scheme}://{host}{f':{port}' if port else ''}{asked.path}"
