"""Any Voog files after one another come to the catalogue and the counts that the rules in plain Python come to."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from loading_world import Connect
from voog_reference import VALUES, Row, Shop
from voog_world import VoogWorld

from pim_pipelines.store import voog_plan

NEW = st.sampled_from([None, None, 10**9 + 1, 10**9 + 2, 10**9 + 3])
"""IDs that no product has. The n-th product that is there is meant by n (`KNOWN`), made an id by the test."""
KNOWN = st.integers(0, 5)
CELLS = {
    "sku": st.sampled_from([None, "A", "B", "C"]),
    "title": st.sampled_from([None, "Shirt", "Cap", "Sock"]),
    "price": st.sampled_from([None, "1", "2.5"]),
    "stock": st.sampled_from([None, 0, 7]),
    "status": st.sampled_from([None, "live", "draft"]),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        CELLS
        | {
            "id": st.one_of(NEW, KNOWN),
            "parent_id": st.one_of(st.none(), st.none(), NEW, KNOWN),
            "says_variant": st.booleans(),
        },
        optional={"error": st.just("bad")},
    ),
    max_size=8,
)
FILES = st.lists(st.tuples(st.sampled_from(["id", "sku", None]), ROWS), min_size=1, max_size=3)


@given(FILES)
@example_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_files_come_to_what_the_rules_come_to(
    connect: Connect, tmp_path: Path, files: list[tuple[str | None, list[Row]]]
) -> None:
    world, shop = VoogWorld(connect, tmp_path), Shop()
    for matched_by, drawn in files:
        rows = [meant(row, world.ids()) for row in drawn]
        wanted = shop.load(rows, matched_by)
        _, counts = world.run_task(rows, match_key=matched_by or "id", overwrite_existing=matched_by is not None)

        assert counts == wanted
        name_new(world, shop)
        assert catalogue(world) == {product.id: product.state() for product in shop.products}
        check_slugs(world)


def meant(row: Row, ids: list[int]) -> Row:
    """Give the row with the ids that its numbers mean; a failed one says no more than those."""
    named = {
        name: (ids[number] if number < len(ids) else None)
        if (number := row[name]) is not None and number < 10
        else number
        for name in ("id", "parent_id")
    }
    return {name: value for name, value in (row | named).items() if value is not None}


def name_new(world: VoogWorld, shop: Shop) -> None:
    """Give new products their real ids: those of one kind and parent are told apart by what they are."""
    real = catalogue(world)
    free = set(real) - {product.id for product in shop.products}
    new = sorted((p for p in shop.products if p.id < 0), key=lambda p: p.parent is not None)
    for product in new:
        state = product.state()
        product.id = next((id_ for id_ in sorted(free) if real[id_] == state), product.id)
        free.discard(product.id)


def catalogue(world: VoogWorld) -> dict[int, tuple[Any, ...]]:
    columns = ", ".join(f"{name}::text" if name == "price" else name for name in VALUES)
    return {row[0]: row[1:] for row in world.catalogue("id", "parent_id", columns)}


def check_slugs(world: VoogWorld) -> None:
    slugs = [slug for slug, parent in world.catalogue("slug", "parent_id") if parent is None]
    assert None not in slugs and len(set(slugs)) == len(slugs)
    assert all(active == (status == "live") for active, status in world.catalogue("is_active", "status"))


@pytest.fixture(autouse=True)
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voog_plan, "CHUNK_ROWS", 4)
