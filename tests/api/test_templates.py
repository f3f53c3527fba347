"""What is done to mapping templates and suppliers after they were made."""

from typing import Any
from uuid import uuid4

import pytest
from api_client import MAPPING, Client, check_problem

covers = pytest.mark.covers
PATCH, PUT = "PATCH /mapping-templates/{template_id}", "PUT /mapping-templates/{template_id}"
DELETE = "DELETE /mapping-templates/{template_id}"
SAVE = "POST /imports/{import_id}/save-as-template"
SUPPLIER = "PATCH /suppliers/{supplier_id}"

RULES = {"price": {"required": True}}
OPTIONS = {"allowed_errors": 3}


def template(client: Client, **changed: Any) -> dict[str, Any]:
    """Make a template; returns how it is shown."""
    body = {
        "name": "Monthly",
        "supplier_code": "A",
        "column_mapping": MAPPING,
        "validation_rules": RULES,
        "import_options": OPTIONS,
    }
    answer = client.post("/mapping-templates", json=body | changed)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


class TestChange:
    """PATCH /mapping-templates/{template_id}."""

    @covers(PATCH, "template_id", "name", "supplier_code", "column_mapping", "validation_rules", "import_options")
    @pytest.mark.parametrize(
        "changes",
        [
            {
                "name": "Weekly",
                "supplier_code": "B",
                "column_mapping": {"Code": "sku", "Interne": None},
                "validation_rules": {"title": {"max_length": 9}},
                "import_options": {"create_missing": False},
            }
        ],
    )
    def test_everything_can_be_changed(self, client: Client, changes: dict[str, Any]) -> None:
        made = template(client)

        answer = client.ask("PATCH", f"/mapping-templates/{made['id']}", json=changes)

        assert answer.status_code == 200, answer.text
        assert {name: answer.json()[name] for name in changes} == changes
        assert client.get(f"/mapping-templates/{made['id']}").json() == answer.json()

    @covers(PATCH, "response.*", "supplier_code default kept", "column_mapping default kept")
    def test_what_is_left_out_stays(self, client: Client) -> None:
        made = template(client)

        changed = client.ask("PATCH", f"/mapping-templates/{made['id']}", json={"name": "Weekly"}).json()

        same = {name: value for name, value in made.items() if name not in {"name", "updated_at"}}
        assert {name: changed[name] for name in same} == same
        assert changed["name"] == "Weekly"

    def test_null_takes_away(self, client: Client) -> None:
        made = template(client)
        nothing = {"supplier_code": None, "validation_rules": None, "import_options": None}

        changed = client.ask("PATCH", f"/mapping-templates/{made['id']}", json=nothing).json()

        assert (changed["supplier_code"], changed["supplier_id"]) == (None, None)
        assert (changed["validation_rules"], changed["import_options"], changed["name"]) == ({}, {}, "Monthly")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": None}, "name"),
            ({"name": " "}, "name"),
            ({"column_mapping": None}, "column_mapping"),
            ({"column_mapping": {"a": "eam"}}, "column_mapping.a"),
            ({"validation_rules": {"x": {}}}, "validation_rules.x"),
            ({"import_options": {"x": 1}}, "import_options.x"),
        ],
    )
    def test_what_is_wrong_is_422_and_changes_nothing(self, client: Client, changes: object, field: str) -> None:
        made = template(client)

        answer = client.ask("PATCH", f"/mapping-templates/{made['id']}", json=changes)

        problem = check_problem(answer, 422, "VALIDATION_ERROR")
        assert field in [error["field"] for error in problem["errors"]]
        assert client.get(f"/mapping-templates/{made['id']}").json() == made


class TestReplace:
    """PUT /mapping-templates/{template_id}."""

    @covers(PUT, "template_id", "name", "column_mapping", "response.*", "import_options default none")
    def test_what_is_left_out_is_none(self, client: Client) -> None:
        made = template(client)
        body = {"name": "Other", "column_mapping": {"Code": "sku"}}

        answer = client.ask("PUT", f"/mapping-templates/{made['id']}", json=body)

        replaced = answer.json()
        assert answer.status_code == 200, answer.text
        assert (replaced["id"], replaced["created_at"]) == (made["id"], made["created_at"])
        assert {name: replaced[name] for name in body} == body
        assert (replaced["supplier_code"], replaced["validation_rules"], replaced["import_options"]) == (None, {}, {})

    @covers(PUT, "supplier_code", "validation_rules", "import_options")
    def test_all_of_it_is_kept(self, client: Client) -> None:
        made = template(client)
        body = {
            "name": "Other",
            "supplier_code": "NEW",
            "column_mapping": {"Code": "sku"},
            "validation_rules": RULES,
            "import_options": OPTIONS,
        }

        replaced = client.ask("PUT", f"/mapping-templates/{made['id']}", json=body).json()

        assert {name: replaced[name] for name in body} == body

    def test_name_and_mapping_are_needed(self, client: Client) -> None:
        made = template(client)

        problem = check_problem(client.ask("PUT", f"/mapping-templates/{made['id']}", json={}), 422, "VALIDATION_ERROR")

        assert {error["field"] for error in problem["errors"]} == {"name", "column_mapping"}


