"""The history of products as real loads leave it."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from loading_world import World, gtin

from pim_pipelines.store import history
from pim_pipelines.store.history import Change, FieldChange

A, B = gtin(400_638_133_393), gtin(301_762_042_200)


@pytest.fixture
def world(connect: Callable[[], psycopg.Connection[Any]], tmp_path: Path) -> World:
    return World(connect, tmp_path)


def of(world: World, ean: str, limit: int = 50, offset: int = 0) -> tuple[list[Change], int]:
    """Return the history of the product with an EAN."""
    product = world.rows("select id from products where gtin = %s", int(ean))[0][0]
    with world.connect() as conn:
        found = history.list_page(conn, world.tenant, product, limit=limit, offset=offset)
    assert found is not None
    return found


def shown(change: Change) -> dict[str, tuple[Any, Any]]:
    return {each.field: (each.old, each.new) for each in change.changes}


def test_the_import_that_made_a_product_set_its_first_values(world: World) -> None:
    made = world.run("S", [{"ean": A, "sku": "1", "title": "Stylo", "price": "1.95"}]).work

    (created,), total = of(world, A)

    assert (total, created.action, created.import_id, created.version) == (1, "create", made.uuid, 1)
    assert (created.import_type, created.supplier_code, created.row_number) == ("manual", "S", None)
    assert {name: value for name, value in shown(created).items() if name != "is_active"} == {
        "ean": (None, A),
        "sku": (None, "1"),
        "title": (None, "Stylo"),
        "price": (None, Decimal("1.95")),
    }


def test_each_import_shows_what_it_changed_from_what_to_what(world: World) -> None:
    world.run("S", [{"ean": A, "title": "Stylo", "price": "1.95"}, {"ean": B, "title": "Nutella", "price": "3"}])
    second = world.run("S", [{"ean": B, "price": "3"}, {"ean": A, "price": "2.05"}]).work
    third = world.run("T", [{"ean": A, "title": "Stylo feutre", "price": "2.10"}]).work

    (last, middle, created), total = of(world, A)

    assert (total, last.import_id, middle.import_id) == (3, third.uuid, second.uuid)
    assert shown(last) == {"title": ("Stylo", "Stylo feutre"), "price": (2.05, 2.1)}
    assert (shown(middle), middle.row_number, middle.version) == ({"price": (1.95, 2.05)}, 2, 2)
    assert (shown(created)["title"], shown(created)["price"]) == ((None, "Stylo"), (None, 1.95))
    assert of(world, B)[1] == 1  # the second import left it as it was


def test_a_value_that_came_later_was_not_there_at_first(world: World) -> None:
    world.run("S", [{"ean": A, "title": "Stylo"}])
    world.run("S", [{"ean": A, "price": "2.05"}])

    updated, created = of(world, A)[0]

    assert shown(updated) == {"price": (None, 2.05)}
    assert "price" not in shown(created)


def test_attributes_are_shown_one_by_one(world: World) -> None:
    world.run("S", [{"ean": A, "title": "Stylo", "attributes.Farbe": "blau", "attributes.Mine": "fein"}])
    world.run("S", [{"ean": A, "attributes.Farbe": "rot", "attributes.Neu": "ja"}])

    updated, created = of(world, A)[0]

    assert updated.changes == [
        FieldChange(field="attributes.Farbe", old="blau", new="rot"),
        FieldChange(field="attributes.Neu", old=None, new="ja"),
    ]
    first = {name: value for name, value in shown(created).items() if name.startswith("attributes.")}
    assert first == {"attributes.Farbe": (None, "blau"), "attributes.Mine": (None, "fein")}


def test_pages_meet_and_the_creation_is_on_the_last(world: World) -> None:
    for price in ("1", "2", "3", "4"):
        world.run("S", [{"ean": A, "title": "Stylo", "price": price}])

    pages = [of(world, A, limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [total for _, total in pages] == [4, 4, 4]
    assert [[change.version for change in found] for found, _ in pages] == [[4, 3], [2, 1], []]


def test_a_deleted_import_stays_in_the_history_without_its_name(world: World) -> None:
    world.run("S", [{"ean": A, "title": "Stylo", "price": "1"}])
    gone = world.run("S", [{"ean": A, "price": "2"}]).work
    with world.connect() as conn:
        conn.execute("delete from import_jobs where id = %s", (gone.job_id,))

    updated = of(world, A)[0][0]

    assert (updated.import_id, updated.file_name, shown(updated)) == (None, None, {"price": (1, 2)})


def test_another_tenants_product_has_none(world: World, tmp_path: Path) -> None:
    world.run("S", [{"ean": A, "title": "Stylo"}])
    product = world.rows("select id from products")[0][0]

    with world.connect() as conn:
        assert history.list_page(conn, World(world.connect, tmp_path).tenant, product, limit=1, offset=0) is None
