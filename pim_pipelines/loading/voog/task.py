"""What loading a Voog task is told, beyond what it is told of any job."""

from dataclasses import dataclass
from typing import Any

from pim_pipelines.loading.work import Connection, Work
from pim_pipelines.store.voog_plan import Scope
from pim_pipelines.store.voog_products import Manner, own_language


@dataclass(frozen=True, slots=True)
class Task:
    """A task's work, what its rows are matched by (None: every row makes a product) and the language of its texts.

    language: None where it is the tenant's own.
    """

    work: Work
    matched_by: str | None
    language: str | None

    @property
    def scope(self) -> Scope:
        """What the plan is made for."""
        return Scope(self.work.tenant_id, self.work.job_id, self.work.attempt, self.matched_by)

    @property
    def manner(self) -> Manner:
        """How its rows are meant."""
        return Manner(self.language, self.matched_by)


def task_of(conn: Connection, work: Work) -> Task:
    """Return the task as its options have it: `match_key, overwrite_existing, language`."""
    options: dict[str, Any] = dict(work.options)
    overwrites = options.get("overwrite_existing", False)
    own = own_language(conn, work.tenant_id)
    language = options.get("language") or own
    return Task(work, options.get("match_key", "id") if overwrites else None, None if language == own else language)
