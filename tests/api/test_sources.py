"""POST /imports/upload-from-url and /import/ftp, /sftp, /email: what is answered, kept, and never given back."""

import json
from typing import Any
from uuid import uuid4

import pytest
from api_client import CSV, MAPPING, Client, check_problem

from pim_pipelines.secret_box import SecretBox
from pim_pipelines.store import fetches, suppliers, templates

covers = pytest.mark.covers
URL = "POST /imports/upload-from-url"
FTP = "POST /imports/import/ftp"
SFTP = "POST /imports/import/sftp"
EMAIL = "POST /imports/import/email"
FERNET = "xJ8a1Z6bC4k2Nn3vR5tY7uI9oP0aS1dF2gH3jK4lZ5Q="

FTP_BODY = {"host": "ftp.supplier.com", "port": 21, "username": "ftpuser", "password": "s3cr3t",
            "directory_path": "/exports", "file_pattern": "products_*.csv", "supplier_code": "SUPPLIER_A"}  # fmt: skip
SFTP_BODY = {"host": "sftp.supplier.com", "username": "sftpuser", "key_file_path": "/keys/supplier_rsa",
             "directory_path": "/exports", "supplier_code": "SUPPLIER_A"}  # fmt: skip
EMAIL_BODY = {"imap_host": "imap.supplier.com", "email": "orders@shop.com", "password": "s3cr3t", "folder": "INBOX",
              "sender_filter": "export@supplier.com", "supplier_code": "SUPPLIER_A"}  # fmt: skip
URL_BODY = {"url": "https://supplier.com/exports/products.csv"}
BODIES: dict[str, dict[str, Any]] = {"upload-from-url": URL_BODY, "import/ftp": FTP_BODY, "import/sftp": SFTP_BODY,
                                     "import/email": EMAIL_BODY}  # fmt: skip
PENDING = ["id", "status", "supplier_code", "created_at"]


@pytest.fixture
def client(new_client: Any) -> Client:
    """A client of an API that can encrypt."""
    found: Client = new_client(secret_key=FERNET, egress_allow="mail.intern")
    return found


def send(client: Client, what: str, body: dict[str, Any], **kwargs: Any) -> Any:
    return client.post(f"/imports/{what}", json=body, **kwargs)


