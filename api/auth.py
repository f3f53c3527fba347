"""Who asks: how a request sends its key, and what scopes its endpoint wants."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes
from starlette.datastructures import Headers
from starlette.types import Scope

from api.problems import Problem
from pim_pipelines.store.keys import ApiKey

PREFIX = "/api/v1"
_BEARER = re.compile(r"bearer +(.+)", re.IGNORECASE)


def key_of(scope: Scope) -> str:
    """Return the key that a request sends, in either header; empty where there is none."""
    headers = Headers(scope=scope)
    given = headers.get("x-api-key", "").strip()
    if not given and (match := _BEARER.fullmatch(headers.get("authorization", "").strip())):
        given = match[1]
    return given


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
    return key_with(request, scopes.scopes)


def key_with(request: Request, scopes: Iterable[str]) -> ApiKey:
    """Return the key that a request was let in by; raises Problem (403) where it lacks a scope."""
    key: ApiKey = request.state.key
    for scope in scopes:
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
