"""What a Dagster run of ours is called, told and tagged: the contract between the API, the sensor and the ops.

    RunSpec of_import(job)    the whole of `import_products`, from fetch on: uploads and retries
    RunSpec of_start(job)     `import_products` from validate on: start-processing
    RunSpec of_preview(job)   `preview_import`: a dry run
    RunSpec of_look(look)     `look_for_new_files`: an automated config's look at its place

Run configuration and tags are shown to everyone who can open Dagster's UI: ids stand there, secrets never.
Imports neither dagster nor frames, because the API launches by it.
"""

import re
from dataclasses import dataclass
from typing import Any

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.looks import Cause, Look

IMPORT_JOB = "import_products"
PREVIEW_JOB = "preview_import"
LOOK_JOB = "look_for_new_files"
LOOK_OP = "look"
FROM_VALIDATE = ("validate", "load")

TAG_IMPORT = "pim/import_id"
TAG_ATTEMPT = "pim/attempt"
TAG_TYPE = "pim/import_type"
TAG_VOOG = "pim/voog_id"
TAG_TENANT = "pim/tenant"
TAG_SUPPLIER = "pim/supplier"
TAG_LOAD = "pim/load"
"""`tenant:supplier`, only on runs that may load: dagster.yaml lets one of each value run at a time."""

TAG_CONFIG = "pim/config_id"
TAG_CONFIG_NAME = "pim/config"
TAG_LOOK = "pim/look_id"
"""Only on looks: dagster.yaml bounds how many run at a time, so that slow servers leave room for imports."""

TAG_PRIORITY = "dagster/priority"
LATER = "-1"
"""Somebody waits for an upload; nobody for a schedule."""

NO_SUPPLIER = "-"
_UNFIT = re.compile(r"\.\.\.|[\x00-\x1f]")  # what Dagster does not take in a partition key


@dataclass(frozen=True, slots=True)
class RunSpec:
    """A run to launch; `op_selection` None is the whole job."""

    job_name: str
    run_config: dict[str, Any]
    tags: dict[str, str]
    op_selection: tuple[str, ...] | None = None
    parent_run_id: str | None = None


def partition_of(job: Job) -> str:
    """Return the partition of the assets that a job belongs to, `tenant:supplier`."""
    return _UNFIT.sub("_", f"{job.tenant_code}:{job.supplier_code or NO_SUPPLIER}")


def may_load(job: Job) -> bool:
    """Tell whether the whole job, launched now, may go on to write products."""
    return job.status is JobStatus.PROCESSING or job.go_through or (job.auto_process and job.template_id is not None)


def of_import(job: Job) -> RunSpec:
    """Return the run that takes a job from its file on, as far as it should go."""
    return RunSpec(
        job_name=IMPORT_JOB,
        run_config=_config(job),
        tags=_tags(job, loads=may_load(job)),
        parent_run_id=str(job.parent_run_id) if job.parent_run_id else None,
    )


def of_start(job: Job) -> RunSpec:
    """Return the run that checks and loads a job that was analysed by an earlier run."""
    return RunSpec(
        job_name=IMPORT_JOB,
        run_config=_config(job),
        tags=_tags(job, loads=True),
        op_selection=FROM_VALIDATE,
        parent_run_id=str(job.parent_run_id) if job.parent_run_id else None,
    )


def of_preview(job: Job) -> RunSpec:
    """Return the run of a dry run."""
    return RunSpec(job_name=PREVIEW_JOB, run_config=_config(job), tags=_tags(job, loads=False, lineage=False))


def of_look(look: Look) -> RunSpec:
    """Return the run that looks for new files of a config."""
    return RunSpec(
        job_name=LOOK_JOB,
        run_config={"ops": {LOOK_OP: {"config": {"config_id": str(look.config_uuid), "look_id": str(look.uuid)}}}},
        tags={
            TAG_CONFIG: str(look.config_uuid),
            TAG_CONFIG_NAME: look.config_name,
            TAG_LOOK: str(look.uuid),
            TAG_TENANT: look.tenant_code,
            TAG_SUPPLIER: look.supplier_code or NO_SUPPLIER,
            **({} if look.cause is Cause.REQUEST else {TAG_PRIORITY: LATER}),
        },
    )


def _config(job: Job) -> dict[str, Any]:
    return {"resources": {"import_job": {"config": {"import_id": str(job.uuid), "attempt": job.attempt}}}}


def _tags(job: Job, *, loads: bool, lineage: bool = True) -> dict[str, str]:
    tags = {
        TAG_IMPORT: str(job.uuid),
        TAG_ATTEMPT: str(job.attempt),
        TAG_TYPE: job.import_type,
        TAG_TENANT: job.tenant_code,
        TAG_SUPPLIER: job.supplier_code or NO_SUPPLIER,
    }
    if job.voog_id is not None:
        tags[TAG_VOOG] = str(job.voog_id)
    if job.config_uuid:
        tags[TAG_CONFIG] = str(job.config_uuid)
    if loads:
        tags[TAG_LOAD] = partition_of(job)
    if job.import_type == "scheduled":
        tags[TAG_PRIORITY] = LATER
    if lineage and job.parent_run_id:
        # Dagster's UI draws the lineage from these tags, whatever the run's own fields say.
        tags["dagster/parent_run_id"] = str(job.parent_run_id)
        tags["dagster/root_run_id"] = str(job.parent_run_id)
    return tags
