"""The OpenAPI description: what the framework makes of the routes, and what it cannot know."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.answers import ProblemBody

DESCRIPTION = """\
Supplier product files go in here; a Dagster run analyses, maps, checks and loads them into the catalogue.

**A first import**: `POST /imports/upload`, then poll `GET /imports/{import_id}` until it is `awaiting_mapping` or
`ready`; `POST …/save-mapping` where the suggested mapping is not what you want; `POST …/start-processing`; poll until
`completed`, and read `…/errors`.

**Keys**: `X-API-Key: pm_live_…` or `Authorization: Bearer pm_live_…`, made by `pim keys create`.
**Errors** are `application/problem+json`; `error_code` is stable, `detail` says what to do.
**Limits** are in `X-RateLimit-Limit`, `-Remaining` and `-Reset` (epoch seconds) of every keyed answer.
A trailing slash is optional on every path. Times are UTC, whole seconds.
"""

TAGS = [
    {"name": "imports", "description": "Import jobs: upload, map, preview, process, look at what happened."},
    {"name": "automated imports", "description": "Configs that have files fetched and imported by a schedule."},
    {"name": "pending EANs", "description": "EANs that imports met and no product has."},
    {"name": "mapping templates", "description": "A mapping, rules and options under a name."},
    {"name": "suppliers", "description": "Whose files they are."},
    {"name": "products", "description": "The catalogue that the imports fill."},
    {"name": "webhooks", "description": "Addresses of yours that are told of what happens."},
    {
        "name": "products imports",
        "description": "The second API: Voog's import tasks, over the same imports and products. Its errors are "
        '`{"message": …}`, its token is an API key in `X-API-TOKEN` or `?api_token=`, its times have milliseconds.',
    },
    {
        "name": "voog products",
        "description": "The second API: the catalogue in Voog's form, products with their variants.",
    },
    {
        "name": "import files",
        "description": "The second API: how a file without a server of its own gets a `file_url`.",
    },
    {"name": "health", "description": "For those who run the system."},
]

_LIMIT_HEADERS = {
    "X-RateLimit-Limit": "Requests of this kind a minute and key.",
    "X-RateLimit-Remaining": "How many of them are left.",
    "X-RateLimit-Reset": "When the count begins anew, in epoch seconds.",
}


def install(app: FastAPI) -> None:
    """Have an app describe itself."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _describe(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=TAGS)
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    body = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    components |= body.pop("$defs", {})
    components["ProblemBody"] = body
    for name in ("HTTPValidationError", "ValidationError"):  # the framework's own, which we do not answer
        components.pop(name, None)
    for operations in schema["paths"].values():
        for operation in operations.values():
            _complete(operation)
    return schema


def _complete(operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if answer["description"] == "Successful Response":
            answer["description"] = f"{HTTPStatus(int(status)).phrase}."
    if not operation.get("security"):
        return
    headers = {name: {"description": text, "schema": {"type": "integer"}} for name, text in _LIMIT_HEADERS.items()}
    for status, answer in operation["responses"].items():
        if status != "401":
            answer["headers"] = answer.get("headers", {}) | headers
        if status in {"429", "503"}:
            answer["headers"]["Retry-After"] = {"description": "in seconds", "schema": {"type": "integer"}}
