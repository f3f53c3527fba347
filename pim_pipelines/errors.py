"""Every error this project raises on purpose.

    PimError
    ├── ConfigurationError      a setting is wrong; the process cannot start
    ├── DatabaseUnavailable     PostgreSQL cannot be reached
    ├── NotFound                no such thing for this tenant
    ├── InvalidStatus           the job's status does not allow this move
    ├── InvalidField            a value the caller sent is wrong, and which
    ├── MappingRequired         a mapping is wanted first
    ├── FileError               a supplier file that cannot be read
    │   ├── FileTooLarge
    │   ├── UnsupportedFormat
    │   ├── EmptyFile
    │   ├── SheetNotFound
    │   └── BrokenFile
    ├── SourceError             a file that cannot be fetched
    └── ImportFailed            an import that had to stop, with the reason for its user

`code` is the API's stable `error_code`; the message tells its reader what to do.
"""


class PimError(Exception):
    """Something this project raises on purpose; `str(error)` is a sentence for the user."""

    code = "INTERNAL_ERROR"


class ConfigurationError(PimError):
    """A setting is wrong or the machine cannot do what it asks for."""

    code = "CONFIGURATION_ERROR"


class DatabaseUnavailable(PimError):
    """PostgreSQL does not answer."""

    code = "DATABASE_UNAVAILABLE"


class NotFound(PimError):
    """No such thing, or it is another tenant's."""

    code = "NOT_FOUND"


class InvalidStatus(PimError):
    """The import job's status does not allow what was asked."""

    code = "INVALID_STATUS"

    def __init__(self, message: str, *, current: str, allowed: list[str]) -> None:
        super().__init__(message)
        self.current = current
        self.allowed = allowed


class InvalidField(PimError):
    """A value that the caller sent is wrong.

    `problems` are `(field, message, code)`, one or more; `field` is a dotted path.
    """

    code = "VALIDATION_ERROR"

    def __init__(self, problems: list[tuple[str, str, str]]) -> None:
        super().__init__("; ".join(message for _, message, _ in problems))
        self.problems = problems

    @classmethod
    def one(cls, field: str, message: str, code: str = "invalid") -> "InvalidField":
        """Make the error of a single wrong field."""
        return cls([(field, message, code)])


class MappingRequired(PimError):
    """The job has no column mapping, and none could be suggested."""

    code = "MAPPING_REQUIRED"


class FileError(PimError):
    """A supplier file that cannot be read."""

    code = "IMPORT_FAILED"


class FileTooLarge(FileError):
    """The file, or what it expands to, is larger than the limit."""

    code = "FILE_TOO_LARGE"


class UnsupportedFormat(FileError):
    """The content is of no format that we read."""

    code = "UNSUPPORTED_FORMAT"


class EmptyFile(FileError):
    """The file has no data rows."""

    code = "FILE_EMPTY"


class SheetNotFound(FileError):
    """The workbook has no sheet of this name or number."""

    code = "SHEET_NOT_FOUND"


class BrokenFile(FileError):
    """The file is of a known format but cannot be read to its end."""

    code = "FILE_BROKEN"


class SourceError(PimError):
    """A file that could not be fetched from where it should be."""

    code = "SOURCE_UNREACHABLE"


class ImportFailed(PimError):
    """The import had to stop; the message becomes the job's `last_error`."""

    code = "IMPORT_FAILED"
