"""The API and Dagster together, on the whole system: what is launched, and what comes of it."""

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest
from api_client import check_problem
from claims import Exchange

from pim_pipelines.importing.options import OPTIONS

pytestmark = pytest.mark.system

CSV = (
    "EAN;Titre;Prix HT;Marque\n"
    "4006381333931;Stylo feutre bleu;1,95;Stabilo\n"
    "3017620422003;Pâte à tartiner 400 g;3,49;Ferrero\n"
    "3017620422004;Code faux;2,00;Ferrero\n"
).encode()
CRYPTIC = b"x1;x2\nabc;def\nghi;jkl\n"
MAPPING = {"EAN": "ean", "Titre": "title", "Prix HT": "price", "Marque": "brand_name"}


class Api:
    """A tenant's own client of the system."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.http = httpx.Client(
            base_url=f"{system.api_url}/api/v1",
            headers={"X-API-Key": system.new_key(f"t{uuid4().hex[:8]}")},
            timeout=90,
            event_hooks={"response": [Exchange.hear]},
        )

    def upload(self, content: bytes = CSV, **fields: str) -> dict[str, Any]:
        answer = self.http.post("/imports/upload", files={"file": ("catalogue.csv", content)}, data=fields)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def detail(self, job: str) -> dict[str, Any]:
        return dict(self.http.get(f"/imports/{job}").json())

    def settle(self, job: str, wanted: Callable[[dict[str, Any]], bool] | None = None) -> dict[str, Any]:
        """Wait until the job is no longer at work, or until what is wanted is so."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            detail = self.detail(job)
            if wanted(detail) if wanted else detail["status"] not in {"pending", "analyzing", "processing"}:
                return detail
            time.sleep(0.05)
        raise AssertionError(f"the job is still {detail}\n{self.system.logs()}")

    def run(self, run_id: str) -> dict[str, Any]:
        query = """query ($run: ID!) { runOrError(runId: $run) { ... on Run {
          status rootRunId parentRunId tags { key value } stepStats { stepKey status } } } }"""
        answer = httpx.post(f"{self.system.ui_url}/graphql", json={"query": query, "variables": {"run": run_id}})
        return dict(answer.json()["data"]["runOrError"])

    def wait_for_load(self, run_id: str) -> None:
        """Wait until a run has checked its rows and is about to write them."""
        until = time.monotonic() + 30
        while {"stepKey": "validate", "status": "SUCCESS"} not in self.run(run_id)["stepStats"]:
            assert time.monotonic() < until, self.system.logs()
            time.sleep(0.02)

    def wait_for_run(self, run_id: str, wanted: set[str]) -> str:
        """Wait until a run has one of these statuses; returns it."""
        until = time.monotonic() + 30
        while (status := str(self.run(run_id)["status"])) not in wanted:
            assert time.monotonic() < until, f"{status}\n{self.system.logs()}"
            time.sleep(0.02)
        return status


@pytest.fixture
def api(system: Any) -> Iterator[Api]:
    client = Api(system)
    yield client
    client.http.close()


def test_a_mapping_for_another_sheet_has_that_sheet_read_and_loaded(api: Api) -> None:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Note", "Written"])
    book.active.append(["Prices of spring", "by Ann"])
    for row in (["EAN", "Titre", "Prix HT"], ["4006381333931", "Stylo", 1.95], ["3017620422003", "Tartine", 3.49]):
        (book["Liste"] if "Liste" in book.sheetnames else book.create_sheet("Liste")).append(row)
    book.save(content)
    job = api.upload(content.getvalue(), supplier_code="DEMO")["id"]
    first = api.settle(job)

    def save(sheet: str, mapping: dict[str, str]) -> dict[str, Any]:
        body = {"column_mapping": mapping, "import_options": {"sheet": sheet}}
        return dict(api.http.post(f"/imports/{job}/save-mapping", json=body).json())

    unfit = save("Liste", {"Code": "ean"})
    fit = save("Sheet", {"Note": "title", "Written": "ean"})
    right = save("Liste", {"EAN": "ean", "titre": "title", "Prix HT": "price"})
    assert api.http.post(f"/imports/{job}/start-processing").status_code == 202
    done = api.settle(job)

    assert (first["status"], first["analysis"]["sheet"]) == ("awaiting_mapping", "Sheet")
    assert (unfit["status"], fit["status"], right["status"]) == ("awaiting_mapping", "ready", "ready")
    assert right["column_mapping"] == {"EAN": "ean", "Titre": "title", "Prix HT": "price"}
    assert (done["status"], done["analysis"]["sheet"], done["products_created"]) == ("completed", "Liste", 2)


