"""Automated import configs: `/import-configs/configs`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from api_client import Client, check_problem
from cryptography.fernet import Fernet

from pim_pipelines.secret_box import SecretBox
from pim_pipelines.sources.places import FtpPlace, MailPlace, read
from pim_pipelines.store import configs, looks

covers = pytest.mark.covers
LIST, POST = "GET /import-configs/configs", "POST /import-configs/configs"
GET, PATCH = "GET /import-configs/configs/{config_id}", "PATCH /import-configs/configs/{config_id}"
DELETE, RUN = "DELETE /import-configs/configs/{config_id}", "POST /import-configs/configs/{config_id}/run"

MAPPING = {"EAN": "ean", "Titre": "title", "Prix HT": "price", "Marque": "brand_name"}
SFTP = {
    "type": "sftp",
    "host": "sftp.supplier.com",
    "username": "sftpuser",
    "key_file_path": "/keys/supplier_rsa",
    "directory_path": "/exports",
    "file_pattern": "products_*.csv",
}
PAGE = {
    "name": "Daily Supplier A SFTP Import",
    "supplier_code": "SUPPLIER_A",
    "schedule": "0 2 * * *",
    "file_source": SFTP,
    "mapping": MAPPING,
    "is_active": True,
}
FTP = {"type": "ftp", "host": "ftp.supplier.com", "username": "u", "password": "s3cr3t-Tresor"}
SOURCES: dict[str, dict[str, Any]] = {
    "ftp": FTP
    | {"port": 2121, "directory_path": "/out", "file_pattern": "*.csv", "tls": True, "passive": False}
    | {"all_matching": True, "after_import": "delete", "on_new_file": True},
    "sftp": SFTP
    | {"port": 2222, "password": "pa55-Tresor", "key_passphrase": "phrase-Tresor", "host_key": "SHA256:abc"}
    | {"all_matching": True, "after_import": "move", "on_new_file": True},
    "email": {
        "type": "email",
        "imap_host": "imap.supplier.com",
        "imap_port": 1993,
        "email": "me@shop.com",
        "password": "mail-Tresor",
        "folder": "Lists",
        "sender_filter": "*@supplier.com",
        "file_pattern": "*.xlsx",
        "all_matching": True,
        "after_import": "move",
        "on_new_file": True,
    },
    "http": {
        "type": "http",
        "url": "https://me:pw-Tresor@supplier.com/a/products.csv?token=Tresor",
        "on_new_file": True,
    },
}


def create(client: Client, **changed: Any) -> dict[str, Any]:
    """Make the page's config; returns how it is shown."""
    answer = client.post("/import-configs/configs", json=PAGE | changed)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def patch(client: Client, made: dict[str, Any], **changes: Any) -> Any:
    """Change a config."""
    return client.ask("PATCH", f"/import-configs/configs/{made['id']}", json=changes)


def secrets_of(client: Client, made: dict[str, Any]) -> dict[str, Any]:
    """Open what the database has of a config's secrets; the rest of its row must hold none."""
    with client.connect() as conn:
        row = conn.execute(
            "select source_secret, to_jsonb(c) - 'source_secret' from import_configs c where uuid = %s", (made["id"],)
        ).fetchone()
    assert row is not None
    assert "Tresor" not in json.dumps(row[1])
    return SecretBox(client.settings.secret_key or "").open(row[0]) if row[0] else {}


