"""The API as the command line uses it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

import httpx

from pim_pipelines.errors import ConfigurationError, InvalidField, NotFound, PimError

AT_WORK = ("pending", "analyzing", "processing")
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
TRIES_WHEN_AWAY = 10
REPORT_SECONDS = 400.0  # a workbook of a million rows is made before its first byte comes

Body = dict[str, Any]


class ApiRefused(PimError):
    """The API said no; the message is its own."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ApiAway(PimError):
    """Nobody answers there."""


def job_id(text: str) -> str:
    """Return an import job's id as the API wants it; raises InvalidField."""
    try:
        return str(UUID(text.strip()))
    except ValueError:
        message = f"{text!r} is no import's id, which looks like 550e8400-e29b-41d4-a716-446655440000: `pim jobs`."
        raise InvalidField.one("import_id", message) from None


class ApiClient:
    """Import jobs over HTTP. Waits when the API asks for patience (429, 503), for a while."""

    def __init__(self, url: str, key: str | None) -> None:
        if not key:
            raise ConfigurationError(
                "An API key is wanted: set PIM_API_KEY to one, or make one with `pim keys create --tenant NAME`."
            )
        self._url = url
        self._http = httpx.Client(base_url=f"{url}/api/v1", headers={"X-API-Key": key}, timeout=60)

    def upload(self, file: Path, fields: dict[str, str], on_bytes: Callable[[int], None]) -> Body:
        """Upload a file as a new import job; `on_bytes` hears how many bytes have been read so far."""
        # Not tried again by itself: a second upload would be a second job.
        with file.open("rb") as source:
            watched = cast("IO[bytes]", _Watched(source, on_bytes))
            return self._send("POST", "/imports/upload", tries=1, data=fields, files={"file": (file.name, watched)})

    def job(self, job_id: str) -> Body:
        """Return a job's detail; raises NotFound."""
        with _named(job_id):
            return self._send("GET", f"/imports/{job_id}")

    def save_mapping(self, job_id: str, mapping: dict[str, str | None]) -> Body:
        """Save a job's column mapping."""
        return self._send("POST", f"/imports/{job_id}/save-mapping", json={"column_mapping": mapping})

    def start(self, job_id: str) -> Body:
        """Start the processing of a job that is ready."""
        return self._send("POST", f"/imports/{job_id}/start-processing")

    def errors(self, job_id: str, most: int) -> Body:
        """Return the first errors of a job, `{"items": […], "meta": {…}}`."""
        return self._send("GET", f"/imports/{job_id}/errors", params={"per_page": most})

    def pages(self, path: str, limit: int | None, most: int, **filters: str | None) -> Iterator[Body]:
        """Give the pages of a list until it ends, or `limit` items; `most`: the longest page that the API gives."""
        per_page = min(most, limit or most)
        asked = {name: value for name, value in filters.items() if value is not None}
        left = limit
        for number in count(1):
            page = self._send("GET", path, params={**asked, "page": number, "per_page": per_page})
            page["items"] = page["items"][:left]
            left = None if left is None else left - len(page["items"])
            yield page
            if not page["meta"]["has_next"] or left == 0:
                return

    def errors_of(self, job_id: str, limit: int | None, **filters: str | None) -> Iterator[Body]:
        """Give the pages of a job's errors; raises NotFound."""
        with _named(job_id):
            yield from self.pages(f"/imports/{job_id}/errors", limit, 200, **filters)

    def save_report(self, job_id: str, kind: str, target: IO[bytes]) -> None:
        """Write a job's report, `csv` or `xlsx`; raises NotFound."""
        path, asked = f"/imports/{job_id}/report", {"format": kind}
        patient = httpx.Timeout(60, read=REPORT_SECONDS)
        with _named(job_id), self._reached(), self._http.stream("GET", path, params=asked, timeout=patient) as response:
            if not response.is_success:
                response.read()
                raise ApiRefused(_reason(response), response.status_code)
            for block in response.iter_bytes():
                target.write(block)

    def wait(self, job_id: str, on_job: Callable[[Body], None] = lambda _: None) -> Body:
        """Poll a job, ever more slowly, until nobody works on it; returns its detail."""
        pause = FIRST_PAUSE
        while (job := self.job(job_id))["status"] in AT_WORK:
            on_job(job)
            time.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE)
        on_job(job)
        return job

    def _send(self, method: str, path: str, tries: int = TRIES_WHEN_AWAY, **request: Any) -> Body:
        with self._reached():
            response = self._http.request(method, path, **request)
            for _ in range(tries - 1):
                if response.status_code not in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
                    break
                time.sleep(_retry_after(response))
                response = self._http.request(method, path, **request)
        if response.is_success:
            return dict(response.json())
        raise ApiRefused(_reason(response), response.status_code)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise ApiAway(
                f"The API at {self._url} does not answer ({error}): start PIM with `pim up`, or say by PIM_HOME or "
                "PIM_API_URL where it runs."
            ) from error


@contextmanager
def _named(job_id: str) -> Iterator[None]:
    """Say which job is not found."""
    try:
        yield
    except ApiRefused as refused:
        if refused.status != httpx.codes.NOT_FOUND:
            raise
        raise NotFound(f"This key's tenant has no import {job_id}; `pim jobs` lists them.") from refused


class _Watched:
    """A file that tells how far it has been read."""

    def __init__(self, file: IO[bytes], on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._on_bytes = on_bytes

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._on_bytes(self._file.tell())
        return block

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(max(float(response.headers.get("retry-after", "1")), 0.5), 60.0)
    except ValueError:
        return 1.0


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
        fields = [f"{problem['field']}: {problem['message']}" for problem in body.get("errors") or []]
        return " ".join([str(body["detail"]), *fields])
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"The API answered {response.status_code} {response.reason_phrase}."
