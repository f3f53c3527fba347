"""Every error answer of the second API: `{"message": …}`, with `errors` where single fields are wrong.

An endpoint raises VoogProblem, or what the other API raises: both become this body below `/admin/api`.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api import problems
from api.problems import Problem

UNAUTHORIZED = "Unauthorized."
NOT_FOUND = "Not found."
INVALID = "Validation failed."
NOT_JSON = "The body must be a JSON object in UTF-8."

_TEXTS = {
    "missing": "is required.",
    "bool_type": "must be true or false.",
    "string_type": "must be text.",
    "literal_error": "is not one of the supported values.",
}
"""What our models' own validators do not say; by pydantic's type of the error."""


@dataclass
class VoogProblem(Exception):
    """An error that a client of the second API is told of; `errors` are texts by field."""

    status: int
    message: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return the answer."""
        body: dict[str, Any] = {"message": self.message} | ({"errors": self.errors} if self.errors else {})
        # A lone surrogate that a client sent, and that a message quotes, has no UTF-8.
        text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return Response(text, self.status, headers=self.headers, media_type="application/json")


class ErrorBody(BaseModel):
    """An error; `message` says what to do."""

    message: str = Field(examples=[INVALID])
    errors: dict[str, list[str]] | None = Field(
        None, description="With 422: what is wrong, by field.", examples=[{"file_url": ["is required."]}]
    )


_DESCRIPTIONS = {
    400: "The body or the query cannot be understood.",
    401: "No token, or one that is not good.",
    403: "The token's key lacks the scope; `message` says which.",
    404: "No such thing for this token's tenant.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    422: "A field is wrong, or the task's status does not allow this.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    500: "Something went wrong on our side.",
    503: "The database is away for the moment.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an endpoint: these and those that any endpoint may have."""
    return {
        status: {"description": _DESCRIPTIONS[status], "model": ErrorBody}
        for status in sorted({*statuses, 401, 403, 422, 429, 500, 503})
    }


def not_found() -> VoogProblem:
    """Return the answer to an id that is unknown, or another tenant's."""
    return VoogProblem(404, NOT_FOUND)


def invalid(name: str, *texts: str) -> VoogProblem:
    """Return the problem of one wrong field."""
    return VoogProblem(422, INVALID, {name: list(texts)})


def of(error: Exception) -> VoogProblem:
    """Return what any exception is to a client of the second API."""
    if isinstance(error, VoogProblem):
        return error
    if isinstance(error, HTTPException) and error.status_code == 400:  # a body that the framework could not parse
        return VoogProblem(400, NOT_JSON)
    return _translated(problems.of(error))


def _translated(problem: Problem) -> VoogProblem:
    if problem.status == 401:
        return VoogProblem(401, UNAUTHORIZED)
    if problem.status == 404:
        return VoogProblem(404, NOT_FOUND, headers=problem.headers)
    if problem.status != 422 or not problem.errors:
        return VoogProblem(problem.status, problem.detail, headers=problem.headers)
    if any(item["field"] == "body" for item in problem.errors):  # it is not an object, or not even JSON
        return VoogProblem(400, NOT_JSON)
    found: dict[str, list[str]] = {}
    for item in problem.errors:
        texts = [_TEXTS[item["code"]]] if item["code"] in _TEXTS else item["message"].splitlines()
        found.setdefault(item["field"], []).extend(texts)
    return VoogProblem(422, INVALID, found, problem.headers)
