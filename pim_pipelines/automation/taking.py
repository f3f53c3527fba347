"""A new file of a config's place: into the file store, into the ledger, and a job that imports it.

The job is made when the file is here and is not the same as it was imported before: a look that finds nothing new makes
none. Ledger and job are written in one transaction, and the source is told only after it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pim_pipelines import sources
from pim_pipelines.database import Connection
from pim_pipelines.errors import FileError, PimError
from pim_pipelines.files import FileStore
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.readers import sniff
from pim_pipelines.sources.source import Candidate, Fetched, Source
from pim_pipelines.store import fetches, jobs, moves, remote_files, templates
from pim_pipelines.store.configs import Config
from pim_pipelines.store.jobs import Job

IMPORT_TYPE = "scheduled"


@dataclass(frozen=True, slots=True)
class Batch:
    """The jobs of one look: the first carries its due time, the others the first one's id."""

    config: Config
    due_at: datetime
    first: UUID | None


def take_over(
    conn: Connection,
    source: Source,
    candidate: Candidate,
    files: FileStore,
    *,
    batch: Batch,
    max_bytes: int,
    now: datetime,
) -> Job | None:
    """Fetch a file and make its job; None where its content was imported already. Commits.

    Raises SourceError, FileTooLarge, and ChangedMeanwhile where the file was written to while it was fetched. A file
    that we cannot read makes a failed job.
    """
    uuid = uuid4()
    folder = folder_of(batch.config, uuid)
    fetched = sources.store(source, candidate, files, f"{folder}/source", max_bytes)
    try:
        job = _accepted(conn, fetched, files, uuid=uuid, batch=batch, now=now)
        conn.commit()
    except BaseException:
        conn.rollback()
        files.delete(folder)
        raise
    if job is None:
        files.delete(folder)
    return job


def _accepted(
    conn: Connection, fetched: Fetched, files: FileStore, *, uuid: UUID, batch: Batch, now: datetime
) -> Job | None:
    config, candidate = batch.config, fetched.candidate
    if not remote_files.take(conn, config.id, candidate.path, state=candidate.state, sha256=fetched.sha256, at=now):
        return None
    file_type, refusal = _looked_at(fetched, files, folder_of(config, uuid))
    job = _insert(conn, uuid, batch, fetched=fetched, file_type=file_type)
    remote_files.imported_as(conn, config.id, candidate.path, job.id)
    if refusal is None:
        return job
    moves.move(conn, uuid, JobStatus.FAILED, last_error=str(refusal))
    return jobs.by_id(conn, job.id)


def rules_and_options(conn: Connection, config: Config) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a config's imports are held to: its template's rules and options, with its own over them."""
    template = templates.by_id(conn, config.template_id) if config.template_id else None
    if template is None:
        return config.validation_rules, config.import_options
    return template.validation_rules | config.validation_rules, template.import_options | config.import_options


def folder_of(config: Config, uuid: UUID) -> str:
    """Return the prefix of a job's keys in the file store."""
    return f"{config.tenant_id}/{uuid}"


def note_failure(conn: Connection, batch: Batch, error: PimError) -> Job:
    """Make a failed job of a look that could not fetch its file; commits. A retry of it fetches anew."""
    config, uuid = batch.config, uuid4()
    job = _insert(conn, uuid, batch)
    source = {name: value for name, value in config.source.items() if name != "on_new_file"} | {"all_matching": False}
    fetches.attach(conn, uuid, source=source, sealed=config.source_secret)
    moves.move(conn, uuid, JobStatus.FAILED, last_error=str(error))
    conn.commit()
    return job


def _insert(
    conn: Connection, uuid: UUID, batch: Batch, *, fetched: Fetched | None = None, file_type: str | None = None
) -> Job:
    config = batch.config
    rules, options = rules_and_options(conn, config)
    return jobs.insert(
        conn,
        uuid=uuid,
        tenant_id=config.tenant_id,
        import_type=IMPORT_TYPE,
        supplier_id=config.supplier_id,
        template_id=config.template_id,
        auto_process=True,
        go_through=True,
        config_id=config.id,
        due_at=batch.due_at if batch.first is None else None,
        batch_id=batch.first,
        file_name=fetched.file_name if fetched else None,
        file_type=file_type,
        file_size=fetched.size if fetched else None,
        file_sha256=fetched.sha256 if fetched else None,
        column_mapping=config.column_mapping,
        validation_rules=rules,
        import_options=options,
    )


def _looked_at(fetched: Fetched, files: FileStore, folder: str) -> tuple[str | None, FileError | None]:
    """Return the type that a file has, or what an upload of it would be answered."""
    try:
        with files.local(f"{folder}/source") as path:
            file_format = sniff(path, fetched.file_name)
    except FileError as error:
        return None, error
    return str(file_format.file_type), None
