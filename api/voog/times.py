"""Times as the second API writes them: UTC, whole milliseconds, `2023-12-22T17:16:40.000Z`."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

EXAMPLE = "2023-12-22T17:16:40.000Z"


def in_milliseconds(moment: datetime) -> str:
    """Write a moment (with its zone) in the API's way; what is below a millisecond is cut off."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


Milliseconds = Annotated[
    datetime,
    PlainSerializer(in_milliseconds, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [EXAMPLE]}),
]
