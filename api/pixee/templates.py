"""Mapping templates: list, create, get."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.paging import Page, PageNumber, offset
from api.pixee.models import MAPPING
from api.problems import not_found
from api.services import Services
from api.texts import Code, Name, Text
from api.times import Seconds
from pim_pipelines.importing.options import check_mapping, check_options, check_rules
from pim_pipelines.store import suppliers, templates
from pim_pipelines.store.templates import Template

router = APIRouter(prefix=PREFIX, tags=["mapping templates"])


class TemplateToMake(BaseModel):
    """What a new template needs."""

    name: Name = Field(examples=["Supplier A, monthly list"])
    supplier_code: Code | None = Field(
        None, description="Whose files it is for; an unknown one makes the supplier.", examples=["SUPPLIER_A"]
    )
    column_mapping: dict[str, Any] = Field(
        description="File column → product field, as in save-mapping.", examples=[MAPPING]
    )
    validation_rules: dict[str, Any] | None = Field(None, examples=[{"price": {"required": True, "min": 0}}])
    import_options: dict[str, Any] | None = Field(None, examples=[{"overwrite_existing": True}])


class TemplateShown(BaseModel):
    """A mapping template."""

    id: UUID
    name: str = Field(examples=["Supplier A, monthly list"])
    supplier_id: UUID | None
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    column_mapping: dict[str, str | None] = Field(examples=[MAPPING])
    validation_rules: dict[str, Any]
    import_options: dict[str, Any]
    created_at: Seconds
    updated_at: Seconds

    @classmethod
    def of(cls, template: Template) -> Self:
        """Show a template."""
        return cls(
            id=template.uuid,
            name=template.name,
            supplier_id=template.supplier_uuid,
            supplier_code=template.supplier_code,
            column_mapping=template.column_mapping,
            validation_rules=template.validation_rules,
            import_options=template.import_options,
            created_at=template.created_at,
            updated_at=template.updated_at,
        )


@router.get("/mapping-templates", responses=problems(), summary="List mapping templates")
def list_templates(
    key: ImportsReader,
    services: Services,
    supplier_code: Annotated[Text | None, Query(description="Filter by supplier code.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[TemplateShown]:
    """List the tenant's mapping templates, most recent first."""
    with services.connection() as conn:
        found, total = templates.list_page(
            conn, key.tenant_id, supplier_code=supplier_code, limit=per_page, offset=offset(page, per_page)
        )
    return Page[TemplateShown].of((TemplateShown.of(template) for template in found), total, page, per_page)


@router.post("/mapping-templates", status_code=201, responses=problems(415), summary="Create a mapping template")
def create_template(body: TemplateToMake, response: Response, key: ImportsWriter, services: Services) -> TemplateShown:
    """Save a mapping, rules and options under a name. An upload applies them by `template_id`."""
    mapping = check_mapping(body.column_mapping, None)
    rules = check_rules(body.validation_rules or {})
    options = check_options(body.import_options or {}, body.supplier_code is not None)
    with services.connection() as conn:
        supplier = suppliers.ensure(conn, key.tenant_id, body.supplier_code) if body.supplier_code else None
        template = templates.insert(
            conn,
            key.tenant_id,
            name=body.name,
            supplier_id=supplier.id if supplier else None,
            column_mapping=mapping,
            validation_rules=dict(rules),
            import_options=options,
        )
    response.headers["Location"] = f"{PREFIX}/mapping-templates/{template.uuid}"
    return TemplateShown.of(template)


@router.get("/mapping-templates/{template_id:uuid}", responses=problems(404), summary="Get a mapping template")
def get_template(
    template_id: Annotated[UUID, Path(description="The template's UUID.")], key: ImportsReader, services: Services
) -> TemplateShown:
    """Return a mapping template."""
    with services.connection() as conn:
        template = templates.by_uuid(conn, key.tenant_id, template_id)
    if template is None:
        raise not_found("mapping template")
    return TemplateShown.of(template)
