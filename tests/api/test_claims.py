"""That a test cannot claim what it does not show: docs/api-coverage.md is made of the claims."""

import pytest
from claims import Exchange, undescribed, unfounded, unknown
from described import endpoint_at

LIST = "GET /imports/"


def exchange(path: str = "/imports", status: int = 200, blamed: str = "", **sent: object) -> Exchange:
    fields = frozenset({"items", "items.id"}) if status == 200 else frozenset()
    return Exchange(endpoint_at("GET", path), sent, status, fields, frozenset({blamed}))


@pytest.mark.parametrize(
    ("item", "asked", "is_shown"),
    [
        ("", exchange(), True),
        ("", exchange("/imports/recent"), False),
        ("status", exchange(status_=1), False),
        ("page", exchange(page="2"), True),
        ("page default 1", exchange(page="2"), False),
        ("page default 1", exchange(), True),
        ("page default 2", exchange(), False),
        ("per_page max 100", exchange(status=422, blamed="per_page", per_page="101"), True),
        ("per_page max 100", exchange(status=422, blamed="per_page", per_page="100"), False),
        ("per_page max 100", exchange(status=422, blamed="page", per_page="101"), False),
        ("per_page max 100", exchange(per_page="101"), False),
        ("per_page max 99", exchange(status=422, blamed="per_page", per_page="101"), False),
        ("page min 1", exchange(status=422, blamed="page", page="0"), True),
        ("page min 1", exchange(status=422, blamed="page"), False),
        ("status enum", exchange(status=422, blamed="status", status_="x"), False),
        ("response.items.id", exchange(), True),
        ("response.items.status", exchange(), False),
        ("response.items.nothing", exchange(), False),
        ("response.*", exchange(), False),
        ("nothing", exchange(nothing="1"), False),
    ],
)
def test_a_claim_is_held_against_what_was_asked(item: str, asked: Exchange, is_shown: bool) -> None:
    assert (unfounded([(LIST, item)], [asked]) == []) is is_shown


def test_a_path_that_has_its_own_endpoint_is_not_anothers() -> None:
    paths = ["/imports/recent", "/imports/550e8400-e29b-41d4-a716-446655440000", "/imports/", "/nothing"]

    found = [endpoint_at("GET", path) for path in paths]

    assert [endpoint and endpoint.name for endpoint in found] == [
        "GET /imports/recent",
        "GET /imports/{import_id}",
        "GET /imports/",
        None,
    ]


def test_what_openapi_has_not_is_unknown() -> None:
    assert [unknown(("GET /imports/", item)) for item in ("", "page", "response.*", "response.meta.page")] == [
        False
    ] * 4
    assert [unknown(("GET /imports/", item)) for item in ("pages", "page max 5", "page default 7", "response.x")] == [
        True
    ] * 4
    assert unknown(("GET /import/", ""))


def test_an_answer_may_hold_nothing_that_openapi_has_not_but_in_open_objects() -> None:
    detail = endpoint_at("GET", "/imports/x")
    assert detail
    answer = {
        "id": "x",
        "secret": 1,
        "import_options": {"own": 1},
        "analysis": {"format": "csv", "own": 1},
        "suggested_mapping": {"Their column": {"field": "ean", "secret": 1}},
    }

    found = undescribed([Exchange(detail, {}, 200, frozenset(detail.fields_in(answer)), frozenset())])

    assert {name for _, name in found} == {"secret", "suggested_mapping.*.secret"}
