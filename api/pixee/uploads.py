"""Uploading a file: `POST /imports/upload`."""

import logging
from typing import Annotated, Any
from uuid import uuid4

import psycopg
from fastapi import APIRouter, Header, Request, Response
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from api.answers import LOCATION, problems
from api.auth import PREFIX, ImportsWriter
from api.incoming import receive
from api.pixee.jobs import launch_import, location
from api.pixee.models import ImportAccepted
from api.pixee.upload_form import BODY, CheckedUpload, check
from api.problems import Problem
from api.services import ApiServices, Services
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import idempotency, jobs, suppliers
from pim_pipelines.store.idempotency import Seen
from pim_pipelines.store.keys import ApiKey

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["imports"])

_KEY = Header(
    alias="Idempotency-Key",
    max_length=255,
    description="The same key with the same fields and file within 24 hours gets the first answer; with others, 422.",
)


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
    idempotency_key: Annotated[str | None, _KEY] = None,
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
    body, is_new = await run_in_threadpool(_accept, checked, key, services, (idempotency_key or "").strip())
    response.headers["Location"] = location(body.id)
    if not is_new:
        response.headers["Idempotency-Replayed"] = "true"
    return body


def _accept(
    checked: CheckedUpload, key: ApiKey, services: ApiServices, idempotency_key: str
) -> tuple[ImportAccepted, bool]:
    """Make the job and launch its run; or, where the request came before, give the first answer again."""
    try:
        with services.connection() as conn:
            made = _insert_once(conn, checked, key, idempotency_key)
    except BaseException:
        services.files.delete(checked.folder)
        raise
    if isinstance(made, ImportAccepted):
        services.files.delete(checked.folder)
        return made, False
    status = JobStatus.ANALYZING if launch_import(services, made) else JobStatus.PENDING
    answer = _show(made, status)
    if idempotency_key:
        _remember(services, key, idempotency_key, answer)
    return answer, True


def _insert_once(
    conn: Connection[Any], checked: CheckedUpload, key: ApiKey, idempotency_key: str
) -> jobs.Job | ImportAccepted:
    if not idempotency_key:
        return _insert(conn, checked, key)
    seen = idempotency.reserve(conn, key.tenant_id, idempotency_key, checked.fingerprint)
    if seen is not None:
        return _first_answer(conn, seen, checked)
    job = _insert(conn, checked, key)
    idempotency.attach(conn, key.tenant_id, idempotency_key, job.id)
    return job


def _first_answer(conn: Connection[Any], seen: Seen, checked: CheckedUpload) -> ImportAccepted:
    if seen.fingerprint != checked.fingerprint:
        raise Problem(
            422,
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key came with another file or other fields before: use a new key for a new import.",
        )
    if seen.answer is not None:
        return ImportAccepted.model_validate(seen.answer)
    first = jobs.by_id(conn, seen.import_id) if seen.import_id is not None else None
    if first is None:
        raise Problem(409, "IDEMPOTENCY_KEY_IN_USE", "The first request with this key is still at work: try again.")
    return _show(first, first.status)  # the first request is still launching its run


def _remember(services: ApiServices, key: ApiKey, idempotency_key: str, answer: ImportAccepted) -> None:
    try:
        with services.connection() as conn:
            idempotency.answer(conn, key.tenant_id, idempotency_key, answer.model_dump(mode="json"))
    except psycopg.Error:  # the job is made: a second request is answered from its row
        log.warning("the answer to an Idempotency-Key could not be kept")


def _show(job: jobs.Job, status: JobStatus) -> ImportAccepted:
    return ImportAccepted(
        id=job.uuid,
        status=status,
        file_name=job.file_name,
        file_type=job.file_type,
        supplier_code=job.supplier_code,
        created_at=job.created_at,
    )


def _insert(conn: Connection[Any], checked: CheckedUpload, key: ApiKey) -> jobs.Job:
    fields, template, supplier = checked.fields, checked.template, checked.supplier
    if supplier is None and fields.supplier_code is not None:
        supplier = suppliers.ensure(conn, key.tenant_id, fields.supplier_code)
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
