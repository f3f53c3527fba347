"""What a load is told, and what it tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from pim_pipelines.errors import ImportFailed
from pim_pipelines.importing.fields import ATTRIBUTE_PREFIX
from pim_pipelines.importing.row_hash import HASH_VERSION
from pim_pipelines.store.chunks import Holder, Tally
from pim_pipelines.store.plan import Scope
from pim_pipelines.store.writing import Writer

Connection = psycopg.Connection[Any]
Connect = Callable[[], Connection]


class LoadStopped(ImportFailed):
    """The load had to stop because the job is not this run's any more; nothing of its last chunks was kept."""


class Cancelled(LoadStopped):
    """The job was cancelled."""


class Superseded(LoadStopped):
    """Another attempt, or another run, has the job now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A job as far as loading needs it. fields: the mapped product fields, `attributes.…` among them."""

    job_id: int
    uuid: UUID
    tenant_id: int
    supplier_id: int | None
    run_id: UUID
    attempt: int
    fields: list[str]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The columns of `products`, but for the EAN's, that rows bring values for."""
        plain = [name for name in self.fields if name != "ean" and not name.startswith(ATTRIBUTE_PREFIX)]
        return plain + (["attributes"] if any(name.startswith(ATTRIBUTE_PREFIX) for name in self.fields) else [])

    @property
    def holder(self) -> Holder:
        """Who may write for the job."""
        return Holder(self.job_id, self.run_id, self.attempt)

    @property
    def scope(self) -> Scope:
        """What the plan is made for."""
        return Scope(
            tenant=self.tenant_id,
            supplier=self.supplier_id or 0,
            job=self.job_id,
            attempt=self.attempt,
            overwrite=bool(self.options.get("overwrite_existing", True)),
            create_missing=bool(self.options.get("create_missing", True)),
            hash_version=HASH_VERSION,
        )

    @property
    def fills_only(self) -> bool:
        """Whether what products have stays, and only what they lack is set."""
        return bool(self.options.get("fill_empty_only", False))

    @property
    def deactivates_missing(self) -> bool:
        """Whether products of the supplier that the file does not have become inactive."""
        return bool(self.options.get("deactivate_missing", False)) and self.supplier_id is not None

    @property
    def writer(self) -> Writer:
        """Who writes products."""
        return Writer(self.tenant_id, self.supplier_id or 0, self.job_id, HASH_VERSION)


@dataclass(frozen=True, slots=True)
class Staged:
    """What checking found: rows of the file, those with an error, and errors and warnings by type."""

    total_rows: int
    failed_rows: int
    errors_by_type: dict[str, int]

    @property
    def rows_staged(self) -> int:
        """Rows without an error."""
        return self.total_rows - self.failed_rows


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What the plan will do, in rows.

    actions: by action (`create`, `update`, `same`, `superseded`, `pending`, `skip`, `reject`). tally: how they will be
    counted, the rows that failed checking included. warnings, errors: what the plan itself has to say, by type.
    deactivations: products, not rows, that the file no longer has and that become inactive.
    """

    actions: dict[str, int]
    tally: Tally
    warnings: dict[str, int]
    errors: dict[str, int]
    deactivations: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a load ended.

    commonest_error: for a job whose every row failed, why most did, as a sentence. deactivated: products, not rows,
    that became inactive because the file no longer has them; None: none was taken for missing, because a row that
    failed may mean any of them.
    """

    created: int
    updated: int
    skipped: int
    failed: int
    commonest_error: str | None = None
    deactivated: int | None = 0

    @property
    def total_rows(self) -> int:
        """All rows of the file."""
        return self.created + self.updated + self.skipped + self.failed

    @property
    def all_failed(self) -> bool:
        """Whether not one row was good, so that the job is to be failed."""
        return self.failed == self.total_rows


Progress = Callable[[Tally], None]
"""Called with the sum of the chunks committed so far."""
