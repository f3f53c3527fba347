"""Uploading a file: `POST /imports/upload`."""

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from api.answers import LOCATION, problems
from api.auth import PREFIX, ImportsWriter
from api.incoming import receive
from api.pixee.accepting import IdempotencyKey, NewJob, accept
from api.pixee.jobs import location
from api.pixee.models import ImportAccepted
from api.pixee.upload_form import BODY, CheckedUpload, check, supplier_made
from api.services import ApiServices, Services
from pim_pipelines.store import jobs
from pim_pipelines.store.keys import ApiKey

router = APIRouter(prefix=PREFIX, tags=["imports"])


@router.post(
    "/imports/upload",
    status_code=202,
    response_model=ImportAccepted,
    responses=problems(413, 415) | LOCATION,
    openapi_extra={"requestBody": BODY},
    summary="Upload a file",
)
async def upload(
    request: Request,
    response: Response,
    key: ImportsWriter,
    services: Services,
    idempotency_key: IdempotencyKey = None,
) -> ImportAccepted:
    """Start an import job by uploading a file. Poll the job, whose address is in `Location`.

    The file is analysed at once; the job reaches `awaiting_mapping`, or `ready` where the template fits or the
    columns are recognised beyond doubt. Where Dagster is away the answer is `pending`, and the job is launched later.
    """
    uuid = uuid4()
    folder = f"{key.tenant_id}/{uuid}"
    limit = services.settings.max_file_bytes
    async with receive(request, services.files, folder=folder, key=f"{folder}/source", max_bytes=limit) as incoming:
        checked = await run_in_threadpool(check, incoming, uuid, key, services)
    body, is_new = await run_in_threadpool(_accept, checked, key, services, idempotency_key)
    response.headers["Location"] = location(body.id)
    if not is_new:
        response.headers["Idempotency-Replayed"] = "true"
    return body


def _accept(
    checked: CheckedUpload, key: ApiKey, services: ApiServices, idempotency_key: str | None
) -> tuple[ImportAccepted, bool]:
    """Make the job of a file that is stored; where it came before, or no job can be made, the file goes again."""
    new = NewJob(checked.fingerprint, lambda conn: _insert(conn, checked, key), ImportAccepted, ImportAccepted.of)
    try:
        answer, is_new = accept(new, key, services, idempotency_key)
    except BaseException:
        services.files.delete(checked.folder)
        raise
    if not is_new:
        services.files.delete(checked.folder)
    return answer, is_new


def _insert(conn: Connection[Any], checked: CheckedUpload, key: ApiKey) -> jobs.Job:
    fields, template = checked.fields, checked.template
    supplier = supplier_made(conn, key, fields, checked.supplier)
    return jobs.insert(
        conn,
        uuid=checked.uuid,
        tenant_id=key.tenant_id,
        import_type=fields.import_type,
        supplier_id=supplier.id if supplier else None,
        template_id=template.id if template else None,
        auto_process=fields.auto_process,
        file_name=checked.file_name,
        file_type=checked.file_type,
        file_size=checked.size,
        file_sha256=checked.sha256,
        validation_rules=template.validation_rules if template else None,
        import_options=checked.options,
    )
