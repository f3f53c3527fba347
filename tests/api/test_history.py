"""GET /products/{product_id}/history."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from api_client import Client, check_problem
from psycopg.types.json import Jsonb
from test_products import make

from pim_pipelines.store import catalogue
from pim_pipelines.store.jobs import Job

covers = pytest.mark.covers
HISTORY = "GET /products/{product_id}/history"
EAN = "4006381333931"


def change(client: Client, product: str, job: Job | None, version: int, **changes: list[Any]) -> None:
    """Note what a job changed, as a load does."""
    with client.connect() as conn:
        conn.execute(
            """insert into product_changes (tenant_id, change_set, product_id, row_number, changes, version_after)
               values (%s, %s, %s, 42, %s, %s)""",
            (
                client.tenant_id,
                job.id if job else -version,
                catalogue.product_id(UUID(product)),
                Jsonb(changes),
                version,
            ),
        )


@covers(HISTORY, "product_id", "response.*", "page default 1", "per_page default 50")
@pytest.mark.parametrize("by", ["uuid", "ean", "gtin-14"])
def test_which_import_set_which_value(client: Client, by: str) -> None:
    first, second = client.make_job("completed", supplier="A"), client.make_job("completed", supplier="B")
    product = make(client, EAN, title="Stylo", price="27.99", created_import_id=first.id)
    change(client, product, second, 2, price=[29.99, 27.99])

    name = {"uuid": product, "ean": EAN, "gtin-14": f"0{EAN}"}[by]
    body = client.get(f"/products/{name}/history").json()

    updated, created = body["items"]
    assert updated.pop("changed_at").endswith("Z")
    assert updated == {
        "action": "update",
        "import_id": str(second.uuid),
        "import_type": "manual",
        "file_name": "catalog.csv",
        "supplier_code": "B",
        "row_number": 42,
        "version": 2,
        "changes": [{"field": "price", "old": 29.99, "new": 27.99}],
    }
    assert (created["action"], created["import_id"], created["version"]) == ("create", str(first.uuid), 1)
    assert {"field": "price", "old": None, "new": 29.99} in created["changes"]
    assert {"field": "ean", "old": None, "new": EAN} in created["changes"]
    assert (body["meta"]["total"], body["meta"]["page"], body["meta"]["per_page"]) == (2, 1, 50)


def test_what_no_import_did_has_no_import(client: Client) -> None:
    product = make(client, title="Stylo")
    change(client, product, None, 2, ean=[None, EAN])

    body = client.get(f"/products/{product}/history").json()

    assert [(item["import_id"], item["supplier_code"]) for item in body["items"]] == [(None, None), (None, None)]


@covers(HISTORY, "page", "per_page")
def test_pages(client: Client) -> None:
    product = make(client, title="Stylo")
    for version in range(2, 6):
        change(client, product, client.make_job("completed"), version, price=[version - 1, version])

    def versions(query: str) -> list[int]:
        return [item["version"] for item in client.get(f"/products/{product}/history{query}").json()["items"]]

    assert [versions(f"?page={page}&per_page=2") for page in (1, 2, 3, 4)] == [[5, 4], [3, 2], [1], []]


@covers(HISTORY, "per_page max 200")
def test_the_largest_page_is_200(client: Client) -> None:
    product = make(client, title="Stylo")

    check_problem(client.get(f"/products/{product}/history?per_page=201"), 422, "VALIDATION_ERROR")
    assert client.get(f"/products/{product}/history?per_page=200").json()["meta"]["per_page"] == 200


def test_an_unknown_or_another_tenants_product_is_404(client: Client, new_client: Any) -> None:
    others = make(new_client("other"), EAN, title="Stylo")

    for name in (others, EAN, str(uuid4()), "x"):
        check_problem(client.get(f"/products/{name}/history"), 404, "NOT_FOUND")


@covers("GET /products/{product_id}", "response.last_import_id")
def test_a_product_names_the_import_that_wrote_it_last(client: Client) -> None:
    job = client.make_job("completed")
    product = make(client, EAN, title="Stylo", last_import_id=job.id)

    assert client.get(f"/products/{product}").json()["last_import_id"] == str(job.uuid)
