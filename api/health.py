"""Whether the process lives, whether the system can work, and its figures. No key is needed."""

from typing import Any

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from api import docs
from api.problems import MEDIA_TYPE, unavailable
from api.services import ApiServices, Services
from pim_pipelines import runtime

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All is well."""

    status: str = Field(examples=["ok"])


_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {
        "description": "Something is away; `reasons` says what.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
}


@router.get("/healthz", summary="Liveness")
async def healthz() -> Health:
    """Tell that the process lives."""
    return Health(status="ok")


@router.get("/readyz", response_model=Health, responses=_NOT_READY, summary="Readiness")
def readyz(services: Services) -> Response:
    """Tell whether imports can be done now: the database, Dagster's code location, its daemons, and all processes."""
    reasons = _database(services) + services.runs.complaints() + _processes(services)
    if reasons:
        problem = unavailable(" ".join(reasons), "NOT_READY")
        problem.extra = {"reasons": reasons}
        raise problem
    return JSONResponse({"status": "ok"})


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
def metrics(request: Request) -> Response:
    """Return requests, latencies, jobs by status and rows in Prometheus's text format."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def documentation(request: Request) -> HTMLResponse:
    """Return this description as a page for people."""
    return HTMLResponse(docs.page(request.app.openapi()))


def _database(services: ApiServices) -> list[str]:
    try:
        with services.connection() as conn:
            conn.execute("select 1 from import_jobs limit 1")
    except psycopg.errors.UndefinedTable:
        return ["The database's schema is not there yet: start the system by `pim up`."]
    except psycopg.Error:
        return ["The database does not answer."]
    return []


def _processes(services: ApiServices) -> list[str]:
    """Return what the supervisor knows to be down; nothing where the system was not started by `pim up`."""
    running = runtime.read(services.settings.home)
    down = [name for name in running.down if name != "api"] if running else []
    return [f"The {name} is down and is being started again." for name in down]