class TestCreate:
    """POST /import-configs/configs."""

    @covers(POST, "name", "supplier_code", "schedule", "file_source", "mapping", "is_active", "response.*")
    @covers(POST, "timezone default UTC", "validation_rules default none", "import_options default none")
    def test_as_on_the_page(self, client: Client) -> None:
        before = datetime.now(UTC)

        answer = client.post("/import-configs/configs", json=PAGE)

        made = answer.json()
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/api/v1/import-configs/configs/{made['id']}"
        assert {name: made[name] for name in PAGE} == PAGE
        tomorrow = before + timedelta(days=1) if before.hour >= 2 else before
        assert made["next_run_at"] == f"{tomorrow:%Y-%m-%d}T02:00:00Z"
        assert (made["timezone"], made["template_id"]) == ("UTC", None)
        assert (made["validation_rules"], made["import_options"]) == ({}, {})
        assert (made["last_checked_at"], made["last_result"]) == (None, None)
        assert list(made["mapping"]) == list(MAPPING)
        [supplier] = client.get("/suppliers").json()["items"]
        assert made["supplier_id"] == supplier["id"]
        assert client.get(f"/import-configs/configs/{made['id']}").json() == made

    @covers(POST, "is_active default true", "supplier_code default none", "mapping default none")
    def test_what_must_be_there(self, client: Client) -> None:
        body = {name: PAGE[name] for name in ("name", "schedule", "file_source")}

        made = client.post("/import-configs/configs", json=body).json()

        assert made["is_active"] is True
        assert (made["supplier_code"], made["supplier_id"], made["mapping"]) == (None, None, None)

    @covers(POST, "timezone", "supplier_id", "template_id", "validation_rules", "import_options")
    def test_everything_else(self, client: Client) -> None:
        supplier = client.post("/suppliers", json={"code": "B"}).json()
        template = client.post("/mapping-templates", json={"name": "T", "column_mapping": MAPPING}).json()
        body = {name: PAGE[name] for name in ("name", "file_source")} | {
            "schedule": " 30  2 * * mon-fri ",
            "timezone": "Europe/Berlin",
            "supplier_id": supplier["id"],
            "template_id": template["id"],
            "validation_rules": {"price": {"required": True}},
            "import_options": {"allowed_errors": 3},
        }

        made = client.post("/import-configs/configs", json=body).json()

        assert (made["supplier_id"], made["supplier_code"]) == (supplier["id"], "B")
        assert made["schedule"] == "30 2 * * mon-fri"
        assert made["next_run_at"][14:] in {"30:00Z"}
        assert {name: made[name] for name in ("timezone", "template_id", "validation_rules", "import_options")} == {
            name: body[name] for name in ("timezone", "template_id", "validation_rules", "import_options")
        }

    @covers(POST, "is_active")
    def test_inactive_one_has_no_next_run(self, client: Client) -> None:
        made = create(client, is_active=False)

        assert (made["is_active"], made["next_run_at"]) == (False, None)

    @pytest.mark.parametrize(
        "kind",
        [
            pytest.param(kind, marks=covers(POST, *(f"file_source.{name}" for name in source)))
            for kind, source in SOURCES.items()
        ],
    )
    def test_secrets_are_stored_encrypted_and_never_given_back(self, client: Client, kind: str) -> None:
        made = create(client, file_source=SOURCES[kind])

        shown = {"url": "https://***@supplier.com/a/products.csv?***"} if kind == "http" else {}
        hidden = {name: "***" for name in ("password", "key_passphrase") if name in SOURCES[kind]}
        assert made["file_source"] == SOURCES[kind] | hidden | shown
        assert secrets_of(client, made) == {
            name: value for name, value in SOURCES[kind].items() if "Tresor" in str(value)
        }
        assert "Tresor" not in client.get("/import-configs/configs").text

    @covers(
        POST,
        *(f"file_source.{name} default {value}" for name, value in [("directory_path", "/"), ("folder", "INBOX")]),
        *(f"file_source.{name} default {value}" for name, value in [("passive", "true"), ("imap_port", 993)]),
        *(
            f"file_source.{name} default {value}"
            for name, value in [("all_matching", "false"), ("on_new_file", "false")]
        ),
        *("file_source.after_import default keep", "file_source.port default 21"),
    )
    def test_what_a_source_leaves_out_has_its_default(self, client: Client) -> None:
        server = create(client, file_source={"type": "ftp", "host": "ftp.supplier.com"})
        mailbox = create(client, file_source={"type": "email", "imap_host": "h", "email": "e", "password": "p"})

        ftp, mail = read(server["file_source"]), read(mailbox["file_source"])
        assert isinstance(ftp, FtpPlace) and isinstance(mail, MailPlace)
        assert (ftp.port, ftp.directory_path, ftp.tls, ftp.passive) == (21, "/", False, True)
        assert (ftp.username, ftp.all_matching, ftp.after_import) == ("anonymous", False, "keep")
        assert (mail.imap_port, mail.folder, mail.tls, mail.after_import) == (993, "INBOX", True, "keep")
        with client.connect() as conn:
            found = [str(each.uuid) for each in configs.watched(conn, datetime.now(UTC) + timedelta(days=1), 1000)]
        assert not {server["id"], mailbox["id"]} & set(found)

    def test_url_without_a_secret_is_shown_whole(self, client: Client) -> None:
        made = create(client, file_source={"type": "http", "url": "https://supplier.com/a/products.csv"})

        assert made["file_source"] == {"type": "http", "url": "https://supplier.com/a/products.csv"}
        assert secrets_of(client, made) == {}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": None}, "name"),
            ({"schedule": "0 2 * *"}, "schedule"),
            ({"schedule": "0 25 * * *"}, "schedule"),
            ({"schedule": "0 0 30 2 *"}, "schedule"),
            ({"schedule": None}, "schedule"),
            ({"timezone": "Berlin"}, "timezone"),
            ({"is_active": "perhaps"}, "is_active"),
            ({"mapping": {"EAN": "eam"}}, "mapping.EAN"),
            ({"mapping": {"Titre": "title"}}, "mapping"),
            ({"mapping": {}}, "mapping"),
            ({"validation_rules": {"price": {"x": 1}}}, "validation_rules.price.x"),
            ({"import_options": {"x": 1}}, "import_options.x"),
            ({"supplier_id": str(uuid4())}, "supplier_id"),
            ({"template_id": str(uuid4())}, "template_id"),
            ({"file_source": None}, "file_source"),
            ({"file_source": {}}, "file_source.type"),
            ({"file_source": {"type": "gopher"}}, "file_source.type"),
            ({"file_source": {"type": "ftp"}}, "file_source.host"),
            ({"file_source": FTP | {"port": 0}}, "file_source.port"),
            ({"file_source": FTP | {"on_new_file": "x"}}, "file_source.on_new_file"),
            ({"file_source": FTP | {"after_import": "burn"}}, "file_source.after_import"),
            ({"file_source": FTP | {"password": "***"}}, "file_source.password"),
            ({"file_source": {"type": "sftp", "host": "h", "username": "u"}}, "file_source.password"),
            ({"file_source": SFTP | {"key_file_path": "../../etc/shadow"}}, "file_source.key_file_path"),
            ({"file_source": {"type": "email", "imap_host": "h", "email": "e"}}, "file_source.password"),
            ({"file_source": SOURCES["email"] | {"tls": False}}, "file_source.tls"),
            ({"file_source": {"type": "http", "url": "ftp://x/y"}}, "file_source.url"),
            ({"file_source": {"type": "http", "url": "https://x/***"}}, "file_source.url"),
            ({"file_source": SOURCES["http"] | {"after_import": "delete"}}, "file_source.after_import"),
        ],
    )
    def test_what_is_wrong_is_422_and_makes_nothing(self, client: Client, changes: Any, field: str) -> None:
        answer = client.post("/import-configs/configs", json=PAGE | changes)

        problem = check_problem(answer, 422, "VALIDATION_ERROR")
        assert [error["field"] for error in problem["errors"]] == [field]
        assert "Tresor" not in answer.text
        assert client.get("/import-configs/configs").json()["items"] == []
        assert client.get("/suppliers").json()["items"] == []

    def test_every_problem_is_named_at_once(self, client: Client) -> None:
        answer = client.post(
            "/import-configs/configs", json=PAGE | {"timezone": "x", "mapping": {}, "import_options": {"x": 1}}
        )

        fields = {error["field"] for error in check_problem(answer, 422, "VALIDATION_ERROR")["errors"]}
        assert fields == {"timezone", "mapping", "import_options.x"}

    def test_another_tenants_supplier_is_422(self, client: Client, new_client: Any) -> None:
        supplier = new_client("other").post("/suppliers", json={"code": "B"}).json()["id"]

        answer = client.post("/import-configs/configs", json=PAGE | {"supplier_code": None, "supplier_id": supplier})

        check_problem(answer, 422, "VALIDATION_ERROR")

    def test_a_key_without_the_scope_is_403(self, new_client: Any) -> None:
        reader = new_client(scopes=("imports:read",))

        for method, path in (
            ("POST", ""),
            ("PATCH", f"/{uuid4()}"),
            ("DELETE", f"/{uuid4()}"),
            ("POST", f"/{uuid4()}/run"),
        ):
            answer = reader.ask(method, f"/import-configs/configs{path}", json=PAGE)
            check_problem(answer, 403, "PERMISSION_DENIED")


