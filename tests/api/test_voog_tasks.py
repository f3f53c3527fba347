"""The second API's tasks: what one shows in each status."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from api_client import Client
from voog_client import DETECTED, JOBS, MAPPING, URL, VoogClient

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES
from pim_pipelines.importing.voog.states import VoogStatus

PAGE = Path(__file__).parents[1] / "data" / "voog"


@pytest.fixture
def voog(client: Client) -> VoogClient:
    return VoogClient(client)


def shown(voog: VoogClient, **columns: Any) -> dict[str, Any]:
    task = voog.make_task(**columns)
    answer = voog.ask("GET", f"/products_imports/{task.id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_task_has_the_pages_members_in_the_pages_order(voog: VoogClient) -> None:
    page = json.loads((PAGE / "created_task.json").read_text())

    task = shown(voog)

    assert [name for name in task if name != "match_key"] == list(page)
    assert json.dumps(task["supported_attributes"]) == json.dumps(page["supported_attributes"])
    assert {type(task[name]) for name in ("id", "total_items", "processed_items", "failed_items")} == {int}


def test_what_a_task_shows_before_and_after_its_file_is_read(voog: VoogClient) -> None:
    unread = shown(voog, status="created", analysis=None, column_mapping=None, total_rows=None)
    read = shown(voog, created_at=datetime(2023, 12, 22, 17, 16, 40, 999, UTC))

    assert (unread["id"], read["id"]) == (1, 2)
    assert {name for name, value in unread.items() if value is None} == {
        *("started_at", "completed_at", "total_items", "imported_products", "detected_data", "mapping"),
        *("failure_reason", "failure_reason_details"),
    }
    assert (unread["file_url"], unread["language"], unread["overwrite_existing"], unread["match_key"]) == (
        *(URL, "en", False, "id"),
    )
    assert (read["total_items"], read["detected_data"], read["mapping"]) == (5, DETECTED, MAPPING)
    assert read["created_at"] == "2023-12-22T17:16:40.000Z"


def test_a_mapping_has_every_column_of_the_file(voog: VoogClient) -> None:
    assert list(shown(voog, column_mapping={"1": "price", "7": "sku"})["mapping"].items()) == [
        ("0", None),
        ("1", "price"),
        ("2", None),
        ("7", "sku"),
    ]


def test_a_finished_task_shows_its_counts_and_what_failed_first(voog: VoogClient) -> None:
    details = {"key": "value_invalid", "message": "Price is no number: 'x'.", "line": 3}
    counts = {"successful_rows": 4, "failed_rows": 1, "imported_products": 1}

    task = shown(voog, status="finished", failure_reason="value_invalid", failure_details=details, **counts)

    assert (task["status"], task["started_at"], task["completed_at"]) == (
        *("finished", "2023-12-22T17:18:00.336Z", "2023-12-22T17:18:00.336Z"),
    )
    assert (task["processed_items"], task["failed_items"], task["imported_products"]) == (5, 1, 1)
    assert (task["failure_reason"], task["failure_reason_details"]) == ("value_invalid", details)


@pytest.mark.parametrize("status", list(VoogStatus))
def test_every_status_of_the_page_is_shown(voog: VoogClient, status: str) -> None:
    assert shown(voog, status=status)["status"] == status
    assert set(JOBS) == set(VoogStatus)


@pytest.mark.parametrize("job", list(JobStatus))
@pytest.mark.parametrize(("is_queued", "is_claimed"), [(False, False), (True, False), (True, True)])
def test_every_state_of_a_job_is_a_status(voog: VoogClient, job: str, is_queued: bool, is_claimed: bool) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    stamps = {"queued_at": moment if is_queued else None, "claimed_at": moment if is_claimed else None}
    made = voog.make_task("created")
    with voog.client.connect() as conn:
        for name, value in {"status": job, **stamps}.items():
            conn.execute(f"update import_jobs set {name} = %s where uuid = %s", (value, made.uuid))

    status = voog.ask("GET", f"/products_imports/{made.id}").json()["status"]

    match job:
        case "pending" | "analyzing":
            assert status == ("queued" if is_queued else "created")
        case "ready" | "awaiting_mapping":
            assert status == "created"
        case "processing":
            assert status == ("started" if is_claimed else "queued")
        case "completed":
            assert status == "finished"
        case _:
            assert status == job


def test_attributes_are_those_that_can_be_imported(voog: VoogClient) -> None:
    assert shown(voog)["supported_attributes"] == json.loads(json.dumps(dict(SUPPORTED_ATTRIBUTES)))
