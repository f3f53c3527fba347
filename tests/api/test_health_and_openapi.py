"""What the system tells of itself."""

import re
import subprocess
import sys
from typing import Any

import pytest
from api_client import Client, TestClient, check_problem
from claims import Exchange

DOCUMENTED = {
    "/api/v1/imports/upload": {"post"},
    "/api/v1/imports/upload-from-url": {"post"},
    "/api/v1/imports/import/ftp": {"post"},
    "/api/v1/imports/import/sftp": {"post"},
    "/api/v1/imports/import/email": {"post"},
    "/api/v1/imports/": {"get"},
    "/api/v1/imports/{import_id}": {"get", "delete"},
    "/api/v1/imports/{import_id}/errors": {"get"},
    "/api/v1/imports/{import_id}/report": {"get"},
    "/api/v1/imports/{import_id}/dry-run": {"get", "post"},
    "/api/v1/imports/{import_id}/save-mapping": {"post"},
    "/api/v1/imports/{import_id}/start-processing": {"post"},
    "/api/v1/imports/{import_id}/cancel": {"post"},
    "/api/v1/imports/{import_id}/retry": {"post"},
    "/api/v1/imports/{import_id}/archive": {"post"},
    "/api/v1/imports/{import_id}/unarchive": {"post"},
    "/api/v1/imports/recent": {"get"},
    "/api/v1/imports/stats": {"get"},
    "/api/v1/imports/ean-pending": {"get"},
    "/api/v1/imports/ean-pending/bulk-delete": {"post"},
    "/api/v1/imports/ean-pending/{resolution_id}": {"delete"},
    "/api/v1/imports/ean-pending/{resolution_id}/resolve": {"post"},
    "/api/v1/mapping-templates": {"get", "post"},
    "/api/v1/imports/{import_id}/save-as-template": {"post"},
    "/api/v1/mapping-templates/{template_id}": {"get", "patch", "put", "delete"},
    "/api/v1/webhooks": {"get", "post"},
    "/api/v1/webhooks/{webhook_id}": {"get", "patch", "delete"},
    "/api/v1/webhooks/{webhook_id}/test": {"post"},
    "/api/v1/webhooks/{webhook_id}/deliveries": {"get"},
    "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": {"post"},
    "/api/v1/suppliers": {"get", "post"},
    "/api/v1/suppliers/{supplier_id}": {"get", "patch"},
    "/api/v1/products": {"get"},
    "/api/v1/products/{product_id}": {"get"},
    "/api/v1/products/{product_id}/history": {"get"},
    "/api/v1/import-configs/configs": {"get", "post"},
    "/api/v1/import-configs/configs/{config_id}": {"get", "patch", "delete"},
    "/api/v1/import-configs/configs/{config_id}/run": {"post"},
    "/admin/api/ecommerce/v1/products_imports": {"get", "post"},
    "/admin/api/ecommerce/v1/products_imports/{task_id}": {"get", "delete"},
    "/admin/api/ecommerce/v1/products_imports/{task_id}/queue": {"put"},
    "/admin/api/ecommerce/v1/products": {"get"},
    "/admin/api/ecommerce/v1/products/{product_id}": {"get"},
    "/admin/api/import_files": {"post"},
    "/admin/api/import_files/{file_id}": {"get"},
    "/admin/api/import_files/{file_id}/confirm": {"put"},
    "/admin/import_files/{file_id}/content": {"put"},
    "/admin/import_files/{file_id}/{signature}/{filename}": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


@pytest.fixture(scope="module")
def schema(app_client: TestClient) -> dict[str, Any]:
    return dict(app_client.get("/openapi.json").json())


def test_every_endpoint_is_described(schema: dict[str, Any]) -> None:
    assert {path: set(operations) for path, operations in schema["paths"].items()} == DOCUMENTED


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/v1")
    ]


