"""The dry run of an import job: what would happen, without any of it."""

import asyncio
import time
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.answers import problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.pixee.jobs import ImportId, find, find_for_change, location, refusal
from api.pixee.models import ID
from api.problems import Problem, not_found, unavailable
from api.runs import FINAL_STATES, DagsterAway, RunRefused
from api.services import ApiServices, Services
from pim_pipelines.errors import InvalidStatus, MappingRequired
from pim_pipelines.importing.fields import IDENTIFIERS
from pim_pipelines.importing.lifecycle import CAN_DRY_RUN, JobStatus
from pim_pipelines.runs import of_preview
from pim_pipelines.store import previews
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.previews import Preview

router = APIRouter(prefix=PREFIX, tags=["imports"])

WAIT_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
ASK_DAGSTER_SECONDS = 2.0

_LOST = "The dry run has stopped without a result: call it again, and if that happens again see its run in Dagster."
_FAILED_STATUS = {"MAPPING_REQUIRED": 409, "UNSUPPORTED_FORMAT": 415, "FILE_TOO_LARGE": 413, "INTERNAL_ERROR": 500}


class PreviewRow(BaseModel):
    """What would be done with a row: every mapped field that has a value stands beside these."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {"row_number": 1, "action": "create", "ean": "3760000000001", "title": "Sample Product", "price": 29.99}
            ]
        },
    )

    row_number: int
    action: str = Field(description="create, update or skip")


class PreviewError(BaseModel):
    """What is wrong with a row."""

    model_config = ConfigDict(extra="allow")

    row_number: int = Field(examples=[42])
    field: str | None = Field(examples=["ean"])
    message: str = Field(examples=["EAN checksum invalid"])


class DryRun(BaseModel):
    """What an import would do; counted over the whole file."""

    job_id: UUID = Field(examples=[ID])
    total_rows: int = Field(examples=[1250])
    preview_rows: list[PreviewRow] = Field(description="the first 100")
    validation_errors: list[PreviewError] = Field(description="the first 100")
    products_to_create: int = Field(examples=[980])
    products_to_update: int = Field(examples=[265])
    rows_with_errors: int = Field(examples=[5])
    products_to_deactivate: int | None = Field(
        None,
        description="only with `deactivate_missing`: products of the supplier that the file no longer has; 0 where a "
        "row with an error may mean any of them",
        examples=[3],
    )


class DryRunStarted(BaseModel):
    """A dry run that is still at work."""

    job_id: UUID = Field(examples=[ID])
    status: Literal["running"]


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": DryRun, "description": "What the import would do."},
    202: {
        "model": DryRunStarted,
        "description": "The dry run takes longer: its result will be at `Location`.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    },
}


@router.post(
    "/imports/{import_id:uuid}/dry-run",
    response_class=JSONResponse,
    responses=problems(404, 409, 413, 415) | _ANSWERS,
    summary="Dry-run (preview)",
)
async def dry_run(import_id: ImportId, key: ImportsWriter, services: Services) -> Response:
    """Check and plan the whole file of a `pending`, `awaiting_mapping` or `ready` job without changing anything.

    In `awaiting_mapping` the suggested mapping is used. A dry run of this job that is at work already is joined.
    After 60 seconds the answer is 202, and the result will be at the address in `Location`.
    """
    job = await run_in_threadpool(_begin, import_id, key, services)
    began = asked = time.monotonic()
    pause = FIRST_PAUSE
    while time.monotonic() < began + WAIT_SECONDS:
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, LONGEST_PAUSE)
        asks_dagster = time.monotonic() > asked + ASK_DAGSTER_SECONDS
        if asks_dagster:
            asked = time.monotonic()
        preview = await run_in_threadpool(_look, job, services, asks_dagster)
        if preview is None:  # its mapping was changed, or it was deleted
            raise Problem(
                409, "DRY_RUN_SUPERSEDED", "The job was changed while the dry run was at work: call it again."
            )
        if preview.state != "running":
            return _answer(job, preview)
    return _not_yet(job)


@router.get(
    "/imports/{import_id:uuid}/dry-run",
    response_class=JSONResponse,
    responses=problems(404, 409, 413, 415) | _ANSWERS,
    summary="Latest dry-run",
)
def latest_dry_run(import_id: ImportId, key: ImportsReader, services: Services) -> Response:
    """Return the result of the latest dry run; 202 while it is at work, 404 where there was none."""
    with services.connection() as conn:
        job = find(conn, key, import_id)
    preview = _look(job, services, True)
    if preview is None:
        raise not_found("dry run")
    return _not_yet(job) if preview.state == "running" else _answer(job, preview)


def _begin(import_id: UUID, key: ApiKey, services: ApiServices) -> Job:
    """See that the job allows a dry run, and launch one where none is at work."""
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        _check(job)
    _look(job, services, True)  # one whose run has died does not hold up the next
    with services.connection() as conn:
        is_new = previews.begin(conn, job.id)
    if not is_new:
        return job
    try:
        run_id = services.runs.launch(of_preview(job))
    except (DagsterAway, RunRefused) as error:
        with services.connection() as conn:
            previews.forget(conn, job.id)
        raise unavailable(f"{error} The job stays as it was.", error.code) from error
    with services.connection() as conn:
        previews.launched(conn, job.id, run_id)
    return job


def _check(job: Job) -> None:
    if job.status not in CAN_DRY_RUN:
        raise refusal(job, "previewed", CAN_DRY_RUN)
    if job.file_sha256 is None:
        waiting = [str(JobStatus.AWAITING_MAPPING), str(JobStatus.READY)]
        raise InvalidStatus(
            "The import job's file has not come yet: wait for it.", current=str(job.status), allowed=waiting
        )
    if job.status is JobStatus.AWAITING_MAPPING and job.column_mapping is None:
        suggested = (job.suggested_mapping or {}).values()
        if not any(item.get("field") in IDENTIFIERS for item in suggested):
            raise MappingRequired("No column was recognised as ean or sku: save a mapping first (…/save-mapping).")


def _look(job: Job, services: ApiServices, asks_dagster: bool) -> Preview | None:
    """Return the latest dry run; one whose run is over and has left nothing is marked as failed."""
    with services.connection() as conn:
        preview = previews.get(conn, job.id)
    if not asks_dagster or preview is None or preview.state != "running" or preview.run_id is None:
        return preview
    try:
        status = services.runs.status(preview.run_id)
    except (DagsterAway, RunRefused):
        return preview
    if status is not None and status not in FINAL_STATES:
        return preview
    with services.connection() as conn:
        previews.fail(conn, job.id, preview.run_id, _LOST, "INTERNAL_ERROR")
        return previews.get(conn, job.id)


def _answer(job: Job, preview: Preview) -> Response:
    result = preview.result or {}
    if preview.state == "failed":
        code = str(result.get("error_code", "IMPORT_FAILED"))
        raise Problem(_FAILED_STATUS.get(code, 422), code, preview.message or _LOST)
    return JSONResponse({"job_id": str(job.uuid), **result})


def _not_yet(job: Job) -> Response:
    address = f"{location(job.uuid)}/dry-run"
    body = {"job_id": str(job.uuid), "status": "running"}
    return JSONResponse(body, 202, headers={"Location": address, "Retry-After": "2"})
