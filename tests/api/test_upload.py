"""POST /imports/upload: the form, the file, the fields, and what is left behind when any of it is wrong."""

import hashlib

import httpx
import pytest
from api_client import CSV, MAPPING, Client, check_problem

from pim_pipelines.store import suppliers, templates

covers = pytest.mark.covers
UPLOAD = "POST /imports/upload"


def form(*parts: bytes, boundary: str = "XX") -> tuple[bytes, dict[str, str]]:
    """Return a form's body and its header."""
    lines = b"".join(b"--XX\r\n" + part + b"\r\n" for part in parts)
    return lines + b"--XX--\r\n", {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def file_part(content: bytes = CSV, name: bytes = b"catalog.csv", field: bytes = b"file") -> bytes:
    return b'Content-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s' % (field, name, content)


def field_part(name: bytes, value: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (name, value)


def send(client: Client, *parts: bytes) -> httpx.Response:
    body, headers = form(*parts)
    return client.post("/imports/upload", content=body, headers=headers)


@covers(UPLOAD, "file", "supplier_code", "response.*")
def test_upload_answers_202_with_location_and_exactly_the_documented_fields(client: Client) -> None:
    answer = client.upload(supplier_code="SUPPLIER_A")

    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/v1/imports/{body['id']}"
    assert list(body) == ["id", "status", "file_name", "file_type", "supplier_code", "created_at"]
    assert (body["file_name"], body["file_type"], body["supplier_code"]) == ("catalog.csv", "csv", "SUPPLIER_A")
    assert len(body["created_at"]) == len("2026-03-15T09:00:00Z")


def test_upload_while_dagster_is_away_waits_as_pending(client: Client) -> None:
    body = client.upload().json()

    job = client.job(body["id"])
    assert body["status"] == "pending"
    assert (job.status, job.run_id) == ("pending", None)


def test_uploaded_bytes_are_stored_as_they_came_with_their_hash_and_size(client: Client) -> None:
    content = CSV + b"4006381333931;\xff\x00;1\r\n" * 5000

    body = client.upload(content).json()

    job = client.job(body["id"])
    assert (client.files / job.source_key).read_bytes() == content
    assert job.file_sha256 == hashlib.sha256(content).digest()
    assert job.file_size == len(content)
    assert client.stored_files() == [client.files / job.source_key]


def test_fields_may_stand_before_and_after_the_file(client: Client) -> None:
    answer = send(client, field_part(b"supplier_code", b"BEFORE"), file_part(), field_part(b"skip_header_rows", b"3"))

    assert answer.json()["supplier_code"] == "BEFORE"
    assert client.job(answer.json()["id"]).import_options == {"skip_header_rows": 3}


@covers(
    UPLOAD,
    "import_type default manual",
    "auto_process default false",
    "skip_header_rows default 0",
    "template_id default none",
)
def test_defaults_of_an_upload(client: Client) -> None:
    job = client.job(client.upload().json()["id"])

    assert (job.import_type, job.auto_process, job.supplier_code) == ("manual", False, None)
    assert (job.template_id, job.import_options, job.validation_rules) == (None, {}, {})


def test_blank_fields_count_as_left_out(client: Client) -> None:
    answer = client.upload(supplier_code="", supplier_id=" ", template_id="", auto_process="", skip_header_rows="")

    assert answer.status_code == 202
    assert answer.json()["supplier_code"] is None


@covers(UPLOAD, "auto_process")
@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("TRUE", True), ("1", True), ("yes", True), ("on", True), ("false", False), ("0", False)],
)
def test_auto_process_takes_the_usual_booleans(client: Client, text: str, value: bool) -> None:
    assert client.job(client.upload(auto_process=text).json()["id"]).auto_process is value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("auto_process", "perhaps"),
        ("skip_header_rows", "-1"),
        ("skip_header_rows", "two"),
        ("skip_header_rows", "9" * 5000),
        ("supplier_id", "not-a-uuid"),
        ("supplier_id", "6d5aa20a-feb9-4402-a01e-89bf691f40e8"),
        ("template_id", "x"),
        ("template_id", "6d5aa20a-feb9-4402-a01e-89bf691f40e8"),
        ("import_type", "x" * 65),
        ("import_type", "a\0b"),
        ("supplier_code", "x" * 101),
        ("supplier_code", "a\0b"),
        ("supplier_code", "a\tb"),
        ("supplier_code", "a...b"),
        ("sheet", "x" * 300),
    ],
)
def test_a_wrong_field_is_422_names_it_and_leaves_nothing(client: Client, field: str, value: str) -> None:
    answer = client.upload(**{field: value})

    problem = check_problem(answer, 422, "VALIDATION_ERROR")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert client.stored_files() == []
    assert client.get("/imports").json()["meta"]["total"] == 0


@covers(UPLOAD, "import_type")
def test_import_type_may_be_any_text_of_64_characters(client: Client) -> None:
    assert client.job(client.upload(import_type="é" * 64).json()["id"]).import_type == "é" * 64


