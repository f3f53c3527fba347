"""fetch: take the job and have its file in the file store."""

from collections.abc import Iterator
from typing import Any

from dagster import (
    AssetMaterialization,
    Backoff,
    MetadataValue,
    Nothing,
    OpExecutionContext,
    Out,
    Output,
    RetryPolicy,
    op,
)

from pim_pipelines import runs
from pim_pipelines.assets import supplier_files, suppliers
from pim_pipelines.errors import ImportFailed
from pim_pipelines.files import FileStore as Files
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.ops.border import border, claim
from pim_pipelines.ops.fetching import brought, shown
from pim_pipelines.resources import Catalogue, FileStore, ImportJob, SecretBox
from pim_pipelines.store.jobs import Job

TRIES_AGAIN = 2


@op(
    description=(
        "Takes the import for this run and sees that its file is in the file store: uploaded, or fetched now from "
        "where it is (HTTP, FTP, SFTP, email; again after trouble on the network, never after a wrong password). Where "
        "another run has the import, everything after it is skipped. Materialises `supplier_files`."
    ),
    out={"received": Out(Nothing, is_required=False, description="the import is this run's, and its file is there")},
    retry_policy=RetryPolicy(max_retries=TRIES_AGAIN, delay=2, backoff=Backoff.EXPONENTIAL),
    tags={"dagster/compute_kind": "file"},
)
def fetch(
    context: OpExecutionContext,
    import_job: ImportJob,
    catalogue: Catalogue,
    file_store: FileStore,
    secret_box: SecretBox,
) -> Iterator[Output[None]]:
    """Claim the job, have its file, note which file it was."""
    with border(context, catalogue, import_job, retries=TRIES_AGAIN):
        # A start whose own run was never launched is done by a run of the whole job.
        job = claim(context, catalogue, import_job, JobStatus.ANALYZING, JobStatus.PROCESSING)
        if job is not None and job.source is not None and job.file_sha256 is None:
            job = brought(context, job, catalogue, file_store.open(), secret_box)
        found = None if job is None else received(job, file_store.open())
        if job is not None and found is not None:
            materialise(context, job, found)
    if found is not None:
        yield Output(None, "received", metadata=found)


def received(job: Job, files: Files) -> dict[str, Any]:
    """Describe the job's file; raises ImportFailed when it is not there as it came."""
    if job.file_sha256 is None or not files.exists(job.source_key):
        raise ImportFailed("The file of this import is no longer in the file store. Upload it again as a new import.")
    size = files.size(job.source_key)
    if size != job.file_size:
        raise ImportFailed(
            f"The file of this import has {size:,} bytes in the file store and had {job.file_size or 0:,} when it "
            "was uploaded: it is damaged. Upload it again as a new import."
        )
    return {
        "file": MetadataValue.text(job.file_name or "-"),
        "bytes": MetadataValue.int(size),
        "SHA-256": MetadataValue.text(job.file_sha256.hex()),
        **({"fetched from": MetadataValue.text(shown(job.source))} if job.source else {}),
        "supplier": MetadataValue.text(job.supplier_code or runs.NO_SUPPLIER),
        "import": MetadataValue.text(str(job.uuid)),
        "kept as": MetadataValue.text(job.source_key),
    }


def materialise(context: OpExecutionContext, job: Job, found: dict[str, Any]) -> None:
    """Tell Dagster which version of the supplier's file is here now."""
    partition = runs.partition_of(job)
    if not context.instance.has_dynamic_partition(str(suppliers.name), partition):
        context.instance.add_dynamic_partitions(str(suppliers.name), [partition])
    context.log_event(
        AssetMaterialization(
            supplier_files.key,
            description=f"{job.file_name} of {partition}",
            partition=partition,
            metadata=found,
            tags={"dagster/data_version": job.file_sha256.hex() if job.file_sha256 else ""},
        )
    )
