"""A catalogue, a file store and a Dagster instance for tests of the ops: runs are real, in this process."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from dagster import DagsterInstance, DagsterRun, ExecuteInProcessResult

from pim_pipelines import files, runs
from pim_pipelines.definitions import defs
from pim_pipelines.resources import Catalogue, FileStore
from pim_pipelines.store import jobs, keys, moves, suppliers, templates
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.templates import Template

Connect = Callable[[], psycopg.Connection[Any]]

GOOD = """EAN;Titre;Prix HT;Marque
4006381333931;Stylo feutre bleu;1,95;Stabilo
3017620422003;Pâte à tartiner 400 g;3,49;Ferrero
5449000000996;Boisson 33 cl;0,89;Coca-Cola
"""
MAPPING: dict[str, str | None] = {"EAN": "ean", "Titre": "title", "Prix HT": "price", "Marque": "brand_name"}


class World:
    """One tenant `acme` with its supplier `DEMO`."""

    def __init__(self, connect: Connect, url: str, folder: Path) -> None:
        self.connect = connect
        self.instance = DagsterInstance.ephemeral()
        self.catalogue = Catalogue(url=url)
        self.file_store = FileStore(url=f"file://{folder}")
        self.files = files.FileStore(f"file://{folder}")
        self.resources: dict[str, Any] = {"catalogue": self.catalogue, "file_store": self.file_store}
        with connect() as conn:
            self.tenant_id = keys.create(conn, "acme")[0].tenant_id
            self.supplier_id = suppliers.ensure(conn, self.tenant_id, "DEMO").id

    def template(self, mapping: dict[str, str | None]) -> Template:
        """Make a mapping template."""
        with self.connect() as conn:
            return templates.insert(
                conn,
                self.tenant_id,
                name="a template",
                supplier_id=None,
                column_mapping=mapping,
                validation_rules={},
                import_options={},
            )

    def upload(self, content: str | bytes = GOOD, *, supplier: bool = True, **columns: Any) -> UUID:
        """Do what the API does with a file: keep it, and make a pending job."""
        data = content.encode() if isinstance(content, str) else content
        uuid = uuid4()
        with self.files.open_write(f"{self.tenant_id}/{uuid}/source") as file:
            file.write(data)
        with self.connect() as conn:
            jobs.insert(
                conn,
                uuid=uuid,
                tenant_id=self.tenant_id,
                supplier_id=self.supplier_id if supplier else None,
                import_type="manual",
                file_name="catalogue.csv",
                file_size=len(data),
                file_sha256=hashlib.sha256(data).digest(),
                **columns,
            )
        return uuid

    def job(self, uuid: UUID) -> Job:
        """Read the job as it stands."""
        with self.connect() as conn:
            found = jobs.get(conn, uuid)
        assert found is not None
        return found

    def run(self, uuid: UUID) -> ExecuteInProcessResult:
        """Run the whole of `import_products` for a job."""
        return self.execute(runs.of_import(self.job(uuid)))

    def start(self, uuid: UUID) -> ExecuteInProcessResult:
        """Do what start-processing does."""
        with self.connect() as conn:
            assert moves.start(conn, uuid)
        return self.execute(runs.of_start(self.job(uuid)))

    def retry(self, uuid: UUID) -> ExecuteInProcessResult:
        """Do what retry does."""
        with self.connect() as conn:
            assert moves.retry(conn, uuid)
        return self.run(uuid)

    def preview(self, uuid: UUID) -> ExecuteInProcessResult:
        """Run a dry run."""
        return self.execute(runs.of_preview(self.job(uuid)))

    def execute(self, spec: runs.RunSpec) -> ExecuteInProcessResult:
        """Run a job as a launcher would, here."""
        return defs.resolve_job_def(spec.job_name).execute_in_process(
            instance=self.instance,
            run_config=spec.run_config,
            tags=spec.tags,
            op_selection=list(spec.op_selection) if spec.op_selection else None,
            resources=self.resources,
            raise_on_error=False,
        )

    def dagster_run(self, result: ExecuteInProcessResult) -> DagsterRun:
        """Return the run of a result as Dagster keeps it."""
        run = self.instance.get_run_by_id(result.run_id)
        assert run is not None
        return run

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the catalogue."""
        with self.connect() as conn:
            return conn.execute(query.encode(), values).fetchall()

    def titles(self) -> list[str]:
        """Return the titles of all products."""
        return [title for (title,) in self.rows("select title from products order by title")]


def skipped(result: ExecuteInProcessResult) -> set[str]:
    """Return the ops that a run skipped."""
    return {str(event.step_key) for event in result.all_events if event.is_step_skipped}
