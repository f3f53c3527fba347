"""Whose variant a row is: the cases of the decision's table, and generated files against a model of the rules."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from pim_pipelines.store.voog_families import Orphan, families

Connect = Callable[[], Connection[Any]]

TENANT = 1_000_007  # nobody else's
PRODUCT, VARIANT, OF_ANOTHER = 900_001, 900_002, 900_003  # in the catalogue; the last is another tenant's


class Key(NamedTuple):
    """What a row says of itself."""

    id: int | None = None
    parent_id: int | None = None
    says_variant: bool = False
    failed: bool = False

    @property
    def is_variant(self) -> bool:
        """Whether the row is a variant."""
        return self.parent_id is not None or self.says_variant


class Place(NamedTuple):
    """A row's place in its family, as the query gives it."""

    row_number: int
    is_variant: bool
    parent_row: int | None
    parent_product: int | None
    orphan: str | None


def placed(connect: Connect, keys: list[Key]) -> list[Place]:
    """Ask the store for the places of a file's rows, in a transaction that leaves nothing."""
    with connect() as conn:
        conn.cursor().executemany(
            "insert into products (id, tenant_id, parent_id) values (%s, %s, %s)",
            [(PRODUCT, TENANT, None), (VARIANT, TENANT, PRODUCT), (OF_ANOTHER, TENANT + 1, None)],
        )
        conn.execute("create temp table rows (like stage_voog_rows) on commit drop")
        conn.cursor().executemany(
            "insert into rows (row_number, id, parent_id, says_variant, failed) values (%s, %s, %s, %s, %s)",
            [(number, *key) for number, key in enumerate(keys, 1)],
        )
        statement = SQL("select * from ({}) places order by row_number").format(families(Identifier("rows")))
        found = [Place(*row) for row in conn.execute(statement, {"tenant": TENANT, "job": 0})]
        conn.rollback()
    return found


def by_the_rules(keys: list[Key]) -> list[Place]:
    """Place the rows one after the other, as the decision says it in words."""
    found, above = [], None
    for number, key in enumerate(keys, 1):
        row = product = orphan = None
        if not key.is_variant:
            above = number
        elif key.parent_id is None:
            row = above
            orphan = Orphan.NOTHING_ABOVE if row is None else None
        else:
            row = next((n for n, other in enumerate(keys, 1) if other.id == key.parent_id), None)
            if row is None:
                orphan = {PRODUCT: None, VARIANT: Orphan.OF_A_VARIANT}.get(key.parent_id, Orphan.UNKNOWN)
                product = PRODUCT if key.parent_id == PRODUCT else None
        if row is not None:
            parent = keys[row - 1]
            orphan = Orphan.OF_A_VARIANT if parent.is_variant else Orphan.PARENT_FAILED if parent.failed else None
        found.append(Place(number, key.is_variant, row, product, orphan))
    return found


@pytest.mark.parametrize(
    ("keys", "last"),
    [
        pytest.param([Key(1), Key(2, 1)], Place(2, True, 1, None, None), id="by its parent's id"),
        pytest.param([Key(1), Key(says_variant=True)], Place(2, True, 1, None, None), id="by the product above"),
        pytest.param([Key(9), Key(2, PRODUCT)], Place(2, True, None, PRODUCT, None), id="of the catalogue"),
        pytest.param([Key(7), Key(7), Key(None, 7)], Place(3, True, 1, None, None), id="of two with one id the first"),
        pytest.param([Key(2, 5)], Place(1, True, None, None, Orphan.UNKNOWN), id="unknown"),
        pytest.param([Key(2, OF_ANOTHER)], Place(1, True, None, None, Orphan.UNKNOWN), id="another tenant's"),
        pytest.param([Key(says_variant=True)], Place(1, True, None, None, Orphan.NOTHING_ABOVE), id="nothing above"),
        pytest.param([Key(1), Key(2, 1), Key(3, 2)], Place(3, True, 2, None, Orphan.OF_A_VARIANT), id="of a variant"),
        pytest.param(
            [Key(2, VARIANT)], Place(1, True, None, None, Orphan.OF_A_VARIANT), id="of the catalogue's variant"
        ),
        pytest.param([Key(1, 2), Key(2, 1)], Place(2, True, 1, None, Orphan.OF_A_VARIANT), id="a cycle"),
        pytest.param([Key(1, 1)], Place(1, True, 1, None, Orphan.OF_A_VARIANT), id="its own parent"),
        pytest.param(
            [Key(PRODUCT, failed=True), Key(2, PRODUCT)],
            Place(2, True, 1, None, Orphan.PARENT_FAILED),
            id="the parent's row failed, though the catalogue has it",
        ),
    ],
)
def test_each_family_has_one_right_answer(connect: Connect, keys: list[Key], last: Place) -> None:
    assert placed(connect, keys)[-1] == last
    assert by_the_rules(keys)[-1] == last


def test_a_parent_may_stand_below_its_variants(connect: Connect) -> None:
    assert placed(connect, [Key(2, 1), Key(3, 1), Key(1)]) == [
        Place(1, True, 3, None, None),
        Place(2, True, 3, None, None),
        Place(3, False, None, None, None),
    ]


IDS = st.sampled_from([None, 1, 2, 3, PRODUCT, VARIANT, OF_ANOTHER])
KEYS = st.builds(Key, IDS, IDS, st.booleans(), st.sampled_from([False, False, False, True]))


@given(st.lists(KEYS, max_size=12))
@example_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_placed_by_the_rules(connect: Connect, keys: list[Key]) -> None:
    assert placed(connect, keys) == by_the_rules(keys)
