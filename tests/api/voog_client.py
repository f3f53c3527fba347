"""A client of the second API, written from its page, and tasks as runs would have left them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from api_client import Client
from psycopg.types.json import Json

from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import voog_tasks
from pim_pipelines.store.voog_tasks import Task

URL = "https://example.com/products-import.xlsx"
DETECTED = [
    {"column": "ID", "values": ["6554", "6557", None, ""]},
    {"column": "Price", "values": [10.0, 11.0, 0, None]},
    {"column": "Colour", "values": ["red", "", "", ""]},
]
MAPPING = {"0": "id", "1": "price", "2": None}

MOMENT = datetime(2023, 12, 22, 17, 18, 0, 336_999, UTC)
JOBS: dict[str, dict[str, Any]] = {
    "created": {"status": "ready"},
    "queued": {"status": "processing", "queued_at": MOMENT},
    "started": {"status": "processing", "queued_at": MOMENT, "claimed_at": MOMENT},
    "finished": {"status": "completed", "queued_at": MOMENT, "claimed_at": MOMENT, "completed_at": MOMENT},
    "failed": {"status": "failed", "completed_at": MOMENT},
    "cancelled": {"status": "cancelled", "queued_at": MOMENT, "completed_at": MOMENT},
}
"""A job for each status of a task."""


class VoogClient:
    """Asks with a token in its header; paths are below `/admin/api/ecommerce/v1`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.http = client.http

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Send a request with the token."""
        headers = {"X-API-TOKEN": self.client.key, **kwargs.pop("headers", {})}
        return self.http.request(method, f"/admin/api/ecommerce/v1{path}", headers=headers, **kwargs)

    def task(self, task_id: int) -> Task | None:
        """Return a task's row."""
        with self.client.connect() as conn:
            return voog_tasks.get(conn, self.client.tenant_id, task_id)

    def make_task(self, status: str = "created", **columns: Any) -> Task:
        """Put a task in a status into the database, as runs would have left it, with its file."""
        uuid = uuid4()
        read: dict[str, Any] = {
            "analysis": Json({"columns": [each["column"] for each in DETECTED], "detected_data": DETECTED}),
            "column_mapping": Json(MAPPING),
            "total_rows": 5,
            "file_sha256": b"\0" * 32,
        }
        with self.client.connect() as conn:
            voog_tasks.insert(
                conn,
                uuid=uuid,
                tenant_id=self.client.tenant_id,
                source={"type": "http", "url": URL},
                sealed=None,
                file_name="products-import.xlsx",
                file_type="xlsx",
                language=None,
                overwrite_existing=False,
                match_key="id",
                validate_mapping=False,
                mapping=None,
            )
            for name, value in {**read, **JOBS[status], **columns}.items():
                given = Json(value) if isinstance(value, dict) else value
                conn.execute(f"update import_jobs set {name} = %s where uuid = %s", (given, uuid))
            conn.commit()
            made = voog_tasks.by_uuid(conn, uuid)
        assert made is not None
        source = self.client.files / made.folder / "source"
        source.parent.mkdir(parents=True)
        source.write_bytes(b"ID,Price\n")
        return made

    def job_status(self, task: Task) -> JobStatus:
        """Return where a task's job stands now."""
        return self.client.job(task.uuid).status


def check_error(response: httpx.Response, status: int, message: str) -> dict[str, Any]:
    """Check that an answer is an error as the page's API words it; returns its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert message in body["message"]
    assert body.keys() <= {"message", "errors"}
    return body
