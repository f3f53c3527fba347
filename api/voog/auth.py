"""Who asks the second API: an API key of ours, sent as Voog's clients send their token."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, APIKeyQuery, SecurityScopes
from starlette.datastructures import Headers
from starlette.types import Scope

from api.auth import key_with
from pim_pipelines.store.keys import ApiKey

PREFIX = "/admin/api"
ECOMMERCE = f"{PREFIX}/ecommerce/v1"
HEADER = "X-API-TOKEN"
QUERY = "api_token"


def token_of(scope: Scope) -> str:
    """Return the token that a request sends, in its header or else in its query; empty where there is none.

    The query of a request stands in no log of ours (`api/requests.py`), and uvicorn's access log is off.
    """
    query: bytes = scope.get("query_string", b"")
    given = Headers(scope=scope).get(HEADER, "").strip()
    return given or dict(parse_qsl(query.decode("latin-1"))).get(QUERY, "").strip()


_header = APIKeyHeader(
    name=HEADER, scheme_name="ApiTokenHeader", auto_error=False, description="A key made by `pim keys create`."
)
_query = APIKeyQuery(name=QUERY, scheme_name="ApiTokenQuery", auto_error=False, description="The same key.")


async def _caller(
    request: Request,
    scopes: SecurityScopes,
    _by_header: Annotated[Any, Depends(_header)],
    _by_query: Annotated[Any, Depends(_query)],
) -> ApiKey:
    # The two schemes are here for the OpenAPI description; the gate has read the token.
    return key_with(request, scopes.scopes)


TasksReader = Annotated[ApiKey, Security(_caller, scopes=["imports:read"])]
TasksWriter = Annotated[ApiKey, Security(_caller, scopes=["imports:write"])]
ProductsReader = Annotated[ApiKey, Security(_caller, scopes=["products:read"])]
