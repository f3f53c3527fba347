"""What becomes of rows, case by case; `test_load_against_reference.py` has the cases that nobody thought of."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from loading_world import Connect, File, Row, World, gtin

from pim_pipelines.errors import ImportFailed


@pytest.fixture
def world(connect: Connect, tmp_path: Path) -> World:
    return World(connect, tmp_path)


def products(world: World, *columns: str) -> list[tuple[Any, ...]]:
    return world.rows(
        f"select {', '.join(columns)} from products where tenant_id = %s order by gtin, sku, id", world.tenant
    )


def offers(world: World) -> list[tuple[Any, ...]]:
    return world.rows(
        """select p.gtin, s.code, o.sku from supplier_products o join products p on p.id = o.product_id
           left join suppliers s on s.id = o.supplier_id where o.tenant_id = %s order by 1, 2, 3""",
        world.tenant,
    )


def test_new_rows_make_products_with_all_their_values(world: World) -> None:
    row: Row = {
        "ean": gtin(1),
        "sku": "A",
        "title": 'Ein "Titel", mit\nUmbruch \\. und Ünïcode',
        "price": "12345678901234567890.123456789",
        "stock": 5_000_000_000,
        "is_active": False,
        "image_urls": '["https://a.example/1.jpg", "https://a.example/2.jpg"]',
        "attributes.Farbe": "rot",
        "description": "",
    }

    run = world.run("S", [row])

    assert run.counts == (1, 0, 0, 0)
    stored = products(world, "gtin", "ean", "sku", "title", "price", "stock", "is_active", "image_urls", "attributes")
    assert stored == [
        (
            int(gtin(1)),
            gtin(1),
            "A",
            row["title"],
            Decimal(row["price"]),
            5_000_000_000,
            False,
            ["https://a.example/1.jpg", "https://a.example/2.jpg"],
            {"Farbe": "rot"},
        )
    ]


def test_identical_file_counts_as_updated_and_writes_nothing(world: World) -> None:
    rows: list[Row] = [{"ean": gtin(n), "sku": f"A{n}", "title": "x", "price": "1"} for n in range(20)]
    world.run("S", rows)

    again = world.run("S", rows)

    assert again.counts == (0, 20, 0, 0)
    assert world.rows("select distinct version from products") == [(1,)]
    assert world.rows("select count(*) from product_changes") == [(0,)]


def test_changed_values_go_into_the_history_exactly(world: World) -> None:
    world.run("S", [{"ean": gtin(1), "sku": "A", "title": "x", "price": "29.90", "color": "rot"}])

    run = world.run("S", [{"ean": gtin(1), "sku": "A", "title": "x", "price": "0.10", "color": None}])

    assert world.rows("select changes::text, row_number, version_after from product_changes") == [
        ('{"price": [29.90, 0.10]}', 1, 2)
    ]
    assert products(world, "price", "color", "last_import_id") == [(Decimal("0.10"), "rot", run.work.job_id)]


def test_cleared_fields_become_empty_in_product_and_offer(world: World) -> None:
    world.run("S", [{"ean": gtin(1), "sku": "A", "title": "x", "cost_price": "5", "stock": 3}])

    world.run(
        "S", [{"ean": gtin(1), "sku": "A", "clear": "cost_price"}], ["ean", "sku", "title", "cost_price", "stock"]
    )

    assert products(world, "title", "cost_price", "stock") == [("x", None, 3)]
    assert world.rows("select cost_price, stock from supplier_products") == [(None, 3)]
    assert world.rows("select changes from product_changes") == [({"cost_price": [5, None]},)]


def test_attributes_are_merged_and_removed_one_by_one(world: World) -> None:
    world.run("S", [{"ean": gtin(1), "title": "x", "attributes.a": "1", "attributes.b": "2", "attributes.c": None}])
    assert products(world, "attributes") == [({"a": "1", "b": "2"},)]

    world.run("S", [{"ean": gtin(1), "title": "x", "attributes.a": None, "attributes.c": "3"}])

    assert products(world, "attributes") == [({"b": "2", "c": "3"},)]


def test_an_ean_with_several_skus_keeps_them_all(world: World) -> None:
    run = world.run(
        "S",
        [
            {"ean": gtin(1), "sku": "A", "title": "first", "stock": 1},
            {"ean": gtin(1), "sku": "B", "title": "second", "stock": 2},
            {"ean": gtin(1), "sku": "C", "title": "third", "stock": 3},
        ],
    )

    assert run.counts == (1, 2, 0, 0)
    assert products(world, "sku", "title") == [("C", "third")]
    assert world.rows("select sku, stock from supplier_products order by sku") == [("A", 1), ("B", 2), ("C", 3)]
    assert world.errors(run.work) == [(1, "w", "ean_shared_by_skus"), (2, "w", "ean_shared_by_skus")]


def test_forty_thousand_skus_of_one_ean_are_all_kept(world: World) -> None:
    rows: list[Row] = [{"ean": gtin(1), "sku": f"A{n}", "title": "x"} for n in range(40_000)]

    run = world.run("S", rows)

    assert run.counts == (1, 39_999, 0, 0)
    assert world.rows("select count(distinct sku), count(distinct offer_no) from supplier_products") == [
        (40_000, 40_000)
    ]


def test_the_last_of_equal_rows_wins(world: World) -> None:
    run = world.run(
        "S",
        [
            {"ean": gtin(1), "sku": "A", "title": "old"},
            {"sku": "B", "title": "old"},
            {"ean": gtin(2), "title": "old"},
            {"ean": gtin(1), "sku": "A", "title": "new"},
            {"sku": "B", "title": "new"},
            {"ean": gtin(2), "title": "new"},
        ],
    )

    assert run.counts == (3, 0, 3, 0)
    assert products(world, "title") == [("new",)] * 3
    assert [error[0::2] for error in world.errors(run.work)] == [(n, "duplicate_in_file") for n in (1, 2, 3)]


def test_a_product_without_ean_gets_it_from_a_later_file(world: World) -> None:
    world.run("S", [{"sku": "A", "title": "x"}])

    run = world.run("S", [{"ean": gtin(1), "sku": "A", "price": "2"}], ["ean", "sku", "title", "price"])

    assert run.counts == (0, 1, 0, 0)
    assert products(world, "gtin", "ean", "title", "price") == [(int(gtin(1)), gtin(1), "x", Decimal(2))]
    assert world.rows("select changes from product_changes") == [({"ean": [None, gtin(1)], "price": [None, 2]},)]


def test_of_two_eans_with_the_sku_of_a_product_without_one_the_first_takes_it(world: World) -> None:
    world.run("S", [{"sku": "A", "title": "x"}])

    run = world.run(
        "S", [{"ean": gtin(2), "sku": "A", "title": "second"}, {"ean": gtin(1), "sku": "A", "title": "first"}]
    )

    assert run.counts == (1, 1, 0, 0)
    assert products(world, "gtin", "title", "created_import_id <> last_import_id") == [
        (int(gtin(1)), "first", False),
        (int(gtin(2)), "second", True),
    ]


def test_another_suppliers_sku_is_another_product(world: World) -> None:
    world.run("S", [{"sku": "A", "title": "of S"}])

    run = world.run("T", [{"sku": "A", "title": "of T"}, {"ean": gtin(1), "sku": "A", "title": "with EAN"}])

    assert run.counts == (1, 0, 1, 0)
    assert products(world, "gtin", "title") == [(int(gtin(1)), "with EAN"), (None, "of S")]


def test_without_a_supplier_an_sku_means_the_tenants_oldest_product(world: World) -> None:
    world.run("S", [{"sku": "A", "title": "oldest"}])
    world.run("T", [{"sku": "A", "title": "younger"}])

    run = world.run(None, [{"sku": "A", "price": "1"}], ["sku", "title", "price"])

    assert run.counts == (0, 1, 0, 0)
    assert products(world, "title", "price") == [("oldest", Decimal(1)), ("younger", None)]


@pytest.mark.parametrize("sku_first", [True, False])
def test_a_row_by_sku_means_the_product_that_another_row_makes_with_that_sku(world: World, sku_first: bool) -> None:
    by_sku: Row = {"sku": "A", "price": "1"}
    by_ean: Row = {"ean": gtin(1), "sku": "A", "title": "x", "price": "2"}

    run = world.run("S", [by_sku, by_ean] if sku_first else [by_ean, by_sku], ["ean", "sku", "title", "price"])

    assert run.counts == (1, 0, 1, 0)
    assert products(world, "gtin", "sku", "title") == [(int(gtin(1)), "A", "x")]
    assert [kind for _, _, kind in world.errors(run.work)] == ["duplicate_in_file"]


def test_restricted_gtins_are_each_suppliers_own(world: World) -> None:
    code = gtin(200_000_000_001)
    world.run("S", [{"ean": code, "title": "S's ham"}])

    run = world.run("T", [{"ean": code, "title": "T's cheese"}])

    assert run.counts == (1, 0, 0, 0)
    assert sorted(products(world, "title")) == [("S's ham",), ("T's cheese",)]


def test_unknown_eans_without_title_pend_once_and_are_resolved_by_the_import_that_makes_them(world: World) -> None:
    fields = ["ean", "sku", "title", "price"]
    first = world.run("S", [{"ean": gtin(1), "price": "1"}, {"ean": gtin(2), "price": "1"}], fields)
    world.run("S", [{"ean": gtin(1), "price": "2"}], fields)
    with world.connect() as conn:
        conn.execute("update pending_eans set state = 'ignored' where gtin = %s", (int(gtin(2)),))
    world.run("S", [{"ean": gtin(2), "price": "2"}], fields)
    assert first.counts == (0, 0, 2, 0)
    assert [kind for _, _, kind in world.errors(first.work)] == ["ean_pending", "ean_pending"]
    assert world.rows("select gtin, state from pending_eans order by 1") == [
        (int(gtin(1)), "open"),
        (int(gtin(2)), "ignored"),
    ]

    made = world.run("T", [{"ean": gtin(1), "title": "x"}])

    assert made.counts == (1, 0, 0, 0)
    assert world.rows(
        "select state, product_id is not null, last_import_id from pending_eans where gtin = %s", int(gtin(1))
    ) == [("resolved", True, made.work.job_id)]


def test_create_missing_false_queues_eans_with_their_titles_and_fails_skus(world: World) -> None:
    run = world.run("S", [{"ean": gtin(1), "title": "x"}, {"sku": "A", "title": "y"}], create_missing=False)

    assert run.counts == (0, 0, 1, 1)
    assert world.errors(run.work) == [(1, "w", "ean_pending"), (2, "e", "reference_not_found")]
    assert world.rows("select ean, description from pending_eans") == [(gtin(1), "x")]


def test_overwrite_existing_false_leaves_products_and_offers_as_they_are(world: World) -> None:
    world.run("S", [{"ean": gtin(1), "sku": "A", "title": "x"}])

    run = world.run(
        "S",
        [{"ean": gtin(1), "sku": "B", "title": "changed"}, {"ean": gtin(2), "sku": "C", "title": "new"}],
        overwrite_existing=False,
    )

    assert run.counts == (1, 0, 1, 0)
    assert products(world, "title") == [("x",), ("new",)]
    assert [sku for *_, sku in offers(world)] == ["A", "C"]


def test_a_file_whose_every_row_failed_tells_the_commonest_reason(world: World) -> None:
    rows: list[Row] = [{"error": "EAN checksum invalid"}, {"error": "EAN checksum invalid"}, {"sku": "A"}]

    run = world.run("S", rows, ["ean", "sku"])

    assert run.outcome.all_failed
    assert run.outcome.commonest_error == "EAN checksum invalid (ean_invalid, 2 of 3 rows)"
    assert world.counters(run.work) == (0, 0, 0, 3)


def test_another_suppliers_change_makes_an_unchanged_file_be_written_again(world: World) -> None:
    mine: list[Row] = [{"ean": gtin(1), "sku": "A", "title": "x", "price": "1"}]
    world.run("S", mine)
    world.run("T", [{"ean": gtin(1), "sku": "Z", "title": "x", "price": "2"}])

    run = world.run("S", mine)

    assert run.counts == (0, 1, 0, 0)
    assert products(world, "price", "version") == [(Decimal(1), 3)]


def test_a_preview_says_what_the_load_then_does(world: World) -> None:
    world.run("S", [{"ean": gtin(1), "sku": "A", "title": "x", "price": "1"}])
    file = File(
        [
            {"ean": gtin(1), "sku": "A", "title": "x", "price": "2.50", "stock": 3},
            {"ean": gtin(2), "title": "y", "attributes.a": "b", "image_urls": '["u"]'},
            {"ean": gtin(3)},
            {"error": "wrong"},
            {"sku": "Z"},
        ],
        ["ean", "sku", "title", "price", "stock", "image_urls", "attributes.a"],
    )
    work = world.job("S", file.fields)
    summary = world.staged(work, file)
    before = world.rows("select * from products, supplier_products")

    body = world.preview(work)

    assert body == {
        "job_id": str(work.uuid),
        "total_rows": 5,
        "preview_rows": [
            {"row_number": 1, "action": "update", "ean": gtin(1), "sku": "A", "title": "x", "price": 2.5, "stock": 3},
            {
                "row_number": 2,
                "action": "create",
                "ean": gtin(2),
                "title": "y",
                "image_urls": ["u"],
                "attributes.a": "b",
            },
            {"row_number": 3, "action": "skip", "ean": gtin(3)},
        ],
        "validation_errors": [
            {"row_number": 4, "field": "ean", "message": "wrong"},
            {
                "row_number": 5,
                "field": "title",
                "message": "No product has this SKU, and a new product needs a title: fill in the title.",
            },
        ],
        "products_to_create": 1,
        "products_to_update": 1,
        "rows_with_errors": 2,
    }
    assert world.rows("select * from products, supplier_products") == before
    outcome = world.load(work)
    tally = summary.tally
    assert (outcome.created, outcome.updated, outcome.skipped, outcome.failed) == (
        tally.created,
        tally.updated,
        tally.skipped,
        tally.failed,
    )


def test_a_load_that_does_not_add_up_fails_and_says_by_how_much(world: World) -> None:
    work = world.job("S", ["ean", "title"])
    world.staged(work, File([{"ean": gtin(n), "title": "x"} for n in range(3)], work.fields))

    def lose_a_row(_: Any) -> None:
        with world.connect() as conn:
            conn.execute("update import_chunks set created = created - 1")

    with pytest.raises(ImportFailed, match=r"has 3 rows, its chunks have 2 \(\+1\)"):
        world.load(work, lose_a_row)


def test_more_errors_than_are_kept_are_still_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pim_pipelines.store.errors.KEPT", 5)

    run = world.run("S", [{"error": "wrong"} for _ in range(9)], ["ean"])

    assert len(world.errors(run.work)) == 5
    assert world.rows("select error_count, failed_rows from import_jobs") == [(9, 9)]
