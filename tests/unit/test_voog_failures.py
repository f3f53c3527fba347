"""Why a Voog task failed: the reason of the contract's list for every error that can end one."""

import pytest

from pim_pipelines import errors
from pim_pipelines.importing.readers.limits import Limits, TooManyColumns
from pim_pipelines.importing.voog import failures
from pim_pipelines.sources import AddressRefused, NetworkTrouble


@pytest.mark.parametrize(
    ("error", "reason", "key"),
    [
        (NetworkTrouble("no answer"), "file_unreachable", "source_unreachable"),
        (AddressRefused("a private address"), "file_unreachable", "source_unreachable"),
        (errors.FileTooLarge("too large"), "file_too_large", "file_too_large"),
        (errors.EmptyFile("empty"), "file_empty", "file_empty"),
        (errors.UnsupportedFormat("a picture"), "file_format", "unsupported_format"),
        (TooManyColumns(Limits()), "file_format", "file_broken"),
        (errors.InvalidField.one("mapping", "column 9 does not exist"), "mapping_invalid", "mapping_invalid"),
        (errors.MappingRequired("no mapping"), "mapping_invalid", "mapping_invalid"),
        (errors.ImportFailed("the rows are gone"), None, "import_failed"),
        (errors.DatabaseUnavailable("away"), None, "database_unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_that_ends_a_task_has_its_reason(error: errors.PimError, reason: str | None, key: str) -> None:
    found = failures.of_task(error)

    assert (found.reason, found.details()) == (reason, {"key": key, "message": str(error), "line": None})


@pytest.mark.parametrize(
    ("error_type", "reason"), [("parent_not_found", "parent_not_found"), ("number_invalid", "value_invalid")]
)
def test_a_row_that_failed_names_its_line(error_type: str, reason: str) -> None:
    found = failures.of_row(error_type, "Price is no number: 'x'.", 7)

    assert found.reason == reason
    assert found.details() == {"key": error_type, "message": "Price is no number: 'x'.", "line": 7}
