"""Why a Voog task failed, as `failure_reason` and `failure_reason_details` say it.

Reasons are the contract's closed list (section 5). Of a task that ended as a whole the reason comes from the error
that ended it; of rows that failed, from the first of them. What is none of these (the system stopped, the database was
away) has no reason: the details say what happened. Imports no frames.
"""

from dataclasses import dataclass
from enum import StrEnum

from pim_pipelines.errors import (
    EmptyFile,
    FileError,
    FileTooLarge,
    InvalidField,
    MappingRequired,
    PimError,
    SourceError,
)


class Reason(StrEnum):
    """Every reason that a task can have."""

    FILE_UNREACHABLE = "file_unreachable"
    FILE_TOO_LARGE = "file_too_large"
    FILE_EMPTY = "file_empty"
    FILE_FORMAT = "file_format"
    MAPPING_INVALID = "mapping_invalid"
    VALUE_INVALID = "value_invalid"
    PARENT_NOT_FOUND = "parent_not_found"


@dataclass(frozen=True, slots=True)
class Failure:
    """What is written to a job: `reason` None where it is none of the list.

    `key` says it more finely, for programs (`source_unreachable`, `unsupported_format`, a row's error type); `message`
    is for people; `line` is the data row from 1, None where the whole file is meant.
    """

    reason: Reason | None
    key: str
    message: str
    line: int | None = None

    def details(self) -> dict[str, str | int | None]:
        """Give the page's `failure_reason_details`."""
        return {"key": self.key, "message": self.message, "line": self.line}


# The first that an error is an instance of.
_REASONS: tuple[tuple[type[PimError], Reason], ...] = (
    (SourceError, Reason.FILE_UNREACHABLE),
    (FileTooLarge, Reason.FILE_TOO_LARGE),
    (EmptyFile, Reason.FILE_EMPTY),
    (FileError, Reason.FILE_FORMAT),
    (InvalidField, Reason.MAPPING_INVALID),
    (MappingRequired, Reason.MAPPING_INVALID),
)


def of_task(error: PimError) -> Failure:
    """Return why a task failed that an error has ended."""
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), None)
    key = str(reason) if reason is Reason.MAPPING_INVALID else error.code.lower()
    return Failure(reason, key, str(error))


def unexpected(run_id: str) -> Failure:
    """Return why a task failed that an error of ours has ended; no request starts a task anew, as an import's does."""
    return Failure(
        None,
        "internal_error",
        "An unexpected error ended this task; rows that were imported stay. Make a new task for the others, and if it "
        f"happens again, show the Dagster run {run_id} to whoever runs this system.",
    )


INTERRUPTED = Failure(
    None,
    "interrupted",
    "The system ended this task before its end: it was stopped, or a process of it died or could not be started. Rows "
    "that were imported stay; make a new task for the others.",
)
"""Why a task failed whose run was stopped, died or never began."""


def of_row(error_type: str, message: str, line: int) -> Failure:
    """Return why the first row failed; `error_type` is its error's, `parent_not_found` or any other."""
    reason = Reason.PARENT_NOT_FOUND if error_type == Reason.PARENT_NOT_FOUND else Reason.VALUE_INVALID
    return Failure(reason, error_type, message, line)
