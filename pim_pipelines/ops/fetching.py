"""What fetch does for a file that was not uploaded: have it come from its source, once."""

import re
from datetime import UTC, datetime
from typing import Any

from dagster import OpExecutionContext

from pim_pipelines import sources
from pim_pipelines.database import Connection
from pim_pipelines.errors import FileError, SourceError
from pim_pipelines.files import FileStore as Files
from pim_pipelines.importing.readers import sniff
from pim_pipelines.importing.voog.analysis import look
from pim_pipelines.ops.border import JobGone, run_id_of
from pim_pipelines.resources import Catalogue, SecretBox
from pim_pipelines.settings import settings
from pim_pipelines.sources.choice import Patience, Taken, take
from pim_pipelines.store import configs, fetches, jobs, remote_files
from pim_pipelines.store.jobs import Job

PATIENCE = Patience()
SIGNATURE = re.compile(r"(?<=/)[0-9a-f]{64}(?=/)")
"""In the address of an import file (`api/voog/file_addresses.py`): whoever has it can read the file."""


def brought(context: OpExecutionContext, job: Job, catalogue: Catalogue, files: Files, secret_box: SecretBox) -> Job:
    """Fetch the job's file, and make jobs of the others that `all_matching` asked for; raises SourceError, FileError.

    The source is told that a file was taken over only when it is one that we read.
    """
    assert job.source is not None  # noqa: S101 - asked for only where there is one
    with catalogue.connect() as conn:
        sealed = fetches.sealed(conn, job.uuid)
    secrets = secret_box.open(sealed) if sealed else {}
    with sources.of(job.source, secrets, settings()) as source:
        context.log.info(f"Fetching from {source.described}.")
        taken = take(
            source,
            files,
            job.source_key,
            max_bytes=settings().max_file_bytes,
            every=bool(job.source.get("all_matching")) and "path" not in job.source,
            patience=PATIENCE,
            say=context.log.info,
        )
        file_type, refusal = _looked_at(job, taken, files)
        job = _noted(context, job, taken, catalogue, file_type=file_type, sealed=sealed)
        if refusal is not None:
            raise refusal
        try:
            source.mark_done(taken.fetched.candidate)
        except SourceError as error:  # the import goes on: its file is here
            context.log.warning(f"The file could not be marked as taken over. {error}")
    return job


def _looked_at(job: Job, taken: Taken, files: Files) -> tuple[str | None, FileError | None]:
    """Return the type that a file has, or what an upload of it would be answered."""
    try:
        with files.local(job.source_key) as path:
            file_format = (sniff if job.voog_id is None else look)(path, taken.fetched.file_name)
    except FileError as error:
        return None, error
    return str(file_format.file_type), None


def _noted(
    context: OpExecutionContext,
    job: Job,
    taken: Taken,
    catalogue: Catalogue,
    *,
    file_type: str | None,
    sealed: bytes | None,
) -> Job:
    """Write to the job which file has come; raises JobGone."""
    fetched = taken.fetched
    with catalogue.connect() as conn:
        is_ours = fetches.received(
            conn,
            job.uuid,
            run_id_of(context),
            file_name=fetched.file_name,
            file_type=file_type,
            file_size=fetched.size,
            file_sha256=fetched.sha256,
        )
        if not is_ours:
            raise JobGone("The import was changed by somebody else while its file was being fetched.")
        _entered(conn, job, taken)
        others = [{**(job.source or {}), "all_matching": False, "path": other.path} for other in taken.others]
        fetches.add_siblings(conn, job, others, sealed=sealed)
        noted = jobs.get(conn, job.uuid)
    context.log.info(
        f"{fetched.file_name} has come: {fetched.size:,} bytes; {len(others)} more files are to be fetched."
    )
    assert noted is not None  # noqa: S101 - just written
    return noted


def _entered(conn: Connection, job: Job, taken: Taken) -> None:
    """Enter a file that a retried job of a config has brought into the config's ledger: no look imports it again."""
    config = configs.by_uuid(conn, job.config_uuid, job.tenant_id) if job.config_uuid else None
    if config is not None:
        fetched, candidate = taken.fetched, taken.fetched.candidate
        now = datetime.now(UTC)
        remote_files.take(conn, config.id, candidate.path, state=candidate.state, sha256=fetched.sha256, at=now)
        remote_files.imported_as(conn, config.id, candidate.path, job.id)


def shown(source: dict[str, Any]) -> str:
    """Say where a file came from, without secrets and without asking anybody."""
    place = SIGNATURE.sub("***", source.get("url") or "") or source.get("host") or source.get("imap_host")
    return f"{source.get('type')}: {place}"
