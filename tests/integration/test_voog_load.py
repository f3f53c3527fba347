"""What the rows of a Voog task do to the catalogue: the cases of docs/decisions/0007, one by one."""

from pathlib import Path
from typing import Any

import pytest
from loading_world import Connect, Row, gtin
from voog_world import VoogWorld


@pytest.fixture
def world(connect: Connect, tmp_path: Path) -> VoogWorld:
    return VoogWorld(connect, tmp_path)


def variant(title: str | None = None, **more: Any) -> Row:
    return {"title": title, "says_variant": True} | more


def failed_rows(world: VoogWorld, job: int) -> list[tuple[Any, ...]]:
    return world.rows(
        "select row_number, error_type, field from import_errors where import_id = %s order by row_number, n", job
    )


def family(world: VoogWorld) -> list[tuple[Any, ...]]:
    """Give (title, parent's title, position) of all products."""
    return world.rows(
        """select c.title, p.title, c.position from products c left join products p on p.id = c.parent_id
           where c.tenant_id = %s order by c.created_row, c.id""",
        world.tenant,
    )


def test_parent_below_its_variants_is_as_good_as_above(world: VoogWorld) -> None:
    task, counts = world.run_task([
        variant("S", id=2, parent_id=1), variant("M", id=3, parent_id=1), {"id": 1, "title": "Shirt", "status": "live"},
    ])  # fmt: skip

    assert counts == (3, 0, 0)
    assert family(world) == [("S", "Shirt", 1), ("M", "Shirt", 2), ("Shirt", None, None)]
    assert world.catalogue("slug", "status", "is_active", "version") == [
        ("shirt", "live", True, 1), (None, "draft", False, 1), (None, "draft", False, 1),
    ]  # fmt: skip
    assert world.rows("select imported_products, failure_reason from import_jobs where id = %s", task.work.job_id) == [
        (1, None)
    ]


@pytest.mark.parametrize(
    ("rows", "failed"),
    [
        pytest.param(
            [{"id": 1, "title": "P"}, variant("v", id=2, parent_id=1), variant("w", id=3, parent_id=2)],
            [(3, "reference_not_found", "parent_id")],
            id="a variant of a variant",
        ),
        pytest.param(
            [
                {"title": "P"},
                variant("a", id=1, parent_id=2),
                variant("b", id=2, parent_id=1),
                variant("c", parent_id=1),
            ],
            [(number, "reference_not_found", "parent_id") for number in (2, 3, 4)],
            id="a cycle and what hangs on it",
        ),
        pytest.param(
            [{"title": "P"}, variant("a", id=1, parent_id=1)],
            [(2, "reference_not_found", "parent_id")],
            id="its own parent",
        ),
        pytest.param(
            [{"title": "P"}, {"id": 1, "title": "Q", "error": "bad"}, variant("v")],
            [(2, "number_invalid", "price"), (3, "reference_not_found", "parent_id")],
            id="the parent's row failed",
        ),
        pytest.param(
            [{"id": 1, "price": "5"}, variant("v"), {"title": "P"}],
            [(1, "missing_required_field", "name"), (2, "reference_not_found", "parent_id")],
            id="a parent without a name",
        ),
        pytest.param(
            [variant("v"), {"title": "P"}], [(1, "reference_not_found", "parent_id")], id="no product row above"
        ),
        pytest.param(
            [{"title": "P"}, variant("v", parent_id=77)], [(2, "reference_not_found", "parent_id")], id="unknown parent"
        ),
    ],
)
@pytest.mark.parametrize("overwrite_existing", [True, False])
def test_variants_without_a_sound_parent_fail(
    world: VoogWorld, rows: list[Row], failed: list[Any], overwrite_existing: bool
) -> None:
    task, counts = world.run_task(rows, overwrite_existing=overwrite_existing)

    assert failed_rows(world, task.work.job_id) == failed
    assert counts == (len(rows) - len(failed), 0, len(failed))
    assert len(world.ids()) == len(rows) - len(failed)
    reason, details = world.rows(
        "select failure_reason, failure_details from import_jobs where id = %s", task.work.job_id
    )[0]
    assert reason == ("parent_not_found" if failed[0][1] == "reference_not_found" else "value_invalid")
    assert details["line"] == failed[0][0]


