"""Every error answer below `/api/v1`: `application/problem+json` (RFC 9457) with the contract's members.

A `Problem` is raised by what knows what is wrong; errors of the core, of validation, of the database and
of the framework become one here. `api/failures.py` says which API's body an error has.
"""

import http
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests
from starlette.exceptions import HTTPException

from pim_pipelines import errors

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5

log = logging.getLogger(__name__)


@dataclass
class Problem(Exception):
    """An error that the client is told of; `detail` is a sentence that says what to do."""

    status: int
    error_code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def response(self) -> Response:
        """Return the answer."""
        body = {
            "type": f"urn:pim:problem:{self.error_code.lower().replace('_', '-')}",
            "title": _title(self.status),
            "status": self.status,
            "detail": self.detail,
            "error_code": self.error_code,
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "errors": self.errors,
            **self.extra,
        }
        text = json.dumps(body, ensure_ascii=False)
        # A lone surrogate that a client sent, and that a message quotes, has no UTF-8.
        return Response(text.encode("utf-8", "replace"), self.status, headers=self.headers, media_type=MEDIA_TYPE)


_STATUS_OF: dict[type[errors.PimError], int] = {
    errors.NotFound: 404,
    errors.InvalidStatus: 409,
    errors.MappingRequired: 409,
    errors.FileTooLarge: 413,
    errors.UnsupportedFormat: 415,
    errors.InvalidField: 422,
    errors.FileError: 422,
    errors.DatabaseUnavailable: 503,
}

DATABASE_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, TooManyRequests)


def unavailable(detail: str, error_code: str) -> Problem:
    """Return the problem of something that is away for the moment."""
    return Problem(503, error_code, detail, headers={"Retry-After": str(RETRY_SECONDS)})


def not_found(what: str = "import job") -> Problem:
    """Return the answer to an id that is unknown, or another tenant's."""
    return Problem(404, "NOT_FOUND", f"There is no {what} of this id: check the id, and the key's tenant.")


def invalid(name: str, message: str, code: str = "invalid") -> Problem:
    """Return the problem of one wrong field or parameter."""
    return Problem(422, "VALIDATION_ERROR", message, [{"field": name, "message": message, "code": code}])


def of(error: Exception) -> Problem:
    """Return the problem that any exception is to a client."""
    for known, make in _MAKERS:
        if isinstance(error, known):
            problem: Problem = make(error)
            return problem
    log.error("unhandled error", exc_info=error)
    return Problem(500, "INTERNAL_ERROR", "Something went wrong on our side. The log of the API says what.")


def _of_pim(error: errors.PimError) -> Problem:
    status = next((_STATUS_OF[kind] for kind in type(error).__mro__ if kind in _STATUS_OF), 500)
    problem = Problem(status, error.code, str(error))
    if status == 503:
        problem.headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, errors.InvalidStatus):
        problem.extra = {"current_status": error.current, "allowed_statuses": error.allowed}
    elif isinstance(error, errors.InvalidField):
        problem.errors = [{"field": name, "message": text, "code": code} for name, text, code in error.problems]
    elif isinstance(error, errors.FileError):
        problem.errors = [{"field": "file", "message": str(error), "code": error.code.lower()}]
    return problem


def _of_database(error: Exception) -> Problem:
    log.error("the database does not answer: %s", type(error).__name__)
    return unavailable("The database does not answer: try again in a moment.", "DATABASE_UNAVAILABLE")


def _of_data(_error: Exception) -> Problem:
    # What got past our own checks and PostgreSQL cannot hold: NUL in text, a number out of range, a lone surrogate.
    return Problem(422, "VALIDATION_ERROR", "A value cannot be stored: it holds a character or a number out of range.")


def _of_http(error: Exception) -> Problem:
    assert isinstance(error, HTTPException)  # noqa: S101 - by the table below
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return Problem(
            404,
            "NOT_FOUND",
            "Nothing is at this address: check the path and the ids in it (/docs lists the endpoints).",
            headers=headers,
        )
    if isinstance(error.__cause__, Problem):  # raised while the framework read the body
        return error.__cause__
    if error.status_code == 400:  # a body that could not be parsed, which no handler of the framework names
        return Problem(422, "VALIDATION_ERROR", "The body is not valid JSON in UTF-8.", headers=headers)
    code = _title(error.status_code).upper().replace(" ", "_").replace("-", "_")
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def of_request(error: RequestValidationError, request: Request) -> Problem:
    """Return the problem of a request that does not fit its endpoint's description."""
    found = [_field_error(item) for item in error.errors()]
    sent = request.headers.get("content-type", "")
    if sent and not _is_json(sent) and any(tuple(item["loc"]) == ("body",) for item in error.errors()):
        return Problem(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The body must be JSON: send it with the header Content-Type: application/json.",
        )
    detail = "; ".join(f"{item['field']}: {item['message']}" for item in found[:5])
    return Problem(422, "VALIDATION_ERROR", f"Check these fields. {detail}.", found)


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    place: Sequence[Any] = item["loc"]
    if item["type"] == "json_invalid":
        message = f"not valid JSON at character {place[-1]}: {item.get('ctx', {}).get('error', '')}"
        return {"field": "body", "message": message, "code": "json_invalid"}
    name = ".".join(str(part) for part in place[1:]) or str(place[0])
    message = str(item["msg"]).removeprefix("Value error, ")
    return {"field": _printable(name), "message": _printable(message), "code": str(item["type"])}


def _printable(text: str) -> str:
    """Return text of a client that is fit for JSON: without lone surrogates, and not endless."""
    return text.encode("utf-8", "replace").decode()[:500]


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def method_not_allowed(request: Request, routes: Sequence[APIRoute]) -> Problem:
    """Return the answer to a method that a path does not have; it names those that it has."""
    # The framework names the methods of the first route only; a path may have several.
    path = request.scope["path"]
    allowed = {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}
    if "GET" in allowed:
        allowed.add("HEAD")
    methods = ", ".join(sorted(allowed))
    detail = f"{request.method} is not possible here, only {methods}."
    return Problem(405, "METHOD_NOT_ALLOWED", detail, headers={"Allow": methods})


def _title(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Error"


_MAKERS: list[tuple[type[Exception] | tuple[type[Exception], ...], Any]] = [
    (Problem, lambda error: error),
    (errors.PimError, _of_pim),
    (DATABASE_AWAY, _of_database),
    (psycopg.DataError, _of_data),
    (HTTPException, _of_http),
]
