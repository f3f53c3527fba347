"""Detection on other people's real files agrees with what a person said of them."""

import pytest

from benchmarks.detection import FOLDER, Comparison, compare, expectations
from pim_pipelines.importing.mapping.detection import PLAIN_FIELDS, SURE

EXPECTATIONS = expectations()

pytestmark = pytest.mark.skipif(not EXPECTATIONS, reason=f"the real files are not there: {FOLDER}")


@pytest.fixture(scope="module")
def comparisons() -> dict[str, Comparison]:
    return {name: compare(name, expected) for name, expected in EXPECTATIONS.items()}


def test_at_least_nine_columns_in_ten_are_mapped_as_a_person_did(comparisons: dict[str, Comparison]) -> None:
    right = sum(one.right for one in comparisons.values())
    total = sum(one.expected for one in comparisons.values())

    assert total >= 40
    assert right / total >= 0.9, {one.name: one.wrong for one in comparisons.values() if one.wrong}


def test_no_wrong_suggestion_is_sure(comparisons: dict[str, Comparison]) -> None:
    sure = {
        (one.name, column): (target, found)
        for one in comparisons.values()
        for column, (target, found) in one.wrong.items()
        if found.field and found.confidence > SURE
    }

    assert sure == {}


def test_no_column_that_a_person_left_out_is_mapped_for_sure(comparisons: dict[str, Comparison]) -> None:
    sure = {
        (one.name, column): found
        for one in comparisons.values()
        for column, found in one.beyond.items()
        if found.field in PLAIN_FIELDS and found.confidence > SURE
    }

    assert sure == {}
