"""The app: its services, the layers that a request passes, and the routers.

Started by `uvicorn api.app:create_app --factory`.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import auth, failures, health, limits, openapi
from api.body_limit import BodyLimit
from api.gate import KeyGate, lookup_by
from api.limits import RateLimits
from api.metrics import Metrics
from api.outbox import Deliverer, box_of
from api.paths import OnePath
from api.pixee import (
    actions,
    configs,
    errors,
    history,
    imports,
    overview,
    pending_eans,
    previews,
    products,
    report,
    sources,
    suppliers,
    templates,
    uploads,
    webhooks,
)
from api.requests import RequestLog
from api.runs import Runs
from api.services import ApiServices
from api.voog import auth as voog_auth
from api.voog import import_files, task_list, tasks
from api.voog import products as voog_products
from pim_pipelines.database.connections import connector, pool
from pim_pipelines.errors import ConfigurationError
from pim_pipelines.files import FileStore
from pim_pipelines.settings import Settings, settings
from pim_pipelines.sources.egress import Egress

MOST_CONNECTIONS = 20

PIXEE = [
    uploads,
    sources,
    imports,
    overview,
    actions,
    errors,
    report,
    previews,
    pending_eans,
    templates,
    suppliers,
    products,
    history,
    configs,
    webhooks,
]
VOOG = [task_list, tasks, import_files, voog_products]


def create_app(given: Settings | None = None) -> FastAPI:
    """Make the app of a process; raises ConfigurationError."""
    services = _services(given or settings())
    logging.basicConfig(
        level=services.settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        services.pool.open(wait=False)  # a database that is away now makes 503s, not a process that cannot start
        deliverer = _deliverer(services)
        deliverer.start()
        yield
        deliverer.stop()
        services.pool.close()
        services.runs.close()

    app = FastAPI(
        title="PIM imports",
        version=version("pim-pipelines"),
        lifespan=life,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.metrics = Metrics(services)
    routes: list[APIRoute] = []
    for module in (health, *PIXEE, *VOOG):
        app.include_router(module.router)
        routes += [route for route in module.router.routes if isinstance(route, APIRoute)]
    failures.install(app, routes)
    openapi.install(app)
    # The last that is added is the first that a request passes.
    app.add_middleware(
        KeyGate,
        doors={auth.PREFIX: auth.key_of, voog_auth.PREFIX: voog_auth.token_of},
        lookup=lookup_by(services.connection),
        limits=RateLimits(limits.parse(services.settings.rate_limits)),
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(OnePath)
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    return app


def _services(given: Settings) -> ApiServices:
    if given.database_url is None:
        raise ConfigurationError("The API needs PIM_DATABASE_URL: start the system by `pim up`, which sets it.")
    return ApiServices(
        settings=given,
        pool=pool(given.database_url, max_size=MOST_CONNECTIONS),
        files=FileStore(given.files_location),
        runs=Runs(given.dagster_url),
    )


def _deliverer(services: ApiServices) -> Deliverer:
    return Deliverer(
        connector(services.settings.database_url or ""),
        services.connection,
        egress=Egress(services.settings.egress_allow),
        box=box_of(services.settings.secret_key),
    )