class TestDelete:
    """DELETE /mapping-templates/{template_id}."""

    @covers(DELETE, "template_id", "response.*")
    def test_it_is_gone_and_its_jobs_stay(self, client: Client) -> None:
        made = template(client)
        job = client.make_job("ready")
        with client.connect() as conn:
            conn.execute(
                "update import_jobs set template_id = (select id from mapping_templates where uuid = %s) where id = %s",
                (made["id"], job.id),
            )

        answer = client.ask("DELETE", f"/mapping-templates/{made['id']}")

        assert (answer.status_code, answer.json()) == (200, {"deleted": True, "id": made["id"]})
        assert client.get("/mapping-templates").json()["items"] == []
        shown = client.get(f"/imports/{job.uuid}").json()
        assert (shown["template_id"], shown["column_mapping"]) == (None, MAPPING)

    def test_an_unknown_or_another_tenants_one_is_404(self, client: Client, new_client: Any) -> None:
        others = template(new_client("other"))["id"]
        body = {"name": "x", "column_mapping": MAPPING}

        for uuid in (others, str(uuid4()), "x"):
            for method in ("DELETE", "PATCH", "PUT"):
                check_problem(client.ask(method, f"/mapping-templates/{uuid}", json=body), 404, "NOT_FOUND")


class TestSaveAsTemplate:
    """POST /imports/{import_id}/save-as-template."""

    @covers(SAVE, "import_id", "name", "response.*", "supplier_code default of the job")
    def test_mapping_rules_and_options_of_a_job(self, client: Client) -> None:
        job = client.make_job("completed", supplier="A", validation_rules=RULES, import_options=OPTIONS)

        answer = client.post(f"/imports/{job.uuid}/save-as-template", json={"name": "Monthly"})

        made = answer.json()
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/api/v1/mapping-templates/{made['id']}"
        assert (made["name"], made["supplier_code"], made["column_mapping"]) == ("Monthly", "A", MAPPING)
        assert (made["validation_rules"], made["import_options"]) == (RULES, OPTIONS)
        assert client.get(f"/mapping-templates/{made['id']}").json() == made

    @covers(SAVE, "supplier_code")
    def test_for_another_supplier(self, client: Client) -> None:
        job = client.make_job("ready", supplier="A")

        made = client.post(f"/imports/{job.uuid}/save-as-template", json={"name": "x", "supplier_code": "B"}).json()

        assert made["supplier_code"] == "B"

    def test_a_job_without_a_mapping_is_409(self, client: Client) -> None:
        job = client.make_job("awaiting_mapping")

        answer = client.post(f"/imports/{job.uuid}/save-as-template", json={"name": "x"})

        check_problem(answer, 409, "MAPPING_REQUIRED")

    @pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": None}, {"name": "x", "supplier_code": ""}, []])
    def test_a_wrong_body_is_422(self, client: Client, body: object) -> None:
        job = client.make_job("ready")

        check_problem(client.post(f"/imports/{job.uuid}/save-as-template", json=body), 422, "VALIDATION_ERROR")

    def test_an_unknown_job_is_404(self, client: Client, new_client: Any) -> None:
        for uuid in (new_client("other").make_job("ready").uuid, uuid4(), "x"):
            check_problem(client.post(f"/imports/{uuid}/save-as-template", json={"name": "x"}), 404, "NOT_FOUND")


class TestChangeSupplier:
    """PATCH /suppliers/{supplier_id}."""

    def made(self, client: Client, code: str = "A", name: str | None = "Supplier A") -> dict[str, Any]:
        shown: dict[str, Any] = client.post("/suppliers", json={"code": code, "name": name}).json()
        return shown

    @covers(SUPPLIER, "supplier_id", "code", "name", "response.*")
    def test_code_and_name(self, client: Client) -> None:
        supplier = self.made(client)

        answer = client.ask("PATCH", f"/suppliers/{supplier['id']}", json={"code": "B", "name": "Supplier B"})

        assert answer.status_code == 200, answer.text
        assert (answer.json()["code"], answer.json()["name"]) == ("B", "Supplier B")
        assert client.get(f"/suppliers/{supplier['id']}").json() == answer.json()

    @covers(SUPPLIER, "code default kept", "name default kept")
    @pytest.mark.parametrize(
        ("changes", "code", "name"),
        [
            ({}, "A", "Supplier A"),
            ({"code": "B"}, "B", "Supplier A"),
            ({"name": "New"}, "A", "New"),
            ({"name": None}, "A", None),
            ({"code": "A"}, "A", "Supplier A"),
        ],
    )
    def test_what_is_left_out_stays(self, client: Client, changes: Any, code: str, name: str | None) -> None:
        supplier = self.made(client)
        client.ask("PATCH", f"/suppliers/{self.made(client, 'Z')['id']}", json={})  # leaves both out

        changed = client.ask("PATCH", f"/suppliers/{supplier['id']}", json=changes).json()

        assert (changed["code"], changed["name"]) == (code, name)

    def test_a_code_that_is_taken_is_409(self, client: Client) -> None:
        self.made(client)
        other = self.made(client, "B")

        answer = client.ask("PATCH", f"/suppliers/{other['id']}", json={"code": "A"})

        assert check_problem(answer, 409, "DUPLICATE_CODE")["errors"][0]["field"] == "code"

    @pytest.mark.parametrize("body", [{"code": None}, {"code": " "}, {"code": 5}, {"name": 5}, []])
    def test_a_wrong_body_is_422(self, client: Client, body: object) -> None:
        check_problem(client.ask("PATCH", f"/suppliers/{self.made(client)['id']}", json=body), 422, "VALIDATION_ERROR")

    def test_an_unknown_one_is_404(self, client: Client, new_client: Any) -> None:
        for uuid in (self.made(new_client("other"))["id"], str(uuid4()), "x"):
            check_problem(client.ask("PATCH", f"/suppliers/{uuid}", json={"name": "x"}), 404, "NOT_FOUND")

    def test_a_key_without_the_scope_is_403(self, new_client: Any) -> None:
        client = new_client(scopes=("suppliers:read",))

        check_problem(client.ask("PATCH", f"/suppliers/{uuid4()}", json={}), 403, "PERMISSION_DENIED")