def row(client: Client, job_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a job's row has of its source, and the secrets in it, opened."""
    job = client.job(job_id)
    with client.connect() as conn:
        sealed = fetches.sealed(conn, job.uuid)
    assert job.source is not None
    return job.source, SecretBox(FERNET).open(sealed) if sealed else {}


@covers(URL, "url", "supplier_id", "response.*")
def test_upload_from_url_answers_as_the_page_says(client: Client) -> None:
    with client.connect() as conn:
        supplier = suppliers.ensure(conn, client.tenant_id, "SUPPLIER_A")
        conn.commit()

    answer = send(client, "upload-from-url", {**URL_BODY, "supplier_id": str(supplier.uuid)})

    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/v1/imports/{body['id']}"
    assert list(body) == ["id", "status", "file_name", "file_type", "supplier_code", "created_at"]
    assert (body["file_name"], body["file_type"], body["supplier_code"]) == ("products.csv", "csv", "SUPPLIER_A")
    assert body["status"] == "pending"  # Dagster is away in these tests; else it is `analyzing`
    detail = client.get(f"/imports/{body['id']}").json()
    assert (detail["import_type"], detail["file_size"]) == ("url", None)
    assert row(client, body["id"]) == ({"type": "http", **URL_BODY}, {})


@covers(FTP, "host", "port", "username", "password", "directory_path", "file_pattern", "supplier_code", "response.*")
def test_ftp_answers_as_the_page_says(client: Client) -> None:
    answer = send(client, "import/ftp", FTP_BODY)

    body = answer.json()
    assert (answer.status_code, list(body)) == (202, PENDING)
    assert answer.headers["location"] == f"/api/v1/imports/{body['id']}"
    assert (body["status"], body["supplier_code"]) == ("pending", "SUPPLIER_A")
    source, secrets = row(client, body["id"])
    assert source == {"type": "ftp"} | {
        name: FTP_BODY[name] for name in FTP_BODY if name not in ("password", "supplier_code")
    }
    assert secrets == {"password": "s3cr3t"}


@covers(SFTP, "host", "username", "key_file_path", "directory_path", "supplier_code", "response.*")
@covers(SFTP, "port", "auto_process default false", "skip_header_rows default 0")
@covers(SFTP, "port default 22", "file_pattern", "password", "key_passphrase", "host_key")
def test_sftp_answers_as_the_page_says(client: Client) -> None:
    body = send(client, "import/sftp", SFTP_BODY).json()
    assert list(body) == PENDING
    assert body["status"] == "pending"
    assert row(client, body["id"])[1] == {}

    more = SFTP_BODY | {
        "file_pattern": "*.csv", "password": "s3cr3t", "key_passphrase": "phr4se", "host_key": "SHA256:abc",
        "port": 2222,
    }  # fmt: skip
    source, secrets = row(client, send(client, "import/sftp", more).json()["id"])
    assert secrets == {"password": "s3cr3t", "key_passphrase": "phr4se"}
    assert (source["host_key"], source["port"], source["key_file_path"]) == ("SHA256:abc", 2222, "/keys/supplier_rsa")


@covers(EMAIL, "imap_host", "email", "password", "folder", "sender_filter", "supplier_code", "response.*")
@covers(EMAIL, "auto_process default false", "skip_header_rows default 0")
@covers(EMAIL, "folder default INBOX", "imap_port default 993", "imap_port", "file_pattern", "tls", "tls default true")
def test_email_answers_as_the_page_says(client: Client) -> None:
    body = send(client, "import/email", EMAIL_BODY).json()
    assert list(body) == PENDING
    assert (body["status"], body["supplier_code"]) == ("pending", "SUPPLIER_A")
    assert row(client, body["id"])[1] == {"password": "s3cr3t"}

    least = {name: EMAIL_BODY[name] for name in ("imap_host", "email", "password")}
    assert send(client, "import/email", least).status_code == 202
    inside = least | {"imap_host": "mail.intern", "imap_port": 143, "tls": False, "file_pattern": "*.xlsx"}
    assert send(client, "import/email", inside).status_code == 202
    problem = check_problem(send(client, "import/email", least | {"tls": False}), 422, "VALIDATION_ERROR")
    assert problem["errors"][0]["field"] == "tls"


@covers(FTP, "port default 21", "username default anonymous", "directory_path default /", "tls default false")
@covers(FTP, "passive default true", "all_matching default false", "tls", "passive", "all_matching", "template_id")
@covers(FTP, "auto_process default false", "skip_header_rows default 0")
@covers(FTP, "supplier_id", "auto_process", "skip_header_rows", "sheet", "Idempotency-Key")
def test_what_ftp_may_leave_out_and_may_say_beside(client: Client) -> None:
    plain = client.job(send(client, "import/ftp", {"host": "ftp.supplier.com"}).json()["id"])
    assert (plain.auto_process, plain.import_options) == (False, {})
    with client.connect() as conn:
        supplier = suppliers.ensure(conn, client.tenant_id, "B")
        template = templates.insert(
            conn, client.tenant_id, name="t", supplier_id=None, column_mapping=MAPPING,
            validation_rules={"price": {"min": 1}}, import_options={"skip_header_rows": 9, "overwrite_existing": False},
        )  # fmt: skip
        conn.commit()
    more = {
        "host": "h", "tls": True, "passive": False, "all_matching": True, "template_id": str(template.uuid),
        "supplier_id": str(supplier.uuid), "auto_process": True, "skip_header_rows": 2, "sheet": "2",
    }  # fmt: skip
    answer = send(client, "import/ftp", more, headers={"Idempotency-Key": "once"})

    job = client.job(answer.json()["id"])
    assert answer.json()["supplier_code"] == "B"
    assert (job.template_id, job.auto_process, job.validation_rules) == (template.id, True, {"price": {"min": 1}})
    assert job.import_options == {"skip_header_rows": 2, "sheet": "2", "overwrite_existing": False}
    assert job.source == {"type": "ftp", "host": "h", "tls": True, "passive": False, "all_matching": True}


@pytest.mark.parametrize(
    ("what", "changed", "field"),
    [
        ("upload-from-url", {"url": None}, "url"),
        ("upload-from-url", {"url": "ftp://x/y.csv"}, "url"),
        ("upload-from-url", {"url": "https://"}, "url"),
        ("import/ftp", {"host": None}, "host"),
        ("import/ftp", {"host": "ftp://ftp.supplier.com/x"}, "host"),
        ("import/ftp", {"host": "a\r\nb"}, "host"),
        ("import/ftp", {"port": 0}, "port"),
        ("import/ftp", {"port": 65536}, "port"),
        ("import/ftp", {"password": "s3cr3t\r\nDELE x"}, "password"),
        ("import/ftp", {"password": ["s3cr3t"]}, "password"),
        ("import/ftp", {"directory_path": "/a\nb"}, "directory_path"),
        ("import/ftp", {"file_pattern": "x" * 256}, "file_pattern"),
        ("import/ftp", {"supplier_code": "x" * 300}, "supplier_code"),
        ("import/ftp", {"skip_header_rows": -1}, "skip_header_rows"),
        ("import/sftp", {"username": None}, "username"),
        ("import/sftp", {"key_file_path": None}, "password"),
        ("import/sftp", {"key_file_path": "../../etc/ssh/key"}, "key_file_path"),
        ("import/sftp", {"key_file_path": "/keys/../../key"}, "key_file_path"),
        ("import/email", {"imap_host": None}, "imap_host"),
        ("import/email", {"email": None}, "email"),
        ("import/email", {"password": None}, "password"),
        ("import/email", {"folder": "IN\r\nBOX"}, "folder"),
    ],
)
def test_a_field_that_is_wrong(client: Client, what: str, changed: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in (BODIES[what] | changed).items() if value is not None}

    answer = send(client, what, body)

    problem = check_problem(answer, 422, "VALIDATION_ERROR")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert "s3cr3t" not in answer.text
    assert client.get("/imports").json()["meta"]["total"] == 0


@pytest.mark.parametrize("what", BODIES)
def test_unknown_supplier_or_template(client: Client, what: str) -> None:
    for field in ("supplier_id", "template_id"):
        body = {name: value for name, value in BODIES[what].items() if name != "supplier_code"}
        problem = check_problem(send(client, what, body | {field: str(uuid4())}), 422, "VALIDATION_ERROR")
        assert problem["errors"][0]["field"] == field
    assert client.get("/imports").json()["meta"]["total"] == 0
    check_problem(client.post(f"/imports/{what}", content=CSV, headers={"Content-Type": "text/csv"}), 415,
                  "UNSUPPORTED_MEDIA_TYPE")  # fmt: skip


@covers(URL, "supplier_code", "auto_process", "auto_process default false", "skip_header_rows", "sheet", "template_id")
@covers(URL, "skip_header_rows default 0", "Idempotency-Key")
def test_what_a_url_import_may_say_beside(client: Client) -> None:
    with client.connect() as conn:
        template = templates.insert(
            conn, client.tenant_id, name="t", supplier_id=None, column_mapping=MAPPING, validation_rules={},
            import_options={},
        )  # fmt: skip
        conn.commit()
    body = {**URL_BODY, "supplier_code": "NEW", "auto_process": True, "skip_header_rows": 3, "sheet": "x",
            "template_id": str(template.uuid)}  # fmt: skip

    answer = send(client, "upload-from-url", body, headers={"Idempotency-Key": "once"})

    job = client.job(answer.json()["id"])
    assert (job.supplier_code, job.template_id, job.auto_process) == ("NEW", template.id, True)
    assert job.import_options == {"skip_header_rows": 3, "sheet": "x"}
    assert send(client, "upload-from-url", URL_BODY).json()["supplier_code"] is None


@covers(SFTP, "Idempotency-Key", "supplier_id", "template_id", "auto_process", "skip_header_rows", "sheet")
@covers(SFTP, "port", "all_matching", "directory_path default /", "all_matching default false")
@covers(SFTP, "auto_process default false", "skip_header_rows default 0")
@covers(EMAIL, "Idempotency-Key", "supplier_id", "template_id", "auto_process", "skip_header_rows", "sheet")
@covers(EMAIL, "all_matching", "all_matching default false")
@covers(EMAIL, "auto_process default false", "skip_header_rows default 0")
@pytest.mark.parametrize("what", ["import/sftp"], ids=["fields"])
def test_sftp_and_email_take_the_fields_of_every_import(client: Client, what: str) -> None:
    with client.connect() as conn:
        supplier = suppliers.ensure(conn, client.tenant_id, "B")
        template = templates.insert(
            conn, client.tenant_id, name="t", supplier_id=None, column_mapping=MAPPING, validation_rules={},
            import_options={},
        )  # fmt: skip
        conn.commit()
    more = {"supplier_id": str(supplier.uuid), "template_id": str(template.uuid), "auto_process": True,
            "skip_header_rows": 1, "sheet": "x", "all_matching": True}  # fmt: skip
    for kind, body in (("import/sftp", SFTP_BODY | {"port": 2222}), ("import/email", EMAIL_BODY)):
        given = {name: value for name, value in body.items() if name not in ("supplier_code", "directory_path")} | more
        answer = send(client, kind, given, headers={"Idempotency-Key": kind})
        job = client.job(answer.json()["id"])
        assert (job.supplier_code, job.template_id, job.auto_process) == ("B", template.id, True)
        assert job.import_options == {"skip_header_rows": 1, "sheet": "x"}
        assert (job.source or {})["all_matching"] is True
        plain = client.job(send(client, kind, body).json()["id"])
        assert (plain.auto_process, plain.import_options) == (False, {})


@pytest.mark.parametrize("what", BODIES)
def test_idempotency_key_makes_one_job(client: Client, what: str) -> None:
    first = send(client, what, BODIES[what], headers={"Idempotency-Key": "k"})
    second = send(client, what, BODIES[what], headers={"Idempotency-Key": "k"})
    other = send(client, what, BODIES[what] | {"supplier_code": "OTHER"}, headers={"Idempotency-Key": "k"})

    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    check_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")
    if "password" in BODIES[what]:
        changed = send(client, what, BODIES[what] | {"password": "other"}, headers={"Idempotency-Key": "k"})
        check_problem(changed, 422, "IDEMPOTENCY_KEY_REUSED")
    assert client.get("/imports").json()["meta"]["total"] == 1


def test_no_secret_is_given_back_or_kept_in_the_clear(client: Client) -> None:
    url = "https://user:s3cr3t-p@supplier.com/get/products.csv?token=s3cr3t-q#s3cr3t-f"
    bodies = [
        ("upload-from-url", {"url": url}),
        ("import/ftp", FTP_BODY | {"password": "s3cr3t-p"}),
        ("import/sftp", SFTP_BODY | {"password": "s3cr3t-p", "key_passphrase": "s3cr3t-k"}),
        ("import/email", EMAIL_BODY | {"password": "s3cr3t-p"}),
    ]
    texts = []
    for what, body in bodies:
        answer = send(client, what, body, headers={"Idempotency-Key": what})
        again = send(client, what, body, headers={"Idempotency-Key": what})
        texts += [answer.text, again.text, str(answer.headers), client.get(f"/imports/{answer.json()['id']}").text]
        assert "s3cr3t-p" in json.dumps(row(client, answer.json()["id"])[1])  # it is there, encrypted
    texts.append(client.get("/imports").text)
    with client.connect() as conn:
        tables = conn.execute("select table_name from information_schema.tables where table_schema = 'pim'").fetchall()
        for (table,) in tables:
            texts += [str(found) for found in conn.execute(f'select t::text from pim."{table}" t').fetchall()]

    assert not [text for text in texts if "s3cr3t" in text]


def test_without_a_key_for_encryption_nothing_that_is_secret_is_taken(new_client: Any) -> None:
    client = new_client(secret_key=None)

    assert send(client, "upload-from-url", URL_BODY).status_code == 202
    answer = send(client, "import/ftp", FTP_BODY)
    assert answer.status_code >= 500
    assert "s3cr3t" not in answer.text
    assert client.get("/imports").json()["meta"]["total"] == 1
