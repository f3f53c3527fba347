"""The latest file of a supplier once more, by the mapping that holds now."""

import shutil
from uuid import UUID, uuid4

from pim_pipelines.automation.taking import rules_and_options
from pim_pipelines.database import Connection
from pim_pipelines.errors import ImportFailed
from pim_pipelines.files import FileStore
from pim_pipelines.store import configs, jobs
from pim_pipelines.store.jobs import Job

NO_FILE = "No file of {partition} is in the file store that was ever read: import one first."


def reimport_latest(conn: Connection, files: FileStore, partition: str) -> tuple[Job, Job]:
    """Make an import of the file of the latest import of `tenant:supplier`; returns that one and the new one. Commits.

    Raises ImportFailed where there is no such file.
    """
    latest = next((job for job in jobs.latest_read(conn, partition) if files.exists(job.source_key)), None)
    if latest is None:
        raise ImportFailed(NO_FILE.format(partition=partition))
    uuid = uuid4()
    folder = f"{latest.tenant_id}/{uuid}"
    with (
        files.open_read(latest.source_key) as source,
        files.create(f"{folder}/source") as path,
        path.open("wb") as copy,
    ):
        shutil.copyfileobj(source, copy, 1 << 20)
    try:
        made = _insert(conn, latest, uuid)
        conn.commit()
    except BaseException:
        files.delete(folder)
        raise
    return latest, made


def _insert(conn: Connection, latest: Job, uuid: UUID) -> Job:
    config = configs.by_uuid(conn, latest.config_uuid, latest.tenant_id) if latest.config_uuid else None
    now = config or latest
    rules, options = rules_and_options(conn, config) if config else (latest.validation_rules, latest.import_options)
    return jobs.insert(
        conn,
        uuid=uuid,
        tenant_id=latest.tenant_id,
        import_type="manual",
        supplier_id=latest.supplier_id,
        template_id=now.template_id,
        auto_process=True,
        go_through=True,
        config_id=config.id if config else None,
        file_name=latest.file_name,
        file_type=latest.file_type,
        file_size=latest.file_size,
        file_sha256=latest.file_sha256,
        column_mapping=now.column_mapping,
        validation_rules=rules,
        import_options=options,
    )