class TestList:
    """GET /import-configs/configs."""

    @covers(LIST, "response.*", "page default 1", "per_page default 20", "supplier_code default none")
    def test_newest_first(self, client: Client, new_client: Any) -> None:
        made = [create(client, name=f"C{n}") for n in range(3)]
        create(new_client("other"))

        page = client.get("/import-configs/configs").json()

        assert page["items"] == made[::-1]
        assert page["meta"] == {
            "total": 3, "page": 1, "per_page": 20, "total_pages": 1, "has_next": False, "has_previous": False,
        }  # fmt: skip

    @covers(LIST, "page", "per_page", "supplier_code", "is_active", "per_page max 100")
    def test_filters_and_pages(self, client: Client) -> None:
        made = [create(client, name=f"C{n}", supplier_code="AB"[n % 2], is_active=n < 2) for n in range(4)]

        def names(query: str) -> list[str]:
            return [item["name"] for item in client.get(f"/import-configs/configs{query}").json()["items"]]

        assert len(made) == 4
        assert names("?supplier_code=A") == ["C2", "C0"]
        assert names("?is_active=false") == ["C3", "C2"]
        assert names("?supplier_code=B&is_active=true") == ["C1"]
        assert names("?page=2&per_page=3") == ["C0"]
        assert names("?page=9") == []
        for query in ("?per_page=101", "?per_page=0", "?page=0", "?is_active=x"):
            check_problem(client.get(f"/import-configs/configs{query}"), 422, "VALIDATION_ERROR")


