"""The client of Dagster's GraphQL against answers that a real Dagster gives seldom: refusals, errors, silence."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
from api_client import Client, check_problem

from api import runs
from api.runs import DagsterAway, RunRefused, Runs
from pim_pipelines.runs import RunSpec

Answer = Callable[[str, dict[str, Any]], Any]
RUN_ID = "2c6f5e3a-6f0e-4b0a-9f0e-000000000001"
SPEC = RunSpec(
    "import_products",
    {"resources": {}},
    {"pim/import_id": "x"},
    op_selection=("validate", "load"),
    parent_run_id=RUN_ID,
)
PLACE = {
    "repositoriesOrError": {
        "__typename": "RepositoryConnection",
        "nodes": [
            {"name": "other", "location": {"name": "elsewhere"}, "jobs": [{"name": "something"}]},
            {"name": "__repository__", "location": {"name": "pim"}, "jobs": [{"name": "import_products"}]},
        ],
    }
}
LAUNCHED = {"launchRun": {"__typename": "LaunchRunSuccess", "run": {"runId": RUN_ID}}}


class Dagster:
    """A server that answers as it is told, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[Any] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((body["query"], body["variables"]))
                answer = outer.answers.pop(0)
                if callable(answer):
                    answer = answer()
                if answer is None:  # the connection breaks
                    self.connection.close()
                    self.close_connection = True
                    return
                status, content = answer if isinstance(answer, tuple) else (200, {"data": answer})
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def dagster() -> Iterator[Dagster]:
    server = Dagster()
    yield server
    server.close()


@pytest.fixture
def client_of(dagster: Dagster) -> Iterator[Runs]:
    made = Runs(dagster.url)
    yield made
    made.close()


def test_a_launch_finds_the_code_location_once_and_says_everything(dagster: Dagster, client_of: Runs) -> None:
    dagster.answers = [PLACE, LAUNCHED, LAUNCHED]

    first, second = client_of.launch(SPEC), client_of.launch(SPEC)

    assert (first, second) == (UUID(RUN_ID), UUID(RUN_ID))
    assert len(dagster.asked) == 3
    assert dagster.asked[1][1]["params"] == {
        "selector": {
            "repositoryLocationName": "pim",
            "repositoryName": "__repository__",
            "jobName": "import_products",
            "solidSelection": ["validate", "load"],
        },
        "runConfigData": {"resources": {}},
        "executionMetadata": {
            "tags": [{"key": "pim/import_id", "value": "x"}],
            "parentRunId": RUN_ID,
            "rootRunId": RUN_ID,
        },
    }


@pytest.mark.parametrize(
    "refusal",
    [
        {"__typename": "PythonError", "message": "no"},
        {"__typename": "RunConfigValidationInvalid", "errors": [{"message": "no"}]},
        {"__typename": "UnauthorizedError", "message": "no"},
        {"__typename": "SomethingNew"},
    ],
)
def test_every_answer_but_success_raises(dagster: Dagster, client_of: Runs, refusal: dict[str, Any]) -> None:
    dagster.answers = [PLACE, {"launchRun": refusal}]

    with pytest.raises(RunRefused, match=refusal["__typename"]):
        client_of.launch(SPEC)


def test_a_code_location_that_has_another_name_since_is_found_again(dagster: Dagster, client_of: Runs) -> None:
    gone = {"launchRun": {"__typename": "PipelineNotFoundError", "message": "gone"}}
    dagster.answers = [PLACE, LAUNCHED, gone, PLACE, LAUNCHED]

    client_of.launch(SPEC)
    again = client_of.launch(SPEC)

    assert again == UUID(RUN_ID)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"errors": [{"message": "no"}]}),
        (200, {"data": None}),
        (500, b"<html>"),
        (200, b"not json"),
        (502, {"data": {"repositoriesOrError": {}}}),
        {"repositoriesOrError": {"__typename": "RepositoryConnection", "nodes": []}},
        {"repositoriesOrError": {"__typename": "PythonError", "message": "no"}},
    ],
)
def test_a_webserver_that_cannot_answer_is_away(dagster: Dagster, client_of: Runs, answer: Any) -> None:
    dagster.answers = [answer]

    with pytest.raises(DagsterAway):
        client_of.launch(SPEC)


def test_a_kept_connection_that_was_closed_is_opened_again(dagster: Dagster, client_of: Runs) -> None:
    dagster.answers = [PLACE, None, LAUNCHED]

    assert client_of.launch(SPEC) == UUID(RUN_ID)


