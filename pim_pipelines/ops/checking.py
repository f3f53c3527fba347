"""Checking and planning a job's rows: what `validate` and a dry run do alike."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from dagster import OpExecutionContext

from pim_pipelines import metadata
from pim_pipelines.importing.memory import give_back
from pim_pipelines.importing.pipeline import CheckSpec, check
from pim_pipelines.loading import checked, plan, stage
from pim_pipelines.loading.work import PlanSummary, Staged, Work
from pim_pipelines.resources import Catalogue
from pim_pipelines.store.jobs import Job

MANY_ROWS = 50_000  # from here on checking leaves memory that loading should not add to
NOT_SHOWN = ("gtin", "gtin_scope", "row_hash", "has_title", "clear")


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking and planning a file gave; `first_rows` are its first sound rows."""

    staged: Staged
    plan: PlanSummary
    first_rows: list[dict[str, Any]]
    seconds: float

    @property
    def total_rows(self) -> int:
        """All rows of the file."""
        return self.staged.total_rows

    @property
    def failed_rows(self) -> int:
        """Rows that checking found bad, or that the plan has no place for."""
        return self.plan.tally.failed

    def described(self) -> dict[str, Any]:
        """Give what the run's page shows."""
        by_type = Counter(self.staged.errors_by_type) + Counter(self.plan.warnings) + Counter(self.plan.errors)
        return {
            "rows": self.total_rows,
            "failed rows": self.failed_rows,
            "rows per second": metadata.rate(self.total_rows, self.seconds),
            "errors and warnings by type": metadata.counted(by_type, "error_type"),
            "plan": metadata.counted(self.plan.actions, "action"),
            "first sound rows": metadata.preview(self.first_rows),
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
        catalogue.connect,
        work,
        check(rows_path, spec),
        checked_path,
        errors_path,
        on_block=lambda sums: progress.so_far(sums.total_rows),
    )
    if staged.total_rows >= MANY_ROWS:
        give_back()
    planned = plan.build(catalogue.connect, work)
    return Checked(staged, planned, _first_rows(checked_path, errors_path), time.monotonic() - started)


def _first_rows(checked_path: Path, errors_path: Path) -> list[dict[str, Any]]:
    block = next(checked.blocks(checked_path, errors_path), None)
    return block.rows.head(metadata.PREVIEW_ROWS).drop(NOT_SHOWN).to_dicts() if block else []


class Progress:
    """Says in the run's log how far the rows are, and how fast."""

    def __init__(self, context: OpExecutionContext, done: str, total_rows: int | None, started: float) -> None:
        self._context, self._done, self._total, self._started = context, done, total_rows, started

    def so_far(self, rows: int) -> None:
        """Say how many rows are done."""
        of = f" of {self._total:,}" if self._total else ""
        speed = metadata.rate(rows, time.monotonic() - self._started)
        self._context.log.info(f"{self._done} {rows:,}{of} rows, {speed:,} rows/s")
