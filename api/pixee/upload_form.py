"""What may stand in the form of an upload, and whether it is right."""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.incoming import Incoming
from api.services import ApiServices
from api.texts import Code, Name, Text
from pim_pipelines.errors import InvalidField
from pim_pipelines.file_names import displayable
from pim_pipelines.importing.options import check_options
from pim_pipelines.importing.readers import sniff
from pim_pipelines.store import suppliers, templates
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.suppliers import Supplier
from pim_pipelines.store.templates import Template


class JobFields(BaseModel):
    """What may be said of an import, wherever its file comes from."""

    model_config = ConfigDict(extra="ignore")

    supplier_code: Code | None = Field(
        None,
        description="Supplier code to associate with all imported products; an unknown one makes the supplier.",
        examples=["SUPPLIER_A"],
    )
    supplier_id: UUID | None = Field(None, description="UUID of the supplier (alternative to supplier_code).")
    template_id: UUID | None = Field(None, description="UUID of a saved mapping template to apply.")
    auto_process: bool = Field(
        False,
        description="If true and a template is given, processing starts immediately after analysis. "
        "Without a template it has no effect: the job stops at `awaiting_mapping` or `ready`.",
    )
    skip_header_rows: int | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="Number of physical rows before the header row, blank ones too; at 0 the header is detected.",
        json_schema_extra={"default": 0},
    )
    sheet: Name | None = Field(None, description="Of a workbook: the sheet's name, or its number from 1.")


class UploadFields(JobFields):
    """The fields of an upload beside its file; blank ones count as left out."""

    import_type: Annotated[Text, Field(max_length=64)] = Field("manual", description="Import type identifier.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedUpload:
    """An upload whose file and fields are right."""

    uuid: UUID
    tenant_id: int
    fields: UploadFields
    file_name: str
    file_type: str
    size: int
    sha256: bytes
    supplier: Supplier | None
    template: Template | None
    options: dict[str, Any]
    fingerprint: bytes

    @property
    def folder(self) -> str:
        """Where its file is in the file store."""
        return f"{self.tenant_id}/{self.uuid}"


BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "The import file: CSV (.csv, .tsv, .txt, .psv) or a workbook (.xlsx, .xls, "
                        ".ods), also gzipped or zipped, one in an archive. "
                        "Its content decides the format, whatever its name.",
                    },
                    **UploadFields.model_json_schema()["properties"],
                },
            }
        }
    },
}


def check(incoming: Incoming, uuid: UUID, key: ApiKey, services: ApiServices) -> CheckedUpload:
    """Look at the file and the fields; raises FileError, InvalidField or RequestValidationError."""
    given = {name: value for name, value in incoming.fields.items() if value.strip()}
    try:
        fields = UploadFields.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from None
    name = displayable(incoming.file_name)
    found = sniff(incoming.path, name)
    with services.connection() as conn:
        supplier, template = supplier_of(conn, key, fields), template_of(conn, key, fields)
    fingerprint = [sorted((name, given[name].strip()) for name in UploadFields.model_fields if name in given)]
    return CheckedUpload(
        uuid=uuid,
        tenant_id=key.tenant_id,
        fields=fields,
        file_name=name,
        file_type=str(found.file_type),
        size=incoming.size,
        sha256=incoming.sha256,
        supplier=supplier,
        template=template,
        options=options_of(fields, template),
        fingerprint=hashlib.sha256(json.dumps(["upload", *fingerprint]).encode() + incoming.sha256).digest(),
    )


def options_of(fields: JobFields, template: Template | None) -> dict[str, Any]:
    """Return the import's options, the request's over the template's; raises InvalidField."""
    options = dict(template.import_options) if template else {}
    given = {"skip_header_rows": fields.skip_header_rows, "sheet": fields.sheet}
    options |= {name: value for name, value in given.items() if value is not None}
    return check_options(options, fields.supplier_code is not None or fields.supplier_id is not None)


def supplier_of(conn: Connection[Any], key: ApiKey, fields: JobFields) -> Supplier | None:
    """Return the supplier that `supplier_id` names; raises InvalidField."""
    if fields.supplier_id is None:
        return None
    supplier = suppliers.by_uuid(conn, key.tenant_id, fields.supplier_id)
    if supplier is None:
        raise InvalidField.one("supplier_id", "There is no supplier of this id.", "unknown")
    if fields.supplier_code not in {None, supplier.code}:
        message = f'supplier_id is the supplier "{supplier.code}", not "{fields.supplier_code}": send one of the two.'
        raise InvalidField.one("supplier_code", message, "conflict")
    return supplier


def supplier_made(conn: Connection[Any], key: ApiKey, fields: JobFields, found: Supplier | None) -> Supplier | None:
    """Return a job's supplier: the one found by `supplier_id`, or that of `supplier_code`, made where it is new."""
    if found is None and fields.supplier_code is not None:
        return suppliers.ensure(conn, key.tenant_id, fields.supplier_code)
    return found


def template_of(conn: Connection[Any], key: ApiKey, fields: JobFields) -> Template | None:
    """Return the template that `template_id` names; raises InvalidField."""
    if fields.template_id is None:
        return None
    template = templates.by_uuid(conn, key.tenant_id, fields.template_id)
    if template is None:
        raise InvalidField.one("template_id", "There is no mapping template of this id.", "unknown")
    return template
