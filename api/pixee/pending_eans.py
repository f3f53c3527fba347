"""EANs that imports met and no product has: list, ignore, link to a product."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query
from psycopg import Connection, errors
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.paging import Page, PageNumber, offset
from api.pixee.models import Deleted
from api.problems import Problem, not_found
from api.services import Services
from api.texts import Search, Text
from api.times import Seconds
from pim_pipelines.errors import InvalidField
from pim_pipelines.store import catalogue, resolutions
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.resolutions import PendingEan

router = APIRouter(prefix=PREFIX, tags=["pending EANs"])

ID = "aabb1234-0000-0000-0000-000000000001"
PRODUCT_ID = "70696d70-726f-8000-8000-000000000001"
MOST_IDS = 10_000

ResolutionId = Annotated[UUID, Path(description="The pending EAN's UUID.", examples=[ID])]


class PendingEanShown(BaseModel):
    """An EAN that waits for a product."""

    id: UUID = Field(examples=[ID])
    ean: str = Field(examples=["3760000000099"])
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    description: str | None = Field(description="the title of the row that had it", examples=["Widget Pro 3000"])
    first_seen_at: Seconds

    @classmethod
    def of(cls, pending: PendingEan) -> Self:
        """Show a pending EAN."""
        return cls(
            id=pending.uuid,
            ean=pending.ean,
            supplier_code=pending.supplier_code,
            description=pending.description,
            first_seen_at=pending.first_seen_at,
        )


class IdsToIgnore(BaseModel):
    """Which pending EANs to ignore."""

    ids: list[UUID] = Field(
        max_length=MOST_IDS, description="Unknown ones are skipped.", examples=[[ID, ID.replace("001", "002")]]
    )


class DeletedMany(BaseModel):
    """How many things are no more."""

    deleted: int = Field(examples=[2])


class ProductToLink(BaseModel):
    """Which product an EAN belongs to."""

    product_id: UUID = Field(description="The product's UUID.", examples=[PRODUCT_ID])


class Resolved(BaseModel):
    """An EAN that belongs to a product now."""

    resolved: bool = Field(True, examples=[True])
    id: UUID = Field(examples=[ID])
    ean: str = Field(examples=["3760000000099"])
    product_id: UUID = Field(examples=[PRODUCT_ID])


@router.get("/imports/ean-pending", responses=problems(), summary="List EANs pending resolution")
def list_pending_eans(
    *,
    key: ImportsReader,
    services: Services,
    supplier_code: Annotated[Text | None, Query(description="Filter by originating supplier.")] = None,
    search: Annotated[
        Search | None, Query(description="Search by EAN value or description, without regard to case.")
    ] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[PendingEanShown]:
    """List the EANs that imports met, that no product has, and that a row could not make a product of.

    Those seen last come first. An EAN leaves the list when a product gets it, and when it is ignored.
    """
    with services.connection() as conn:
        found, total = resolutions.list_page(
            conn,
            key.tenant_id,
            supplier_code=supplier_code,
            search=search,
            gtin=catalogue.gtin(search) if search is not None else None,
            limit=per_page,
            offset=offset(page, per_page),
        )
    return Page[PendingEanShown].of((PendingEanShown.of(pending) for pending in found), total, page, per_page)


@router.delete("/imports/ean-pending/{resolution_id:uuid}", responses=problems(404), summary="Ignore a pending EAN")
def ignore_pending_ean(resolution_id: ResolutionId, key: ImportsWriter, services: Services) -> Deleted:
    """Take an EAN from the list; it is not queued again for that supplier."""
    with services.connection() as conn:
        if not resolutions.ignore(conn, key.tenant_id, [resolution_id]):
            raise not_found("pending EAN")
    return Deleted(deleted=True, id=resolution_id)


@router.post("/imports/ean-pending/bulk-delete", responses=problems(415), summary="Ignore several pending EANs")
def ignore_pending_eans(body: IdsToIgnore, key: ImportsWriter, services: Services) -> DeletedMany:
    """Take EANs from the list, as many as are there; unknown ids are skipped."""
    with services.connection() as conn:
        return DeletedMany(deleted=resolutions.ignore(conn, key.tenant_id, set(body.ids)))


@router.post(
    "/imports/ean-pending/{resolution_id:uuid}/resolve",
    responses=problems(404, 409, 415),
    summary="Link a pending EAN to a product",
)
def resolve_pending_ean(
    resolution_id: ResolutionId, body: ProductToLink, key: ImportsWriter, services: Services
) -> Resolved:
    """Give the EAN to a product that has none; it leaves the list, for other suppliers too.

    A product that has the EAN already is linked without a change. One that has another EAN keeps it: 409
    `PRODUCT_HAS_EAN`. Where another product has the EAN by now: 409 `DUPLICATE_EAN`.
    """
    with services.connection() as conn:
        pending = resolutions.by_uuid(conn, key.tenant_id, resolution_id)
        product_id = catalogue.product_id(body.product_id)
        is_linked = pending is not None and pending.state == "resolved" and pending.product_id == product_id
        if pending is None or not (pending.state == "open" or is_linked):
            raise not_found("pending EAN")
        if not is_linked:
            _link(conn, key, pending, product_id)
    return Resolved(resolved=True, id=pending.uuid, ean=pending.ean, product_id=body.product_id)


def _link(conn: Connection[Any], key: ApiKey, pending: PendingEan, product_id: int | None) -> None:
    """Link an open EAN to a product; raises InvalidField or Problem (409)."""
    has = resolutions.ean_of(conn, key.tenant_id, product_id) if product_id is not None else None
    if product_id is None or has is None:
        raise InvalidField.one("product_id", "There is no product of this id.", "unknown")
    if has[1:] == (pending.gtin, pending.gtin_scope):
        resolutions.resolve(conn, key.tenant_id, pending, product_id)
        return
    try:
        is_given = has[1] is None and resolutions.link(conn, key.tenant_id, pending, product_id)
    except errors.UniqueViolation:
        raise _conflict(
            "DUPLICATE_EAN", f"Another product has the EAN {pending.ean} by now: link it to that one, or ignore it."
        ) from None
    if not is_given:
        raise _conflict(
            "PRODUCT_HAS_EAN",
            f"The product keeps the EAN that it has{f' ({has[0]})' if has[0] else ''}: choose a product without one.",
        )


def _conflict(error_code: str, detail: str) -> Problem:
    field = {"field": "product_id", "message": detail, "code": error_code.lower()}
    return Problem(409, error_code, detail, [field])