def test_a_new_supplier_code_makes_the_supplier_and_a_known_one_is_used(client: Client) -> None:
    client.upload(supplier_code="NEW")
    client.upload(supplier_code=" NEW ")

    with client.connect() as conn:
        found, total = suppliers.list_page(conn, client.tenant_id, limit=10, offset=0)
    assert (total, found[0].code) == (1, "NEW")


@covers(UPLOAD, "supplier_id", "supplier_code")
def test_supplier_by_id_and_the_same_by_both_fields(client: Client) -> None:
    with client.connect() as conn:
        supplier = suppliers.ensure(conn, client.tenant_id, "A")

    by_id = client.upload(supplier_id=str(supplier.uuid))
    by_both = client.upload(supplier_id=str(supplier.uuid), supplier_code="A")
    by_two = client.upload(supplier_id=str(supplier.uuid), supplier_code="B")

    assert by_id.json()["supplier_code"] == "A"
    assert by_both.status_code == 202
    check_problem(by_two, 422, "VALIDATION_ERROR")


@covers(UPLOAD, "template_id", "skip_header_rows")
def test_a_template_gives_its_rules_and_options_and_the_requests_own_win(client: Client) -> None:
    with client.connect() as conn:
        template = templates.insert(
            conn,
            client.tenant_id,
            name="t",
            supplier_id=None,
            column_mapping=dict(MAPPING),
            validation_rules={"price": {"min": 0}},
            import_options={"skip_header_rows": 2, "overwrite_existing": False},
        )

    job = client.job(client.upload(template_id=str(template.uuid), skip_header_rows="0").json()["id"])

    assert job.template_uuid == template.uuid
    assert job.validation_rules == {"price": {"min": 0}}
    assert job.import_options == {"skip_header_rows": 0, "overwrite_existing": False}


def test_a_supplier_or_template_of_another_tenant_is_unknown(client: Client, new_client) -> None:
    other = new_client("other")
    with other.connect() as conn:
        supplier = suppliers.ensure(conn, other.tenant_id, "A")

    check_problem(client.upload(supplier_id=str(supplier.uuid)), 422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../x.csv", "x.csv"),
        ("C:\\\\secret\\\\x.csv", "x.csv"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        ("a\x00b.csv", "ab.csv"),
        ("liste\u202evsc.exe.csv", "listevsc.exe.csv"),
        ("Prix été 2026.csv", "Prix été 2026.csv"),
        ("x" * 1000 + ".csv", "x" * 251 + ".csv"),
        ("\ud83d\ude00.csv".encode("utf-16", "surrogatepass").decode("utf-16"), "😀.csv"),
    ],
)
def test_hostile_file_names_become_safe_ones_that_no_key_is_made_of(client: Client, sent: str, shown: str) -> None:
    answer = send(client, file_part(name=sent.encode()))

    job = client.job(answer.json()["id"])
    assert job.file_name == shown
    assert client.stored_files() == [client.files / f"{client.tenant_id}/{job.uuid}/source"]


def test_a_name_in_latin_1_is_read(client: Client) -> None:
    answer = send(client, file_part(name="été.csv".encode("latin-1")))

    assert answer.json()["file_name"] == "été.csv"


def test_a_form_without_a_file_is_422(client: Client) -> None:
    problem = check_problem(send(client, field_part(b"supplier_code", b"A")), 422, "VALIDATION_ERROR")

    assert problem["errors"][0]["field"] == "file"


@pytest.mark.parametrize(
    "parts",
    [
        (file_part(), file_part()),
        (file_part(), file_part(field=b"other")),
        (field_part(b"file", b"just text"),),
        (file_part(), field_part(b"supplier_code", b"A"), field_part(b"supplier_code", b"B")),
        (file_part(), field_part(b"supplier_code", b"\xff\xfe")),
        (file_part(), field_part(b"supplier_code", b"x" * 70_000)),
        (file_part(), *(field_part(b"f%d" % number, b"") for number in range(200))),
        (b"X-No-Disposition: 1\r\n\r\ndata",),
    ],
    ids=["two", "other", "text", "twice", "encoding", "long", "many", "headless"],
)
def test_forms_that_are_wrong_are_422_and_leave_nothing(client: Client, parts: tuple[bytes, ...]) -> None:
    check_problem(send(client, *parts), 422, "VALIDATION_ERROR")

    assert client.stored_files() == []


@pytest.mark.parametrize(
    "body", [b"", b"--XX", b"--XX\r\n" + file_part(), b"garbage", b"--YY\r\n" + file_part() + b"\r\n--YY--\r\n"]
)
def test_a_form_that_is_not_whole_is_422_and_leaves_nothing(client: Client, body: bytes) -> None:
    answer = client.post("/imports/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=XX"})

    check_problem(answer, 422, "VALIDATION_ERROR")
    assert client.stored_files() == []


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/csv", "multipart/mixed", ""]
)
def test_another_content_type_is_415(client: Client, content_type: str) -> None:
    answer = client.post("/imports/upload", content=CSV, headers={"Content-Type": content_type})

    check_problem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("boundary", ["", "x" * 500])
