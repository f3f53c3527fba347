"""Where a Voog task stands, by where its import job stands.

Source: the Voog page, `status`, and docs/decisions/0007, "States". SQL asks the same table (store/voog_tasks.py).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pim_pipelines.importing.lifecycle import JobStatus


class VoogStatus(StrEnum):
    """Where a task stands."""

    CREATED = "created"
    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = JobStatus

OF_JOB: Mapping[JobStatus, VoogStatus] = MappingProxyType(
    {
        _S.PENDING: VoogStatus.CREATED,
        _S.ANALYZING: VoogStatus.CREATED,
        _S.AWAITING_MAPPING: VoogStatus.CREATED,
        _S.READY: VoogStatus.CREATED,
        _S.PROCESSING: VoogStatus.STARTED,
        _S.COMPLETED: VoogStatus.FINISHED,
        _S.FAILED: VoogStatus.FAILED,
        _S.CANCELLED: VoogStatus.CANCELLED,
    }
)
"""The status of a task by its job's, unless it is queued."""

QUEUED_WHILE_READ = (_S.PENDING, _S.ANALYZING)
"""In these a task is queued as soon as it has `queued_at`: its run goes on by itself when it has read the file."""

QUEUED_UNTIL_CLAIMED = (_S.PROCESSING,)
"""In these a task is queued as long as it has no `claimed_at`: no run has begun to load it."""
