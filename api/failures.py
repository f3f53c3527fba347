"""Which API's body an error has: the path says whose client has asked."""

from collections.abc import Sequence

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api import problems
from api.problems import Problem
from api.voog import auth as voog_auth
from api.voog import errors as voog_errors
from api.voog import file_addresses
from api.voog.errors import VoogProblem
from pim_pipelines.errors import PimError


def response(error: Exception, scope: Scope) -> Response:
    """Return the answer that an error of any layer is to the client of a request."""
    path: str = scope.get("path", "")
    if f"{path}/".startswith((f"{voog_auth.PREFIX}/", f"{file_addresses.PREFIX}/")):
        return voog_errors.of(error).response()
    return problems.of(error).response()


def install(app: FastAPI, routes: Sequence[APIRoute]) -> None:
    """Have an app answer every error so; `routes` are all it has, so that a 405 can name the methods."""

    async def handle(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            error = problems.method_not_allowed(request, routes)
        elif isinstance(error, RequestValidationError):
            error = problems.of_request(error, request)
        return response(error, request.scope)

    handled = [Problem, VoogProblem, HTTPException, RequestValidationError, PimError, psycopg.Error]
    for kind in (*handled, *problems.DATABASE_AWAY):
        app.add_exception_handler(kind, handle)
