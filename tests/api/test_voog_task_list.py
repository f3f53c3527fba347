"""The second API's list of tasks: every comparator on every attribute, the order, the pages and their headers."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from api_client import Client
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from voog_client import VoogClient, check_error

from pim_pipelines import database as db
from pim_pipelines.store import keys

LIST = "/products_imports"
ATTRIBUTES = (
    *("id", "status", "started_at", "completed_at", "total_items", "processed_items", "created_at", "updated_at"),
)
START = datetime(2023, 12, 22, 17, 16, 40, 123_456, UTC)
STATUSES = ("created", "queued", "started", "finished", "failed", "cancelled")


@pytest.fixture(scope="module")
def voog(app_client: Any, settings: Any) -> VoogClient:
    """A tenant with a dozen tasks, for all tests here: none changes them."""
    with db.connect(settings.database_url) as conn:
        row, key = keys.create(conn, "lists-tasks", keys.DEFAULT_SCOPES)
    client = VoogClient(Client(app_client, key, row, settings, db.connector(settings.database_url)))
    for number in range(12):
        moment = START + timedelta(hours=number, milliseconds=7 * number)
        status = STATUSES[number % 6]
        times: dict[str, Any] = {"created_at": moment, "updated_at": moment + timedelta(minutes=5)}
        if status in {"started", "finished"}:
            times["claimed_at"] = moment + timedelta(minutes=1)
        if status in {"finished", "failed", "cancelled"}:
            times["completed_at"] = moment + timedelta(minutes=2)
        counts = {"total_rows": None if number == 0 else number * 5 % 25, "successful_rows": number % 4}
        client.make_task(status, **times, **counts, failed_rows=number % 2)
    return client


@pytest.fixture(scope="module")
def tasks(voog: VoogClient) -> list[dict[str, Any]]:
    """All of them, as they are shown."""
    return listed(voog, {"per_page": "250"})


def listed(voog: VoogClient, parameters: Any = None) -> list[dict[str, Any]]:
    answer = voog.ask("GET", LIST, params=parameters)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def ids(items: list[dict[str, Any]]) -> list[int]:
    return [item["id"] for item in items]


def test_the_list_is_an_array_of_whole_tasks_newest_first(voog: VoogClient, tasks: list[dict[str, Any]]) -> None:
    assert ids(tasks) == list(range(12, 0, -1))
    assert tasks[0] == voog.ask("GET", f"{LIST}/12").json()


# A plain filter to compare with: what is shown, compared as what it is, or as the text that it is shown as.
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda shown, wanted: shown == wanted,
    "not_eq": lambda shown, wanted: shown != wanted,
    "gt": lambda shown, wanted: shown > wanted,
    "gteq": lambda shown, wanted: shown >= wanted,
    "gte": lambda shown, wanted: shown >= wanted,
    "lt": lambda shown, wanted: shown < wanted,
    "lteq": lambda shown, wanted: shown <= wanted,
    "lte": lambda shown, wanted: shown <= wanted,
}
TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "cont": lambda shown, wanted: wanted in shown,
    "not_cont": lambda shown, wanted: wanted not in shown,
    "starts": lambda shown, wanted: shown.startswith(wanted),
    "not_starts": lambda shown, wanted: not shown.startswith(wanted),
    "end": lambda shown, wanted: shown.endswith(wanted),
    "not_end": lambda shown, wanted: not shown.endswith(wanted),
    "ends": lambda shown, wanted: shown.endswith(wanted),
    "not_ends": lambda shown, wanted: not shown.endswith(wanted),
}


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_comparator_of_order_compares_what_is_shown(
    voog: VoogClient, tasks: list[dict[str, Any]], attribute: str
) -> None:
    values = sorted({task[attribute] for task in tasks if task[attribute] is not None})
    wanted = values[len(values) // 2]
    for comparator, meets in ORDERED.items():
        found = listed(voog, {f"q.products_import.{attribute}.${comparator}": wanted})
        assert ids(found) == ids([t for t in tasks if t[attribute] is not None and meets(t[attribute], wanted)])
    assert listed(voog, {f"q.products_import.{attribute}": wanted}) == [t for t in tasks if t[attribute] == wanted]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_the_lists_of_in_and_not_in_are_parted_by_commas(
    voog: VoogClient, tasks: list[dict[str, Any]], attribute: str
) -> None:
    values = sorted({task[attribute] for task in tasks if task[attribute] is not None})
    some = [values[0], values[-1]]
    text = f"{some[0]}, {some[1]},"

    among = listed(voog, {f"q.products_import.{attribute}.$in": text})
    others = listed(voog, {f"q.products_import.{attribute}.$not_in": text})

    assert ids(among) == ids([task for task in tasks if task[attribute] in some])
    assert ids(others) == ids([task for task in tasks if task[attribute] not in [*some, None]])


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_comparators_of_text_look_at_what_is_shown(
    voog: VoogClient, tasks: list[dict[str, Any]], attribute: str
) -> None:
    shown = {task["id"]: str(task[attribute]) for task in tasks if task[attribute] is not None}
    first = next(iter(shown.values()))
    for wanted in {first[:2], first[-2:], first[len(first) // 2 :][:1]}:
        for comparator, meets in TEXTUAL.items():
            found = listed(voog, {f"q.products_import.{attribute}.${comparator}": wanted.upper()})
            assert ids(found) == [n for n, text in shown.items() if meets(text.lower(), wanted.lower())], comparator
        pattern = f"{wanted}*"
        fits = [n for n, text in shown.items() if re.fullmatch(f"{re.escape(wanted)}.*", text, re.IGNORECASE)]
        assert ids(listed(voog, {f"q.products_import.{attribute}.$matches": pattern})) == fits
        unfit = ids(listed(voog, {f"q.products_import.{attribute}.$does_not_match": pattern}))
        assert unfit == [n for n in shown if n not in fits]


@pytest.mark.parametrize(
    ("comparator", "value", "statuses"),
    [
        ("matches", "*ed", {"created", "queued", "started", "finished", "failed", "cancelled"}),
        ("matches", "*an*l*", {"cancelled"}),
        ("matches", "fa%", {"failed"}),  # as Ransack has it
        ("matches", "queue_", {"queued"}),
        ("matches", "queue", set()),
        ("does_not_match", "*e*", set()),
        ("cont", "%", set()),
        ("cont", "_", set()),
        ("cont", "*", set()),
        ("cont", "\\", set()),
        ("matches", "\\", set()),
        ("matches", "queued\\", set()),
        ("cont", "'; drop table import_jobs; --", set()),
        ("starts", "FIN", {"finished"}),
        ("gt", "failed", {"finished", "queued", "started"}),
    ],
)
def test_patterns_of_status(voog: VoogClient, comparator: str, value: str, statuses: set[str]) -> None:
    found = listed(voog, {f"q.products_import.status.${comparator}": value})

    assert {task["status"] for task in found} == statuses


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("2023-12-22T17:16:40.123Z", 1),
        ("2023-12-22T17:16:40.123456Z", 1),
        ("2023-12-22T17:16:40.124Z", 0),
        ("2023-12-22T17:16:40.123", 1),
        ("2023-12-22 17:16:40.123", 1),
        ("2023-12-22T19:16:40.123+02:00", 1),
        ("2023-12-22T19:16:40.123+0200", 1),
        ("2023-12-22T17:16:40Z", 0),
    ],
)
def test_times_are_compared_in_milliseconds_in_any_zone(voog: VoogClient, text: str, count: int) -> None:
    assert len(listed(voog, {"q.products_import.created_at": text})) == count


def test_a_plus_sign_that_became_a_blank_is_a_plus_sign(voog: VoogClient) -> None:
    found = listed(voog, "q.products_import.created_at.$eq=2023-12-22T19:16:40.123+02:00")
    assert ids(found) == [1]
    assert ids(listed(voog, "q.products_import.created_at.$lt=2023-12-22+17:17")) == [1]
    assert len(listed(voog, "q.products_import.created_at.$gteq=2023-12-22")) == 12


def test_filters_are_anded_repeated_ones_too_and_a_question_mark_is_ignored(
    voog: VoogClient, tasks: list[dict[str, Any]]
) -> None:
    query = "q.products_import.id.$gt=3&?q.products_import.id.$lt=9&q.products_import.status.$not_eq=failed"
    query += "&q.products_import.status.$not_eq=created&unknown=1"

    expected = [t for t in tasks if 3 < t["id"] < 9 and t["status"] not in {"failed", "created"}]
    assert ids(listed(voog, query)) == ids(expected) == [8, 6, 4]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q.products_import.nothing=1", "nothing"),
        ("q.products_import.id.$between=1", "$between"),
        ("q.products_import.id.eq=1", "'eq'"),
        ("q.products_import.id.$eq.x=1", "$eq.x"),
        ("q.products_import.id.$eq=", "no value"),
        ("q.products_import.id.$in=,", "no value"),
        ("q.products_import.id=one", "'one'"),
        ("q.products_import.id.$gt=1.5", "'1.5'"),
        ("q.products_import.id=١", "whole number"),
        ("q.products_import.status=done", "'done'"),
        ("q.products_import.status.$in=failed,done", "'done'"),
        ("q.products_import.created_at=yesterday", "'yesterday'"),
        ("q.products_import.created_at=2023-13-01", "'2023-13-01'"),
        ("q.products_import.status.$cont=%00", "NUL"),
        ("q.product.id=1", "'product'"),
        ("q.=1", "products_import"),
        ("q.products_import=1", "products_import"),
        ("s=products_import.nothing.$asc", "nothing"),
        ("s=products_import.id.$up", "$up"),
        ("s=id", "products_import"),
        ("s=", "blank"),
        ("s=products_import.id.$asc,", "blank"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=", "page"),
        ("per_page=0", "per_page"),
        ("per_page=ten", "per_page"),
    ],
)
def test_what_cannot_be_meant_is_a_400_that_names_it(voog: VoogClient, query: str, names: str) -> None:
    body = check_error(voog.ask("GET", f"{LIST}?{query}"), 400, names)
    assert len(body["message"]) < 700


@pytest.mark.parametrize(
    "query",
    [
        "q.products_import.id=999999999999999999999999999999",
        "q.products_import.id.$in=1,999999999999999999999999999999,-5",
        "q.products_import.created_at.$gt=0001-01-01T00:00:00%2B14:00",
        "q.products_import.created_at.$lt=9999-12-31T23:59:59-14:00",
        f"page={'9' * 5000}",
        f"per_page={'9' * 5000}&page=2",
        f"q.products_import.status.$cont={'%25' * 5000}",
        f"q.products_import.status.$matches={'*a' * 2000}",
        "&".join(f"q.products_import.id.$not_eq={n}" for n in range(1500)),
        f"q.products_import.id.$in={','.join(str(n) for n in range(5000))}",
        f"s={','.join(['products_import.id.$asc'] * 500)}",
        "q.products_import.status.$cont=%F0%9F%98%80%ED%A0%80%FF",
        "page=1&page=2&per_page=5&per_page=7",
    ],
)
def test_extreme_queries_are_answered(voog: VoogClient, query: str) -> None:
    listed(voog, query)


def test_a_very_long_wrong_value_is_not_given_back_whole(voog: VoogClient) -> None:
    for query in (f"q.products_import.id={'9' * 9000}", f"q.products_import.{'x' * 9000}=1", f"s={'x' * 9000}"):
        assert len(voog.ask("GET", f"{LIST}?{query}").json()["message"]) < 700


SORTABLE = st.lists(
    st.tuples(st.sampled_from(ATTRIBUTES), st.sampled_from(["asc", "desc"])), unique_by=lambda key: key[0], max_size=4
)


@given(order=SORTABLE, per_page=st.integers(1, 13))
@example_settings(max_examples=25)
def test_sorted_pages_give_each_task_once_in_order(
    voog: VoogClient, tasks: list[dict[str, Any]], order: list[tuple[str, str]], per_page: int
) -> None:
    sorting = {"s": ",".join(f"products_import.{name}.${direction}" for name, direction in order)} if order else {}
    found: list[dict[str, Any]] = []
    for page in range(1, -(-12 // per_page) + 1):
        found += listed(voog, {**sorting, "per_page": per_page, "page": page})

    expected = list(tasks)
    for name, direction in reversed(order):  # a reversed sort of Python keeps the order of equals
        with_value = [task for task in expected if task[name] is not None]
        with_value.sort(key=lambda task, name=name: task[name], reverse=direction == "desc")
        expected = with_value + [task for task in expected if task[name] is None]
    assert ids(found) == ids(expected)


def links(answer: httpx.Response) -> dict[str, str]:
    """Read `Link` as the official Ruby client does (Sawyer): parted at comma and blank."""
    parts = (re.fullmatch(r'<(.*?)>; rel="(\w+)"', link) for link in answer.headers["link"].split(", "))
    return {part[2]: part[1] for part in parts if part}


def pages(voog: VoogClient, path: str) -> Iterator[httpx.Response]:
    answer = voog.ask("GET", path)
    while True:
        yield answer
        following = links(answer).get("next")
        if following is None:
            return
        answer = voog.http.get(following, headers={"X-API-TOKEN": voog.client.key})


def test_a_client_that_follows_next_sees_every_task_that_it_asked_for(voog: VoogClient) -> None:
    query = f"per_page=3&q.products_import.status.$in=created,failed,queued&s=products_import.id.$asc&{'?'}x=ä,{{}}<"
    found = list(pages(voog, f"{LIST}?{query}"))

    assert [ids(answer.json()) for answer in found] == [[1, 2, 5], [7, 8, 11]]
    assert {(a.headers["x-total-entries"], a.headers["x-total-pages"]) for a in found} == {("6", "2")}
    assert [set(links(answer)) for answer in found] == [{"first", "next", "last"}, {"first", "prev", "last"}]
    for address in links(found[0]).values():
        assert address.startswith("http://testserver/admin/api/ecommerce/v1/products_imports?page=")
        assert not set("{}<>, ") & set(address)
        assert dict(parse_qsl(urlsplit(address).query))["q.products_import.status.$in"] == "created,failed,queued"


@pytest.mark.parametrize(
    ("query", "expected", "numbers"),
    [
        ("", {"first": 1, "last": 1}, ("12", "1")),
        ("per_page=5&page=2", {"first": 1, "prev": 1, "next": 3, "last": 3}, ("12", "3")),
        ("per_page=5&page=3", {"first": 1, "prev": 2, "last": 3}, ("12", "3")),
        ("per_page=5&page=9", {"first": 1, "prev": 3, "last": 3}, ("12", "3")),
        ("q.products_import.id=77", {"first": 1, "last": 1}, ("0", "0")),
        ("q.products_import.id=77&page=2", {"first": 1, "prev": 1, "last": 1}, ("0", "0")),
        ("per_page=1000", {"first": 1, "last": 1}, ("12", "1")),
    ],
)
def test_where_the_links_of_a_page_lead(
    voog: VoogClient, query: str, expected: dict[str, int], numbers: tuple[str, str]
) -> None:
    answer = voog.ask("GET", f"{LIST}?{query}")

    found = {rel: int(dict(parse_qsl(urlsplit(address).query))["page"]) for rel, address in links(answer).items()}
    assert found == expected
    assert (answer.headers["x-total-entries"], answer.headers["x-total-pages"]) == numbers


def test_pages_have_50_tasks_and_250_at_most(client: Client) -> None:
    voog = VoogClient(client)
    with client.connect() as conn:
        conn.execute(
            """insert into import_jobs (uuid, tenant_id, voog_id, import_type, status, source, import_options)
               select uuidv7(), %s, n, 'voog', 'ready', '{"url": "https://example.com/x.csv"}',
                 '{"language": "en", "overwrite_existing": false, "match_key": "id"}' from generate_series(1, 260) n""",
            (client.tenant_id,),
        )
        conn.commit()

    assert len(listed(voog)) == 50
    for per_page, count in {"251": 250, "250": 250, "1": 1}.items():
        assert len(listed(voog, {"per_page": per_page})) == count


def test_the_token_and_a_host_that_is_none_are_not_in_the_links(voog: VoogClient) -> None:
    path = f"/admin/api/ecommerce/v1{LIST}?per_page=2&api_token={voog.client.key}"
    answer = voog.http.get(path, headers={"Host": 'evil.example>; rel="next", <http://x'})

    assert answer.status_code == 200
    assert voog.client.key not in str(answer.headers)
    assert all(urlsplit(address).hostname == "testserver" for address in links(answer).values())


def test_nothing_of_others_is_listed(voog: VoogClient, client: Client) -> None:
    client.make_job()  # the other API's
    own = VoogClient(client)

    assert listed(own) == []
    assert listed(own, {"q.products_import.id.$gt": "0"}) == []
    assert own.make_task().id == 1
    assert ids(listed(own)) == [1]


def test_a_key_without_the_scope_sees_no_tasks(new_client: Any) -> None:
    check_error(VoogClient(new_client(scopes=("products:read",))).ask("GET", LIST), 403, "imports:read")
