"""A client of the API with a key, and what a test looks at behind it."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from claims import Exchange
from psycopg.types.json import Jsonb

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.settings import Settings
from pim_pipelines.store import jobs, suppliers
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.keys import ApiKey

with warnings.catch_warnings():  # it would rather have another HTTP client than the one that we have anyway
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CSV = b"EAN Code;Titre produit;Prix HT\n4006381333931;Stylo;1,95\n3017620422003;Nutella;3,49\n"
COLUMNS = ["EAN Code", "Titre produit", "Prix HT"]
SUGGESTED = {
    "EAN Code": {"field": "ean", "confidence": 0.9, "reason": "header"},
    "Titre produit": {"field": "title", "confidence": 0.9, "reason": "header"},
    "Prix HT": {"field": "price", "confidence": 0.9, "reason": "header"},
}
MAPPING = {"EAN Code": "ean", "Titre produit": "title", "Prix HT": "price"}


class Client:
    """Asks with a key; paths are below `/api/v1`."""

    def __init__(
        self,
        http: TestClient,
        key: str,
        row: ApiKey,
        settings: Settings,
        connect: Callable[[], psycopg.Connection[Any]],
    ) -> None:
        self.http = http
        self.key = key
        self.key_id = row.id
        self.tenant_id = row.tenant_id
        self.tenant_code = row.tenant_code
        self.settings = settings
        self.connect = connect

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Send a request with the key."""
        headers = {"X-API-Key": self.key, **kwargs.pop("headers", {})}
        answer = self.http.request(method, f"/api/v1{path}", headers=headers, **kwargs)
        Exchange.note(method, path, kwargs, headers, answer)
        return answer

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """GET."""
        return self.ask("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx.Response:
        """POST."""
        return self.ask("POST", path, **kwargs)

    def upload(
        self, content: bytes = CSV, name: str = "catalog.csv", headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """Upload a file."""
        return self.post(
            "/imports/upload", files={"file": (name, content, "text/csv")}, data=fields, headers=headers or {}
        )

    def job(self, job_id: str | UUID) -> Job:
        """Return a job's row."""
        with self.connect() as conn:
            found = jobs.get(conn, UUID(str(job_id)))
        assert found is not None
        return found

    def make_job(
        self, status: JobStatus | str = JobStatus.PENDING, *, supplier: str | None = None, **columns: Any
    ) -> Job:
        """Put a job in a status into the database, as runs would have left it, with its file."""
        uuid = uuid4()
        with self.connect() as conn:
            supplier_id = suppliers.ensure(conn, self.tenant_id, supplier).id if supplier else None
            jobs.insert(
                conn,
                uuid=uuid,
                tenant_id=self.tenant_id,
                import_type="manual",
                supplier_id=supplier_id,
                file_name="catalog.csv",
                file_type="csv",
                file_size=len(CSV),
                file_sha256=b"\0" * 32,
            )
            columns = {**_DEFAULTS.get(JobStatus(status), {}), **columns, "status": str(status)}
            for name, value in columns.items():
                conn.execute(
                    f"update import_jobs set {name} = %s where uuid = %s",
                    (Jsonb(value) if isinstance(value, dict) else value, uuid),
                )
            conn.commit()
        source = self.files / f"{self.tenant_id}/{uuid}/source"
        source.parent.mkdir(parents=True)
        source.write_bytes(CSV)
        return self.job(uuid)

    @property
    def files(self) -> Path:
        """The root of the file store."""
        return self.settings.home / "files"

    def stored_files(self) -> list[Path]:
        """Every file of this tenant in the store."""
        return sorted(path for path in (self.files / str(self.tenant_id)).rglob("*") if path.is_file())


_ANALYSED = {
    "analysis": {
        "format": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "header_row": 0,
        "columns": COLUMNS,
        "total_rows": 2,
        "sample": [dict(zip(COLUMNS, ["4006381333931", "Stylo", "1,95"], strict=True))],
        "warnings": [],
    },
    "suggested_mapping": SUGGESTED,
    "total_rows": 2,
}
_DEFAULTS: dict[JobStatus, dict[str, Any]] = {
    JobStatus.AWAITING_MAPPING: _ANALYSED,
    JobStatus.READY: _ANALYSED | {"column_mapping": MAPPING},
    JobStatus.PROCESSING: _ANALYSED | {"column_mapping": MAPPING},
    JobStatus.COMPLETED: _ANALYSED | {"column_mapping": MAPPING},
    JobStatus.FAILED: _ANALYSED | {"column_mapping": MAPPING},
}


def check_problem(response: httpx.Response, status: int, error_code: str) -> dict[str, Any]:
    """Check that an answer is a problem as the contract says; returns its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["error_code"] == error_code
    assert isinstance(body["detail"], str)
    assert len(body["detail"]) > 10
    assert {"type", "title", "timestamp", "errors"} <= body.keys()
    return body
