"""The API as the command line uses it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import httpx

from pim_pipelines.errors import ConfigurationError, PimError

AT_WORK = ("pending", "analyzing", "processing")
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
TRIES_WHEN_AWAY = 10

Body = dict[str, Any]


class ApiRefused(PimError):
    """The API said no; the message is its own."""


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
        """Return a job's detail."""
        return self._send("GET", f"/imports/{job_id}")

    def save_mapping(self, job_id: str, mapping: dict[str, str | None]) -> Body:
        """Save a job's column mapping."""
        return self._send("POST", f"/imports/{job_id}/save-mapping", json={"column_mapping": mapping})

    def start(self, job_id: str) -> Body:
        """Start the processing of a job that is ready."""
        return self._send("POST", f"/imports/{job_id}/start-processing")

    def errors(self, job_id: str, count: int) -> Body:
        """Return the first errors of a job, `{"items": […], "meta": {…}}`."""
        return self._send("GET", f"/imports/{job_id}/errors", params={"per_page": count})

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
        raise ApiRefused(_reason(response))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise PimError(
                f"The API at {self._url} does not answer ({error}): is PIM running? PIM_API_URL says where to look."
            ) from error


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