@pytest.mark.covers("POST /imports/{import_id}/start-processing", "import_id", "response.*")
def test_an_import_from_upload_to_the_catalogue(api: Api) -> None:
    uploaded = api.upload(supplier_code="DEMO")
    analysed = api.settle(uploaded["id"])
    mapped = api.http.post(f"/imports/{uploaded['id']}/save-mapping", json={"column_mapping": MAPPING})
    started = api.http.post(f"/imports/{uploaded['id']}/start-processing")
    done = api.settle(uploaded["id"])

    assert uploaded["status"] == "analyzing"
    assert (analysed["status"], analysed["total_rows"], analysed["started_at"]) == ("ready", 3, None)
    assert set(analysed["analysis"]) >= {
        "format",
        "encoding",
        "delimiter",
        "header_row",
        "columns",
        "total_rows",
        "sample",
    }
    assert mapped.json()["status"] == "ready"
    assert (started.status_code, started.json()["status"]) == (202, "processing")
    assert started.headers["location"] == f"/api/v1/imports/{uploaded['id']}"
    assert (done["status"], done["products_created"], done["failed_rows"]) == ("completed", 2, 1)
    assert done["run_url"] == f"{api.system.ui_url}/runs/{done['run_id']}"
    assert done["run_id"] != analysed["run_id"]
    run = api.run(done["run_id"])
    assert (run["parentRunId"], run["rootRunId"]) == (analysed["run_id"],) * 2
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    assert (tags["pim/import_id"], tags["pim/supplier"]) == (uploaded["id"], "DEMO")

    errors = api.http.get(f"/imports/{uploaded['id']}/errors").json()["items"]
    assert [(item["row_number"], item["error_type"], item["raw_value"]) for item in errors] == [
        (3, "ean_invalid", "3017620422004")
    ]
    product = api.http.get("/products/4006381333931").json()
    assert (product["title"], product["price"], product["brand_name"]) == ("Stylo feutre bleu", 1.95, "Stabilo")
    assert (product["last_import_id"], product["offers"][0]["supplier_code"]) == (uploaded["id"], "DEMO")


@pytest.mark.covers(
    "POST /imports/{import_id}/save-mapping",
    *(
        f"import_options.{name} default {value}"
        for name, value in {
            "empty_cells": "keep",
            "overwrite_existing": "true",
            "create_missing": "true",
            "fill_empty_only": "false",
            "deactivate_missing": "false",
            "skip_header_rows": "0",
        }.items()
        if name in OPTIONS
    ),
)
def test_options_that_are_left_out_have_their_defaults(api: Api) -> None:
    def load(rows: str) -> dict[str, Any]:
        job = api.settle(api.upload(f"EAN;Titre;Prix HT;Marque\n{rows}".encode(), supplier_code="DEMO")["id"])
        api.http.post(f"/imports/{job['id']}/save-mapping", json={"column_mapping": MAPPING, "import_options": {}})
        api.http.post(f"/imports/{job['id']}/start-processing")
        return api.settle(job["id"])

    load("4006381333931;Stylo;1,95;Stabilo\n5449000000996;Cola;1,00;Coca\n")
    done = load("4006381333931;Stylo bleu;2,50;\n3017620422003;Nutella;3,49;Ferrero\n")

    assert (done["products_created"], done["products_updated"], done["products_skipped"]) == (1, 1, 0)
    stylo, cola = (api.http.get(f"/products/{ean}").json() for ean in ("4006381333931", "5449000000996"))
    assert (stylo["title"], stylo["price"], stylo["brand_name"]) == ("Stylo bleu", 2.5, "Stabilo")
    assert cola["is_active"] is True


