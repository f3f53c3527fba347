"""The states of an import job and the moves between them: the one place that knows them.

    pending ──▶ analyzing ──▶ awaiting_mapping ──▶ ready ──▶ processing ──▶ completed
       ▲                 └───────────────────────▶   ▲           │
       ├── failed, cancelled                          └── a guard ┘
       └── awaiting_mapping, ready: the file is to be read in another way (`sheet`, `skip_header_rows`)

Source: the Pixee imports page ("Job lifecycle") and the contract's "Life" paragraph.
"""

from enum import StrEnum


class JobStatus(StrEnum):
    """Where an import job stands."""

    PENDING = "pending"
    ANALYZING = "analyzing"
    AWAITING_MAPPING = "awaiting_mapping"
    READY = "ready"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = JobStatus

MOVES: dict[JobStatus, frozenset[JobStatus]] = {
    _S.PENDING: frozenset({_S.ANALYZING, _S.CANCELLED, _S.FAILED}),
    _S.ANALYZING: frozenset({_S.AWAITING_MAPPING, _S.READY, _S.FAILED, _S.CANCELLED}),
    _S.AWAITING_MAPPING: frozenset({_S.READY, _S.PENDING}),
    _S.READY: frozenset({_S.READY, _S.PROCESSING, _S.PENDING}),
    _S.PROCESSING: frozenset({_S.COMPLETED, _S.CANCELLED, _S.READY, _S.FAILED}),
    _S.COMPLETED: frozenset(),
    _S.FAILED: frozenset({_S.PENDING}),
    _S.CANCELLED: frozenset({_S.PENDING}),
}
"""From each state, the states it may move to. `analyzing → cancelled` is a termination in Dagster."""

FINAL = frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED})
AT_WORK = frozenset({_S.ANALYZING, _S.PROCESSING})
NOT_READ_YET = frozenset({_S.PENDING, _S.ANALYZING})

# What each request of a user needs the job to be in (API page, "must be in …").
CAN_CANCEL = frozenset({_S.PENDING, _S.PROCESSING})
CAN_RETRY = frozenset({_S.FAILED, _S.CANCELLED})
CAN_SAVE_MAPPING = frozenset({_S.AWAITING_MAPPING, _S.READY})
CAN_START = frozenset({_S.READY})
CAN_DRY_RUN = frozenset({_S.PENDING, _S.READY, _S.AWAITING_MAPPING})
CAN_ARCHIVE = FINAL
CAN_DELETE = frozenset(_S) - AT_WORK


def sources(target: JobStatus) -> list[JobStatus]:
    """Return the states from which `target` can be reached in one move, in the order of life."""
    return [state for state in JobStatus if target in MOVES[state]]


def may_move(source: JobStatus, target: JobStatus) -> bool:
    """Tell whether `source → target` is one of the moves."""
    return target in MOVES[source]
