"""What a Voog task imports is what a client sees: each attribute of a file, in each language; the whole system up."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from serving_web import WebServer
from systems import System

pytestmark = pytest.mark.system

ENGLISH = """\
ID,Parent ID,Product code,Name,URL slug,Description,Meta description,Price,Sale price,Stock,Reserved quantity,Status,\
Length,Width,Height,Weight,Product is variant,Variant attributes,Categories
1,,SHIRT,Shirt,a-shirt,Soft.,Buy it,10.00,9.50,7,2,Live,1.5,2,0.25,0.808,False,,"Sale, Clothing"
2,1,SHIRT-L,Shirt,,,,12,,0,,Live,,,,,True,"Size: L, Color: Black",
3,1,SHIRT-S,Shirt,,,,11,,3,,Draft,,,,0.5,True,"Size: S, Color: Black",
"""
ESTONIAN = """\
Product code,Name,Description,Product is variant,Variant attributes,Categories
SHIRT,Särk,Pehme.,False,,
SHIRT-L,Särk,,True,"Suurus: L, Värv: Must",
"""


@pytest.fixture
def shop(system: System) -> Iterator[httpx.Client]:
    headers = {"X-API-TOKEN": system.new_key(f"t{uuid4().hex[:8]}")}
    with httpx.Client(base_url=f"{system.api_url}/admin/api/ecommerce/v1", headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def imported(shop: httpx.Client, url: str, **options: Any) -> dict[str, Any]:
    """Import a file, and wait for its end by the list of tasks, as a client does that asks for those that are over."""
    answer = shop.post("/products_imports", json={"file_url": url, **options})
    assert answer.status_code == 201, answer.text
    task = answer.json()
    assert shop.put(f"/products_imports/{task['id']}/queue").status_code == 200
    end = time.monotonic() + 60
    over = {"q.products_import.id": task["id"], "q.products_import.status.$in": "finished,failed,cancelled"}
    while not (found := shop.get("/products_imports", params=over).json()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return dict(found[0])


def test_each_attribute_of_a_file_is_seen_in_the_products(shop: httpx.Client, web: WebServer) -> None:
    first = imported(shop, web.file("/en.csv", ENGLISH.encode()))
    second = imported(
        shop, web.file("/et.csv", ESTONIAN.encode()), language="et", match_key="sku", overwrite_existing=True
    )
    assert [(task["status"], task["failure_reason"], task["imported_products"]) for task in (first, second)] == [
        ("finished", None, 1)
    ] * 2

    everything = {"include": "variants,categories,translations,seo"}
    [product] = shop.get("/products", params=everything).json()
    estonian = shop.get(f"/products/{product['id']}", params={**everything, "language_code": "et"}).json()

    own = {
        "name": "Shirt",
        "slug": "a-shirt",
        "description": "Soft.",
        "og_description": "Buy it",
        "status": "live",
        "sku": "SHIRT",
        "price": 10,
        "sale_price": 9.5,
        "effective_price": 9.5,
        "on_sale": True,
        "stock": 7,
        "reserved_quantity": 2,
        "in_stock": True,
        "uses_variants": True,
        "variants_count": 2,
        "translations": {"name": {"en": "Shirt", "et": "Särk"}, "description": {"en": "Soft.", "et": "Pehme."}},
    }
    assert {name: product[name] for name in own} == own
    sizes = product["physical_properties"]
    assert [float(sizes["dimensions"][name]) for name in ("length", "width", "height")] == [1.5, 2, 0.25]
    assert float(sizes["weight"]["weight"]) == 0.808
    assert [(each["name"], each["translations"]) for each in product["categories"]] == [
        ("Clothing", {"name": {"en": "Clothing"}}),
        ("Sale", {"name": {"en": "Sale"}}),
    ]

    large, small = product["variants"]
    assert [(v["sku"], v["price"], v["stock"], v["status"], v["in_stock"]) for v in (large, small)] == [
        ("SHIRT-L", 12, 0, "live", False),
        ("SHIRT-S", 11, 3, "draft", True),
    ]
    assert (large["variant_attributes_text"], large["translations"]["variant_attributes_text"]) == (
        "Size: L, Color: Black",
        {"en": "Size: L, Color: Black", "et": "Suurus: L, Värv: Must"},
    )
    assert small["variant_attributes"] == [{"name": "Size", "value": "S"}, {"name": "Color", "value": "Black"}]
    assert float(small["physical_properties"]["weight"]["weight"]) == 0.5
    assert large["physical_properties"] == {
        "dimensions": dict.fromkeys(("length", "width", "height", "unit")),
        "weight": {"weight": None, "unit": None},
    }
    assert (estonian["name"], estonian["description"], estonian["variants"][0]["variant_attributes_text"]) == (
        *("Särk", "Pehme.", "Suurus: L, Värv: Must"),
    )
