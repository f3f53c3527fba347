"""The asset checks of `products`: evaluated by each load for its file, on demand for each supplier's latest."""

from collections.abc import Iterator, Sequence

from dagster import (
    AssetCheckEvaluation,
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    multi_asset_check,
)

from pim_pipelines import metadata, runs
from pim_pipelines.assets import products
from pim_pipelines.resources import Catalogue
from pim_pipelines.store import jobs
from pim_pipelines.store.jobs import Job

USUAL_ERROR_RATE = 0.05
"""More than this share of failed rows is worth a look, where the import sets no `max_error_rate` of its own."""

ERROR_RATE = AssetCheckSpec(
    "error_rate",
    asset=products.key,
    description=(
        f"Of the rows of a loaded file, no more failed than the import allows (`max_error_rate`, else "
        f"{USUAL_ERROR_RATE:.0%}). The rows that failed are in the API's error list of the import."
    ),
)
ROWS_ADD_UP = AssetCheckSpec(
    "rows_add_up",
    asset=products.key,
    description="Every row of a loaded file is accounted for: created, updated, skipped or failed.",
)


def evaluate(loads: Sequence[Job]) -> list[AssetCheckResult]:
    """Evaluate every check for jobs that were loaded, together."""
    return [_error_rate(loads), _rows_add_up(loads)]


def evaluations(job: Job) -> list[AssetCheckEvaluation]:
    """Evaluate every check for one load, as events that an op can log."""
    return [
        AssetCheckEvaluation(
            asset_key=products.key,
            check_name=str(result.check_name),
            passed=result.passed,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
        )
        for result in evaluate([job])
    ]


@multi_asset_check(name="load_checks", specs=[ERROR_RATE, ROWS_ADD_UP], can_subset=True)
def load_checks(context: AssetCheckExecutionContext, catalogue: Catalogue) -> Iterator[AssetCheckResult]:
    """Evaluate the checks for the latest load of every supplier."""
    with catalogue.connect() as conn:
        loads = jobs.latest_loads(conn)
    for result in evaluate(loads):
        if any(key.name == result.check_name for key in context.selected_asset_check_keys):
            yield result


def _error_rate(loads: Sequence[Job]) -> AssetCheckResult:
    bad = {_name(job): job for job in loads if _rate(job) > _allowed(job)}
    worst = max(loads, key=_rate, default=None)
    return AssetCheckResult(
        asset_key=products.key,
        check_name=ERROR_RATE.name,
        passed=not bad,
        severity=AssetCheckSeverity.WARN,
        description="; ".join(
            f"{name}: {job.failed_rows:,} of {job.total_rows or 0:,} rows failed ({_rate(job):.1%}), "
            f"{_allowed(job):.1%} are usual"
            for name, job in bad.items()
        )
        or None,
        metadata={
            "error rate": round(_rate(worst), 4) if worst else 0.0,
            "files": _table(loads),
        },
    )


def _rows_add_up(loads: Sequence[Job]) -> AssetCheckResult:
    bad = [job for job in loads if _missing(job) != 0]
    return AssetCheckResult(
        asset_key=products.key,
        check_name=ROWS_ADD_UP.name,
        passed=not bad,
        severity=AssetCheckSeverity.ERROR,
        description="; ".join(f"{_name(job)}: {_missing(job):,} rows are not accounted for" for job in bad) or None,
        metadata={"rows not accounted for": sum(_missing(job) for job in loads), "files": _table(loads)},
    )


def _table(loads: Sequence[Job]) -> metadata.Table:
    return metadata.columns(
        [
            {
                "supplier": _name(job),
                "file": job.file_name,
                "rows": job.total_rows or 0,
                "created": job.products_created,
                "updated": job.products_updated,
                "skipped": job.products_skipped,
                "failed": job.failed_rows,
            }
            for job in loads[: metadata.MOST_COLUMNS]
        ]
    )


def _name(job: Job) -> str:
    return runs.partition_of(job)


def _rate(job: Job) -> float:
    return job.failed_rows / job.total_rows if job.total_rows else 0.0


def _allowed(job: Job) -> float:
    own = job.import_options.get("max_error_rate")
    return USUAL_ERROR_RATE if own is None else float(own)


def _missing(job: Job) -> int:
    done = job.products_created + job.products_updated + job.products_skipped + job.failed_rows
    return (job.total_rows or 0) - done
