"""Making an import job once: what every endpoint that makes one does after it has checked its request."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import psycopg
from fastapi import Header
from psycopg import Connection
from pydantic import BaseModel

from api.job_runs import launch_import
from api.problems import Problem
from api.services import ApiServices
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import idempotency, jobs
from pim_pipelines.store.idempotency import Seen
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.keys import ApiKey

log = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="The same key with the same fields and file within 24 hours gets the first answer; with others, "
        "422.",
    ),
]


@dataclass(frozen=True, slots=True)
class NewJob(Generic[Answer]):
    """A job to make: by what a repetition is known, how its row is inserted, and what is answered."""

    fingerprint: bytes
    insert: Callable[[Connection[Any]], Job]
    model: type[Answer]
    answer: Callable[[Job, JobStatus], Answer]


def accept(new: NewJob[Answer], key: ApiKey, services: ApiServices, idempotency_key: str | None) -> tuple[Answer, bool]:
    """Make the job and launch its run; or, where the request came before, give the first answer again (False)."""
    once = (idempotency_key or "").strip()
    with services.connection() as conn:
        made = _insert_once(conn, new, key, once)
    if not isinstance(made, Job):
        return made, False
    status = JobStatus.ANALYZING if launch_import(services, made) else JobStatus.PENDING
    answer = new.answer(made, status)
    if once:
        _remember(services, key, once, answer)
    return answer, True


def _insert_once(conn: Connection[Any], new: NewJob[Answer], key: ApiKey, once: str) -> Job | Answer:
    if not once:
        return new.insert(conn)
    seen = idempotency.reserve(conn, key.tenant_id, once, new.fingerprint)
    if seen is not None:
        return _first_answer(conn, seen, new)
    job = new.insert(conn)
    idempotency.attach(conn, key.tenant_id, once, job.id)
    return job


def _first_answer(conn: Connection[Any], seen: Seen, new: NewJob[Answer]) -> Answer:
    if seen.fingerprint != new.fingerprint:
        raise Problem(
            422,
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key came with another file or other fields before: use a new key for a new import.",
        )
    if seen.answer is not None:
        return new.model.model_validate(seen.answer)
    first = jobs.by_id(conn, seen.import_id) if seen.import_id is not None else None
    if first is None:
        raise Problem(409, "IDEMPOTENCY_KEY_IN_USE", "The first request with this key is still at work: try again.")
    return new.answer(first, first.status)  # the first request is still launching its run


def _remember(services: ApiServices, key: ApiKey, once: str, answer: BaseModel) -> None:
    try:
        with services.connection() as conn:
            idempotency.answer(conn, key.tenant_id, once, answer.model_dump(mode="json"))
    except psycopg.Error:  # the job is made: a second request is answered from its row
        log.warning("the answer to an Idempotency-Key could not be kept")
