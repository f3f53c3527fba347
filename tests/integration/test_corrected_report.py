"""A report as a workbook, corrected and uploaded again, up to the catalogue."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ops_world import Connect, World

from api.report_workbooks import make
from api.runs import Runs
from api.services import ApiServices
from pim_pipelines.database.connections import pool
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.report.spec import OURS
from pim_pipelines.settings import Settings
from pim_pipelines.store.jobs import Job

MAPPING: dict[str, str | None] = {"EAN": "ean", "Artikel": "title", "Preis": "price", "Ref": "sku"}
ROWS = [
    ["EAN", "Artikel", "Preis", "Ref"],
    ["4006381333931", "Stabilo point 88", "1,95", "0012"],
    ["3017620422004", "Nutella 400 g", "3,49", "0013"],  # its check digit is wrong
    ["5449000000997", "Espressomaschine", "1.234", "0014"],  # so is this one; that its price is 1234, row 1 says
]


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path / "files")


@pytest.fixture
def report(world: World, database: str, tmp_path: Path) -> Any:
    """Give a function that makes the report of a job."""
    services = ApiServices(
        settings=Settings(home=tmp_path, database_url=database),
        pool=pool(database, max_size=2),
        files=world.files,
        runs=Runs("http://127.0.0.1:1"),
    )
    services.pool.open()
    yield lambda uuid: read(services, world.job(uuid))
    services.pool.close()
    services.runs.close()


def read(services: ApiServices, job: Job) -> bytes:
    with make(services, job) as file:
        return file.read()


def csv(rows: list[list[str | None]]) -> bytes:
    return "\n".join(";".join(cell or "" for cell in row) for row in rows).encode()


def workbook(rows: list[list[str | None]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    sheet = book.create_sheet("Preise")
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (csv(ROWS), {}),
        (csv([["Preisliste"], [None], *ROWS]), {"skip_header_rows": 2}),
        (workbook(ROWS), {}),
        (workbook(ROWS), {"sheet": "Preise"}),
        (workbook(ROWS), {"sheet": "2"}),
    ],
    ids=["csv", "csv below other rows", "workbook", "sheet by name", "sheet by number"],
)
def test_a_corrected_report_imports_with_the_same_options(
    world: World, report: Any, content: bytes, options: dict[str, Any]
) -> None:
    template = world.template(MAPPING).id
    first = world.upload(content, template_id=template, auto_process=True, import_options=options)
    world.run(first)
    job = world.job(first)
    assert (job.status, job.products_created, job.failed_rows) == (JobStatus.COMPLETED, 1, 2), job.last_error

    book = openpyxl.load_workbook(io.BytesIO(report(first)))
    cells = {cell.value: cell for row in book.active.iter_rows() for cell in row}
    assert "4006381333931" not in cells
    cells["3017620422004"].value = "3017620422003"
    cells["5449000000997"].value = "5449000000996"
    cells["3,49"].value = "3"
    corrected = io.BytesIO()
    book.save(corrected)
    second = world.upload(corrected.getvalue(), template_id=template, auto_process=True, import_options=options)
    world.run(second)

    job = world.job(second)
    assert (job.status, job.total_rows, job.failed_rows) == (JobStatus.COMPLETED, 2, 0), job.last_error
    assert (job.products_created, job.products_updated) == (2, 0)
    assert world.rows("select ean, title, price::float, sku from products order by sku") == [
        ("4006381333931", "Stabilo point 88", 1.95, "0012"),
        ("3017620422003", "Nutella 400 g", 3, "0013"),
        ("5449000000996", "Espressomaschine", 1234, "0014"),
    ]
    assert world.rows("select attributes from products where attributes::text <> '{}'") == []


def test_the_columns_of_the_report_are_taken_for_no_field(world: World, report: Any) -> None:
    first = world.upload(csv(ROWS), template_id=world.template(MAPPING).id, auto_process=True)
    world.run(first)

    again = world.upload(report(first))
    world.run(again)

    suggested = world.job(again).suggested_mapping or {}
    assert {suggested[name]["field"] for name in OURS} == {None}
