"""Money and measures as the APIs write them: JSON numbers, exact in the database."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


Number = Annotated[
    Decimal, PlainSerializer(_number, return_type=int | float), WithJsonSchema({"type": "number", "examples": [29.99]})
]
