"""Workbooks and archives from a file to the catalogue, by the same runs as CSV."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from ops_world import GOOD, MAPPING, Connect, World
from workbooks import ods_rows, write_ods

from pim_pipelines.importing.lifecycle import JobStatus

DATA = Path(__file__).parents[3] / "shared" / "data"
TITLES = ["Boisson 33 cl", "Pâte à tartiner 400 g", "Stylo feutre bleu"]
ROWS: list[list[str | float | None]] = [
    ["EAN", "Titre", "Prix HT", "Marque"],
    [4006381333931, "Stylo feutre bleu", 1.95, "Stabilo"],
    [3017620422003, "Pâte à tartiner 400 g", 3.49, "Ferrero"],
    [5449000000996, "Boisson 33 cl", 0.89, "Coca-Cola"],
]


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path / "files")


def workbook(rows: list[list[str | float | None]], errors: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in (["secret", "x"], ["a", 1]):
        book.active.append(row)
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Produits")
    for row in rows:
        sheet.append(row)
    for place in errors:
        sheet[place].data_type = "e"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"__MACOSX/._{name}", b"x")
        packed.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "ods", "zip"])
def test_file_goes_through_to_the_catalogue(world: World, tmp_path: Path, kind: str) -> None:
    if kind == "xlsx":
        content = workbook(ROWS)
    elif kind == "ods":
        content = write_ods(tmp_path / "list.ods", {"Produits": ods_rows(ROWS)}).read_bytes()
    else:
        content = archive("liste.csv", GOOD.encode())
    uuid = world.upload(content, template_id=world.template(MAPPING).id, auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert (job.status, job.last_error) == (JobStatus.COMPLETED, None)
    assert (job.total_rows, job.products_created, job.failed_rows) == (3, 3, 0)
    assert job.file_type == ("csv" if kind == "zip" else kind)
    assert world.titles() == TITLES
    assert world.rows("select ean, price::float from products order by ean") == [
        ("3017620422003", 3.49),
        ("4006381333931", 1.95),
        ("5449000000996", 0.89),
    ]


def test_error_cell_is_a_warning_and_the_field_keeps_its_value(world: World) -> None:
    template = world.template(MAPPING).id
    world.run(world.upload(workbook(ROWS), template_id=template, auto_process=True))
    changed = [row[:] for row in ROWS]
    changed[1][2], changed[2][2] = "#N/A", 9.99
    uuid = world.upload(workbook(changed, ("C2",)), template_id=template, auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert (job.status, job.products_updated, job.failed_rows) == (JobStatus.COMPLETED, 3, 0)
    assert world.rows("select price::float from products order by ean") == [(9.99,), (1.95,), (0.89,)]
    assert world.rows("select row_number, severity, error_type, field, raw_value from import_errors") == [
        (1, "w", "cell_error", "price", "#N/A")
    ]


def test_analysis_names_the_sheets_and_an_option_chooses_one(world: World) -> None:
    uuid = world.upload(workbook(ROWS), import_options={"sheet": "1"})

    world.run(uuid)

    analysis = world.job(uuid).analysis
    assert analysis is not None
    assert (analysis["sheet"], analysis["sheets"]) == ("Sheet", ["Sheet", "Produits"])
    assert (analysis["format"], analysis["encoding"], analysis["total_rows"]) == ("xlsx", None, 1)


def test_unknown_sheet_fails_the_job_with_the_sheets_there_are(world: World) -> None:
    uuid = world.upload(workbook(ROWS), import_options={"sheet": "Prix"})

    world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.FAILED
    assert job.last_error == "The workbook has no sheet “Prix”; it has “Sheet”, “Produits”."


@pytest.mark.skipif(not DATA.exists(), reason=f"no real product files in {DATA}")
def test_a_real_list_gives_the_same_products_as_csv_and_as_workbook(world: World) -> None:
    expected = json.loads((DATA / "gr-cosmetics-workbook.expect.json").read_text())
    template = world.template(expected["column_mapping"]).id
    products = "select ean, title, brand_name, cost_price::float, image_url, category from products order by ean"

    world.run(world.upload((DATA / "gr-cosmetics.csv").read_bytes(), template_id=template, auto_process=True))
    from_text = world.rows(products)
    uuid = world.upload((DATA / "gr-cosmetics-workbook.xlsx").read_bytes(), template_id=template, auto_process=True)
    world.run(uuid)

    job = world.job(uuid)
    assert (job.status, job.products_created, job.products_updated) == (JobStatus.COMPLETED, 0, 368)
    assert len(from_text) == expected["distinct_valid_eans"] == 368
    assert world.rows(products) == from_text