def test_every_operation_says_what_it_does_and_how_it_fails(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        assert operation["summary"] and operation["description"], name
        assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys(), name
        assert operation["security"], name
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(answer["content"]) == ["application/problem+json"], f"{name} {status}"
            if status != "401":
                assert "X-RateLimit-Limit" in answer["headers"], f"{name} {status}"


def test_every_reference_leads_somewhere_and_nothing_is_left_over(schema: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', str(schema).replace("'", '"')))

    assert named == set(schema["components"]["schemas"])


def test_path_parameters_have_the_pages_names_and_are_uuids(schema: dict[str, Any]) -> None:
    parameters = schema["paths"]["/api/v1/imports/{import_id}"]["get"]["parameters"]

    assert [(item["name"], item["in"], item["schema"]["format"]) for item in parameters] == [
        ("import_id", "path", "uuid")
    ]


def test_the_upload_form_is_described(schema: dict[str, Any]) -> None:
    body = schema["paths"]["/api/v1/imports/upload"]["post"]["requestBody"]
    form = body["content"]["multipart/form-data"]["schema"]

    assert form["required"] == ["file"]
    assert list(form["properties"]) == [
        "file",
        "supplier_code",
        "supplier_id",
        "template_id",
        "auto_process",
        "skip_header_rows",
        "sheet",
        "import_type",
    ]
    assert form["properties"]["auto_process"]["default"] is False
    assert form["properties"]["import_type"]["default"] == "manual"


@pytest.mark.parametrize(
    ("path", "name", "default", "most"),
    [
        ("/api/v1/imports/", "per_page", 20, 100),
        ("/api/v1/imports/{import_id}/errors", "per_page", 50, 200),
        ("/api/v1/products", "per_page", 20, 500),
    ],
)
def test_defaults_and_limits_are_described(
    schema: dict[str, Any], path: str, name: str, default: int, most: int
) -> None:
    found = next(item for item in schema["paths"][path]["get"]["parameters"] if item["name"] == name)

    assert (found["schema"]["default"], found["schema"]["maximum"]) == (default, most)


def test_both_kinds_of_key_are_described(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]

    assert schemes["ApiKey"]["name"] == "X-API-Key"
    assert schemes["Bearer"]["scheme"] == "bearer"
    assert schema["paths"]["/api/v1/imports/"]["get"]["security"] == [
        {"ApiKey": ["imports:read"]},
        {"Bearer": ["imports:read"]},
    ]


def test_answers_match_their_description(client: Client, schema: dict[str, Any]) -> None:
    described = set(schema["components"]["schemas"]["ImportDetail"]["properties"])

    assert set(client.get(f"/imports/{client.make_job('ready').uuid}").json()) == described


@pytest.mark.covers("GET /healthz", "response.*")
@pytest.mark.covers("GET /metrics")
def test_the_process_tells_of_itself_without_a_key(app_client: TestClient) -> None:
    health, metrics = app_client.get("/healthz"), app_client.get("/metrics")
    for answer in (health, metrics):
        Exchange.hear(answer)

    assert health.json() == {"status": "ok"}
    assert metrics.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/docs", "/docs/", "/healthz", "/healthz/", "/metrics", "/openapi.json"])
def test_pages_need_no_key(app_client: TestClient, path: str) -> None:
    assert app_client.get(path, follow_redirects=False).status_code == 200


def test_readyz_names_what_is_away(app_client: TestClient) -> None:
    answer = app_client.get("/readyz")

    problem = check_problem(answer, 503, "NOT_READY")
    assert problem["reasons"] == ["Dagster does not answer: try again in a moment."]
    assert answer.headers["retry-after"]


def test_metrics_count_requests_by_route_and_jobs_by_status(client: Client) -> None:
    job = client.make_job("ready")
    client.get(f"/imports/{job.uuid}")
    client.get(f"/imports/{job.uuid}/errors?page=0")

    text = client.http.get("/metrics").text

    assert re.search(
        r'pim_http_requests_total\{method="GET",route="/api/v1/imports/\{import_id\}",status="200"\} \d', text
    )
    assert re.search(r'route="/api/v1/imports/\{import_id\}/errors",status="422"\} \d', text)
    assert re.search(r'pim_import_jobs\{status="ready"\} [1-9]', text)
    assert 'pim_import_jobs{status="cancelled"}' in text
    assert "pim_database_up 1.0" in text
    assert "pim_http_request_seconds_bucket" in text
    assert str(job.uuid) not in text


def test_the_process_imports_neither_dagster_nor_frames() -> None:
    code = (
        "import sys, api.app; "
        "heavy = {'dagster', 'polars', 'pandas', 'pyarrow', 'numpy', 'pandera', 'openpyxl', 'sqlalchemy', 'grpc'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_page_shows_every_endpoint_without_anything_from_elsewhere(
    app_client: TestClient, schema: dict[str, Any]
) -> None:
    page = app_client.get("/docs").text

    assert page.count("<details") == sum(len(methods) for methods in DOCUMENTED.values())
    assert all(f'id="{operation["operationId"]}"' in page for _, operation in operations(schema))
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!/openapi.json)', page)


def test_operations_have_short_names(schema: dict[str, Any]) -> None:
    names = {operation["operationId"] for _, operation in operations(schema)}

    assert {"upload", "list_imports", "get_import", "start_processing", "dry_run"} <= names
