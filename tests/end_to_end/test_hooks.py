"""Webhooks of a whole system: an import is told of from its start to its products, at once."""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from serving_hooks import receiving
from systems import System

pytestmark = pytest.mark.system

EVENTS = ["import.started", "import.completed", "product.created", "product.updated", "supplier.created"]
ROWS = 1_203


def digit(twelve: int) -> int:
    """Return the check digit of twelve digits (GS1 General Specifications 7.9)."""
    return -sum(int(each) * (3 if place % 2 else 1) for place, each in enumerate(str(twelve))) % 10


EANS = [number * 10 + digit(number) for number in range(400638100000, 400638100000 + ROWS)]


def file_of(price: int, other: int) -> bytes:
    """Make a file whose last three prices are `other`."""
    lines = [f"{ean};Stylo {ean};{other if n >= ROWS - 3 else price}.00" for n, ean in enumerate(EANS)]
    return "\n".join(["EAN;Titre;Prix HT", *lines]).encode()


def test_an_import_is_told_of_with_its_products_in_batches(system: System) -> None:
    with (
        receiving() as receiver,
        httpx.Client(
            base_url=f"{system.api_url}/api/v1",
            headers={"X-API-Key": system.new_key(f"t{uuid4().hex[:8]}")},
            timeout=60,
        ) as api,
    ):
        body = {"name": "Hook", "url": receiver.url("/hook"), "events": EVENTS, "secret": "s3cret"}
        assert api.post("/webhooks", json=body).status_code == 201

        def run(content: bytes) -> dict[str, Any]:
            answer = api.post("/imports/upload", files={"file": ("a.csv", content)}, data={"supplier_code": "ACME"})
            job = f"/imports/{answer.json()['id']}"
            reach(job, "ready")
            assert api.post(f"{job}/start-processing").status_code == 202
            return reach(job, "completed")

        def reach(job: str, status: str) -> dict[str, Any]:
            until = time.monotonic() + 60
            while (detail := api.get(job).json())["status"] != status:
                assert time.monotonic() < until, detail
                assert detail["status"] != "failed", detail
                time.sleep(0.05)
            return dict(detail)

        first = run(file_of(1, 1))
        received = receiver.wait("/hook", 6)
        second = run(file_of(1, 2))
        received = receiver.wait("/hook", 9)

    told = [json.loads(each.body) for each in received]
    assert [each["event"] for each in told] == [
        "supplier.created", "import.started", "product.created", "product.created", "product.created",
        "import.completed", "import.started", "product.updated", "import.completed",
    ]  # fmt: skip
    batches = [each["data"]["products"] for each in told if each["event"].startswith("product.")]
    assert [len(batch) for batch in batches] == [500, 500, 203, 3]
    assert {product["ean"] for batch in batches[:3] for product in batch} == set(map(str, EANS))
    assert [product["price"] for product in batches[3]] == [2, 2, 2]
    assert told[5]["data"] | {"duration_seconds": 0, "supplier_id": ""} == {
        "job_id": first["id"],
        "supplier_id": "",
        "supplier_code": "ACME",
        "supplier_name": None,
        "import_type": "manual",
        "status": "completed",
        "duration_seconds": 0,
        "stats": {"total_rows": ROWS, "created": ROWS, "updated": 0, "errors": 0},
    }
    assert told[8]["data"]["stats"] == {"total_rows": ROWS, "created": 0, "updated": ROWS, "errors": 0}
    assert second["id"] == told[8]["data"]["job_id"]
    for event, sent in zip(told, received, strict=True):
        happened = datetime.fromisoformat(event["timestamp"]).astimezone(UTC).timestamp()
        assert sent.at - happened < 3.5  # whole seconds, and machines that run all tests at once