class TestGet:
    """GET /import-configs/configs/{config_id}."""

    @covers(GET, "config_id", "response.*")
    def test_with_what_its_last_look_has_found(self, client: Client) -> None:
        made = create(client)
        with client.connect() as conn:
            conn.execute(
                "update import_configs set last_checked_at = '2026-03-16T02:00:07.9Z', last_result = 'Nothing new.'"
                " where uuid = %s",
                (made["id"],),
            )

        shown = client.get(f"/import-configs/configs/{made['id']}").json()

        assert (shown["last_checked_at"], shown["last_result"]) == ("2026-03-16T02:00:07Z", "Nothing new.")

    def test_an_unknown_or_another_tenants_one_is_404(self, client: Client, new_client: Any) -> None:
        others = create(new_client("other"))["id"]

        for uuid in (others, str(uuid4()), "x"):
            for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/run")):
                answer = client.ask(method, f"/import-configs/configs/{uuid}{path}", json={})
                check_problem(answer, 404, "NOT_FOUND")


class TestChange:
    """PATCH /import-configs/configs/{config_id}."""

    @covers(PATCH, "config_id", "name", "supplier_code", "schedule", "timezone", "file_source", "mapping", "response.*")
    @covers(PATCH, "validation_rules", "import_options", "template_id")
    def test_everything_can_be_changed(self, client: Client) -> None:
        made = create(client)
        template = client.post("/mapping-templates", json={"name": "T", "column_mapping": MAPPING}).json()
        changes = {
            "name": "Weekly",
            "supplier_code": "B",
            "template_id": template["id"],
            "schedule": "0 3 * * 1",
            "timezone": "America/New_York",
            "file_source": {"type": "http", "url": "https://supplier.com/b.csv"},
            "mapping": {"Code": "sku", "Interne": None},
            "validation_rules": {"title": {"max_length": 9}},
            "import_options": {"create_missing": False},
        }

        answer = patch(client, made, **changes)

        assert answer.status_code == 200, answer.text
        assert {name: answer.json()[name] for name in changes} == changes
        assert answer.json()["next_run_at"] != made["next_run_at"]
        assert client.get(f"/import-configs/configs/{made['id']}").json() == answer.json()

    @covers(PATCH, "name default kept", "file_source default kept", "mapping default kept", "schedule default kept")
    def test_what_is_left_out_stays(self, client: Client) -> None:
        made = create(client, file_source=SOURCES["sftp"], timezone="Europe/Berlin")
        secrets = secrets_of(client, made)

        changed = patch(client, made).json()

        assert changed | {"updated_at": made["updated_at"]} == made
        assert secrets_of(client, changed) == secrets

    @covers(PATCH, "supplier_id")
    def test_null_takes_away(self, client: Client) -> None:
        made = create(client, validation_rules={"price": {"min": 0}}, import_options={"allowed_errors": 3})

        changed = patch(client, made, supplier_id=None, mapping=None, validation_rules=None, import_options=None).json()

        assert (changed["supplier_id"], changed["supplier_code"], changed["mapping"]) == (None, None, None)
        assert (changed["validation_rules"], changed["import_options"]) == ({}, {})

    @covers(PATCH, "is_active")
    def test_switched_off_and_on_again(self, client: Client) -> None:
        made = create(client)

        assert patch(client, made, is_active=False).json()["next_run_at"] is None
        assert patch(client, made, is_active=True).json()["next_run_at"] == made["next_run_at"]

    def test_time_that_has_come_is_not_lost_by_another_change(self, client: Client) -> None:
        made = create(client)
        with client.connect() as conn:
            conn.execute("update import_configs set next_run_at = '2026-01-01T02:00Z' where uuid = %s", (made["id"],))

        assert patch(client, made, name="x").json()["next_run_at"] == "2026-01-01T02:00:00Z"
        assert patch(client, made, schedule="0 2 * * *").json()["next_run_at"] == "2026-01-01T02:00:00Z"
        assert patch(client, made, timezone="Europe/Paris").json()["next_run_at"] > "2026-01-02"

    @pytest.mark.parametrize(
        "kind",
        [
            pytest.param(kind, marks=covers(PATCH, *(f"file_source.{name}" for name in source)))
            for kind, source in SOURCES.items()
        ],
    )
    def test_what_was_shown_can_be_sent_back(self, client: Client, kind: str) -> None:
        made = create(client, file_source=SOURCES[kind])
        secrets = secrets_of(client, made)

        changed = patch(client, made, file_source=made["file_source"]).json()

        assert changed["file_source"] == made["file_source"]
        assert secrets_of(client, changed) == secrets

    def test_parts_of_the_file_source_can_be_changed(self, client: Client) -> None:
        made = create(client, file_source=FTP | {"directory_path": "/out", "file_pattern": "*.csv"})

        changed = patch(
            client, made, file_source={"directory_path": "/new", "file_pattern": None, "password": "***"}
        ).json()

        assert changed["file_source"] == FTP | {"password": "***", "directory_path": "/new"}
        assert secrets_of(client, changed) == {"password": "s3cr3t-Tresor"}
        assert secrets_of(client, patch(client, made, file_source={"password": "new-Tresor"}).json()) == {
            "password": "new-Tresor"
        }

    @pytest.mark.parametrize(
        "changes",
        [
            {"host": "evil.example"},
            {"port": 2222},
            {"tls": True},
            {"username": "other"},
            {"host": "evil.example", "password": "***"},
        ],
    )
    def test_stored_secret_is_not_sent_to_another_place(self, client: Client, changes: Any) -> None:
        made = create(client, file_source=FTP)

        problem = check_problem(patch(client, made, file_source=changes), 422, "VALIDATION_ERROR")

        assert problem["errors"][0]["field"] == "file_source.password"
        assert client.get(f"/import-configs/configs/{made['id']}").json() == made
        assert patch(client, made, file_source=changes | {"password": "again-Tresor"}).status_code == 200

    def test_another_type_begins_anew(self, client: Client) -> None:
        made = create(client, file_source=FTP)

        answer = patch(client, made, file_source={"type": "sftp", "host": "ftp.supplier.com", "username": "u"})

        assert check_problem(answer, 422, "VALIDATION_ERROR")["errors"][0]["field"] == "file_source.password"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": None}, "name"),
            ({"schedule": None}, "schedule"),
            ({"schedule": "x"}, "schedule"),
            ({"timezone": None}, "timezone"),
            ({"timezone": "x"}, "timezone"),
            ({"is_active": None}, "is_active"),
            ({"file_source": None}, "file_source"),
            ({"file_source": {"type": "x"}}, "file_source.type"),
            ({"mapping": {"a": "eam"}}, "mapping.a"),
            ({"import_options": {"x": 1}}, "import_options.x"),
        ],
    )
    def test_what_is_wrong_is_422_and_changes_nothing(self, client: Client, changes: Any, field: str) -> None:
        made = create(client)

        problem = check_problem(patch(client, made, **changes), 422, "VALIDATION_ERROR")

        assert [error["field"] for error in problem["errors"]] == [field]
        assert client.get(f"/import-configs/configs/{made['id']}").json() == made

    def test_secrets_outlive_a_rotation_of_keys(self, client: Client, new_client: Any) -> None:
        made = create(client, file_source=FTP)
        new = Fernet.generate_key().decode()
        rotated = Client(
            new_client(secret_key=f"{new},{client.settings.secret_key}").http,
            client.key,
            _row(client),
            client.settings.model_copy(update={"secret_key": new}),
            client.connect,
        )

        patch(rotated, made, name="sealed anew")

        assert secrets_of(rotated, made) == {"password": "s3cr3t-Tresor"}  # by the new key alone


