"""What single cells of a Voog file say."""

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from pim_pipelines.importing.voog.values import read_categories, read_key_set, read_status, slug_of, write_key_set

WORDS = st.text("abcÄé 1", min_size=1, max_size=6).map(str.strip).filter(bool)


@pytest.mark.parametrize(("cell", "status"), [("Live", "live"), ("draft", "draft"), ("LIVE", "live")])
def test_a_status_is_read_in_any_case(cell: str, status: str) -> None:
    assert read_status(cell) == status


def test_another_word_is_no_status() -> None:
    with pytest.raises(ValueError, match="neither Draft nor Live: 'on sale'"):
        read_status("on sale")


@pytest.mark.parametrize(
    ("cell", "pairs"),
    [
        ("Size: S, Color: Black", [("Size", "S"), ("Color", "Black")]),
        ("Size:S,Color:Black", [("Size", "S"), ("Color", "Black")]),
        ("Size: 1,5, Ratio: 16:9", [("Size", "1,5"), ("Ratio", "16:9")]),
        ("Finish: matt, rough", [("Finish", "matt, rough")]),
    ],
)
def test_variant_attributes_are_a_key_set(cell: str, pairs: list[tuple[str, str]]) -> None:
    assert read_key_set(cell) == pairs


@pytest.mark.parametrize("cell", ["S", "S, Color: Black", ": S", "Size:", "Size: , Color: Red", "Size: S, size: M"])
def test_what_is_no_key_set_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="ariant attribute"):
        read_key_set(cell)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4, unique_by=lambda pair: pair[0].casefold()))
@example_settings(max_examples=50)
def test_a_key_set_that_was_written_is_read_back(pairs: list[tuple[str, str]]) -> None:
    assert read_key_set(write_key_set(pairs)) == pairs


def test_categories_keep_their_order_and_come_once() -> None:
    assert read_categories("Sale, Clothing,, sale ,  Big   shirts") == ["Sale", "Clothing", "Big shirts"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My product with variants", "my-product-with-variants"),
        ("  Öö & Äär_õ – 50% ", "oo-aar-o-50"),
        ("Straße Łódź", "strasse-lodz"),
        ("Чайник", "чайник"),
        ("नई किताब", "नई-किताब"),
        ("!!!", "product"),
    ],
)
def test_a_slug_is_made_of_the_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug
