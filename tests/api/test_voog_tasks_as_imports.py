"""Voog tasks among the import jobs of this API: shown whole, counted, reported on, and changed by nothing."""

import io
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from api_client import Client, check_problem
from test_history import change
from test_products import make

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.store import catalogue, moves
from pim_pipelines.store.jobs import Job

covers = pytest.mark.covers

FILE = 'ID;Name;Price;Currency\n1;Pen;1,95;EUR\n2;=1+1;x;EUR\n3;Cup;"1.234,5";EUR\n'
MAPPING = {"0": "id", "1": "name", "2": "price", "3": None, "9": "sku"}
OPTIONS = {"match_key": "id", "overwrite_existing": True, "language": "en"}
NUMBER = 7


def task(client: Client, status: JobStatus | str = JobStatus.COMPLETED, **columns: Any) -> Job:
    """Make a Voog task whose file has been read, with one row that failed."""
    job = client.make_job(
        status, import_type="voog", voog_id=NUMBER, column_mapping=MAPPING, import_options=OPTIONS, **columns
    )
    source: Path = client.files / job.source_key
    source.write_text(FILE)
    table = normalise(source, "catalog.csv", client.files / job.rows_key, ReadOptions())
    with client.connect() as conn:
        conn.execute(
            """update import_jobs set suggested_mapping = null, analysis = json_build_object(
                 'columns', %s::text[], 'detected_data', '[{"column": "ID", "values": ["1", "2", "3"]}]'::json)
               where id = %s""",
            (table.columns, job.id),
        )
        conn.execute(
            """insert into import_errors (import_id, row_number, n, severity, error_type, field, message, raw_value)
               values (%s, 2, 0, 'e', 'number_invalid', 'price', 'Not a number', 'x')""",
            (job.id,),
        )
    return client.job(job.uuid)


@covers("GET /imports/{import_id}", "response.voog_id", "response.import_type")
@covers("GET /imports/", "response.items.voog_id")
def test_a_task_is_shown_with_its_number_and_its_mapping_by_index(client: Client) -> None:
    job = task(client, total_rows=3, successful_rows=2, failed_rows=1)

    detail = client.get(f"/imports/{job.uuid}").json()
    [listed] = client.get("/imports/").json()["items"]

    assert (detail["import_type"], detail["voog_id"], detail["status"]) == ("voog", NUMBER, "completed")
    assert (detail["column_mapping"], detail["import_options"]) == (MAPPING, OPTIONS)
    assert detail["suggested_mapping"] is None
    assert listed.items() <= detail.items()
    assert client.get("/imports/recent").json()["items"] == [listed]
    assert client.get("/imports/stats").json()["total_rows_processed"] == 3
    assert client.get(f"/imports/{client.make_job().uuid}").json()["voog_id"] is None


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        ("ready", "POST", "/save-mapping", {"column_mapping": {"EAN": "ean"}}),
        ("ready", "POST", "/save-as-template", {"name": "t"}),
        ("ready", "POST", "/start-processing", None),
        ("ready", "POST", "/dry-run", None),
        ("processing", "POST", "/cancel", None),
        ("failed", "POST", "/retry", None),
        ("completed", "POST", "/archive", None),
        ("completed", "POST", "/unarchive", None),
        ("completed", "DELETE", "", None),
    ],
)
def test_nothing_is_done_to_a_task_here(client: Client, status: str, method: str, path: str, body: Any) -> None:
    job = client.job(task(client, status).uuid)

    problem = check_problem(client.ask(method, f"/imports/{job.uuid}{path}", json=body), 409, "VOOG_TASK")

    assert f"/admin/api/ecommerce/v1/products_imports/{NUMBER}/queue" in problem["detail"]
    assert client.job(job.uuid) == job


def test_a_tasks_errors_and_reports_name_voogs_fields(client: Client) -> None:
    job = task(client)

    [error] = client.get(f"/imports/{job.uuid}/errors").json()["items"]
    as_csv = client.get(f"/imports/{job.uuid}/report").text
    workbook = client.get(f"/imports/{job.uuid}/report?format=xlsx&rows=all")

    assert (error["row_number"], error["field"]) == (2, "price")
    assert "2,error,number_invalid,price,Not a number,x" in as_csv
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["ID", "Name", "Price", "Currency", "import_errors", "import_warnings", "import_row"]
    assert rows[2] == ["2", "=1+1", "x", "EUR", "price: Not a number", None, "2"]
    assert [row[2].fill.fgColor.rgb for row in sheet.iter_rows(2)] == ["00000000", "FFFFC7CE", "00000000"]


def test_a_task_that_was_never_previewed_has_no_dry_run(client: Client) -> None:
    check_problem(client.get(f"/imports/{task(client).uuid}/dry-run"), 404, "NOT_FOUND")


def test_a_variant_is_a_product_with_a_history_of_its_own(client: Client) -> None:
    job = task(client)
    about = {"status": "live", "created_import_id": job.id, "last_import_id": job.id}
    parent = make(client, title="Pen", slug="pen", **about)
    row_id = catalogue.product_id(UUID(parent))
    size = [["Size", "S"]]
    variant = make(client, title="Pen", sku="P-S", parent_id=row_id, variant_attributes=size, price="1.95", **about)
    change(client, variant, job, 2, status=["draft", "live"])

    listed = {item["id"]: item for item in client.get("/products").json()["items"]}
    updated, created = client.get(f"/products/{variant}/history").json()["items"]

    assert set(listed) == {parent, variant}
    assert (listed[variant]["name"], listed[variant]["sku"], listed[variant]["price"]) == ("Pen", "P-S", 1.95)
    assert listed[variant]["last_import_id"] == str(job.uuid)
    assert updated["changes"] == [{"field": "status", "old": "draft", "new": "live"}]
    assert (created["import_type"], created["import_id"]) == ("voog", str(job.uuid))
    made = {each["field"]: each["new"] for each in created["changes"]}
    assert made == {"sku": "P-S", "title": "Pen", "price": 1.95, "is_active": True, "status": "draft"} | {
        "variant_attributes": size
    }


def test_webhooks_are_told_of_a_task_as_of_an_import_with_its_number(client: Client) -> None:
    with client.connect() as conn:
        conn.execute(
            """insert into webhooks (tenant_id, name, url, events)
               values (%s, 'w', 'https://example.com', '{import.completed}')""",
            (client.tenant_id,),
        )
        conn.commit()
        for job in (task(client, "processing", total_rows=3), client.make_job("processing")):
            assert moves.move(conn, job.uuid, JobStatus.COMPLETED)
        told = conn.execute("select data from outbox where tenant_id = %s order by id", (client.tenant_id,)).fetchall()

    (of_task,), (of_import,) = told
    assert (of_task["import_type"], of_task["voog_id"], of_task["supplier_code"]) == ("voog", NUMBER, None)
    assert set(of_task) - set(of_import) == {"voog_id"}