def test_a_boundary_that_is_none_is_422(client: Client, boundary: str) -> None:
    header = f"multipart/form-data; boundary={boundary}"
    answer = client.post("/imports/upload", content=b"", headers={"Content-Type": header})

    check_problem(answer, 422, "VALIDATION_ERROR")


def test_an_empty_file_is_422(client: Client) -> None:
    problem = check_problem(client.upload(b""), 422, "FILE_EMPTY")

    assert problem["errors"][0]["field"] == "file"
    assert client.stored_files() == []


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"<!DOCTYPE html><html><body>Login</body></html>", b"\x89PNG\r\n\x1a\n"],
)
def test_a_file_of_no_known_format_is_415_whatever_its_name(client: Client, content: bytes) -> None:
    check_problem(client.upload(content, "catalog.csv"), 415, "UNSUPPORTED_FORMAT")

    assert client.stored_files() == []


def test_the_parts_own_content_type_is_ignored(client: Client) -> None:
    answer = client.post("/imports/upload", files={"file": ("catalog.csv", CSV, "application/pdf")})

    assert answer.status_code == 202


def test_a_file_over_the_limit_is_413_and_leaves_nothing(client: Client) -> None:
    check_problem(client.upload(CSV + b"x" * 1_000_000), 413, "FILE_TOO_LARGE")

    assert client.stored_files() == []


def test_a_file_of_exactly_the_limit_is_taken(client: Client) -> None:
    content = CSV + b"4006381333931;a;1\n" * 60_000

    assert client.upload(content[:1_000_000]).status_code == 202


def test_a_length_that_says_too_much_is_413_at_once(client: Client) -> None:
    body, headers = form(file_part())

    answer = client.post("/imports/upload", content=body, headers=headers | {"Content-Length": str(3 * 1024**3)})

    check_problem(answer, 413, "FILE_TOO_LARGE")


class TestIdempotencyKey:
    """The same key with the same fields and file makes one job."""

    @covers(UPLOAD, "Idempotency-Key")
    def test_the_first_answer_comes_again(self, client: Client) -> None:
        first = client.upload(headers={"Idempotency-Key": "k"}, supplier_code="A")
        second = client.upload(headers={"Idempotency-Key": "k"}, supplier_code="A", name="other name.csv")

        assert second.status_code == 202
        assert second.json() == first.json()
        assert second.headers["idempotency-replayed"] == "true"
        assert second.headers["location"] == first.headers["location"]
        assert client.get("/imports").json()["meta"]["total"] == 1
        assert len(client.stored_files()) == 1

    def test_other_fields_or_another_file_are_422(self, client: Client) -> None:
        client.upload(headers={"Idempotency-Key": "k"}, supplier_code="A")

        other_field = client.upload(headers={"Idempotency-Key": "k"}, supplier_code="B")
        other_file = client.upload(CSV + b"x;y;z\n", headers={"Idempotency-Key": "k"}, supplier_code="A")

        check_problem(other_field, 422, "IDEMPOTENCY_KEY_REUSED")
        check_problem(other_file, 422, "IDEMPOTENCY_KEY_REUSED")
        assert len(client.stored_files()) == 1

    def test_a_key_older_than_24_hours_is_new(self, client: Client) -> None:
        first = client.upload(headers={"Idempotency-Key": "k"})
        with client.connect() as conn:
            conn.execute(
                "update idempotency_keys set created_at = now() - interval '25 hours' where tenant_id = %s",
                (client.tenant_id,),
            )

        second = client.upload(headers={"Idempotency-Key": "k"})

        assert second.json()["id"] != first.json()["id"]

    def test_keys_of_two_tenants_are_apart(self, client: Client, new_client) -> None:
        first = client.upload(headers={"Idempotency-Key": "k"})
        other = new_client("other").upload(headers={"Idempotency-Key": "k"})

        assert other.json()["id"] != first.json()["id"]

    def test_a_deleted_job_frees_its_key(self, client: Client) -> None:
        first = client.upload(headers={"Idempotency-Key": "k"})
        client.ask("DELETE", f"/imports/{first.json()['id']}")

        assert client.upload(headers={"Idempotency-Key": "k"}).json()["id"] != first.json()["id"]

    def test_an_upload_that_was_refused_does_not_take_the_key(self, client: Client) -> None:
        client.upload(b"", headers={"Idempotency-Key": "k"})

        assert client.upload(headers={"Idempotency-Key": "k"}).status_code == 202

    def test_a_key_that_is_too_long_is_422(self, client: Client) -> None:
        check_problem(client.upload(headers={"Idempotency-Key": "k" * 256}), 422, "VALIDATION_ERROR")
