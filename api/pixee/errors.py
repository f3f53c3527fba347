"""The errors and warnings of an import job, a page of them; the whole report is in `report.py`."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, ImportsReader
from api.paging import Page, PageNumber, offset
from api.pixee.jobs import ImportId, find
from api.services import Services
from api.texts import Search
from api.times import Seconds
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.store import error_reads

router = APIRouter(prefix=PREFIX, tags=["imports"])


class ErrorShown(BaseModel):
    """What is wrong with a row; with severity `warning` the row was loaded all the same."""

    row_number: int = Field(description="1-based, data rows only", examples=[42])
    severity: Severity = Field(examples=["error"])
    error_type: ErrorType = Field(examples=["ean_invalid"])
    field: str | None = Field(examples=["ean"])
    message: str = Field(examples=["EAN checksum invalid (expected 13 digits)"])
    raw_value: str | None = Field(examples=["123ABC7890"])
    created_at: Seconds


@router.get("/imports/{import_id:uuid}/errors", responses=problems(404), summary="Job errors")
def list_errors(
    *,
    import_id: ImportId,
    key: ImportsReader,
    services: Services,
    error_type: Annotated[ErrorType | None, Query(description="Filter by error type.")] = None,
    severity: Annotated[Severity | None, Query(description="Filter by severity.")] = None,
    search: Annotated[Search | None, Query(description="Search within the messages, without regard to case.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=200, description="Items per page, max 200.")] = 50,
) -> Page[ErrorShown]:
    """List the errors and warnings of a job by row. Before processing the list is empty.

    A job keeps up to a million of them; the whole list in one file is at `…/report`.
    """
    with services.connection() as conn:
        job = find(conn, key, import_id)
        found, total = error_reads.list_page(
            conn,
            job.id,
            error_type=error_type,
            severity=severity,
            search=search,
            limit=per_page,
            offset=offset(page, per_page),
        )
    shown = (ErrorShown.model_validate(item, from_attributes=True) for item in found)
    return Page[ErrorShown].of(shown, total, page, per_page)