def _row(client: Client) -> Any:
    class Row:
        id, tenant_id, tenant_code = client.key_id, client.tenant_id, client.tenant_code

    return Row


class TestDelete:
    """DELETE /import-configs/configs/{config_id}."""

    @covers(DELETE, "config_id", "response.*")
    def test_it_is_gone_and_its_jobs_stay(self, client: Client) -> None:
        made = create(client)
        job = client.make_job("completed")
        with client.connect() as conn:
            conn.execute(
                "update import_jobs set config_id = (select id from import_configs where uuid = %s) where id = %s",
                (made["id"], job.id),
            )
        [listed] = client.get(f"/imports/?config_id={made['id']}").json()["items"]
        assert listed["config_id"] == made["id"]

        answer = client.ask("DELETE", f"/import-configs/configs/{made['id']}")

        assert (answer.status_code, answer.json()) == (200, {"deleted": True, "id": made["id"]})
        assert client.get("/import-configs/configs").json()["items"] == []
        assert client.get(f"/imports/{job.uuid}").json()["config_id"] is None


class TestRun:
    """POST /import-configs/configs/{config_id}/run, with Dagster away: what it does is shown end to end."""

    @covers(RUN, "config_id", "response.*")
    def test_look_waits_until_dagster_is_back(self, client: Client) -> None:
        made = create(client, is_active=False)

        answer = client.post(f"/import-configs/configs/{made['id']}/run")

        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/api/v1/import-configs/configs/{made['id']}"
        assert {name: value for name, value in answer.json().items() if name != "created_at"} == {
            "id": None,
            "status": None,
            "import_ids": [],
            "config_id": made["id"],
            "supplier_code": "SUPPLIER_A",
            "state": "waiting",
            "result": None,
        }
        with client.connect() as conn:
            waiting = [
                look for look in looks.unfinished(conn, datetime.now(UTC)) if str(look.config_uuid) == made["id"]
            ]
        assert [look.cause for look in waiting] == ["request"]

    @covers(RUN, "Idempotency-Key")
    def test_same_key_makes_one_look(self, client: Client) -> None:
        made, other = create(client), create(client)
        once = {"Idempotency-Key": "k1"}

        first = client.post(f"/import-configs/configs/{made['id']}/run", headers=once)
        again = client.post(f"/import-configs/configs/{made['id']}/run", headers=once)

        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        with client.connect() as conn:
            count = conn.execute(
                "select count(*) from looks l join import_configs c on c.id = l.config_id where c.tenant_id = %s",
                (client.tenant_id,),
            ).fetchone()
        assert count == (1,)
        reused = client.post(f"/import-configs/configs/{other['id']}/run", headers=once)
        check_problem(reused, 422, "IDEMPOTENCY_KEY_REUSED")
