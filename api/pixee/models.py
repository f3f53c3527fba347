"""The import jobs as the API shows them."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.pixee.option_schemas import ImportOptions, ValidationRules
from api.services import ApiServices
from api.times import Seconds
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store.jobs import Job

ID = "550e8400-e29b-41d4-a716-446655440000"
MAPPING = {"EAN Code": "ean", "Titre produit": "title", "Prix HT": "price", "Marque": "brand_name"}


class ImportAccepted(BaseModel):
    """A job that has just been made."""

    id: UUID = Field(examples=[ID])
    status: JobStatus = Field(
        description="`analyzing`; `pending` where Dagster is away: the job is launched when it is back.",
        examples=["analyzing"],
    )
    file_name: str | None = Field(examples=["catalog.csv"])
    file_type: str | None = Field(examples=["csv"])
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    created_at: Seconds

    @classmethod
    def of(cls, job: Job, status: JobStatus) -> Self:
        """Show a job in the status that it has for its client."""
        return cls(
            id=job.uuid,
            status=status,
            file_name=job.file_name,
            file_type=job.file_type,
            supplier_code=job.supplier_code,
            created_at=job.created_at,
        )


class FetchAccepted(BaseModel):
    """A job whose file is to be fetched."""

    id: UUID = Field(examples=["550e8400-e29b-41d4-a716-446655440020"])
    status: JobStatus = Field(description="`pending`: the file has not come yet.", examples=["pending"])
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    created_at: Seconds

    @classmethod
    def of(cls, job: Job, _status: JobStatus) -> Self:
        """Show a job that waits for its file, whether or not its run is launched."""
        return cls(id=job.uuid, status=JobStatus.PENDING, supplier_code=job.supplier_code, created_at=job.created_at)


class ImportListed(BaseModel):
    """A job as lists show it."""

    id: UUID = Field(examples=[ID])
    status: JobStatus = Field(examples=["completed"])
    file_name: str | None = Field(examples=["catalog.csv"])
    file_type: str | None = Field(description="csv, xlsx, xls, ods, json, ndjson or xml", examples=["csv"])
    file_size: int | None = Field(description="in bytes", examples=[1024000])
    supplier_id: UUID | None = Field(examples=["b1e9c3d2-1111-4abc-8def-000000000001"])
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    import_type: str = Field(description="`voog`: a task of the Voog API, only shown here", examples=["manual"])
    voog_id: int | None = Field(description="the id of such a task in that API", examples=[None])
    template_id: UUID | None
    config_id: UUID | None
    batch_id: UUID | None
    auto_process: bool
    attempt: int = Field(description="1, and one more with each retry", examples=[1])
    total_rows: int | None = Field(description="null until the file is analysed", examples=[1250])
    successful_rows: int = Field(examples=[1245])
    failed_rows: int = Field(examples=[5])
    products_created: int = Field(examples=[980])
    products_updated: int = Field(description="identical ones count, and are not written", examples=[265])
    products_skipped: int = Field(description="rows that were left alone", examples=[0])
    last_error: str | None = Field(examples=[None])
    is_archived: bool
    run_id: UUID | None = Field(description="the Dagster run that works on the job, or did last")
    run_url: str | None = Field(description="the page of that run in Dagster's UI")
    validation_rules: dict[str, Any] = Field(examples=[{"price": {"required": True, "min": 0}}])
    import_options: dict[str, Any] = Field(examples=[{"overwrite_existing": True}])
    started_at: Seconds | None = Field(description="when start-processing was called; null before")
    completed_at: Seconds | None
    created_at: Seconds
    updated_at: Seconds

    @classmethod
    def of(cls, job: Job, services: ApiServices) -> Self:
        """Show a job."""
        return cls.model_validate(_values(job, services))


class Analysis(BaseModel):
    """What was found in the file."""

    model_config = ConfigDict(extra="allow")

    format: str | None = Field(None, description="the file's type, unpacked", examples=["csv"])
    encoding: str | None = Field(None, examples=["cp1252"])
    delimiter: str | None = Field(None, examples=[";"])
    header_row: int | None = Field(None, description="the physical row of the header from 0; null: none", examples=[0])
    columns: list[str] = Field(default_factory=list, examples=[list(MAPPING)])
    total_rows: int | None = Field(None, examples=[1250])
    sample: list[dict[str, Any]] = Field(default_factory=list, description="the first rows, by column")
    warnings: list[str] = Field(default_factory=list, description="what was unclear, and how it was read")
    sheet: str | None = Field(None, description="of a workbook: the sheet that was read", examples=[None])
    sheets: list[str] = Field(default_factory=list, description="of a workbook: all it has", examples=[[]])


class SuggestedField(BaseModel):
    """What a column seems to be."""

    field: str | None = Field(description="a product field; null: none fits", examples=["ean"])
    confidence: float = Field(description="from 0 to 1", examples=[0.99])
    reason: str = Field(examples=["header and content"])


class ImportDetail(ImportListed):
    """A job whole."""

    analysis: Analysis | None = Field(description="null until the file is analysed")
    suggested_mapping: dict[str, SuggestedField] | None = Field(
        description="what each column of the file seems to be; null until the file is analysed",
        examples=[{"EAN Code": {"field": "ean", "confidence": 0.99, "reason": "header and content"}}],
    )
    column_mapping: dict[str, str | None] | None = Field(
        description="null until there is one; of a Voog task, columns are named by their index and fields as Voog "
        "names them",
        examples=[MAPPING],
    )


class MappingToSave(BaseModel):
    """What save-mapping takes."""

    column_mapping: dict[str, Any] = Field(
        description="File column → product field. `null` as a field ignores the column. `ean` or `sku` must be there.",
        examples=[MAPPING],
    )
    validation_rules: ValidationRules | None = Field(
        None,
        description="Per field any of required, min, max, max_length, pattern, enum, severity. "
        "Left out, those the job has stay.",
        examples=[{"price": {"required": True, "min": 0, "max": 10000}}],
    )
    import_options: ImportOptions | None = Field(
        None,
        description="What to do with the rows, beyond the mapping; an unknown option is refused. "
        "Left out, those the job has stay.",
        examples=[
            {
                "overwrite_existing": True,
                "default_values": {"currency": "EUR"},
                "transforms": {"title": ["trim", {"prefix": "New: "}], "price": {"multiply": 1.2}},
            }
        ],
    )


class MappingSaved(BaseModel):
    """A job whose mapping was saved."""

    id: UUID = Field(examples=[ID])
    status: JobStatus = Field(examples=["ready"])
    column_mapping: dict[str, str | None] = Field(examples=[MAPPING])
    validation_rules: dict[str, Any]
    import_options: dict[str, Any] = Field(examples=[{"overwrite_existing": True}])


class ProcessingStarted(BaseModel):
    """A job whose rows are being loaded."""

    id: UUID = Field(examples=[ID])
    status: JobStatus = Field(examples=["processing"])
    started_at: Seconds


class StatusChanged(BaseModel):
    """A job that was moved to another state."""

    id: UUID = Field(examples=[ID])
    status: JobStatus


class ArchiveChanged(BaseModel):
    """A job that was archived, or shown again."""

    id: UUID = Field(examples=[ID])
    status: JobStatus = Field(examples=["completed"])
    is_archived: bool = Field(examples=[True])

    @classmethod
    def of(cls, job: Job) -> Self:
        """Show where a job stands."""
        return cls(id=job.uuid, status=job.status, is_archived=job.is_archived)


class Deleted(BaseModel):
    """A thing that is no more."""

    deleted: bool = Field(True, examples=[True])
    id: UUID = Field(examples=[ID])


def _values(job: Job, services: ApiServices) -> dict[str, Any]:
    return {
        "id": job.uuid,
        "supplier_id": job.supplier_uuid,
        "template_id": job.template_uuid,
        "config_id": job.config_uuid,
        "run_url": services.runs.page(job.run_id) if job.run_id else None,
        **{
            name: getattr(job, name)
            for name in ImportDetail.model_fields
            if name not in {"id", "supplier_id", "template_id", "config_id", "run_url"}
        },
    }