@pytest.mark.covers(
    "POST /imports/{import_id}/save-mapping", "import_options.fill_empty_only", "import_options.deactivate_missing"
)
@pytest.mark.covers("POST /imports/{import_id}/dry-run", "response.products_to_deactivate")
def test_a_file_fills_gaps_and_what_it_no_longer_has_becomes_inactive(api: Api) -> None:
    def ready(supplier: str, rows: str, **options: bool) -> str:
        job = api.settle(api.upload(f"EAN;Titre;Prix HT;Marque\n{rows}".encode(), supplier_code=supplier)["id"])
        body = {"column_mapping": MAPPING, "import_options": options}
        answer = api.http.post(f"/imports/{job['id']}/save-mapping", json=body)
        assert answer.status_code == 200, answer.text
        return str(job["id"])

    def load(job: str) -> dict[str, Any]:
        api.http.post(f"/imports/{job}/start-processing")
        return api.settle(job)

    def product(ean: str) -> dict[str, Any]:
        return dict(api.http.get(f"/products/{ean}").json())

    stylo, nutella, cola, pen = "4006381333931", "3017620422003", "5449000000996", "4006381333948"
    load(ready("OTHER", f"{cola};Cola;1,00;Coca\n"))
    load(ready("DEMO", f"{stylo};Stylo;1,95;\n{nutella};Nutella;3,49;\n{cola};Cola;1,00;\n{pen};Pen;1,00;\n"))
    rows = f"{stylo};Stylo bleu;2,50;Stabilo\n{pen[:-1]}9;Pen with a wrong digit;1,00;\n"
    update = ready("DEMO", rows, fill_empty_only=True, deactivate_missing=True)
    preview = api.http.post(f"/imports/{update}/dry-run").json()
    untouched = product(nutella)["is_active"]
    done = load(update)

    assert (preview["products_to_deactivate"], preview["products_to_update"], untouched) == (1, 1, True)
    assert (done["status"], done["products_updated"], done["failed_rows"]) == ("completed", 1, 1)
    assert (product(stylo)["title"], product(stylo)["price"], product(stylo)["brand_name"]) == (
        "Stylo",
        1.95,
        "Stabilo",
    )
    assert {ean: product(ean)["is_active"] for ean in (stylo, nutella, cola, pen)} == {
        stylo: True,
        nutella: False,
        cola: True,  # another supplier has it
        pen: True,  # a row that failed may mean it
    }
    change = api.http.get(f"/products/{product(nutella)['id']}/history").json()["items"][0]
    assert change["import_id"] == update
    assert change["changes"] == [{"field": "is_active", "old": True, "new": False}]

    load(ready("DEMO", f"{nutella};Nutella;3,49;\n"))
    assert product(nutella)["is_active"] is True


def test_a_template_with_auto_process_goes_through_in_one_run(api: Api) -> None:
    template = api.http.post("/mapping-templates", json={"name": "t", "column_mapping": MAPPING}).json()

    done = api.settle(api.upload(template_id=template["id"], auto_process="true")["id"])

    assert (done["status"], done["products_created"], done["template_id"]) == ("completed", 2, template["id"])
    assert done["column_mapping"] == MAPPING


def test_auto_process_without_a_template_stops_at_ready(api: Api) -> None:
    assert api.settle(api.upload(auto_process="true")["id"])["status"] == "ready"


def test_columns_that_nobody_knows_await_their_mapping(api: Api) -> None:
    job = api.settle(api.upload(CRYPTIC)["id"])

    assert job["status"] == "awaiting_mapping"
    assert set(job["suggested_mapping"]) == {"x1", "x2"}
    check_problem(api.http.post(f"/imports/{job['id']}/dry-run"), 409, "MAPPING_REQUIRED")
    check_problem(api.http.post(f"/imports/{job['id']}/start-processing"), 409, "INVALID_STATUS")


