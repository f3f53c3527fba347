"""Checking and planning a job's rows: what `validate` and a dry run do alike."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from dagster import OpExecutionContext

from pim_pipelines import metadata
from pim_pipelines.importing.pipeline import CheckedBlock, CheckSpec, check
from pim_pipelines.loading import plan, stage
from pim_pipelines.loading.work import Work
from pim_pipelines.resources import Catalogue
from pim_pipelines.store.jobs import Job


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking and planning a file gave; `preview` are its first sound rows."""

    staged: stage.Staged
    plan: plan.PlanSummary
    preview: list[dict[str, Any]]
    seconds: float

    @property
    def failed_rows(self) -> int:
        """Rows that checking found bad, or that the plan cannot place."""
        return self.staged.failed_rows + self.plan.actions.get("reject", 0)

    def described(self) -> dict[str, Any]:
        """Give what the run's page shows."""
        return {
            "rows": self.staged.total_rows,
            "failed rows": self.failed_rows,
            "rows per second": metadata.rate(self.staged.total_rows, self.seconds),
            "errors and warnings by type": metadata.counted(self.staged.errors_by_type, "error_type"),
            "plan": metadata.counted(self.plan.actions, "action"),
            "first sound rows": metadata.preview(self.preview),
        }


def checked_key(job: Job, run_id: UUID) -> str:
    """Return where a run keeps the typed rows."""
    return f"{job.folder}/{run_id}/checked.arrow"


def errors_key(job: Job, run_id: UUID) -> str:
    """Return where a run keeps the errors and warnings of the rows."""
    return f"{job.folder}/{run_id}/errors.arrow"


def spec_of(job: Job, columns: list[str], column_mapping: dict[str, str | None]) -> CheckSpec:
    """Return what the rows of a job are checked by."""
    return CheckSpec(columns, column_mapping, job.validation_rules, job.import_options, job.supplier_id or 0)


def work_of(job: Job, spec: CheckSpec, run_id: UUID) -> Work:
    """Return what loading needs to know of a job and of the run that works on it."""
    return Work(
        job_id=job.id,
        uuid=job.uuid,
        tenant_id=job.tenant_id,
        supplier_id=job.supplier_id,
        run_id=run_id,
        attempt=job.attempt,
        fields=spec.fields(),
        options=job.import_options,
    )


def check_and_plan(
    context: OpExecutionContext,
    catalogue: Catalogue,
    work: Work,
    spec: CheckSpec,
    *,
    rows_path: Path,
    checked_path: Path,
    errors_path: Path,
    total_rows: int | None,
) -> Checked:
    """Check every row, stage the keys, and plan what each row does; says how far it is after each block."""
    started = time.monotonic()
    progress = Progress(context, "checked", total_rows, started)
    staged = stage.stage(
        catalogue.connect, work, check(rows_path, spec), checked_path, errors_path, on_block=progress.block
    )
    planned = plan.build(catalogue.connect, work)
    first = pl.read_ipc(checked_path, n_rows=metadata.PREVIEW_ROWS, memory_map=False)
    shown = first.drop("gtin", "gtin_scope", "row_hash", "has_title", "clear").to_dicts()
    return Checked(staged, planned, shown, time.monotonic() - started)


class Progress:
    """Says in the run's log how far the rows are, and how fast."""

    def __init__(self, context: OpExecutionContext, done: str, total_rows: int | None, started: float) -> None:
        self._context, self._done, self._total, self._started = context, done, total_rows, started
        self._rows = 0

    def block(self, block: CheckedBlock) -> None:
        """Count the rows of a block."""
        self.rows(block.total_rows)

    def rows(self, more: int) -> None:
        """Count rows, and say it."""
        self._rows += more
        of = f" of {self._total:,}" if self._total else ""
        speed = metadata.rate(self._rows, time.monotonic() - self._started)
        self._context.log.info(f"{self._done} {self._rows:,}{of} rows, {speed:,} rows/s")
