"""The list of import tasks: filtered, sorted, in pages."""

from fastapi import APIRouter, Request, Response

from api.services import Services
from api.voog.auth import ECOMMERCE, TasksReader
from api.voog.errors import errors
from api.voog.filters import described, parse
from api.voog.models import TaskShown
from api.voog.paging import LINKS, PAGE_PARAMETERS, page_asked
from pim_pipelines.store.voog_task_lists import ATTRIBUTES, OBJECT, list_page

router = APIRouter(prefix=ECOMMERCE, tags=["products imports"])


@router.get(
    "/products_imports",
    responses={**errors(400), **LINKS},
    openapi_extra={"parameters": [*described(OBJECT, ATTRIBUTES), *PAGE_PARAMETERS]},
    summary="List tasks",
)
def list_tasks(key: TasksReader, services: Services, request: Request, response: Response) -> list[TaskShown]:
    """List the tenant's tasks whole, the newest first. Import jobs of the other API are not among them."""
    wanted = parse(request.query_params.multi_items(), OBJECT, ATTRIBUTES)
    page = page_asked(request)
    with services.connection() as conn:
        tasks, total = list_page(
            conn, key.tenant_id, wanted.conditions, wanted.order, limit=page.per_page, offset=page.offset
        )
    response.headers.update(page.headers(request, total))
    return [TaskShown.of(task) for task in tasks]
