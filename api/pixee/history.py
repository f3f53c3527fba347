"""The history of a product: which import set which value, from what to what."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, PlainSerializer

from api.answers import problems
from api.auth import PREFIX, ProductsReader
from api.paging import Page, PageNumber, offset
from api.pixee.models import ID
from api.problems import not_found
from api.services import Services
from api.times import Seconds
from pim_pipelines.store import catalogue, history

router = APIRouter(prefix=PREFIX, tags=["products"])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


Value = Annotated[Any, PlainSerializer(_plain)]


class FieldChanged(BaseModel):
    """A field and its values."""

    field: str = Field(
        description="a product field, `attributes.<name>`, or what only the Voog API has, such as `slug` and `status`",
        examples=["price"],
    )
    old: Value = Field(description="null: it had none", examples=[29.99])
    new: Value = Field(description="null: it was emptied", examples=[27.99])


class ProductChanged(BaseModel):
    """What one import did to a product."""

    action: Literal["create", "update"] = Field(examples=["update"])
    import_id: UUID | None = Field(
        description="the import job; null where it was deleted, or where no import made the change", examples=[ID]
    )
    import_type: str | None = Field(examples=["manual"])
    file_name: str | None = Field(examples=["catalog.csv"])
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    row_number: int | None = Field(description="the row of that file; null for the create", examples=[42])
    changed_at: Seconds
    version: int = Field(description="the product's version after it; the create's is 1", examples=[2])
    changes: list[FieldChanged]


@router.get("/products/{product_id}/history", responses=problems(404), summary="Product history")
def product_history(
    product_id: Annotated[str, Path(description="The product's UUID, or its EAN in any form (8, 12, 13, 14 digits).")],
    key: ProductsReader,
    services: Services,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=200, description="Items per page, max 200.")] = 50,
) -> Page[ProductChanged]:
    """List what imports did to a product, the latest first; the last item is how it was made.

    An import that left the product as it was is not in the list.
    """
    with services.connection() as conn:
        row_id = catalogue.row_id(conn, key.tenant_id, product_id)
        found = (
            history.list_page(conn, key.tenant_id, row_id, limit=per_page, offset=offset(page, per_page))
            if row_id is not None
            else None
        )
    if found is None:
        raise not_found("product")
    changes, total = found
    shown = (ProductChanged.model_validate(change, from_attributes=True) for change in changes)
    return Page[ProductChanged].of(shown, total, page, per_page)