def test_variant_whose_parents_row_failed_is_told_which_row(world: VoogWorld) -> None:
    task, _ = world.run_task([{"title": "Q", "error": "bad"}, variant("v")])

    [(message,)] = world.rows(
        "select message from import_errors where import_id = %s and row_number = 2", task.work.job_id
    )
    assert "(row 1)" in message


def test_parent_in_the_catalogue_whose_row_failed_gets_no_variant(world: VoogWorld) -> None:
    world.run_task([{"title": "P"}])
    [parent] = world.ids()

    _, counts = world.run_task([{"id": parent, "error": "bad"}, variant("v", parent_id=parent)])

    assert counts == (0, 0, 2)


def test_new_variants_hang_on_a_product_of_the_catalogue_behind_those_that_are_there(world: VoogWorld) -> None:
    world.run_task([{"title": "P"}, variant("a")])
    parent, first = world.ids()

    _, counts = world.run_task(
        [
            variant("c", parent_id=parent),
            variant(None, parent_id=parent),
            {"id": first, "parent_id": parent, "title": "A"},
        ]
    )

    assert counts == (2, 1, 0)
    assert set(family(world)) == {("A", "P", 1), ("P", None, None), ("P", "P", 3), ("c", "P", 2)}


def test_two_rows_with_one_id_make_two_products_and_the_first_is_the_parent(world: VoogWorld) -> None:
    _, counts = world.run_task([{"id": 7, "title": "one"}, {"id": 7, "title": "two"}, variant("v", parent_id=7)])

    assert counts == (3, 0, 0)
    assert family(world)[-1] == ("v", "one", 1)


def test_parents_with_one_sku_are_one_product_where_the_sku_matches(world: VoogWorld) -> None:
    rows: list[Row] = [
        {"id": 1, "sku": "P", "title": "old", "price": "1", "categories": ["A"]},
        variant("v", id=2, sku="V", parent_id=1),
        {"id": 3, "sku": "P", "title": "new", "stock": 4},
        variant("w", sku="W", parent_id=3),
        variant(None, sku="V", parent_id=3, price="9"),
    ]
    task, counts = world.run_task(rows, match_key="sku")

    assert counts == (3, 2, 0)
    assert world.catalogue("sku", "title", "price::text", "stock") == [
        ("P", "new", "1", 4), ("V", "v", "9", None), ("W", "w", None, None),
    ]  # fmt: skip
    assert {row[1] for row in family(world)} == {None, "new"}
    assert world.rows("select imported_products from import_jobs where id = %s", task.work.job_id) == [(1,)]

    _, separate = world.run_task(rows, match_key="sku", overwrite_existing=False)
    assert separate == (5, 0, 0)

    _, again = world.run_task(rows, match_key="sku")  # the lowest id, not the two made since
    assert again == (0, 5, 0)
    assert len(world.ids()) == 8


def test_variant_that_exists_keeps_its_parent(world: VoogWorld) -> None:
    world.run_task([{"title": "P"}, variant("v"), {"title": "Q"}])
    p, v, q = (world.rows("select id from products where title = %s", name)[0][0] for name in "PvQ")

    world.run_task([{"id": v, "parent_id": q, "price": "3"}])

    assert world.rows("select parent_id, price::text from products where id = %s", v) == [(p, "3")]


