"""Import files: announced, sent, confirmed, read again."""

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_client import Client

from api.voog.file_addresses import stored_file
from pim_pipelines.files import FileStore
from pim_pipelines.ops.fetching import shown
from pim_pipelines.resources import Catalogue
from pim_pipelines.sensors import sweep_import_files

CONTENT = b"ID;Name\n1;Pen\n"
ANNOUNCED = {"filename": "Preise é.csv", "size": len(CONTENT), "content_type": "text/csv"}
FILES, TASKS = "/admin/api/import_files", "/admin/api/ecommerce/v1/products_imports"


def ask(client: Client, method: str, url: str, **kwargs: Any) -> httpx.Response:
    """Send a request with the token."""
    headers = {"X-API-TOKEN": client.key, **kwargs.pop("headers", {})}
    return client.http.request(method, url, headers=headers, **kwargs)


def announce(client: Client, **changed: Any) -> dict[str, Any]:
    answer = ask(client, "POST", FILES, json=ANNOUNCED | changed)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def sent(client: Client, **changed: Any) -> dict[str, Any]:
    """Announce, send and confirm a file."""
    made = announce(client, **changed)
    assert client.http.put(made["upload_url"], content=CONTENT).status_code == 200
    answer = ask(client, "PUT", made["confirm_url"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_file_is_announced_sent_confirmed_and_downloaded(client: Client) -> None:
    made = announce(client)
    uploaded = client.http.put(made["upload_url"], content=CONTENT)
    confirmed = ask(client, "PUT", made["confirm_url"])
    downloaded = client.http.get(made["public_url"])

    assert list(made) == [
        *("id", "filename", "status", "size", "content_type", "expires_at", "created_at", "updated_at"),
        *("upload_url", "confirm_url", "public_url", "url"),
    ]
    assert (made["status"], made["filename"], made["size"]) == ("pending", "Preise é.csv", len(CONTENT))
    lives = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lives.total_seconds() == 24 * 3600 and made["created_at"].endswith("Z") and "." in made["created_at"]
    assert (uploaded.status_code, uploaded.content) == (200, b"")
    assert uploaded.headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert confirmed.json() == {**made, "status": "success", "updated_at": confirmed.json()["updated_at"]}
    assert ask(client, "PUT", made["confirm_url"]).json() == confirmed.json() == ask(client, "GET", made["url"]).json()
    assert downloaded.content == CONTENT
    assert downloaded.headers["content-type"].partition(";")[0] == "text/csv"
    assert downloaded.headers["x-content-type-options"] == "nosniff"
    assert downloaded.headers["content-disposition"].startswith("attachment")
    with client.connect() as conn:
        found = stored_file(conn, client.tenant_id, made["public_url"], "http://testserver")
    assert found is not None and (found.id, found.sha256) == (made["id"], hashlib.sha256(CONTENT).digest())


def test_sent_again_before_it_is_confirmed_a_file_is_replaced(client: Client) -> None:
    made = announce(client)
    for content in (b"x" * len(CONTENT), CONTENT):
        assert client.http.put(made["upload_url"], content=content).status_code == 200
    ask(client, "PUT", made["confirm_url"])

    late = client.http.put(made["upload_url"], content=b"y" * len(CONTENT))

    assert (late.status_code, "confirmed" in late.json()["message"]) == (422, True)
    assert client.http.get(made["public_url"]).content == CONTENT
    assert [path.read_bytes() for path in client.stored_files()] == [CONTENT]


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x", b"x" * 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_another_size_than_announced_is_422_and_keeps_what_was_sent(
    client: Client, content: bytes, chunked: bool
) -> None:
    made = announce(client)
    client.http.put(made["upload_url"], content=CONTENT)

    answer = client.http.put(made["upload_url"], content=iter([content]) if chunked else content)

    assert answer.status_code == 422
    assert f"announced with {len(CONTENT)} bytes" in answer.json()["message"]
    assert ask(client, "PUT", made["confirm_url"]).status_code == 200
    assert [path.read_bytes() for path in client.stored_files()] == [CONTENT]


def test_nothing_sent_cannot_be_confirmed_nor_downloaded(client: Client) -> None:
    made = announce(client)

    assert ask(client, "PUT", made["confirm_url"]).status_code == 422
    assert client.http.get(made["public_url"]).status_code == 403
    assert ask(client, "GET", made["url"]).json()["status"] == "pending"


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"filename": None}, "filename"),
        ({"filename": ""}, "filename"),
        ({"filename": "a\0b"}, "filename"),
        ({"size": None}, "size"),
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": "much"}, "size"),
        ({"size": 10 * 1024**2 + 1}, "size"),
        ({"size": 10**40}, "size"),
        ({"content_type": "text"}, "content_type"),
        ({"content_type": "text/csv\r\nX: y"}, "content_type"),
        ({"content_type": 1}, "content_type"),
    ],
)
def test_a_wrong_field_is_422_and_named(client: Client, changed: dict[str, Any], name: str) -> None:
    answer = ask(client, "POST", FILES, json=ANNOUNCED | changed)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [name]), answer.text