def test_a_dry_run_shows_what_would_happen_and_changes_nothing(api: Api) -> None:
    job = api.settle(api.upload(supplier_code="DEMO")["id"])

    answer = api.http.post(f"/imports/{job['id']}/dry-run")

    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert set(body) == {
        "job_id",
        "total_rows",
        "preview_rows",
        "validation_errors",
        "products_to_create",
        "products_to_update",
        "rows_with_errors",
    }
    assert (body["total_rows"], body["products_to_create"], body["rows_with_errors"]) == (3, 2, 1)
    assert body["preview_rows"][0]["action"] == "create"
    assert body["validation_errors"][0]["row_number"] == 3
    assert api.http.get(f"/imports/{job['id']}/dry-run").json() == body
    assert api.detail(job["id"])["status"] == "ready"
    assert api.http.get("/products").json()["items"] == []
    assert api.http.get(f"/imports/{job['id']}/errors").json()["items"] == []


def test_dry_runs_at_once_are_one(api: Api) -> None:
    job = api.settle(api.upload()["id"])

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: api.http.post(f"/imports/{job['id']}/dry-run"), range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1


def test_of_two_starts_at_once_one_wins(api: Api) -> None:
    job = api.settle(api.upload()["id"])

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: api.http.post(f"/imports/{job['id']}/start-processing"), range(6)))

    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 5
    assert api.settle(job["id"])["products_created"] == 2


def test_a_finished_job_is_not_retried_and_a_failed_one_is(api: Api) -> None:
    template = api.http.post("/mapping-templates", json={"name": "t", "column_mapping": MAPPING}).json()
    bad = b"EAN;Titre;Prix HT;Marque\n123;x;1;y\n"

    failed = api.settle(api.upload(bad, template_id=template["id"], auto_process="true")["id"])
    retried = api.http.post(f"/imports/{failed['id']}/retry")
    again = api.settle(failed["id"], lambda detail: detail["attempt"] == 2 and detail["status"] == "failed")

    assert (failed["status"], failed["failed_rows"]) == ("failed", 1)
    assert failed["last_error"]
    assert (retried.status_code, retried.json()["status"]) == (202, "pending")
    assert (again["failed_rows"], again["total_rows"]) == (1, 1)
    assert api.run(again["run_id"])["parentRunId"] == failed["run_id"]


def test_a_cancelled_job_ends_its_run(api: Api) -> None:
    content = b"EAN;Titre;Prix HT;Marque\n" + b"".join(
        b"%d;Titel %d;1,00;M\n" % (_ean(number), number) for number in range(150_000)
    )
    job = api.settle(api.upload(content)["id"])
    api.http.post(f"/imports/{job['id']}/start-processing")
    running = api.settle(job["id"], lambda detail: detail["run_id"] not in {None, job["run_id"]})
    api.wait_for_load(running["run_id"])

    answer = api.http.post(f"/imports/{job['id']}/cancel")
    after = api.detail(job["id"])

    assert (answer.status_code, answer.json()) == (200, {"id": job["id"], "status": "cancelled"})
    assert after["status"] == "cancelled"
    assert api.wait_for_run(running["run_id"], {"CANCELED", "FAILURE", "SUCCESS"}) == "CANCELED"
    assert api.detail(job["id"])["successful_rows"] == after["successful_rows"]


@pytest.mark.covers("GET /readyz", "response.*")
def test_the_system_is_ready_and_says_so(system: Any) -> None:
    until = time.monotonic() + 30
    while (answer := httpx.get(f"{system.api_url}/readyz")).status_code != 200:
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)
    Exchange.hear(answer)
    assert answer.json() == {"status": "ok"}


def _ean(number: int) -> int:
    digits = f"4{number:011d}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return int(digits) * 10 + check
