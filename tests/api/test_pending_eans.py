"""EANs pending resolution: list, ignore, bulk ignore, resolve."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from api_client import Client, check_problem
from test_products import make

from pim_pipelines.store import catalogue, suppliers

covers = pytest.mark.covers
LIST = "GET /imports/ean-pending"
IGNORE = "DELETE /imports/ean-pending/{resolution_id}"
BULK = "POST /imports/ean-pending/bulk-delete"
RESOLVE = "POST /imports/ean-pending/{resolution_id}/resolve"
EAN = "3760000000099"


def queue(client: Client, ean: str = EAN, supplier: str | None = "SUPPLIER_A", **columns: Any) -> str:
    """Put an EAN into the list, as a load does; returns its UUID."""
    with client.connect() as conn:
        supplier_id = suppliers.ensure(conn, client.tenant_id, supplier).id if supplier else None
        values = {
            "tenant_id": client.tenant_id,
            "supplier_id": supplier_id,
            "gtin": int(ean),
            "ean": ean,
            "description": "Widget Pro 3000",
            **columns,
        }
        marks = ", ".join(["%s"] * len(values))
        row = conn.execute(
            f"insert into pending_eans ({', '.join(values)}) values ({marks}) returning uuid", list(values.values())
        ).fetchone()
    assert row
    return str(row[0])


def state(client: Client, uuid: str) -> str:
    with client.connect() as conn:
        row = conn.execute("select state from pending_eans where uuid = %s", (uuid,)).fetchone()
    assert row
    return str(row[0])


def listed(client: Client, query: str = "") -> list[str]:
    """Return the EANs that the list shows."""
    answer = client.get(f"/imports/ean-pending{query}")
    assert answer.status_code == 200, answer.text
    return [item["ean"] for item in answer.json()["items"]]


class TestList:
    """GET /imports/ean-pending."""

    @covers(LIST, "response.*", "page default 1", "per_page default 20")
    def test_the_documented_body(self, client: Client) -> None:
        uuid = queue(client, first_seen_at=datetime(2026, 3, 10, 8, tzinfo=UTC))

        body = client.get("/imports/ean-pending").json()

        assert body == {
            "items": [
                {
                    "id": uuid,
                    "ean": EAN,
                    "supplier_code": "SUPPLIER_A",
                    "description": "Widget Pro 3000",
                    "first_seen_at": "2026-03-10T08:00:00Z",
                }
            ],
            "meta": {
                "total": 1,
                "page": 1,
                "per_page": 20,
                "total_pages": 1,
                "has_next": False,
                "has_previous": False,
            },
        }

    @covers(LIST)
    def test_only_open_ones_are_listed_the_last_seen_first(self, client: Client) -> None:
        queue(client, "4006381333931", state="ignored")
        queue(client, "3017620422003", state="resolved")
        queue(client, "5449000000996", first_seen_at=datetime(2026, 1, 1, tzinfo=UTC))
        queue(client, EAN, first_seen_at=datetime(2026, 1, 2, tzinfo=UTC))

        assert listed(client) == [EAN, "5449000000996"]

    @covers(LIST, "page", "per_page")
    def test_pages_go_by_id_where_times_are_the_same(self, client: Client) -> None:
        same = datetime(2026, 1, 1, tzinfo=UTC)
        eans = [f"{number:013d}" for number in range(5)]
        for ean in eans:
            queue(client, ean, first_seen_at=same)

        assert listed(client, "?per_page=2&page=2") == [eans[2], eans[1]]
        assert listed(client, "?page=9") == []

    @covers(LIST, "supplier_code")
    def test_the_supplier_filter_is_exact(self, client: Client) -> None:
        queue(client, EAN, "SUPPLIER_A")
        queue(client, "4006381333931", "SUPPLIER_B")
        queue(client, "3017620422003", None, description=None)

        assert listed(client, "?supplier_code=SUPPLIER_A") == [EAN]
        assert listed(client, "?supplier_code=supplier_a") == []

    @covers(LIST, "search")
    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("widget", True),
            ("PRO 3", True),
            ("376000", True),
            (EAN, True),
            (f"0{EAN}", True),  # the same code as a GTIN-14
            ("gadget", False),
            ("%", False),
            ("4006381333931", False),
        ],
    )
    def test_search_looks_into_ean_and_description(self, client: Client, search: str, found: bool) -> None:
        queue(client)

        answer = client.get("/imports/ean-pending", params={"search": search})

        assert len(answer.json()["items"]) == found

    @covers(LIST, "per_page max 100")
    def test_the_largest_page_is_100(self, client: Client) -> None:
        problem = check_problem(client.get("/imports/ean-pending?per_page=101"), 422, "VALIDATION_ERROR")

        assert problem["errors"][0]["field"] == "per_page"
        assert client.get("/imports/ean-pending?per_page=100").json()["meta"]["per_page"] == 100

    @pytest.mark.parametrize("query", ["page=0", "per_page=0", "search=a%00", "supplier_code=%00"])
    def test_a_wrong_parameter_is_422(self, client: Client, query: str) -> None:
        check_problem(client.get(f"/imports/ean-pending?{query}"), 422, "VALIDATION_ERROR")

    def test_another_tenants_are_not_seen(self, client: Client, new_client: Any) -> None:
        queue(new_client("other"))

        assert listed(client) == []


class TestIgnore:
    """DELETE /imports/ean-pending/{resolution_id}, POST …/bulk-delete."""

    @covers(IGNORE, "resolution_id", "response.*")
    def test_an_ignored_one_is_gone_from_the_list_and_stays_known(self, client: Client) -> None:
        uuid = queue(client)

        answer = client.ask("DELETE", f"/imports/ean-pending/{uuid}")

        assert (answer.status_code, answer.json()) == (200, {"deleted": True, "id": uuid})
        assert listed(client) == []
        assert state(client, uuid) == "ignored"

    def test_what_is_not_in_the_list_is_404(self, client: Client, new_client: Any) -> None:
        gone = queue(client, state="ignored")
        others = queue(new_client("other"))

        for uuid in (gone, others, str(uuid4()), "not-a-uuid"):
            check_problem(client.ask("DELETE", f"/imports/ean-pending/{uuid}"), 404, "NOT_FOUND")
        assert state(client, others) == "open"

    @covers(BULK, "ids", "response.*")
    def test_several_are_ignored_and_unknown_ones_skipped(self, client: Client, new_client: Any) -> None:
        first, second = queue(client), queue(client, "4006381333931")
        kept, others = queue(client, "3017620422003"), queue(new_client("other"))

        answer = client.post(
            "/imports/ean-pending/bulk-delete", json={"ids": [first, second, first, others, str(uuid4())]}
        )

        assert (answer.status_code, answer.json()) == (200, {"deleted": 2})
        assert (state(client, kept), state(client, others)) == ("open", "open")

    def test_nothing_to_ignore_is_nothing_done(self, client: Client) -> None:
        assert client.post("/imports/ean-pending/bulk-delete", json={"ids": []}).json() == {"deleted": 0}

    @pytest.mark.parametrize("body", [{}, {"ids": None}, {"ids": "x"}, {"ids": ["x"]}, {"ids": [5]}, []])
    def test_a_wrong_body_is_422(self, client: Client, body: object) -> None:
        check_problem(client.post("/imports/ean-pending/bulk-delete", json=body), 422, "VALIDATION_ERROR")


class TestResolve:
    """POST /imports/ean-pending/{resolution_id}/resolve."""

    @covers(RESOLVE, "resolution_id", "product_id", "response.*")
    def test_a_product_without_an_ean_gets_it(self, client: Client) -> None:
        uuid = queue(client)
        product = make(client, title="Widget", offers=[{"supplier": "SUPPLIER_A", "sku": "W", "row_hash": 5}])

        answer = client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})

        assert answer.status_code == 200, answer.text
        assert answer.json() == {"resolved": True, "id": uuid, "ean": EAN, "product_id": product}
        assert client.get(f"/products/{EAN}").json()["id"] == product
        assert (listed(client), state(client, uuid)) == ([], "resolved")

    def test_its_offers_are_no_longer_known_to_be_unchanged_and_its_history_says_why(self, client: Client) -> None:
        uuid = queue(client)
        product = make(client, title="Widget", offers=[{"supplier": "SUPPLIER_A", "sku": "W", "row_hash": 5}])
        product_id = catalogue.product_id(UUID(product))

        client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})

        with client.connect() as conn:
            hashes = conn.execute("select row_hash from supplier_products where product_id = %s", (product_id,))
            assert hashes.fetchall() == [(None,)]
            history = conn.execute(
                "select change_set < 0, changes, version_after from product_changes where product_id = %s",
                (product_id,),
            )
            assert history.fetchall() == [(True, {"ean": [None, EAN]}, 2)]

    def test_it_is_resolved_for_every_supplier(self, client: Client) -> None:
        first, second = queue(client, supplier="A"), queue(client, supplier="B")

        client.post(f"/imports/ean-pending/{first}/resolve", json={"product_id": make(client, title="Widget")})

        assert state(client, second) == "resolved"

    def test_a_second_click_changes_nothing(self, client: Client) -> None:
        uuid, product = queue(client), make(client, title="Widget")
        path, body = f"/imports/ean-pending/{uuid}/resolve", {"product_id": product}

        first, second = client.post(path, json=body), client.post(path, json=body)

        assert (second.status_code, second.json()) == (200, first.json())

    def test_a_product_that_has_the_ean_is_linked_as_it_is(self, client: Client) -> None:
        uuid, product = queue(client), make(client, EAN, title="Widget")

        answer = client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})

        assert (answer.status_code, state(client, uuid)) == (200, "resolved")

    def test_a_product_with_another_ean_keeps_it(self, client: Client) -> None:
        uuid, product = queue(client), make(client, "4006381333931", title="Stylo")

        answer = client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})

        problem = check_problem(answer, 409, "PRODUCT_HAS_EAN")
        assert "4006381333931" in problem["detail"]
        assert (listed(client), client.get(f"/products/{product}").json()["ean"]) == ([EAN], "4006381333931")

    def test_an_ean_that_another_product_has_by_now_is_409(self, client: Client) -> None:
        uuid, product = queue(client), make(client, title="Widget")
        make(client, EAN, title="Widget, made meanwhile")

        answer = client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})

        check_problem(answer, 409, "DUPLICATE_EAN")
        assert state(client, uuid) == "open"

    def test_an_unknown_product_is_422(self, client: Client, new_client: Any) -> None:
        uuid, others = queue(client), make(new_client("other"), title="Widget")

        for product in (others, str(uuid4()), "x", None, 5):
            answer = client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})
            assert check_problem(answer, 422, "VALIDATION_ERROR")["errors"][0]["field"] == "product_id"

    def test_an_ean_that_is_not_in_the_list_is_404(self, client: Client) -> None:
        product = make(client, title="Widget")

        for uuid in (queue(client, state="ignored"), str(uuid4()), "x"):
            answer = client.post(f"/imports/ean-pending/{uuid}/resolve", json={"product_id": product})
            check_problem(answer, 404, "NOT_FOUND")


def test_a_key_that_may_only_read_cannot_ignore_or_resolve(new_client: Any) -> None:
    reader = new_client(scopes=("imports:read",))
    uuid = queue(reader)

    assert listed(reader) == [EAN]
    for method, path, body in (
        ("DELETE", f"/{uuid}", None),
        ("POST", "/bulk-delete", {"ids": [uuid]}),
        ("POST", f"/{uuid}/resolve", {"product_id": str(uuid4())}),
    ):
        check_problem(reader.ask(method, f"/imports/ean-pending{path}", json=body), 403, "PERMISSION_DENIED")
