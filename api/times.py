"""Times as the API writes them: UTC, whole seconds, `2026-03-15T09:00:00Z`."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, WithJsonSchema

EXAMPLE = "2026-03-15T09:00:00Z"


def in_seconds(moment: datetime) -> str:
    """Write a moment (with its zone) in the API's way."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Seconds = Annotated[
    datetime,
    PlainSerializer(in_seconds, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [EXAMPLE]}),
]


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A time that a client sends; without a zone it is UTC."""
