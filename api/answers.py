"""How the OpenAPI description shows the answers that are errors."""

from typing import Any

from pydantic import BaseModel, Field

from api.problems import MEDIA_TYPE
from api.times import EXAMPLE


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(examples=["per_page"])
    message: str = Field(examples=["Input should be less than or equal to 100"])
    code: str = Field(examples=["less_than_equal"])


class ProblemBody(BaseModel):
    """An error (RFC 9457); `error_code` is stable, `detail` says what to do."""

    type: str = Field(examples=["urn:pim:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no import job of this id: check the id, and the key's tenant."])
    error_code: str = Field(examples=["NOT_FOUND"])
    timestamp: str = Field(examples=[EXAMPLE])
    errors: list[FieldProblem] = Field(default_factory=list)
    current_status: str | None = Field(None, description="With 409 INVALID_STATUS: where the job stands.")
    allowed_statuses: list[str] | None = Field(None, description="With 409 INVALID_STATUS: where it would have to.")
    retry_after_seconds: int | None = Field(None, description="With 429: how long to wait.")


_TEXTS = {
    401: "No API key (`AUTHENTICATION_REQUIRED`), or one that is not good (`INVALID_API_KEY`).",
    403: "The key lacks the scope (`PERMISSION_DENIED`).",
    404: "No such thing for this key's tenant (`NOT_FOUND`).",
    409: "The job's status does not allow this (`INVALID_STATUS`), it has no mapping (`MAPPING_REQUIRED`), "
    "or it is a task of the Voog API, which this API only shows (`VOOG_TASK`).",
    413: "The body is too large (`FILE_TOO_LARGE`, `BODY_TOO_LARGE`).",
    415: "The content type (`UNSUPPORTED_MEDIA_TYPE`) or the file's format (`UNSUPPORTED_FORMAT`) is not one we take.",
    422: "A field is wrong (`VALIDATION_ERROR`); `errors` says which.",
    429: "Too many requests (`RATE_LIMIT_EXCEEDED`); `Retry-After` says how long to wait.",
    500: "Something went wrong on our side (`INTERNAL_ERROR`).",
    503: "The database (`DATABASE_UNAVAILABLE`) or Dagster (`DAGSTER_UNAVAILABLE`) is away for the moment.",
}
_ALWAYS = (401, 403, 422, 429, 500, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an endpoint: these and those that any endpoint may have."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {"description": _TEXTS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*statuses, *_ALWAYS})
    }


LOCATION: dict[int | str, dict[str, Any]] = {
    202: {"headers": {"Location": {"description": "The address of the job.", "schema": {"type": "string"}}}}
}
"""The `responses` of an endpoint that starts work."""