@pytest.mark.parametrize("match_key", ["id", "sku"])
def test_a_product_never_becomes_a_variant_nor_a_variant_a_product(world: VoogWorld, match_key: str) -> None:
    world.run_task([{"title": "P", "sku": "P"}, variant("v", sku="V")])
    product, of_it = world.ids()

    task, counts = world.run_task(
        [{"title": "Q"}, variant("x", id=product, sku="P"), {"id": of_it, "sku": "V", "title": "y"}, variant("z")],
        match_key=match_key,
    )

    if match_key == "sku":  # products and variants are looked for apart
        assert counts == (4, 0, 0)
    else:
        assert counts == (1, 0, 3)
        assert [error[1] for error in failed_rows(world, task.work.job_id)] == [
            "value_not_allowed", "value_not_allowed", "reference_not_found",
        ]  # fmt: skip


def test_blank_cells_keep_and_what_is_as_it_was_changes_nothing(world: VoogWorld) -> None:
    row = {
        "sku": "A", "title": "Shirt", "description": "d", "og_description": "o", "price": "1.50", "sale_price": "1",
        "length": "1", "width": "2", "height": "3", "weight": "4", "stock": 5, "reserved_quantity": 1, "status": "live",
        "categories": ["X", "Y"],
    }  # fmt: skip
    world.run_task([row])
    [product] = world.ids()
    before = world.catalogue("*")

    assert world.run_task([row | {"id": product, "slug": "shirt"}])[1] == (0, 1, 0)
    assert world.run_task([{"id": product}])[1] == (0, 1, 0)
    assert world.catalogue("*") == before
    task, _ = world.run_task([{"id": product, "price": "2"}])

    assert world.catalogue("price::text", "version", "title", "last_import_id") == [("2", 2, "Shirt", task.work.job_id)]
    assert world.rows("select changes, row_number from product_changes where change_set = %s", task.work.job_id) == [
        ({"price": [1.5, 2]}, 1)
    ]


def test_pixees_products_are_found_by_sku_and_its_hashes_are_forgotten(world: VoogWorld) -> None:
    file: list[Row] = [{"ean": gtin(1), "sku": "A", "title": "Pixee", "price": "1"}]
    world.run("S", file)

    assert world.run_task([{"sku": "A", "price": "2", "status": "live"}], match_key="sku")[1] == (0, 1, 0)
    assert world.catalogue("price::text", "status", "slug", "version") == [("2", None, None, 2)]
    assert world.rows("select supplier_id > 0, sku, row_hash from supplier_products") == [(True, "A", None)]
    world.run("S", file)
    assert world.catalogue("price::text") == [("1",)]

    world.run_task([{"id": world.ids()[0], "sku": "B", "status": "draft", "slug": "a"}])
    assert world.catalogue("sku", "status", "is_active", "slug") == [("B", "draft", False, "a")]
    assert world.rows("select supplier_id > 0, sku from supplier_products order by 1") == [(False, "B"), (True, "A")]
    world.run_task([{"id": world.ids()[0], "sku": "C"}])
    assert world.rows("select supplier_id > 0, sku from supplier_products order by 1") == [(False, "C"), (True, "A")]


@pytest.mark.parametrize(
    ("there", "rows", "slugs"),
    [
        ([], [{"title": "A"}, {"title": "a"}, {"title": "A 2"}, {"title": "A"}], ["a", "a-3", "a-2", "a-4"]),
        (["a", "a-2", "a-4"], [{"title": "A"}, {"title": "A"}, {"title": "A"}], ["a-3", "a-5", "a-6"]),
        (["b-2", "b-02", "b-x"], [{"title": "B"}, {"title": "B"}], ["b", "b-3"]),
        ([], [{"title": "A", "slug": "mine"}, {"title": "B", "slug": "mine"}, {"title": "Mine"}],
         ["mine", "mine-2", "mine-3"]),
    ],
)  # fmt: skip
def test_new_slugs_take_the_first_free_number(
    world: VoogWorld, there: list[str], rows: list[Row], slugs: list[str]
) -> None:
    world.run_task([{"title": "x", "slug": slug} for slug in there])
    world.run_task(rows)

    assert [slug for (slug,) in world.catalogue("slug")] == there + slugs


