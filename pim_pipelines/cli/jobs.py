"""`pim jobs`: the import jobs, newest first."""

from enum import StrEnum
from typing import Annotated

import typer

from pim_pipelines.cli.client import ApiClient, Body
from pim_pipelines.cli.json_lines import AsJson
from pim_pipelines.cli.listing import Columns, Limit, age, number, show, text
from pim_pipelines.cli.target import api_url
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.settings import settings

LONGEST_PAGE = 100


def supplier(job: Body) -> str:
    """Say whose file it is; of a task of the Voog API, which has no supplier, which task."""
    return f"Voog task {job['voog_id']}" if job.get("voog_id") else str(job.get("supplier_code") or "")


COLUMNS: Columns = {
    "id": text("id"),
    "status": text("status"),
    "file": text("file_name"),
    "supplier": supplier,
    "rows": number("total_rows"),
    "failed": number("failed_rows"),
    "age": age("created_at"),
}


class Archived(StrEnum):
    """Which jobs a list shows."""

    YES = "true"
    NO = "false"
    ALL = "all"


def list_jobs(
    status: Annotated[JobStatus | None, typer.Option(help="Only those that stand so.")] = None,
    supplier: Annotated[str | None, typer.Option(help="Only those of the supplier with this code.")] = None,
    archived: Annotated[Archived, typer.Option(help="Only archived ones (true), none of them, or all.")] = Archived.NO,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the import jobs, newest first."""
    client = ApiClient(api_url(), settings().api_key)
    pages = client.pages(
        "/imports/", limit or None, LONGEST_PAGE, status=status, supplier_code=supplier, archived=archived
    )
    show(
        pages,
        COLUMNS,
        as_json=as_json,
        none="There are no such import jobs; `pim import FILE --supplier CODE` makes one.",
        right=("rows", "failed", "age"),
        whole=("id", "status", "rows", "failed", "age"),
    )
