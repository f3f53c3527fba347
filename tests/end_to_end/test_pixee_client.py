"""A client written against the API's page: its requests in its order, with its headers, and answers of its shapes."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from serving_ftp import ftp_server
from serving_mail import mail_server, message
from serving_ssh import PASSWORD as SSH_PASSWORD
from serving_ssh import ssh_server
from serving_web import WebServer

pytestmark = pytest.mark.system

PAGE = Path(__file__).parents[2].parent / "shared" / "seeds" / "pixee-imports-api.txt"
MAPPING = {"EAN Code": "ean", "Titre produit": "title", "Prix HT": "price", "Marque": "brand_name"}
CATALOG = """\
EAN Code;Titre produit;Prix HT;Marque
3760000000017;Sample Product;29,99;Acme
3760000000024;Existing Product;12,50;Acme
123ABC7890;Code faux;1,00;Acme
"""
META: dict[str, Any] = {
    "total": 1,
    "page": 1,
    "per_page": 1,
    "total_pages": 1,
    "has_next": True,
    "has_previous": True,
}

# The page's examples: its names, and a value of the JSON type that it shows for each.
UPLOADED = {"id": "", "status": "", "file_name": "", "file_type": "", "supplier_code": "", "created_at": ""}
FETCHED = {"id": "", "status": "", "file_name": "", "file_type": "", "created_at": ""}
COLLECTED = {"id": "", "status": "", "supplier_code": "", "created_at": ""}
LISTED = {
    "id": "",
    "status": "",
    "file_name": "",
    "supplier_code": "",
    "total_rows": 1,
    "failed_rows": 1,
    "created_at": "",
}
DETAIL = {
    "id": "",
    "status": "",
    "file_name": "",
    "file_type": "",
    "file_size": 1,
    "supplier_code": "",
    "import_type": "",
    "total_rows": 1,
    "successful_rows": 1,
    "failed_rows": 1,
    "products_created": 1,
    "products_updated": 1,
    "last_error": None,
    "started_at": "",
    "completed_at": "",
    "created_at": "",
}
ERROR = {
    "row_number": 1,
    "severity": "",
    "error_type": "",
    "field": "",
    "message": "",
    "raw_value": "",
    "created_at": "",
}
DRY_RUN = {
    "job_id": "",
    "total_rows": 1,
    "preview_rows": [
        {"row_number": 1, "action": "", "ean": "", "title": "", "price": 1.5},
        {"row_number": 1, "action": "", "ean": "", "title": ""},
    ],
    "validation_errors": [{"row_number": 1, "field": "", "message": ""}],
    "products_to_create": 1,
    "products_to_update": 1,
    "rows_with_errors": 1,
}
MAPPED = {"id": "", "status": "", "column_mapping": dict.fromkeys(MAPPING, "")}
STARTED = {"id": "", "status": "", "started_at": ""}
MOVED = {"id": "", "status": ""}
ARCHIVED = {"id": "", "status": "", "is_archived": True}
DELETED = {"deleted": True, "id": ""}
STATS = {
    "total_jobs": 1,
    "completed_jobs": 1,
    "failed_jobs": 1,
    "total_rows_processed": 1,
    "total_products_created": 1,
    "total_products_updated": 1,
    "success_rate": 1.5,
}
PENDING = {"id": "", "ean": "", "supplier_code": "", "description": "", "first_seen_at": ""}
CONFIG = {
    "id": "",
    "name": "",
    "supplier_code": "",
    "schedule": "",
    "is_active": True,
    "next_run_at": "",
    "created_at": "",
}
EXAMPLES: list[dict[str, Any]] = [
    UPLOADED,
    FETCHED,
    COLLECTED,
    {"items": [LISTED], "meta": META},
    DETAIL,
    {"items": [ERROR], "meta": META},
    DRY_RUN,
    MAPPED,
    STARTED,
    MOVED,
    MOVED,
    ARCHIVED,
    DELETED,
    STATS,
    {"items": [PENDING], "meta": META},
    CONFIG,
]


class PixeeClient:
    """What a reader of the page would write."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.http = httpx.Client(
            base_url=f"{system.api_url}/api/v1",
            headers={"Authorization": f"Bearer {system.new_key(f'pixee{uuid4().hex[:8]}')}"},
            timeout=90,
        )

    def ask(self, method: str, path: str, shape: dict[str, Any], **sent: Any) -> dict[str, Any]:
        """Send a request, and look that its answer has the names and types of the page's example."""
        answer = self.http.request(method, path, **sent)
        assert answer.is_success, answer.text
        assert answer.headers["content-type"] == "application/json"
        body: dict[str, Any] = answer.json()
        check_shape(body, shape, path)
        return body

    def upload(self, content: str = CATALOG, **fields: str) -> dict[str, Any]:
        """`curl -F "file=@catalog.csv" -F "supplier_code=SUPPLIER_A" …`."""
        fields = {"supplier_code": "SUPPLIER_A", "auto_process": "false"} | fields
        return self.ask("POST", "/imports/upload", UPLOADED, files={"file": ("catalog.csv", content)}, data=fields)

    def poll(self, job: str, *ends: str) -> dict[str, Any]:
        """Ask for a job until it has one of these statuses."""
        until = time.monotonic() + 60
        while (body := self.http.get(f"/imports/{job}").json())["status"] not in ends:
            assert time.monotonic() < until, f"{body}\n{self.system.logs()}"
            time.sleep(0.05)
        return dict(body)

    def imported(self, content: str, mapping: dict[str, str] = MAPPING, **options: Any) -> dict[str, Any]:
        """Take a file through to the end."""
        job = self.upload(content)["id"]
        self.poll(job, "ready", "awaiting_mapping")
        body = {"column_mapping": mapping, "import_options": options}
        self.ask("POST", f"/imports/{job}/save-mapping", MOVED, json=body)
        self.ask("POST", f"/imports/{job}/start-processing", STARTED)
        return self.poll(job, "completed", "failed")


