"""The Voog page's attributes and mappings, held to its own examples."""

import json

import pytest
from voog_page import example

from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.voog.attributes import (
    SUPPORTED_ATTRIBUTES,
    check_fit,
    check_mapping,
    proposed_mapping,
)


@pytest.mark.parametrize("name", ["created_task", "finished_task"])
def test_the_pages_examples_get_the_pages_mapping(name: str) -> None:
    task = example(name)
    columns = [column["column"] for column in task["detected_data"]]

    assert list(proposed_mapping(columns).items()) == list(task["mapping"].items())


def test_supported_attributes_are_the_pages_in_its_order() -> None:
    page = example("created_task")["supported_attributes"]

    assert json.dumps(dict(SUPPORTED_ATTRIBUTES)) == json.dumps(page)


def test_titles_are_known_in_any_case_and_the_first_of_two_columns_gets_the_attribute() -> None:
    found = proposed_mapping(["PRODUCT  code", "price", " Price ", "Colour", ""])

    assert found == {"0": "sku", "1": "price", "2": None, "3": None, "4": None}


def test_a_mapping_is_given_back_in_the_order_of_its_columns() -> None:
    assert list(check_mapping({"10": "sku", "2": None, "0": "name"}).items()) == [
        ("0", "name"),
        ("2", None),
        ("10", "sku"),
    ]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (["name"], "must be an object"),
        ({"name": "name"}, "is not a column index"),
        ({"-1": "name"}, "is not a column index"),
        ({"01": "name"}, "is not a column index"),
        ({"²": "name"}, "is not a column index"),
        ({"0": "colour"}, "'colour' is not one of supported_attributes"),
        ({"0": 7}, "7 is not one of supported_attributes"),
        ({"0": ["name"]}, "is not one of supported_attributes"),
        ({"0": "name", "3": "name"}, "name is mapped to columns 0 and 3"),
    ],
)
def test_a_mapping_that_can_fit_no_file_is_refused(mapping: object, message: str) -> None:
    with pytest.raises(InvalidField, match=message) as refused:
        check_mapping(mapping)

    assert [field for field, _, _ in refused.value.problems] == ["mapping"]


def test_a_mapping_that_does_not_fit_the_file_is_refused_with_every_reason() -> None:
    check_fit({"0": "id", "1": "name"}, ["ID", "Name"], "id")

    with pytest.raises(InvalidField) as refused:
        check_fit({"0": "id", "2": "name"}, ["ID", "Name"], "sku")

    assert [message for _, message, _ in refused.value.problems] == [
        "column 2 does not exist: the file has 2 columns, counted from 0.",
        "no column is mapped to sku, which products are matched by (match_key).",
    ]