def test_slug_of_a_product_that_is_there(world: VoogWorld) -> None:
    world.run_task([{"title": "A"}, {"title": "A"}, {"title": "B"}])
    first, second, third = world.ids()

    world.run_task([{"id": second, "slug": "a", "title": "Z"}, {"id": third, "slug": "a"}, {"id": first, "price": "1"}])
    assert [slug for (slug,) in world.catalogue("slug")] == ["a", "a-2", "a-3"]
    world.run_task([{"id": first, "slug": "c"}])
    world.run_task([{"id": second, "slug": "a"}])
    assert [slug for (slug,) in world.catalogue("slug")] == ["c", "a", "a-3"]


def test_categories_are_made_by_name_and_replaced_where_a_cell_names_some(world: VoogWorld) -> None:
    def shown() -> list[tuple[Any, ...]]:
        return world.rows(
            """select p.title, array_agg(c.name order by c.name) from products p
               left join product_categories k on k.product_id = p.id left join categories c on c.id = k.category_id
               group by p.id order by p.id"""
        )

    world.run_task([{"title": "P", "categories": ["Shirts", "New"]}, {"title": "Q", "categories": ["shirts"]}])
    p, q = world.ids()
    assert shown() == [("P", ["New", "Shirts"]), ("Q", ["Shirts"])]
    assert world.rows("select name, slug from categories order by name") == [("New", "new"), ("Shirts", "shirts")]

    world.run_task([{"id": p, "categories": ["Old"]}, {"id": q, "price": "1"}])
    assert shown() == [("P", ["Old"]), ("Q", ["Shirts"])]

    world.run_task([{"id": p, "categories": ["Särgid", "Old"]}], language="et")
    world.run_task([{"id": q, "categories": ["SÄRGID"]}], language="et")
    assert shown() == [("P", ["Old", "Särgid"]), ("Q", ["Särgid"])]
    assert world.rows("select language, name from category_texts") == [("et", "Särgid")]


def test_texts_of_another_language_stand_beside_the_tenants(world: VoogWorld) -> None:
    world.run_task([{"title": "Shirt", "description": "Of cotton"}, variant("S", variant_attributes=[["Size", "S"]])])
    shirt, small = world.ids()

    world.run_task(
        [{"id": shirt, "title": "Särk", "price": "5"}, variant("Väike", id=small, variant_attributes=[["Suurus", "S"]]),
         variant(None, sku="M"), {"title": "Müts", "description": "Villane"}, variant(None)],
        language="et",
    )  # fmt: skip
    world.run_task([{"id": shirt, "description": "Puuvillane"}], language="et")

    assert world.catalogue("title", "description", "price::text", "slug") == [
        ("Shirt", "Of cotton", "5", "shirt"), ("S", None, None, None), ("Shirt", None, None, None),
        ("Müts", None, None, "muts"), ("Müts", None, None, None),
    ]  # fmt: skip
    assert world.rows(
        "select language, title, description, variant_attributes from product_texts order by product_id"
    ) == [
        ("et", "Särk", "Puuvillane", None), ("et", "Väike", None, [["Suurus", "S"]]), ("et", "Müts", "Villane", None),
    ]  # fmt: skip
    assert world.rows("select variant_attributes from products where id = %s", small) == [([["Size", "S"]],)]


def test_another_tenants_products_are_not_there(world: VoogWorld, connect: Connect, tmp_path: Path) -> None:
    other = VoogWorld(connect, tmp_path)
    other.run_task([{"title": "Theirs", "sku": "A"}])
    [theirs] = other.ids()

    for match_key in ("id", "sku"):
        assert world.run_task([{"id": theirs, "sku": match_key, "title": "Ours"}], match_key=match_key)[1] == (1, 0, 0)
    assert world.run_task([variant("v", parent_id=theirs)])[1] == (0, 0, 1)
    assert other.catalogue("title") == [("Theirs",)]


def test_all_rows_failed_is_said(world: VoogWorld) -> None:
    task = world.task()
    world.stage_rows(task, [{"title": "P", "error": "bad"}])

    assert world.load_task(task).all_failed