@pytest.fixture
def pixee(system: Any) -> Iterator[PixeeClient]:
    client = PixeeClient(system)
    yield client
    client.http.close()


def check_shape(value: Any, shape: Any, place: str) -> None:
    """Check that a JSON value has at least the names of an example, and its types; of null nothing is known."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), place
        assert shape.keys() <= value.keys(), f"{place} lacks {shape.keys() - value.keys()}"
        for name, own in shape.items():
            check_shape(value[name], own, f"{place}: {name}")
            if name.endswith("_at"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value[name]), f"{place}: {name}"
            elif name in {"id", "job_id"}:
                UUID(value[name])
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for each in value:
            check_shape(each, shape[-1], place)
    elif shape is not None:
        assert kind(value) == kind(shape), f"{place} is {value!r}"


def kind(value: Any) -> str:
    """Return the JSON type of a value."""
    names = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}
    return names.get(type(value), "null")


def kinds(value: Any) -> Any:
    """Return a JSON value with the types in place of the values."""
    if isinstance(value, dict):
        return {name: kinds(each) for name, each in value.items()}
    return [kinds(each) for each in value] if isinstance(value, list) else kind(value)


@pytest.mark.skipif(not PAGE.exists(), reason="the page is not there: ../shared/seeds/pixee-imports-api.txt")
def test_the_shapes_are_those_of_the_pages_examples() -> None:
    found = re.findall(r"\n(?:Stats r|R)esponse\n\n(\{.*?\n\})\n", PAGE.read_text(), re.DOTALL)

    assert [kinds(json.loads(each)) for each in found] == [kinds(example) for example in EXAMPLES]


def test_a_job_from_its_upload_to_its_end(pixee: PixeeClient) -> None:
    pixee.imported("EAN Code;Titre produit;Prix HT;Marque\n3760000000024;Old;1,00;Acme\n")

    uploaded = pixee.upload()
    job = uploaded["id"]
    assert (uploaded["status"], uploaded["file_name"], uploaded["file_type"]) == ("analyzing", "catalog.csv", "csv")
    assert pixee.poll(job, "ready", "awaiting_mapping")["started_at"] is None

    preview = pixee.ask("POST", f"/imports/{job}/dry-run", DRY_RUN)
    assert (preview["job_id"], preview["total_rows"]) == (job, 3)
    assert preview["preview_rows"] == [
        {
            "row_number": 1,
            "action": "create",
            "ean": "3760000000017",
            "title": "Sample Product",
            "price": 29.99,
            "brand_name": "Acme",
        },
        {
            "row_number": 2,
            "action": "update",
            "ean": "3760000000024",
            "title": "Existing Product",
            "price": 12.5,
            "brand_name": "Acme",
        },
    ]
    assert [(error["row_number"], error["field"]) for error in preview["validation_errors"]] == [(3, "ean")]
    counts = [preview[name] for name in ("products_to_create", "products_to_update", "rows_with_errors")]
    assert counts == [1, 1, 1]

    body = {"column_mapping": MAPPING, "import_options": {"overwrite_existing": True}}
    saved = pixee.ask("POST", f"/imports/{job}/save-mapping", MAPPED, json=body)
    assert (saved["id"], saved["status"], saved["column_mapping"]) == (job, "ready", MAPPING)
    started = pixee.ask("POST", f"/imports/{job}/start-processing", STARTED)
    assert (started["id"], started["status"]) == (job, "processing")
    pixee.poll(job, "completed")

    detail = pixee.ask("GET", f"/imports/{job}", DETAIL)
    assert (detail["status"], detail["import_type"], detail["file_size"]) == ("completed", "manual", len(CATALOG))
    counters = ("total_rows", "successful_rows", "failed_rows", "products_created", "products_updated")
    assert [detail[name] for name in counters] == [3, 2, 1, 1, 1]
    assert (detail["last_error"], detail["started_at"]) == (None, started["started_at"])

    errors = pixee.ask("GET", f"/imports/{job}/errors?severity=error&per_page=50", {"items": [ERROR], "meta": META})
    assert [(item["row_number"], item["error_type"], item["raw_value"]) for item in errors["items"]] == [
        (3, "ean_invalid", "123ABC7890")
    ]
    assert errors["meta"] == META | {"per_page": 50, "has_next": False, "has_previous": False}
    report = pixee.http.get(f"/imports/{job}/report")
    assert report.text.lstrip("\ufeff").splitlines()[1].startswith("3,error,ean_invalid,ean,")


def test_lists_figures_and_the_archive(pixee: PixeeClient) -> None:
    completed = pixee.imported(CATALOG)
    failed = pixee.imported("EAN Code;Titre produit;Prix HT;Marque\n123;x;1;y\n")
    listed = {"items": [LISTED], "meta": META}

    found = pixee.ask("GET", "/imports/?status=failed&page=1&per_page=20", listed)
    assert [item["id"] for item in found["items"]] == [failed["id"]]
    assert (found["items"][0]["total_rows"], found["items"][0]["failed_rows"]) == (1, 1)
    assert found["meta"] == META | {"per_page": 20, "has_next": False, "has_previous": False}
    assert len(pixee.ask("GET", "/imports/?supplier_code=SUPPLIER_A", listed)["items"]) == 2

    recent = pixee.ask("GET", "/imports/recent?limit=5", {"items": [LISTED]})
    assert [item["id"] for item in recent["items"]] == [failed["id"], completed["id"]]
    assert pixee.ask("GET", "/imports/stats", STATS) == {
        "total_jobs": 2,
        "completed_jobs": 1,
        "failed_jobs": 1,
        "total_rows_processed": 4,
        "total_products_created": 2,
        "total_products_updated": 0,
        "success_rate": 50.0,
    }

    archived = pixee.ask("POST", f"/imports/{completed['id']}/archive", ARCHIVED)
    assert (archived["status"], archived["is_archived"]) == ("completed", True)
    assert [item["id"] for item in pixee.ask("GET", "/imports/", listed)["items"]] == [failed["id"]]
    assert pixee.ask("POST", f"/imports/{completed['id']}/unarchive", ARCHIVED)["is_archived"] is False
    assert pixee.ask("GET", "/imports/", listed)["meta"]["total"] == 2


def test_retry_cancel_and_delete(pixee: PixeeClient) -> None:
    job = pixee.imported("EAN Code;Titre produit;Prix HT;Marque\n123;x;1;y\n")["id"]

    assert pixee.ask("POST", f"/imports/{job}/retry", MOVED) == {"id": job, "status": "pending"}
    assert pixee.poll(job, "failed")["failed_rows"] == 1
    retried = pixee.http.post(f"/imports/{job}/retry").json()["status"]
    cancelled = pixee.http.post(f"/imports/{job}/cancel")

    # The run may have taken it on already: a job that is being analysed is not cancelled, says the page.
    assert retried == "pending"
    if cancelled.status_code == 200:
        assert cancelled.json() == {"id": job, "status": "cancelled"}
    else:
        assert (cancelled.status_code, cancelled.json()["error_code"]) == (409, "INVALID_STATUS")
    pixee.poll(job, "failed", "cancelled")
    assert pixee.ask("DELETE", f"/imports/{job}", DELETED) == {"deleted": True, "id": job}
    gone = pixee.http.get(f"/imports/{job}")
    assert (gone.status_code, gone.json()["error_code"]) == (404, "NOT_FOUND")
    assert {"detail", "error_code", "timestamp"} <= gone.json().keys()


def test_eans_that_wait_for_a_person(pixee: PixeeClient) -> None:
    eans = ["3760000000017", "3760000000024", "3760000000031", "3760000000048"]
    rows = "".join(f"{ean};Widget Pro {number};1;Acme\n" for number, ean in enumerate(eans))
    pixee.imported(f"EAN Code;Titre produit;Prix HT;Marque\n{rows}", create_missing=False)
    listed = {"items": [PENDING], "meta": META}

    found = pixee.ask("GET", "/imports/ean-pending?supplier_code=SUPPLIER_A&per_page=20", listed)
    ids = {item["ean"]: item["id"] for item in found["items"]}
    assert (sorted(ids), found["meta"]["total"]) == (eans, 4)
    searched = pixee.ask("GET", "/imports/ean-pending?search=pro 3", listed)["items"]
    assert [(item["ean"], item["description"]) for item in searched] == [(eans[3], "Widget Pro 3")]

    ignored = pixee.ask("DELETE", f"/imports/ean-pending/{ids[eans[0]]}", DELETED)
    assert ignored == {"deleted": True, "id": ids[eans[0]]}
    body = {"ids": [ids[ean] for ean in eans[:2]]}
    assert pixee.ask("POST", "/imports/ean-pending/bulk-delete", {"deleted": 1}, json=body) == {"deleted": 1}

    pixee.imported("Ref;Titre produit\nW-2;Widget Pro 2\n", {"Ref": "sku", "Titre produit": "title"})
    product = pixee.http.get("/products?sku=W-2").json()["items"][0]["id"]
    linked = pixee.http.post(f"/imports/ean-pending/{ids[eans[2]]}/resolve", json={"product_id": product})
    assert linked.json() == {"resolved": True, "id": ids[eans[2]], "ean": eans[2], "product_id": product}
    assert pixee.http.get(f"/products/{eans[2]}").json()["id"] == product

    pixee.imported(f"EAN Code;Titre produit;Prix HT;Marque\n{eans[3]};Widget Pro 3;1;Acme\n")
    assert pixee.ask("GET", "/imports/ean-pending", listed)["items"] == []


def test_files_that_are_fetched(pixee: PixeeClient, tmp_path: Path) -> None:
    (tmp_path / "products_1.csv").write_text(CATALOG)
    with ExitStack() as servers:
        web = servers.enter_context(WebServer().running())
        web.file("/exports/products.csv", CATALOG.encode())
        ftp = servers.enter_context(ftp_server(tmp_path)).source(file_pattern="products_*.csv")
        sftp = servers.enter_context(ssh_server(tmp_path)).source(password=SSH_PASSWORD)
        mail = servers.enter_context(mail_server())
        mail.deliver(message(("products.csv", CATALOG.encode())))

        body: dict[str, Any] = {"url": f"{web.url}/exports/products.csv"}
        by_url = pixee.ask("POST", "/imports/upload-from-url", FETCHED, json=body)
        assert (by_url["status"], by_url["file_name"], by_url["file_type"]) == ("analyzing", "products.csv", "csv")
        jobs = [by_url["id"]]
        for kind, place in (("ftp", ftp), ("sftp", sftp), ("email", mail.source())):
            body = {name: value for name, value in place.items() if name != "type"} | {"supplier_code": "SUPPLIER_A"}
            started = pixee.ask("POST", f"/imports/import/{kind}", COLLECTED, json=body)
            assert (started["status"], started["supplier_code"]) == ("pending", "SUPPLIER_A")
            jobs.append(started["id"])
        ended = [pixee.poll(job, "ready", "awaiting_mapping", "failed") for job in jobs]

    assert [(job["status"], job["total_rows"], job["import_type"]) for job in ended] == [
        ("ready", 3, kind) for kind in ("url", "ftp", "sftp", "email")
    ]


def test_an_automated_import(pixee: PixeeClient) -> None:
    body = {
        "name": "Daily Supplier A SFTP Import",
        "supplier_code": "SUPPLIER_A",
        "schedule": "0 2 * * *",
        "file_source": {
            "type": "sftp",
            "host": "sftp.supplier.com",
            "username": "sftpuser",
            "key_file_path": "/keys/supplier_rsa",
            "directory_path": "/exports",
            "file_pattern": "products_*.csv",
        },
        "mapping": {"EAN": "ean", "Titre": "title", "Prix HT": "price", "Marque": "brand_name"},
        "is_active": True,
    }

    made = pixee.ask("POST", "/import-configs/configs", CONFIG, json=body)
    listed = pixee.ask("GET", "/import-configs/configs", {"items": [CONFIG], "meta": META})

    assert {name: made[name] for name in body} == body
    assert made["next_run_at"].endswith("T02:00:00Z")
    assert listed["items"] == [made]
    assert pixee.ask("DELETE", f"/import-configs/configs/{made['id']}", DELETED)["id"] == made["id"]
