"""The import jobs at a glance, for dashboards: the latest ones, and what all of them add up to."""

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.answers import problems
from api.auth import PREFIX, ImportsReader
from api.pixee.models import ImportListed
from api.services import Services
from pim_pipelines.store import figures, jobs
from pim_pipelines.store.figures import ImportFigures

router = APIRouter(prefix=PREFIX, tags=["imports"])


class RecentImports(BaseModel):
    """The latest jobs, as the list shows them."""

    items: list[ImportListed]


class ImportStats(BaseModel):
    """What the jobs of the tenant add up to."""

    total_jobs: int = Field(description="archived ones too; deleted ones do not count", examples=[142])
    completed_jobs: int = Field(examples=[138])
    failed_jobs: int = Field(examples=[4])
    total_rows_processed: int = Field(description="successful and failed rows", examples=[1842500])
    total_products_created: int = Field(examples=[980000])
    total_products_updated: int = Field(examples=[250000])
    success_rate: float = Field(
        description="100 · completed / (completed + failed), to one decimal; 0 without any", examples=[97.2]
    )

    @classmethod
    def of(cls, found: ImportFigures) -> Self:
        """Show the figures of a tenant."""
        return cls.model_validate(found, from_attributes=True)


@router.get("/imports/recent", responses=problems(), summary="Recent jobs")
def recent_imports(
    key: ImportsReader,
    services: Services,
    limit: Annotated[int, Query(ge=1, le=100, description="How many, max 100.")] = 10,
) -> RecentImports:
    """List the latest jobs that are not archived, most recent first."""
    with services.connection() as conn:
        found = jobs.recent(conn, key.tenant_id, limit)
    return RecentImports(items=[ImportListed.of(job, services) for job in found])


@router.get("/imports/stats", responses=problems(), summary="Import statistics")
def import_stats(key: ImportsReader, services: Services) -> ImportStats:
    """Add up the tenant's jobs."""
    with services.connection() as conn:
        return ImportStats.of(figures.of_tenant(conn, key.tenant_id))
