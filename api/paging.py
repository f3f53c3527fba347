"""Pages of lists: `page` and `per_page` in, `{"items": […], "meta": {…}}` out."""

from collections.abc import Iterable
from typing import Annotated, Generic, Self, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

Item = TypeVar("Item")

FURTHEST = 2**62
"""An offset that PostgreSQL still takes; there is nothing behind it."""

PageNumber = Annotated[int, Query(ge=1, description="Page number. A page past the end is an empty list.")]


class Meta(BaseModel):
    """Where a page stands in its list."""

    total: int = Field(examples=[1])
    page: int = Field(examples=[1])
    per_page: int = Field(examples=[20])
    total_pages: int = Field(examples=[1])
    has_next: bool = Field(examples=[False])
    has_previous: bool = Field(examples=[False])


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    meta: Meta

    @classmethod
    def of(cls, items: Iterable[Item], total: int, page: int, per_page: int) -> Self:
        """Make a page of its items and the number of all there are."""
        total_pages = -(-total // per_page)
        meta = Meta(
            total=total,
            page=page,
            per_page=per_page,
            total_pages=total_pages,
            has_next=page < total_pages,
            has_previous=page > 1,
        )
        return cls(items=list(items), meta=meta)


def offset(page: int, per_page: int) -> int:
    """Return how many items stand before a page."""
    return min((page - 1) * per_page, FURTHEST)
