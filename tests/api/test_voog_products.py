"""The catalogue in the second API's form: every member, what `include` adds, pages, and what is not shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from api_client import Client
from psycopg.types.json import Jsonb
from voog_client import VoogClient, check_error

MADE = datetime(2023, 12, 22, 17, 16, 40, 999, UTC)
CHANGED = datetime(2023, 12, 22, 17, 17, 1, 336_999, UTC)
NOTHING = {"length": None, "width": None, "height": None, "unit": None}


@pytest.fixture
def voog(client: Client) -> VoogClient:
    return VoogClient(client)


def put(voog: VoogClient, table: str = "products", **columns: Any) -> int:
    """Insert a row as imports leave it; returns the id of a product or category."""
    if table == "products":
        columns = {"tenant_id": voog.client.tenant_id, "created_at": MADE, "updated_at": CHANGED, **columns}
    sent = [Jsonb(value) if isinstance(value, list) else value for value in columns.values()]
    returning = "returning id" if table in {"products", "categories"} else ""
    with voog.client.connect() as conn:
        row = conn.execute(
            f"insert into {table} ({', '.join(columns)}) values ({', '.join(['%s'] * len(sent))}) {returning}", sent
        )
        made = row.fetchone() if returning else None
        conn.commit()
    return int(made[0]) if made else 0


def family(voog: VoogClient, slug: str = "shirt") -> tuple[int, list[int]]:
    """Put a product with three variants into the catalogue, its variants not in the order of their file."""
    product = put(voog, title="Shirt", slug=slug, description="A shirt.", status="live", price=10, sale_price=5)
    variants = [
        put(
            voog,
            parent_id=product,
            position=position,
            title="Shirt",
            sku=f"S-{size}",
            price=price,
            stock=stock,
            status="draft",
            variant_attributes=[["Size", size], ["Color", "Black"]],
        )
        for position, size, price, stock in ((3, "L", 12, 0), (1, "S", "11.5", 4), (2, "M", 11, None))
    ]
    return product, [variants[1], variants[2], variants[0]]


def one(voog: VoogClient, product: int, query: str = "") -> dict[str, Any]:
    answer = voog.ask("GET", f"/products/{product}{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(voog: VoogClient, query: str = "") -> list[dict[str, Any]]:
    answer = voog.ask("GET", f"/products{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_a_product_has_every_member(voog: VoogClient) -> None:
    measures = {"length": "3.14", "width": "2.720", "height": 4, "dimension_unit": "m", "weight": "0.808"}
    texts = {"title": "Ä product", "slug": "a-product", "description": "<p>It.</p>", "og_description": "Meta"}
    prices = {"price": "166.67", "sale_price": "133.33"}
    product = put(voog, **texts, sku="0001", status="live", **prices, stock=10, reserved_quantity=1, **measures)

    expected = {
        "id": product,
        "name": "Ä product",
        "slug": "a-product",
        "description": "<p>It.</p>",
        "status": "live",
        "sku": "0001",
        "price": 166.67,
        "sale_price": 133.33,
        "effective_price": 133.33,
        "stock": 10,
        "reserved_quantity": 1,
        "in_stock": True,
        "on_sale": True,
        "uses_variants": False,
        "variants_count": 0,
        "physical_properties": {
            "dimensions": {"length": "3.14", "width": "2.720", "height": "4", "unit": "m"},
            "weight": {"weight": "0.808", "unit": None},
        },
        "created_at": "2023-12-22T17:16:40.000Z",
        "updated_at": "2023-12-22T17:17:01.336Z",
    }
    assert one(voog, product) == expected
    assert listed(voog) == [expected]
    assert one(voog, product, "?include=seo") == {**expected, "og_description": "Meta"}


def test_a_product_of_which_nothing_is_known_has_every_member_too(voog: VoogClient) -> None:
    shown = one(voog, put(voog))

    assert {name for name, value in shown.items() if value is None} == {
        *("name", "slug", "description", "sku", "price", "sale_price", "effective_price", "stock"),
    }
    assert shown["physical_properties"] == {"dimensions": NOTHING, "weight": {"weight": None, "unit": None}}
    assert (shown["reserved_quantity"], shown["in_stock"], shown["on_sale"]) == (0, True, False)


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"price": 10}, {"effective_price": 10, "on_sale": False}),
        ({"price": 10, "sale_price": "9.99"}, {"effective_price": 9.99, "on_sale": True}),
        ({"price": 10, "sale_price": 10}, {"effective_price": 10, "on_sale": False}),
        ({"sale_price": 7}, {"price": None, "effective_price": 7, "on_sale": True}),
        ({"price": 10, "sale_price": 0}, {"effective_price": 0, "on_sale": True}),
        ({"price": "12345678901234.56"}, {"price": 12345678901234.56}),
        ({"stock": 0}, {"in_stock": False}),
        ({"stock": 3, "reserved_quantity": 3}, {"in_stock": False}),
        ({"stock": 3, "reserved_quantity": 2}, {"in_stock": True}),
        ({"reserved_quantity": 2}, {"in_stock": True, "stock": None}),
        ({"stock": -1}, {"in_stock": False, "stock": -1}),
        ({"is_active": True}, {"status": "live"}),  # as a Pixee import leaves them
        ({"is_active": False}, {"status": "draft"}),
        ({"status": "draft", "is_active": False}, {"status": "draft"}),
    ],
)
def test_what_is_derived(voog: VoogClient, columns: dict[str, Any], shown: dict[str, Any]) -> None:
    product = one(voog, put(voog, **columns))
    assert {name: product[name] for name in shown} == shown


def test_variants_stand_in_their_product_in_the_order_of_their_file(voog: VoogClient) -> None:
    product, variants = family(voog)

    shown = one(voog, product, "?include=variants")

    assert [variant["id"] for variant in shown["variants"]] == variants
    assert shown["variants"][0] == {
        "id": variants[0],
        "sku": "S-S",
        "price": 11.5,
        "sale_price": None,
        "effective_price": 11.5,
        "on_sale": False,
        "stock": 4,
        "reserved_quantity": 0,
        "in_stock": True,
        "status": "draft",
        "variant_attributes_text": "Size: S, Color: Black",
        "variant_attributes": [{"name": "Size", "value": "S"}, {"name": "Color", "value": "Black"}],
        "physical_properties": {"dimensions": NOTHING, "weight": {"weight": None, "unit": None}},
        "created_at": "2023-12-22T17:16:40.000Z",
        "updated_at": "2023-12-22T17:17:01.336Z",
    }
    assert (shown["uses_variants"], shown["variants_count"], shown["in_stock"]) == (True, 3, True)
    assert "variants" not in one(voog, product)
    assert [each["id"] for each in listed(voog, "?include=variants")] == [product]


def test_a_variant_is_no_product_of_its_own(voog: VoogClient) -> None:
    _, variants = family(voog)

    check_error(voog.ask("GET", f"/products/{variants[0]}"), 404, "Not found.")


def test_a_product_is_in_stock_where_one_of_its_variants_is(voog: VoogClient) -> None:
    product = put(voog, title="Shirt", stock=5)
    put(voog, parent_id=product, stock=0, variant_attributes=[])
    assert one(voog, product)["in_stock"] is False
    put(voog, parent_id=product, stock=2, reserved_quantity=1)
    shown = one(voog, product, "?include=variants")
    assert shown["in_stock"] is True
    assert [(v["variant_attributes_text"], v["variant_attributes"]) for v in shown["variants"]] == [(None, [])] * 2


def test_categories_and_texts_of_other_languages(voog: VoogClient) -> None:
    product, variants = family(voog)
    plain = put(voog, title="No texts")
    tenant = voog.client.tenant_id
    sale, clothing = (
        put(voog, "categories", tenant_id=tenant, name=name, slug=name.lower()) for name in ("Sale", "Clothing")
    )
    for category in (sale, clothing):
        put(voog, "product_categories", product_id=product, category_id=category)
    put(voog, "category_texts", category_id=clothing, language="et", name="Riided")
    put(voog, "product_texts", product_id=product, language="et", title="Särk", description="Üks särk.")
    attributes = [["Suurus", "S"], ["Värv", "Must"]]
    put(voog, "product_texts", product_id=variants[0], language="et", variant_attributes=attributes)

    everything = one(voog, product, "?include=categories,translations,variants,variant_types")

    assert everything["translations"] == {
        "name": {"en": "Shirt", "et": "Särk"},
        "description": {"en": "A shirt.", "et": "Üks särk."},
    }
    assert everything["categories"] == [
        {
            "id": clothing,
            "name": "Clothing",
            "slug": "clothing",
            "translations": {"name": {"en": "Clothing", "et": "Riided"}},
        },
        {"id": sale, "name": "Sale", "slug": "sale", "translations": {"name": {"en": "Sale"}}},
    ]
    assert [variant["translations"] for variant in everything["variants"]] == [
        {"variant_attributes_text": {"en": "Size: S, Color: Black", "et": "Suurus: S, Värv: Must"}},
        {"variant_attributes_text": {"en": "Size: M, Color: Black"}},
        {"variant_attributes_text": {"en": "Size: L, Color: Black"}},
    ]
    [none, first] = listed(voog, "?include=categories")
    assert (none["id"], none["categories"]) == (plain, [])
    assert first["categories"] == [
        {"id": clothing, "name": "Clothing", "slug": "clothing"},
        {"id": sale, "name": "Sale", "slug": "sale"},
    ]

    estonian = one(voog, product, "?language_code=et&include=categories,variants")
    assert (estonian["name"], estonian["description"], estonian["slug"]) == ("Särk", "Üks särk.", "shirt")
    assert {category["name"] for category in estonian["categories"]} == {"Riided", "Sale"}
    assert [variant["variant_attributes_text"] for variant in estonian["variants"]][:2] == [
        *("Suurus: S, Värv: Must", "Size: M, Color: Black"),
    ]
    assert one(voog, product, "?language_code=xx") == one(voog, product)


def test_pages_give_each_product_once_newest_first(voog: VoogClient) -> None:
    made = [put(voog, title=str(n), created_at=MADE + timedelta(seconds=n // 2)) for n in range(7)]
    family(voog)
    found: list[int] = []
    path: str | None = "/admin/api/ecommerce/v1/products?per_page=3&include=variants"
    while path:
        answer = voog.http.get(path, headers={"X-API-TOKEN": voog.client.key})
        found += [product["id"] for product in answer.json()]
        assert (answer.headers["x-total-entries"], answer.headers["x-total-pages"]) == ("8", "3")
        path = next((link[1:].split(">")[0] for link in answer.headers["link"].split(", ") if '"next"' in link), None)
        assert path is None or dict(parse_qsl(urlsplit(path).query))["include"] == "variants"

    assert found == [*made[:1:-1], max(found), made[1], made[0]]
    assert listed(voog, "?page=4&per_page=3") == []


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("q.product.sku=B-2", ["B-2"]),
        ("q.product.sku.$in=A-1,B-2", ["B-2", "A-1"]),
        ("q.product.name.$cont=ÄSS", ["A-1"]),
        ("q.product.name.$cont=%25", ["C_3"]),
        ("q.product.sku.$end=_3", ["C_3"]),
        ("q.product.name.$matches=*ä*", ["A-1"]),
        ("q.product.price=10", ["A-1"]),
        ("q.product.price.$gt=10.000000000000000001", ["B-2"]),
        ("q.product.price.$matches=10", ["A-1"]),
        ("q.product.price.$not_eq=10", ["B-2"]),
        ("q.product.status=draft", ["C_3"]),
        ("q.product.status=live&q.product.stock.$lt=5", ["A-1"]),
        ("q.product.updated_at=2023-12-22T17:17:01.336Z&s=product.sku.$asc", ["A-1", "B-2", "C_3"]),
        ("s=product.price.$asc", ["A-1", "B-2", "C_3"]),
        ("s=product.status.$asc,product.sku.$desc", ["C_3", "B-2", "A-1"]),
    ],
)
def test_products_are_filtered_and_sorted_as_tasks_are(voog: VoogClient, query: str, skus: list[str]) -> None:
    put(voog, sku="A-1", title="Tässä", price="10.00", stock=2)
    put(voog, sku="B-2", title="Other", price="10.01", stock=9, status="live")
    product = put(voog, sku="C_3", title="50 % off", is_active=False)
    put(voog, sku="B-2", title="a variant", parent_id=product, price=10, status="draft")

    assert [shown["sku"] for shown in listed(voog, f"?{query}")] == skus


def test_the_catalogue_is_asked_by_as_few_queries_whatever_a_page_holds(voog: VoogClient, monkeypatch: Any) -> None:
    asked: list[int] = []
    execute = psycopg.Cursor.execute

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(1)
        return execute(self, *args, **kwargs)

    counts = []
    for number in range(2):
        family(voog, slug=f"shirt-{number}")
        with monkeypatch.context() as patched:
            patched.setattr(psycopg.Cursor, "execute", counted)
            listed(voog, "?include=variants,categories,translations")
        counts.append(len(asked))
        asked.clear()

    assert counts[0] == counts[1] < 15


@pytest.mark.parametrize("product", ["0", "x", "-1", "1.5", "9" * 40, "%00", "%F0%9F%98%80", "1%2F2", "٣"])
def test_what_is_no_id_is_not_found(voog: VoogClient, product: str) -> None:
    check_error(voog.ask("GET", f"/products/{product}"), 404, "Not found.")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("include=everything", "'everything'"),
        (f"include={'x' * 9000}", "variants"),
        ("page=0", "page"),
        ("per_page=many", "per_page"),
        ("q.product.colour=red", "'colour'"),
        ("q.product.price=cheap", "'cheap'"),
        ("q.products_import.id=1", "'products_import'"),
        ("s=product.nothing.$asc", "'nothing'"),
    ],
)
def test_what_cannot_be_meant_is_a_400_that_names_it(voog: VoogClient, query: str, names: str) -> None:
    assert len(check_error(voog.ask("GET", f"/products?{query}"), 400, names)["message"]) < 500


def test_nothing_of_another_tenant_is_shown(voog: VoogClient, new_client: Any) -> None:
    product, _ = family(voog)
    stranger = VoogClient(new_client("other"))

    check_error(stranger.ask("GET", f"/products/{product}"), 404, "Not found.")
    assert listed(stranger) == []


def test_a_key_needs_the_scope_of_products(new_client: Any) -> None:
    check_error(VoogClient(new_client(scopes=("imports:read",))).ask("GET", "/products"), 403, "products:read")
