"""Mapping templates: list, create, get, change, replace, delete, and save that of a job."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from psycopg import Connection
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.paging import Page, PageNumber, offset
from api.pixee.jobs import ImportId, find_for_change
from api.pixee.models import MAPPING, Deleted
from api.problems import not_found
from api.services import Services
from api.texts import LEFT_OUT, Code, Name, Text
from api.times import Seconds
from pim_pipelines.errors import MappingRequired
from pim_pipelines.importing.options import check_mapping, check_options, check_rules
from pim_pipelines.store import suppliers, templates
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.templates import Template

router = APIRouter(prefix=PREFIX, tags=["mapping templates"])

TemplateId = Annotated[UUID, Path(description="The template's UUID.")]


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


class TemplateChanges(BaseModel):
    """What may be changed of a template; what is left out stays."""

    name: Name = Field(LEFT_OUT, examples=["Supplier A, monthly list"])
    supplier_code: Code | None = Field(None, description="null: for files of any supplier", examples=["SUPPLIER_A"])
    column_mapping: dict[str, Any] = Field(LEFT_OUT, description="The whole mapping anew.", examples=[MAPPING])
    validation_rules: dict[str, Any] | None = Field(None, examples=[{"price": {"required": True, "min": 0}}])
    import_options: dict[str, Any] | None = Field(None, examples=[{"overwrite_existing": True}])


class JobToSave(BaseModel):
    """Under which name the mapping of a job is saved."""

    name: Name = Field(examples=["Supplier A, monthly list"])
    supplier_code: Code | None = Field(
        None, description="Whose files it is for; left out, it is the job's supplier.", examples=["SUPPLIER_A"]
    )


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
    with services.connection() as conn:
        template = templates.insert(conn, key.tenant_id, **_contents(conn, key, body.model_dump()))
    return _made(template, response)


@router.get("/mapping-templates/{template_id:uuid}", responses=problems(404), summary="Get a mapping template")
def get_template(template_id: TemplateId, key: ImportsReader, services: Services) -> TemplateShown:
    """Return a mapping template."""
    with services.connection() as conn:
        return TemplateShown.of(_find(conn, key, template_id))


@router.patch(
    "/mapping-templates/{template_id:uuid}", responses=problems(404, 415), summary="Change a mapping template"
)
def change_template(
    template_id: TemplateId, body: TemplateChanges, key: ImportsWriter, services: Services
) -> TemplateShown:
    """Change what is sent of a template. Jobs that were made with it stay as they are."""
    with services.connection() as conn:
        template = _find(conn, key, template_id, for_change=True)
        kept = {name: getattr(template, name) for name in TemplateToMake.model_fields}
        return _changed(conn, key, template, kept | body.model_dump(exclude_unset=True))


@router.put("/mapping-templates/{template_id:uuid}", responses=problems(404, 415), summary="Replace a mapping template")
def replace_template(
    template_id: TemplateId, body: TemplateToMake, key: ImportsWriter, services: Services
) -> TemplateShown:
    """Give a template other contents; what is left out is none. Jobs that were made with it stay as they are."""
    with services.connection() as conn:
        return _changed(conn, key, _find(conn, key, template_id, for_change=True), body.model_dump())


@router.delete("/mapping-templates/{template_id:uuid}", responses=problems(404), summary="Delete a mapping template")
def delete_template(template_id: TemplateId, key: ImportsWriter, services: Services) -> Deleted:
    """Remove a template. Jobs that were made with it keep their mappings, and show no `template_id` any more."""
    with services.connection() as conn:
        if not templates.delete(conn, key.tenant_id, template_id):
            raise not_found("mapping template")
    return Deleted(deleted=True, id=template_id)


@router.post(
    "/imports/{import_id:uuid}/save-as-template",
    status_code=201,
    responses=problems(404, 409, 415),
    summary="Save a job's mapping as a template",
)
def save_as_template(
    import_id: ImportId, body: JobToSave, response: Response, key: ImportsWriter, services: Services
) -> TemplateShown:
    """Save the mapping, rules and options of a job under a name. A job without a mapping: 409 `MAPPING_REQUIRED`."""
    with services.connection() as conn:
        job = find_for_change(conn, key, import_id)
        if job.column_mapping is None:
            raise MappingRequired("The import job has no column mapping yet: save one first (…/save-mapping).")
        values = {name: getattr(job, name) for name in ("column_mapping", "validation_rules", "import_options")}
        values |= {"name": body.name, "supplier_code": body.supplier_code or job.supplier_code}
        template = templates.insert(conn, key.tenant_id, **_contents(conn, key, values))
    return _made(template, response)


def _find(conn: Connection[Any], key: ApiKey, uuid: UUID, *, for_change: bool = False) -> Template:
    template = templates.by_uuid(conn, key.tenant_id, uuid, for_change=for_change)
    if template is None:
        raise not_found("mapping template")
    return template


def _changed(conn: Connection[Any], key: ApiKey, template: Template, values: dict[str, Any]) -> TemplateShown:
    changed = templates.update(conn, template, **_contents(conn, key, values))
    if changed is None:  # deleted meanwhile
        raise not_found("mapping template")
    return TemplateShown.of(changed)


def _contents(conn: Connection[Any], key: ApiKey, values: dict[str, Any]) -> dict[str, Any]:
    """Return what the store keeps of `TemplateToMake`'s values; raises InvalidField."""
    code = values["supplier_code"]
    contents = {
        "name": values["name"],
        "column_mapping": check_mapping(values["column_mapping"], None),
        "validation_rules": dict(check_rules(values["validation_rules"] or {})),
        "import_options": check_options(values["import_options"] or {}, code is not None),
    }
    return contents | {"supplier_id": suppliers.ensure(conn, key.tenant_id, code).id if code else None}


def _made(template: Template, response: Response) -> TemplateShown:
    response.headers["Location"] = f"{PREFIX}/mapping-templates/{template.uuid}"
    return TemplateShown.of(template)
