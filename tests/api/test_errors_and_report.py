"""The errors of a job: the list, its filters, and the report."""

import csv
import io

import pytest
from api_client import Client, check_problem
from claims import queries

from pim_pipelines.store.jobs import Job

covers = pytest.mark.covers
LIST, REPORT = "GET /imports/{import_id}/errors", "GET /imports/{import_id}/report"

ERRORS = [
    (42, 0, "e", "ean_invalid", "ean", "EAN checksum invalid (expected 13 digits)", "123ABC7890"),
    (7, 0, "w", "number_invalid", "price", "Not a number: 100% sure_thing", "abc"),
    (7, 1, "e", "missing_required_field", "title", "Le titre manque: É", None),
    (9, 0, "e", "row_malformed", None, "Too many cells", '=cmd|"/c calc"!A1'),
]


@pytest.fixture
def job(client: Client) -> Job:
    """A failed job with errors."""
    made = client.make_job("failed")
    with client.connect() as conn, conn.cursor() as cursor:
        cursor.executemany(
            "insert into import_errors (import_id, row_number, n, severity, error_type, field, message, raw_value) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(made.id, *error) for error in ERRORS],
        )
    return made


def rows(client: Client, job: Job, query: str = "") -> list[tuple[int, str]]:
    """Return what a list shows, as row numbers and types."""
    items = client.get(f"/imports/{job.uuid}/errors{query}").json()["items"]
    return [(item["row_number"], item["error_type"]) for item in items]


@covers(LIST, "import_id", "response.*", "page default 1", "per_page default 50")
def test_errors_come_by_row_with_the_documented_fields(client: Client, job: Job) -> None:
    body = client.get(f"/imports/{job.uuid}/errors").json()

    last = body["items"][-1]
    assert [item["row_number"] for item in body["items"]] == [7, 7, 9, 42]
    created_at = last.pop("created_at")
    assert created_at.endswith("Z")
    assert last == {
        "row_number": 42,
        "severity": "error",
        "error_type": "ean_invalid",
        "field": "ean",
        "message": "EAN checksum invalid (expected 13 digits)",
        "raw_value": "123ABC7890",
    }
    assert (body["meta"]["per_page"], body["meta"]["total"]) == (50, 4)


@pytest.mark.parametrize(
    ("query", "expected"),
    queries(
        LIST,
        ("?severity=warning", [(7, "number_invalid")]),
        ("?severity=error&error_type=ean_invalid", [(42, "ean_invalid")]),
        ("?error_type=date_invalid", []),
        ("?search=CHECKSUM", [(42, "ean_invalid")]),
        ("?search=é", [(7, "missing_required_field")]),
        ("?search=100%25 sure_", [(7, "number_invalid")]),
        ("?search=_", [(7, "number_invalid")]),
        ("?search=123ABC7890", []),
        ("?page=2&per_page=3", [(42, "ean_invalid")]),
        ("?page=9", []),
    ),
)
def test_filters(client: Client, job: Job, query: str, expected: list[tuple[int, str]]) -> None:
    assert rows(client, job, query) == expected


@pytest.mark.parametrize(
    "query", ["error_type=typo", "severity=fatal", "per_page=201", "per_page=0", "page=0", "search=a%00b"]
)
def test_a_wrong_parameter_is_422(client: Client, job: Job, query: str) -> None:
    problem = check_problem(client.get(f"/imports/{job.uuid}/errors?{query}"), 422, "VALIDATION_ERROR")

    assert problem["errors"][0]["field"] == query.partition("=")[0]


def test_a_job_before_processing_has_none(client: Client) -> None:
    job = client.make_job("ready")

    assert client.get(f"/imports/{job.uuid}/errors?per_page=200").json()["items"] == []


@covers(REPORT, "import_id", "format default csv")
def test_the_report_is_csv_with_a_bom_and_harmless_cells(client: Client, job: Job) -> None:
    answer = client.get(f"/imports/{job.uuid}/report")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="catalog.csv-errors.csv"')
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["row_number", "severity", "error_type", "field", "message", "raw_value"]
    assert lines[1] == ["7", "warning", "number_invalid", "price", "Not a number: 100% sure_thing", "abc"]
    assert lines[3] == ["9", "error", "row_malformed", "", "Too many cells", '\'=cmd|"/c calc"!A1']
    assert len(lines) == 5


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_a_spreadsheet_would_run_begin_with_an_apostrophe(client: Client, start: str) -> None:
    job = client.make_job("failed")
    with client.connect() as conn:
        conn.execute(
            "insert into import_errors (import_id, row_number, n, severity, error_type, message, raw_value) "
            "values (%s, 1, 0, 'e', 'ean_invalid', 'bad', %s)",
            (job.id, f"{start}1+1"),
        )

    answer = client.get(f"/imports/{job.uuid}/report")

    cells = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert cells[1][-1] == f"'{start}1+1"


def test_a_long_report_is_whole_and_in_order(client: Client) -> None:
    job = client.make_job("failed")
    with client.connect() as conn:
        conn.execute(
            "insert into import_errors (import_id, row_number, n, severity, error_type, message) "
            "select %s, i / 2, i %% 2, 'e', 'ean_invalid', 'bad' from generate_series(2, 12001) i",
            (job.id,),
        )

    lines = client.get(f"/imports/{job.uuid}/report").text.splitlines()

    numbers = [int(line.split(",")[0]) for line in lines[1:]]
    assert len(numbers) == 12_000
    assert numbers == sorted(numbers)


def test_a_report_without_errors_is_its_header(client: Client) -> None:
    job = client.make_job("completed")

    assert client.get(f"/imports/{job.uuid}/report").text.count("\r\n") == 1


def test_the_name_of_a_report_may_be_any(client: Client) -> None:
    job = client.make_job("completed", file_name='Prix "été" 2026.csv')

    disposition = client.get(f"/imports/{job.uuid}/report").headers["content-disposition"]

    assert disposition == (
        'attachment; filename="Prix __t__ 2026.csv-errors.csv"; '
        "filename*=UTF-8''Prix%20%22%C3%A9t%C3%A9%22%202026.csv-errors.csv"
    )


@pytest.mark.parametrize("wanted", ["XLSX", "pdf", ""])
def test_another_format_is_422(client: Client, job: Job, wanted: str) -> None:
    check_problem(client.get(f"/imports/{job.uuid}/report?format={wanted}"), 422, "VALIDATION_ERROR")
