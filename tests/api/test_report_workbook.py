"""GET …/report?format=xlsx: the rows of the file with the errors beside them."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import polars as pl
import pytest
from api_client import Client, check_problem

from api import report_workbooks
from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.report import workbook, xlsx
from pim_pipelines.store.jobs import Job

covers = pytest.mark.covers
REPORT = "GET /imports/{import_id}/report"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = 'EAN;Titre;Prix\n0012345678905;"Stylo ""x"" & <b>";1,95\n123;=1+1;-5\n3017620422003;;abc\n'
MAPPING = {"EAN": "ean", "Titre": "title", "Prix": "price"}
Found = tuple[int, str, str | None, str]
ERRORS: list[Found] = [
    (1, "w", "price", "Odd"),
    (2, "e", "ean", "EAN checksum invalid"),
    (3, "w", "price", "Not a number"),
    (3, "e", None, "Odd"),
]
OURS = ["import_errors", "import_warnings", "import_row"]
FAILED = [
    ["123", "=1+1", "-5", "ean: EAN checksum invalid", None, "2"],
    ["3017620422003", None, "abc", "Odd (raw)", "price: Not a number", "3"],
]


def read_job(client: Client, content: str = FILE, errors: Sequence[Found] = ERRORS, **columns: Any) -> Job:
    """Make a job whose file has been read, with errors."""
    job = client.make_job("completed", column_mapping=MAPPING, **columns)
    source = client.files / job.source_key
    source.write_bytes(content.encode())
    skip = job.import_options.get("skip_header_rows", 0)
    table = normalise(source, "catalog.csv", client.files / job.rows_key, ReadOptions(skip_header_rows=skip))
    with client.connect() as conn, conn.cursor() as cursor:
        cursor.execute(
            "update import_jobs set analysis = jsonb_build_object('columns', %s::text[]) where id = %s",
            (table.columns, job.id),
        )
        cursor.executemany(
            "insert into import_errors (import_id, row_number, n, severity, error_type, field, message, raw_value) "
            "values (%s, %s, %s, %s, 'ean_invalid', %s, %s, 'raw')",
            [(job.id, row, n, *rest) for n, (row, *rest) in enumerate(errors)],
        )
    return client.job(job.uuid)


def sheet(client: Client, job: Job, query: str = "") -> Any:
    """Return the active sheet of the report."""
    answer = client.get(f"/imports/{job.uuid}/report?format=xlsx{query}")
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.content)).active


def values(shown: Any) -> list[list[str | None]]:
    return [[cell.value for cell in row] for row in shown.iter_rows()]


def made(client: Client, job: Job, tmp_path: Path, *, only_failed: bool = False) -> list[list[str | None]]:
    """Return what the maker makes of a job, in this process."""
    services = client.http.app.state.services
    told = io.StringIO("".join(report_workbooks._told(services, job, only_failed=only_failed)))
    workbook.make(tmp_path / "report.xlsx", client.files / job.rows_key, told)
    return values(openpyxl.load_workbook(tmp_path / "report.xlsx").active)


@covers(REPORT, "import_id", "format", "rows")
def test_the_rows_that_failed_come_back_with_what_is_wrong_beside_them(client: Client) -> None:
    answer = client.get(f"/imports/{read_job(client).uuid}/report?format=xlsx&rows=failed")

    shown = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert values(shown) == [["EAN", "Titre", "Prix", *OURS], *FAILED]
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"].startswith('attachment; filename="catalog.csv-errors.xlsx"')
    assert int(answer.headers["content-length"]) == len(answer.content)
    cells = [cell for row in shown.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}  # no number, and no formula
    assert {cell.number_format for cell in cells} == {"@"}  # nor does one become it when it is edited
    coloured = {cell.coordinate: cell.fill.fgColor.rgb for cell in cells if cell.fill.fill_type}
    assert coloured == {"A2": "FFFFC7CE", "C3": "FFFFEB9C"}
    assert (shown.freeze_panes, shown.auto_filter.ref) == ("A2", "A1:F3")


def test_all_rows_come_where_they_are_asked_for(client: Client) -> None:
    shown = values(sheet(client, read_job(client), "&rows=all"))

    assert shown[1:] == [["0012345678905", 'Stylo "x" & <b>', "1,95", None, "price: Odd", "1"], *FAILED]


@pytest.mark.parametrize(
    ("status", "options", "expected"),
    [
        ("completed", {}, True),
        ("failed", {}, False),
        ("cancelled", {}, False),
        ("completed", {"deactivate_missing": True}, False),
    ],
)
def test_rows_that_will_be_needed_again_come_unasked(
    client: Client, status: str, options: dict[str, Any], expected: bool
) -> None:
    job = client.make_job(status, import_options=options)

    assert report_workbooks.has_loaded_the_rest(client.job(job.uuid)) is expected


def test_rows_that_stood_above_the_header_are_there_again(client: Client, tmp_path: Path) -> None:
    job = read_job(client, "Preisliste 2026\n\n" + FILE, import_options={"skip_header_rows": 2})

    shown = made(client, job, tmp_path)

    assert (shown[2][0], shown[3][0], len(shown)) == ("EAN", "0012345678905", 6)


def test_what_an_earlier_report_said_is_not_said_again(client: Client, tmp_path: Path) -> None:
    earlier = f"EAN;Titre;{';'.join(OURS)}\n4006381333931;Stylo;ean: bad;x;7\n"

    assert made(client, read_job(client, earlier, []), tmp_path) == [
        ["EAN", "Titre", *OURS],
        ["4006381333931", "Stylo", None, None, "1"],
    ]


def test_odd_texts_come_back_as_they_are(client: Client, tmp_path: Path) -> None:
    texts = ["_x000D_ _x0041_", "\u00e9\U0001f600", "a\tb", "]]>", "&amp; b", "'x", "=cmd A0!x", "+1", "@x"]
    rows = "".join(f"{number};{text}\n" for number, text in enumerate(texts, start=100))
    job = read_job(client, f"EAN|Titre\n{rows}".replace(";", "|").replace("&amp|", "&amp;"), [])
    made(client, job, tmp_path)

    table = normalise(tmp_path / "report.xlsx", "report.xlsx", tmp_path / "rows.parquet", ReadOptions())

    again = pl.read_parquet(tmp_path / "rows.parquet")["c1"].to_list()
    assert table.columns == ["EAN", "Titre", *OURS]
    assert again == pl.read_parquet(client.files / job.rows_key)["c1"].to_list() == texts


def test_numbers_are_read_alone_as_they_were_among_all_rows(client: Client, tmp_path: Path) -> None:
    prices = ["1,95", "1.234", "1,234 EUR", "12", "1.234,50", "x.y"]
    rows = "".join(f"{number};t;{price}\n" for number, price in enumerate(prices))
    job = read_job(client, f"EAN;Titre;Prix\n{rows}", [(2, "e", "ean", "bad")])

    shown = [row[2] for row in made(client, job, tmp_path)[1:]]

    assert shown == ["1,95", "1234", "1,2340 EUR", "12", "1.234,50", "x.y"]


def test_a_text_too_long_for_a_cell_is_left_out_and_said_so(client: Client, tmp_path: Path) -> None:
    job = read_job(client, f"EAN;Titre\n123;{'x' * 32_768}\n124;{'y' * 32_767}\n", [])

    _, first, second = made(client, job, tmp_path)

    assert (first[1], second[1]) == (None, "y" * 32_767)
    assert str(first[3]).startswith("Titre: the text is longer")


def test_where_not_all_rows_fit_those_that_failed_come(client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    job = read_job(client, "EAN;Titre\n" + "".join(f"{row};t{row}\n" for row in range(1, 11)))
    monkeypatch.setattr(xlsx, "MOST_ROWS", 10)

    shown = made(client, job, tmp_path)

    assert [row[1] for row in shown] == ["Titre", "t2", "t3"]


def test_an_input_that_breaks_off_makes_no_workbook(client: Client, tmp_path: Path) -> None:
    job = read_job(client)
    lines = list(report_workbooks._told(client.http.app.state.services, job, only_failed=True))

    for kept in (lines[:-1], lines[:1], [*lines[:-1], "[3, "], []):
        with pytest.raises(EOFError):
            workbook.make(tmp_path / "report.xlsx", client.files / job.rows_key, io.StringIO("".join(kept)))


def test_a_job_whose_file_was_not_read_is_409(client: Client) -> None:
    for job in (client.make_job("pending"), client.make_job("failed")):
        check_problem(client.get(f"/imports/{job.uuid}/report?format=xlsx"), 409, "FILE_NOT_READ")


def test_a_report_that_cannot_be_made_is_500_without_the_reason(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    job = read_job(client)
    (client.files / job.rows_key).write_bytes(b"no parquet")

    problem = check_problem(client.get(f"/imports/{job.uuid}/report?format=xlsx"), 500, "INTERNAL_ERROR")

    assert "arquet" not in problem["detail"]
    assert "arquet" in caplog.text


def test_too_many_at_once_wait_and_are_told_to_come_again(client: Client, monkeypatch: Any) -> None:
    job = read_job(client)
    monkeypatch.setattr(report_workbooks, "WAIT_SECONDS", 0.05)
    for _ in range(report_workbooks.AT_ONCE):
        assert report_workbooks._slots.acquire(timeout=1)
    try:
        answer = client.get(f"/imports/{job.uuid}/report?format=xlsx")
    finally:
        for _ in range(report_workbooks.AT_ONCE):
            report_workbooks._slots.release()

    check_problem(answer, 503, "REPORT_BUSY")
    assert answer.headers["retry-after"]
    assert client.get(f"/imports/{job.uuid}/report?format=xlsx").status_code == 200


def test_one_that_takes_too_long_is_stopped(client: Client, monkeypatch: Any) -> None:
    job = read_job(client)
    monkeypatch.setattr(report_workbooks, "DEADLINE_SECONDS", 0.01)

    check_problem(client.get(f"/imports/{job.uuid}/report?format=xlsx"), 500, "INTERNAL_ERROR")


def test_nothing_is_left_on_the_disk(client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    sheet(client, read_job(client))

    assert list(tmp_path.iterdir()) == []


def test_an_unknown_job_is_404(client: Client, new_client: Any) -> None:
    for uuid in (read_job(new_client("other")).uuid, uuid4()):
        check_problem(client.get(f"/imports/{uuid}/report?format=xlsx"), 404, "NOT_FOUND")
