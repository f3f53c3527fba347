"""Suppliers: list, create, get, change."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from psycopg import errors
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, SuppliersReader, SuppliersWriter
from api.paging import Page, PageNumber, offset
from api.problems import Problem, not_found
from api.services import Services
from api.texts import LEFT_OUT, Code, Name, Search
from api.times import Seconds
from pim_pipelines.store import suppliers
from pim_pipelines.store.suppliers import Supplier

router = APIRouter(prefix=PREFIX, tags=["suppliers"])


class SupplierToMake(BaseModel):
    """What a new supplier needs."""

    code: Code = Field(description="Unique in the tenant, compared exactly.", examples=["SUPPLIER_A"])
    name: Name | None = Field(None, examples=["Supplier A SAS"])


class SupplierChanges(BaseModel):
    """What may be changed of a supplier; what is left out stays."""

    code: Code = Field(LEFT_OUT, description="Unique in the tenant, compared exactly.", examples=["SUPPLIER_A"])
    name: Name | None = Field(None, description="null: none", examples=["Supplier A SAS"])


class SupplierShown(BaseModel):
    """A supplier."""

    id: UUID = Field(examples=["b1e9c3d2-1111-4abc-8def-000000000001"])
    code: str = Field(examples=["SUPPLIER_A"])
    name: str | None = Field(examples=["Supplier A SAS"])
    created_at: Seconds
    updated_at: Seconds

    @classmethod
    def of(cls, supplier: Supplier) -> Self:
        """Show a supplier."""
        return cls(
            id=supplier.uuid,
            code=supplier.code,
            name=supplier.name,
            created_at=supplier.created_at,
            updated_at=supplier.updated_at,
        )


@router.get("/suppliers", responses=problems(), summary="List suppliers")
def list_suppliers(
    key: SuppliersReader,
    services: Services,
    search: Annotated[Search | None, Query(description="Search in code and name, without regard to case.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[SupplierShown]:
    """List the tenant's suppliers by code."""
    with services.connection() as conn:
        found, total = suppliers.list_page(
            conn, key.tenant_id, search=search, limit=per_page, offset=offset(page, per_page)
        )
    return Page[SupplierShown].of((SupplierShown.of(supplier) for supplier in found), total, page, per_page)


@router.post("/suppliers", status_code=201, responses=problems(409, 415), summary="Create a supplier")
def create_supplier(
    body: SupplierToMake, response: Response, key: SuppliersWriter, services: Services
) -> SupplierShown:
    """Make a supplier. An import makes one by itself where its `supplier_code` is new."""
    with services.connection() as conn:
        supplier = suppliers.insert(conn, key.tenant_id, body.code, body.name)
    if supplier is None:
        raise _taken(body.code)
    response.headers["Location"] = f"{PREFIX}/suppliers/{supplier.uuid}"
    return SupplierShown.of(supplier)


@router.get("/suppliers/{supplier_id:uuid}", responses=problems(404), summary="Get a supplier")
def get_supplier(
    supplier_id: Annotated[UUID, Path(description="The supplier's UUID.")], key: SuppliersReader, services: Services
) -> SupplierShown:
    """Return a supplier."""
    with services.connection() as conn:
        supplier = suppliers.by_uuid(conn, key.tenant_id, supplier_id)
    if supplier is None:
        raise not_found("supplier")
    return SupplierShown.of(supplier)


@router.patch("/suppliers/{supplier_id:uuid}", responses=problems(404, 409, 415), summary="Change a supplier")
def change_supplier(
    supplier_id: Annotated[UUID, Path(description="The supplier's UUID.")],
    body: SupplierChanges,
    key: SuppliersWriter,
    services: Services,
) -> SupplierShown:
    """Give a supplier another code or name. Its products, jobs and templates stay its own."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    with services.connection() as conn:
        try:
            supplier = suppliers.update(conn, key.tenant_id, supplier_id, changes)
        except errors.UniqueViolation:
            raise _taken(body.code) from None
    if supplier is None:
        raise not_found("supplier")
    return SupplierShown.of(supplier)


def _taken(code: str) -> Problem:
    message = f'There is a supplier "{code}" already: use it, or choose another code.'
    return Problem(409, "DUPLICATE_CODE", message, [{"field": "code", "message": message, "code": "duplicate"}])
