"""Dagster runs over its webserver's GraphQL: launch, terminate, look up.

HTTP, not Dagster's client: that imports dagster, which would cost each API process a second and 100 MB.
"""

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from pim_pipelines.errors import PimError
from pim_pipelines.runs import IMPORT_JOB, RunSpec

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 10.0
FINAL_STATES = frozenset({"SUCCESS", "FAILURE", "CANCELED"})

log = logging.getLogger(__name__)

_FIND = """{ repositoriesOrError { __typename
  ... on RepositoryConnection { nodes { name location { name } jobs { name } } }
  ... on PythonError { message } } }"""
_LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename
  ... on LaunchRunSuccess { run { runId } }
  ... on RunConfigValidationInvalid { errors { message } }
  ... on Error { message } } }"""
_TERMINATE = """mutation ($run: String!) { terminateRun(runId: $run, terminatePolicy: SAFE_TERMINATE) { __typename
  ... on TerminateRunFailure { message }
  ... on Error { message } } }"""
_STATUS = "query ($run: ID!) { runOrError(runId: $run) { __typename ... on Run { status } ... on Error { message } } }"
_READY = """{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } }
  workspaceOrError { __typename ... on Workspace { locationEntries { name locationOrLoadError { __typename } } }
    ... on Error { message } } }"""


class DagsterAway(PimError):
    """Dagster's webserver does not answer, or has not loaded our code yet."""

    code = "DAGSTER_UNAVAILABLE"


class RunRefused(PimError):
    """Dagster answered, and said no."""

    code = "RUN_REFUSED"


@dataclass(frozen=True)
class _Place:
    location: str
    repository: str


class Runs:
    """A client of one Dagster webserver, safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=10, keepalive_expiry=30),
            trust_env=False,
        )
        self._place: _Place | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def page(self, run_id: UUID) -> str:
        """Return the address of a run's page."""
        return f"{self._url}/runs/{run_id}"

    def launch(self, spec: RunSpec) -> UUID:
        """Launch a run; raises DagsterAway or RunRefused.

        After a broken connection the run may exist all the same: it will not get its job's row then.
        """
        known = self._place
        try:
            return self._launch(spec, known or self._find())
        except RunRefused:
            if known is None:
                raise
        return self._launch(spec, self._find())  # the code location may have another name since

    def terminate(self, run_id: UUID) -> None:
        """Ask a run to stop; raises DagsterAway or RunRefused (it may be over, or unknown)."""
        answer = self._ask(_TERMINATE, {"run": str(run_id)})["terminateRun"]
        _expect(answer, "TerminateRunSuccess")

    def status(self, run_id: UUID) -> str | None:
        """Return Dagster's status of a run, None where it does not know it; raises DagsterAway."""
        answer = self._ask(_STATUS, {"run": str(run_id)})["runOrError"]
        if answer["__typename"] == "RunNotFoundError":
            return None
        return str(_expect(answer, "Run")["status"])

    def complaints(self) -> list[str]:
        """Return why runs cannot be done now, one sentence a reason; none when all is well."""
        try:
            answer = self._ask(_READY)
        except DagsterAway as error:
            return [str(error)]
        found = []
        entries = answer["workspaceOrError"].get("locationEntries") or []
        if not entries:
            found.append("Dagster has no code location.")
        for entry in entries:
            kind = (entry["locationOrLoadError"] or {}).get("__typename")
            if kind != "RepositoryLocation":
                found.append(f"Dagster's code location {entry['name']} is not loaded.")
        daemons = answer["instance"]["daemonHealth"]["allDaemonStatuses"]
        found += [
            f"Dagster's {daemon['daemonType'].lower()} daemon sends no heartbeat."
            for daemon in daemons
            if daemon["required"] and not daemon["healthy"]
        ]
        return found

    def _launch(self, spec: RunSpec, place: _Place) -> UUID:
        selector: dict[str, Any] = {
            "repositoryLocationName": place.location,
            "repositoryName": place.repository,
            "jobName": spec.job_name,
        }
        if spec.op_selection is not None:
            selector["solidSelection"] = list(spec.op_selection)
        metadata: dict[str, Any] = {"tags": [{"key": key, "value": value} for key, value in spec.tags.items()]}
        if spec.parent_run_id is not None:
            metadata |= {"parentRunId": spec.parent_run_id, "rootRunId": spec.parent_run_id}
        params = {"selector": selector, "runConfigData": spec.run_config, "executionMetadata": metadata}
        answer = _expect(self._ask(_LAUNCH, {"params": params})["launchRun"], "LaunchRunSuccess")
        return UUID(answer["run"]["runId"])

    def _find(self) -> _Place:
        """Find the code location that has our jobs; `dagster dev` names it otherwise than `pim up`."""
        answer = self._ask(_FIND)["repositoriesOrError"]
        for node in answer.get("nodes") or []:
            if any(job["name"] == IMPORT_JOB for job in node["jobs"]):
                self._place = _Place(node["location"]["name"], node["name"])
                return self._place
        raise DagsterAway("Dagster has not loaded the imports' code yet: try again in a moment.")

    def _ask(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            response = self._post(query, variables)
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("Dagster does not answer: %s", type(error).__name__)
            raise DagsterAway("Dagster does not answer: try again in a moment.") from error
        if not response.is_success or body.get("errors") or not body.get("data"):
            log.warning("Dagster answers %s: %s", response.status_code, str(body.get("errors"))[:500])
            raise DagsterAway("Dagster answers with an error: try again in a moment, and see its log.")
        return dict(body["data"])

    def _post(self, query: str, variables: dict[str, Any] | None) -> httpx.Response:
        content = {"query": query, "variables": variables or {}}
        try:
            return self._http.post(f"{self._url}/graphql", json=content)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            # A kept connection that the other end has closed meanwhile. Launched twice is harmless: one run
            # gets the job's row, the other ends with everything skipped.
            return self._http.post(f"{self._url}/graphql", json=content)


def _expect(answer: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Return a mutation's answer if it is the success; all others of its union raise."""
    if answer["__typename"] == wanted:
        return answer
    reasons = [item["message"] for item in answer.get("errors") or []] or [answer.get("message") or ""]
    log.warning("Dagster says %s: %s", answer["__typename"], "; ".join(reasons)[:1000])
    raise RunRefused(f"Dagster refused the run ({answer['__typename']}): see the API's log.")
