"""Products, suppliers and mapping templates."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from api_client import MAPPING, Client, check_problem
from claims import queries
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from pim_pipelines.importing.fields import PRODUCT_FIELDS
from pim_pipelines.store import catalogue, suppliers

covers = pytest.mark.covers
PRODUCTS, PRODUCT = "GET /products", "GET /products/{product_id}"
SUPPLIERS, SUPPLIER, NEW_SUPPLIER = "GET /suppliers", "GET /suppliers/{supplier_id}", "POST /suppliers"
TEMPLATES, TEMPLATE = "GET /mapping-templates", "GET /mapping-templates/{template_id}"
NEW_TEMPLATE = "POST /mapping-templates"


def make(client: Client, ean: str | None = None, *, offers: list[dict[str, Any]] | None = None, **columns: Any) -> str:
    """Put a product into the catalogue; returns its UUID."""
    values = {"tenant_id": client.tenant_id, "ean": ean, "gtin": int(ean) if ean else None, **columns}
    with client.connect() as conn:
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        sent = [Jsonb(value) if isinstance(value, dict | list) else value for value in values.values()]
        row = conn.execute(f"insert into products ({names}) values ({marks}) returning id", sent).fetchone()
        assert row
        for number, offer in enumerate(offers or []):
            code = offer.pop("supplier", None)
            supplier_id = suppliers.ensure(conn, client.tenant_id, code).id if code else 0
            fields = {
                "tenant_id": client.tenant_id,
                "supplier_id": supplier_id,
                "product_id": row[0],
                "offer_no": number,
                **offer,
            }
            marks = ", ".join(["%s"] * len(fields))
            conn.execute(f"insert into supplier_products ({', '.join(fields)}) values ({marks})", list(fields.values()))
    return str(catalogue.product_uuid(row[0]))


def titles(client: Client, query: str) -> list[str]:
    """Return the names that a list shows."""
    answer = client.get(f"/products{query}")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


class TestProduct:
    """GET /products/{product_id}."""

    def test_every_product_field_is_there(self, client: Client) -> None:
        body = client.get(f"/products/{make(client, '4006381333931', title='Stylo')}").json()

        assert set(PRODUCT_FIELDS) <= body.keys()
        assert (body["name"], body["title"], body["barcode"], body["ean"]) == ("Stylo", "Stylo") + (
            "4006381333931",
        ) * 2
        assert (body["price"], body["description"], body["last_import_id"]) == (None, None, None)
        assert (body["attributes"], body["image_urls"], body["offers"], body["is_active"]) == ({}, [], [], True)

    @covers(PRODUCT, "product_id", "response.*")
    def test_values_come_back_as_they_are(self, client: Client) -> None:
        uuid = make(
            client,
            "4006381333931",
            title="Stylo",
            price="29.99",
            weight="1.250",
            stock=3_000_000_000,
            image_urls=["https://a/1.jpg", "https://a/2.jpg"],
            attributes={"Farbe": "blau"},
            offers=[{"supplier": "A", "sku": "A-1", "cost_price": "10.10", "stock": 5}, {"sku": "X"}],
        )

        body = client.get(f"/products/{uuid}").json()

        assert (body["price"], body["weight"], body["stock"]) == (29.99, 1.25, 3_000_000_000)
        assert body["image_urls"] == ["https://a/1.jpg", "https://a/2.jpg"]
        assert body["attributes"] == {"Farbe": "blau"}
        shown = {offer["supplier_code"]: offer for offer in body["offers"]}
        assert (shown["A"]["sku"], shown["A"]["cost_price"], shown["A"]["stock"]) == ("A-1", 10.1, 5)
        assert UUID(shown["A"]["supplier_id"])
        assert shown[None] == {
            "supplier_id": None,
            "supplier_code": None,
            "sku": "X",
            "cost_price": None,
            "stock": None,
        }

    @pytest.mark.parametrize("form", ["4006381333931", "04006381333931"])
    def test_an_ean_in_any_form_finds_it(self, client: Client, form: str) -> None:
        make(client, "4006381333931", title="Stylo")

        assert client.get(f"/products/{form}").json()["name"] == "Stylo"

    @pytest.mark.parametrize("form", ["036000291452", "0036000291452", "00036000291452"])
    def test_twelve_digits_are_the_thirteen_with_a_zero(self, client: Client, form: str) -> None:
        make(client, "0036000291452", title="Kleenex")

        assert client.get(f"/products/{form}").json()["name"] == "Kleenex"

    def test_the_import_that_wrote_it_last(self, client: Client) -> None:
        job = client.make_job("completed")
        uuid = make(client, title="x", last_import_id=job.id)

        assert client.get(f"/products/{uuid}").json()["last_import_id"] == str(job.uuid)

    @pytest.mark.parametrize(
        "product_id",
        [
            "4006381333948",
            "123",
            "x",
            "6d5aa20a-feb9-4402-a01e-89bf691f40e8",
            "%00",
            "9" * 14,
            "٤٠٠٦٣٨١٣٣٣٩٣١",
            "9" * 4000,
        ],
    )
    def test_an_unknown_one_is_404(self, client: Client, product_id: str) -> None:
        check_problem(client.get(f"/products/{product_id}"), 404, "NOT_FOUND")

    def test_another_tenants_is_404(self, client: Client, new_client) -> None:
        uuid = make(new_client("other"), "4006381333931", title="x")

        check_problem(client.get(f"/products/{uuid}"), 404, "NOT_FOUND")
        check_problem(client.get("/products/4006381333931"), 404, "NOT_FOUND")

    @given(st.integers(min_value=1, max_value=2**62 - 1))
    def test_the_uuid_of_a_product_leads_back_to_its_id(self, row_id: int) -> None:
        uuid = catalogue.product_uuid(row_id)

        assert catalogue.product_id(uuid) == row_id
        assert (uuid.version, uuid.variant) == (8, "specified in RFC 4122")

    @given(st.uuids())
    def test_other_uuids_are_no_products(self, uuid: UUID) -> None:
        assert catalogue.product_id(uuid) is None


class TestList:
    """GET /products."""

    @pytest.fixture
    def filled(self, client: Client) -> Client:
        """Three products of two suppliers."""
        make(
            client,
            "4006381333931",
            title="Stylo ÉTÉ",
            price="1.95",
            sku="A-1",
            offers=[{"supplier": "A", "sku": "A-1"}, {"supplier": "B", "sku": "B-77"}],
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        make(
            client,
            "0036000291452",
            title="kleenex 100%",
            price="10",
            is_active=False,
            offers=[{"supplier": "B", "sku": "B-1"}],
            created_at=datetime(2026, 1, 2, tzinfo=UTC),
            updated_at=datetime(2026, 2, 1, tzinfo=UTC),
        )
        make(
            client,
            title=None,
            sku="lonely",
            created_at=datetime(2026, 1, 3, tzinfo=UTC),
            updated_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
        return client

    @pytest.mark.parametrize(
        ("query", "expected"),
        queries(
            PRODUCTS,
            ("?search=été", ["Stylo ÉTÉ"]),
            ("?search=100%25", ["kleenex 100%"]),
            ("?search=%25", ["kleenex 100%"]),
            ("?search=b-", ["kleenex 100%", "Stylo ÉTÉ"]),
            ("?search=LONE", [None]),
            ("?search=40063813", ["Stylo ÉTÉ"]),
            ("?search=036000291452", ["kleenex 100%"]),
            ("?search=00036000291452", ["kleenex 100%"]),
            ("?ean=4006381333931", ["Stylo ÉTÉ"]),
            ("?ean=036000291452", ["kleenex 100%"]),
            ("?ean=nonsense", []),
            ("?sku=B-77", ["Stylo ÉTÉ"]),
            ("?sku=lonely", [None]),
            ("?sku=b-77", []),
            ("?supplier_code=B", ["kleenex 100%", "Stylo ÉTÉ"]),
            ("?supplier_code=A", ["Stylo ÉTÉ"]),
            ("?supplier_code=nobody", []),
            ("?is_active=false", ["kleenex 100%"]),
            ("?is_active=true", [None, "Stylo ÉTÉ"]),
            ("?updated_since=2026-02-01T00:00:00Z", [None, "kleenex 100%"]),
            ("?updated_since=2026-02-01T01:00:00%2B01:00", [None, "kleenex 100%"]),
            ("?updated_since=2026-02-01T00:00:00", [None, "kleenex 100%"]),
            ("?updated_since=2026-02-02", [None]),
            ("?updated_since=0001-01-01T00:00:00%2B14:00", [None, "kleenex 100%", "Stylo ÉTÉ"]),
            ("?updated_since=9999-12-31T23:59:59-12:00", []),
            ("?sort_order=asc", ["Stylo ÉTÉ", "kleenex 100%", None]),
            ("?sort_by=name&sort_order=asc", ["kleenex 100%", "Stylo ÉTÉ", None]),
            ("?sort_by=price", ["kleenex 100%", "Stylo ÉTÉ", None]),
            ("?sort_by=price&sort_order=asc", ["Stylo ÉTÉ", "kleenex 100%", None]),
            ("?page=2&per_page=2", ["Stylo ÉTÉ"]),
            ("?page=9223372036854775807", []),
            ("?search=b-&is_active=true", ["Stylo ÉTÉ"]),
        ),
    )
    def test_filters_and_sorting(self, filled: Client, query: str, expected: list[str | None]) -> None:
        assert titles(filled, query) == expected

    @covers(PRODUCTS, "sort_by default created_at", "sort_order default desc")
    def test_the_newest_come_first(self, filled: Client) -> None:
        assert titles(filled, "") == [None, "kleenex 100%", "Stylo ÉTÉ"]

    @covers(PRODUCTS, "supplier_id")
    def test_by_the_suppliers_id(self, filled: Client) -> None:
        supplier = next(item for item in filled.get("/suppliers").json()["items"] if item["code"] == "A")

        assert titles(filled, f"?supplier_id={supplier['id']}") == ["Stylo ÉTÉ"]

    @covers(PRODUCTS, "response.*")
    def test_items_are_whole_products(self, filled: Client) -> None:
        item = filled.get("/products?ean=4006381333931").json()["items"][0]

        assert item == filled.get("/products/4006381333931").json()
        assert len(item["offers"]) == 2

    @pytest.mark.parametrize(
        "query",
        [
            "per_page=501",
            "per_page=0",
            "page=0",
            "sort_by=id",
            "sort_order=up",
            "is_active=perhaps",
            "updated_since=yesterday",
            "updated_since=99999-01-01T00:00:00Z",
            "supplier_id=x",
            "search=a%00b",
            "ean=%00",
            "sku=%00",
        ],
    )
    def test_a_wrong_parameter_is_422(self, client: Client, query: str) -> None:
        problem = check_problem(client.get(f"/products?{query}"), 422, "VALIDATION_ERROR")

        assert problem["errors"][0]["field"] == query.partition("=")[0]

    @covers(PRODUCTS, "page default 1", "per_page default 20")
    def test_pages_of_500_are_the_largest(self, client: Client) -> None:
        assert client.get("/products?per_page=500").json()["meta"]["per_page"] == 500
        first = client.get("/products").json()["meta"]
        assert (first["page"], first["per_page"]) == (1, 20)


class TestSuppliers:
    """/suppliers."""

    @covers(NEW_SUPPLIER, "code", "name", "response.*")
    @covers(SUPPLIER, "supplier_id", "response.*")
    @covers(SUPPLIERS, "response.*")
    def test_created_got_and_listed(self, client: Client) -> None:
        answer = client.post("/suppliers", json={"code": " SUPPLIER_A ", "name": "Supplier A"})

        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"/api/v1/suppliers/{made['id']}"
        assert list(made) == ["id", "code", "name", "created_at", "updated_at"]
        assert (made["code"], made["name"]) == ("SUPPLIER_A", "Supplier A")
        assert client.get(f"/suppliers/{made['id']}").json() == made
        assert client.get("/suppliers").json()["items"] == [made]

    def test_a_code_that_is_taken_is_409(self, client: Client) -> None:
        client.post("/suppliers", json={"code": "A"})

        problem = check_problem(client.post("/suppliers", json={"code": "A"}), 409, "DUPLICATE_CODE")

        assert problem["errors"][0]["field"] == "code"

    @pytest.mark.parametrize(
        "body", [{}, {"code": ""}, {"code": "  "}, {"code": None}, {"code": 5}, {"code": "x" * 101}, {"code": "a\0"}]
    )
    def test_a_wrong_code_is_422(self, client: Client, body: object) -> None:
        problem = check_problem(client.post("/suppliers", json=body), 422, "VALIDATION_ERROR")

        assert problem["errors"][0]["field"] == "code"

    @covers(SUPPLIERS, "search")
    def test_the_list_is_by_code_and_searched_in_both(self, client: Client) -> None:
        for code, name in [("B", "Meyer"), ("A", None), ("C", "bauer")]:
            client.post("/suppliers", json={"code": code, "name": name})

        assert [item["code"] for item in client.get("/suppliers").json()["items"]] == ["A", "B", "C"]
        assert [item["code"] for item in client.get("/suppliers?search=b").json()["items"]] == ["B", "C"]

    @covers(SUPPLIERS, "page", "per_page", "page default 1", "per_page default 20")
    def test_pages(self, client: Client) -> None:
        for code in "ABC":
            client.post("/suppliers", json={"code": code})

        whole = client.get("/suppliers").json()["meta"]
        second = client.get("/suppliers?page=2&per_page=2").json()

        assert (whole["total"], whole["page"], whole["per_page"]) == (3, 1, 20)
        assert [item["code"] for item in second["items"]] == ["C"]

    def test_an_unknown_one_is_404(self, client: Client) -> None:
        check_problem(client.get(f"/suppliers/{uuid4()}"), 404, "NOT_FOUND")
        check_problem(client.get("/suppliers/x"), 404, "NOT_FOUND")


class TestTemplates:
    """/mapping-templates."""

    @covers(TEMPLATES, "page", "per_page", "page default 1", "per_page default 20")
    def test_pages(self, client: Client) -> None:
        body = {"name": "t", "column_mapping": {"a": "sku"}}
        made = [client.post("/mapping-templates", json=body).json()["id"] for _ in range(3)]

        whole = client.get("/mapping-templates").json()
        second = client.get("/mapping-templates?page=2&per_page=2").json()

        assert [item["id"] for item in whole["items"]] == list(reversed(made))
        assert (whole["meta"]["page"], whole["meta"]["per_page"]) == (1, 20)
        assert [item["id"] for item in second["items"]] == made[:1]

    @covers(NEW_TEMPLATE, "name", "supplier_code", "column_mapping", "validation_rules", "import_options", "response.*")
    @covers(TEMPLATE, "template_id", "response.*")
    @covers(TEMPLATES, "supplier_code", "response.*")
    def test_created_got_and_listed(self, client: Client) -> None:
        body = {
            "name": "Monthly",
            "supplier_code": "NEW",
            "column_mapping": {**MAPPING, "Interne": None},
            "validation_rules": {"price": {"required": True}},
            "import_options": {"skip_header_rows": 1},
        }

        answer = client.post("/mapping-templates", json=body)

        made = answer.json()
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/api/v1/mapping-templates/{made['id']}"
        assert {name: made[name] for name in body} == body
        assert client.get(f"/mapping-templates/{made['id']}").json() == made
        assert client.get("/mapping-templates?supplier_code=NEW").json()["items"] == [made]
        assert client.get("/mapping-templates?supplier_code=OLD").json()["items"] == []
        assert client.get("/suppliers").json()["items"][0]["code"] == "NEW"

    @covers(NEW_TEMPLATE, "supplier_code default none", "validation_rules default none", "import_options default none")
    def test_only_name_and_mapping_are_needed(self, client: Client) -> None:
        made = client.post("/mapping-templates", json={"name": "t", "column_mapping": {"a": "sku"}}).json()

        assert (made["supplier_code"], made["validation_rules"], made["import_options"]) == (None, {}, {})

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"column_mapping": {"a": "ean"}}, "name"),
            ({"name": "", "column_mapping": {"a": "ean"}}, "name"),
            ({"name": "t"}, "column_mapping"),
            ({"name": "t", "column_mapping": {"a": "eam"}}, "column_mapping.a"),
            ({"name": "t", "column_mapping": {"a": "title"}}, "column_mapping"),
            ({"name": "t", "column_mapping": {"a": "ean"}, "validation_rules": {"x": {}}}, "validation_rules.x"),
            ({"name": "t", "column_mapping": {"a": "ean"}, "import_options": {"x": 1}}, "import_options.x"),
        ],
    )
    def test_what_is_wrong_is_422_and_named(self, client: Client, body: object, field: str) -> None:
        problem = check_problem(client.post("/mapping-templates", json=body), 422, "VALIDATION_ERROR")

        assert field in [error["field"] for error in problem["errors"]]

    def test_an_unknown_one_is_404(self, client: Client) -> None:
        check_problem(client.get(f"/mapping-templates/{uuid4()}"), 404, "NOT_FOUND")
