"""What kinds of files an upload takes, and what it says of the others; a mapping for a workbook's sheet."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from api_client import CSV, Client, check_problem
from workbooks import ods_rows, write_ods, write_xls

ROWS: list[list[str | float | None]] = [["EAN", "Title", "Price"], [4006381333931, "Pen", 1.95]]


def content_of(kind: str, folder: Path) -> bytes:
    if kind == "ods":
        return write_ods(folder / "list", {"Products": ods_rows(ROWS)}).read_bytes()
    if kind == "xls":
        return write_xls(folder / "list", ROWS).read_bytes()
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.covers("POST /imports/upload", "sheet")
@pytest.mark.parametrize("packing", ["plain", "gzip", "zip"])
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv"])
def test_file_type_is_that_of_the_unpacked_content(client: Client, tmp_path: Path, kind: str, packing: str) -> None:
    content = CSV if kind == "csv" else content_of(kind, tmp_path)
    if packing == "gzip":
        content = gzip.compress(content)
    elif packing == "zip":
        content = archive({"list.bin": content})

    answer = client.upload(content, "list.csv", sheet="Products")

    assert answer.status_code == 202
    assert answer.json()["file_type"] == kind
    assert client.job(answer.json()["id"]).import_options == {"sheet": "Products"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive({"a.csv": CSV, "b.csv": CSV}), "2 files (a.csv, b.csv)"),
        (archive({"inner.zip": archive({"a.csv": CSV})}), "archive inside an archive"),
        (archive({"[Content_Types].xml": b"", "word/document.xml": b""}), "Word document"),
    ],
)
def test_what_is_no_product_list_is_415_with_what_was_found(client: Client, content: bytes, words: str) -> None:
    problem = check_problem(client.upload(content, "list.xlsx"), 415, "UNSUPPORTED_FORMAT")

    assert words in problem["detail"]
    assert client.stored_files() == []


def workbook_job(client: Client) -> str:
    analysis: dict[str, Any] = {"columns": ["EAN", "Title"], "sheet": "Products", "sheets": ["Prices", "Products"]}
    return str(client.make_job("awaiting_mapping", analysis=analysis).uuid)


@pytest.mark.parametrize("sheet", ["Products", "products", 2, "2"])
def test_mapping_may_name_the_sheet_that_was_read(client: Client, sheet: str | int) -> None:
    body = {"column_mapping": {"EAN": "ean"}, "import_options": {"sheet": sheet}}

    answer = client.post(f"/imports/{workbook_job(client)}/save-mapping", json=body)

    assert answer.status_code == 200
    assert answer.json()["import_options"] == {"sheet": sheet}


def test_mapping_for_a_sheet_that_is_not_there_is_422(client: Client) -> None:
    body = {"column_mapping": {"EAN": "ean"}, "import_options": {"sheet": "Stock"}}

    answer = client.post(f"/imports/{workbook_job(client)}/save-mapping", json=body)

    problem = check_problem(answer, 422, "VALIDATION_ERROR")
    assert [(item["field"], item["code"]) for item in problem["errors"]] == [("import_options.sheet", "unknown_sheet")]
    assert 'it has "Prices", "Products"' in problem["detail"]


def test_mapping_for_another_sheet_has_that_read_first(client: Client) -> None:
    uuid = workbook_job(client)
    body = {"column_mapping": {"Code": "ean"}, "import_options": {"sheet": 1}}

    answer = client.post(f"/imports/{uuid}/save-mapping", json=body)

    assert (answer.status_code, answer.json()["status"]) == (200, "pending")  # Dagster is away
    assert client.job(uuid).column_mapping == {"Code": "ean"}