def test_a_wrapped_body_and_no_content_type_are_taken_and_a_path_is_no_name(client: Client) -> None:
    wrapped = ask(client, "POST", FILES, json={"import_file": {"filename": "C:\\a/../b.csv", "size": "10485760"}})

    assert wrapped.status_code == 201, wrapped.text
    shown = wrapped.json()
    assert (shown["filename"], shown["content_type"]) == ("b.csv", "application/octet-stream")


def test_the_limit_is_a_setting(new_client: Any) -> None:
    small = new_client(max_import_file_bytes=len(CONTENT) - 1)

    assert "errors" in ask(small, "POST", FILES, json=ANNOUNCED).json()


def test_more_than_the_limit_of_other_bodies_can_be_sent(new_client: Any) -> None:
    large, size = new_client(max_import_file_bytes=20 * 1024**2), 11 * 1024**2
    made = announce(large, size=size)

    assert large.http.put(made["upload_url"], content=b"x" * size).status_code == 200


def test_a_token_is_needed_but_for_the_signed_addresses(client: Client, new_client: Any) -> None:
    made = sent(client)
    reader, stranger = new_client(scopes=("imports:read",)), new_client("other")
    files = [("POST", FILES), ("GET", made["url"]), ("PUT", made["confirm_url"])]

    for method, url in files:
        assert client.http.request(method, url).json() == {"message": "Unauthorized."}
    assert [ask(stranger, method, url).status_code for method, url in files[1:]] == [404, 404]
    assert [ask(reader, method, url, json=ANNOUNCED).status_code for method, url in files] == [403, 200, 403]


def test_a_signature_is_of_one_file_and_one_purpose(client: Client) -> None:
    made, other = sent(client), announce(client)
    upload, public = urlsplit(made["upload_url"]), urlsplit(made["public_url"])
    signature = public.path.split("/")[4]
    puts = [
        upload.path,
        f"{upload.path}?signature=",
        f"{upload.path}?signature={signature}",
        f"{upload.path}?signature=é",
    ]
    puts += [other["upload_url"].replace(f"/{other['id']}/", f"/{made['id']}/"), made["upload_url"][:-1]]
    gets = [public.path.replace(signature, "0" * 64), public.path.replace(f"/{made['id']}/", f"/{other['id']}/")]
    gets += [f"/admin/import_files/{'9' * 19}/{signature}/x", other["public_url"]]

    answers = [client.http.put(url, content=CONTENT) for url in puts] + [client.http.get(url) for url in gets]

    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert set(answers[0].json()) == {"message"}


def test_no_signature_stands_in_the_log_or_in_dagster(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    made = sent(client)
    with caplog.at_level("INFO", logger="api.requests"):
        client.http.get(made["public_url"])
        client.http.put(made["upload_url"], content=CONTENT)

    assert f"GET /admin/import_files/{made['id']}/***/Preise" in caplog.text
    assert f"PUT /admin/import_files/{made['id']}/content 422" in caplog.text
    assert "signature" not in caplog.text
    assert f"/{made['id']}/***/Preise" in shown({"type": "http", "url": made["public_url"]})


def test_an_expired_file_is_gone(client: Client) -> None:
    made = sent(client)
    with client.connect() as conn:
        conn.execute("update import_files set expires_at = now() where id = %s", (made["id"],))
        conn.commit()

    assert ask(client, "GET", made["url"]).json() == {"message": "Not found."}
    assert ask(client, "PUT", made["confirm_url"]).status_code == 404
    assert client.http.put(made["upload_url"], content=CONTENT).status_code == 403
    assert client.http.get(made["public_url"]).status_code == 403


@pytest.mark.parametrize("path", ["/x", "/0", f"/{'9' * 19}", f"/{'9' * 30}", "/1/x", "/-1"])
def test_an_unknown_or_malformed_id_is_404(client: Client, path: str) -> None:
    assert ask(client, "GET", f"{FILES}{path}").json() == {"message": "Not found."}


def test_a_task_of_a_confirmed_file_keeps_its_own_copy(client: Client) -> None:
    made = sent(client)

    answer = ask(client, "POST", TASKS, json={"file_url": made["public_url"]})

    assert answer.status_code == 201, answer.text
    assert answer.json()["file_url"] == made["public_url"]
    with client.connect() as conn:
        conn.execute("update import_files set expires_at = now() where id = %s", (made["id"],))
        conn.commit()
    sweep_import_files(Catalogue(url=client.settings.database_url), FileStore(client.settings.files_location))
    [job] = client.get("/imports/").json()["items"]
    assert (job["import_type"], job["file_name"], job["file_size"]) == ("voog", "Preise é.csv", len(CONTENT))
    assert (client.files / client.job(job["id"]).source_key).read_bytes() == CONTENT
    assert len(client.stored_files()) == 1


def test_no_task_is_made_of_a_file_that_is_not_ready_or_is_another_tenants(client: Client, new_client: Any) -> None:
    pending, other = announce(client), sent(new_client("other"))
    urls = [pending["public_url"], other["public_url"], pending["upload_url"], other["public_url"][:-1] + "?"]

    for url in urls:
        answer = ask(client, "POST", TASKS, json={"file_url": url})

        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["file_url"]), answer.text
    assert client.get("/imports/").json()["items"] == []