def test_a_webserver_that_breaks_off_twice_is_away(dagster: Dagster, client_of: Runs) -> None:
    dagster.answers = [None, None]

    with pytest.raises(DagsterAway):
        client_of.status(uuid4())


def test_the_status_of_a_run(dagster: Dagster, client_of: Runs) -> None:
    dagster.answers = [
        {"runOrError": {"__typename": "Run", "status": "STARTED"}},
        {"runOrError": {"__typename": "RunNotFoundError", "message": "unknown"}},
    ]

    assert [client_of.status(uuid4()), client_of.status(uuid4())] == ["STARTED", None]
    assert "SUCCESS" in runs.FINAL_STATES


@pytest.mark.parametrize("kind", ["TerminateRunFailure", "RunNotFoundError", "PythonError"])
def test_a_run_that_cannot_be_terminated_raises(dagster: Dagster, client_of: Runs, kind: str) -> None:
    dagster.answers = [{"terminateRun": {"__typename": kind, "message": "no"}}]

    with pytest.raises(RunRefused):
        client_of.terminate(uuid4())


def test_complaints_name_what_does_not_work(dagster: Dagster, client_of: Runs) -> None:
    def state(location: str, healthy: bool) -> dict[str, Any]:
        entry = {"name": "pim", "locationOrLoadError": {"__typename": location}}
        daemons = [
            {"daemonType": "SENSOR", "required": True, "healthy": healthy},
            {"daemonType": "BACKFILL", "required": False, "healthy": None},
        ]
        return {
            "instance": {"daemonHealth": {"allDaemonStatuses": daemons}},
            "workspaceOrError": {"__typename": "Workspace", "locationEntries": [entry]},
        }

    dagster.answers = [state("RepositoryLocation", True), state("PythonError", False)]

    assert client_of.complaints() == []
    assert client_of.complaints() == [
        "Dagster's code location pim is not loaded.",
        "Dagster's sensor daemon sends no heartbeat.",
    ]


def test_a_refused_start_is_503_and_taken_back(dagster: Dagster, new_client: Callable[..., Client]) -> None:
    client = new_client(dagster_url=dagster.url)
    job = client.make_job("ready")
    dagster.answers = [PLACE, {"launchRun": {"__typename": "PythonError", "message": "secret trace"}}]

    answer = client.post(f"/imports/{job.uuid}/start-processing")

    check_problem(answer, 503, "RUN_REFUSED")
    assert "secret trace" not in answer.text
    assert client.job(job.uuid).status == "ready"


def test_a_start_whose_run_has_the_job_already_stands(dagster: Dagster, new_client: Callable[..., Client]) -> None:
    client = new_client(dagster_url=dagster.url)
    job = client.make_job("ready")

    def claim_and_break() -> None:
        """Let the run claim the job before its launch is answered, and lose the answer."""
        with client.connect() as conn:
            conn.execute("update import_jobs set run_id = %s where uuid = %s", (RUN_ID, job.uuid))

    dagster.answers = [PLACE, claim_and_break, claim_and_break]

    answer = client.post(f"/imports/{job.uuid}/start-processing")

    assert answer.status_code == 202
    after = client.job(job.uuid)
    assert (after.status, str(after.run_id)) == ("processing", RUN_ID)


def test_a_preview_whose_run_has_died_is_told_as_failed(dagster: Dagster, new_client: Callable[..., Client]) -> None:
    client = new_client(dagster_url=dagster.url)
    job = client.make_job("ready")
    dagster.answers = [
        PLACE,
        {"launchRun": {"__typename": "LaunchRunSuccess", "run": {"runId": RUN_ID}}},
        {"runOrError": {"__typename": "Run", "status": "FAILURE"}},
    ]

    answer = client.post(f"/imports/{job.uuid}/dry-run")

    check_problem(answer, 500, "INTERNAL_ERROR")
    assert dagster.asked[1][1]["params"]["selector"]["jobName"] == "preview_import"


def test_cancel_terminates_the_run_after_its_answer(dagster: Dagster, new_client: Callable[..., Client]) -> None:
    client = new_client(dagster_url=dagster.url)
    job = client.make_job("processing", run_id=UUID(RUN_ID))
    dagster.answers = [{"terminateRun": {"__typename": "TerminateRunSuccess"}}]

    client.post(f"/imports/{job.uuid}/cancel")

    query, variables = dagster.asked[0]
    assert "terminateRun" in query
    assert variables == {"run": RUN_ID}
