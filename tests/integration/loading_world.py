"""A tenant with suppliers, and small files as checking would hand them over, to be staged, planned and loaded."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import polars as pl
import psycopg
import xxhash

from pim_pipelines.importing.pipeline import KEYS, CheckedBlock
from pim_pipelines.importing.rules.spared import COLUMNS
from pim_pipelines.loading import loader, plan, preview, stage
from pim_pipelines.loading.checked import ERRORS
from pim_pipelines.loading.work import Outcome, PlanSummary, Progress, Work

Row = dict[str, Any]
Connect = Callable[[], psycopg.Connection[Any]]

TYPES = {"stock": pl.Int64(), "is_active": pl.Boolean()}


def gtin(number: int) -> str:
    """Give a GTIN-13 with its check digit for a number of up to twelve digits."""
    body = f"{number:012d}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(body))
    return body + str(-total % 10)


def spared(failed: Iterable[Row]) -> pl.DataFrame:
    """Tell what failed rows may mean, as checking does."""
    eans = [int(row["ean"]) if row.get("ean") else None for row in failed]
    return pl.DataFrame(
        {"low_gtin": eans, "high_gtin": eans, "sku": [row.get("sku") for row in failed]}, schema=COLUMNS
    )


@dataclass
class File:
    """Rows as checking found them: `ean, sku, title, price, …`, texts; a row with `error` has failed."""

    rows: list[Row]
    fields: list[str]
    block_rows: int = 50_000
    salt: str = ""

    def blocks(self, supplier: int) -> Iterator[CheckedBlock]:
        for start in range(0, max(1, len(self.rows)), self.block_rows):
            yield self._block(start, self.rows[start : start + self.block_rows], supplier)

    def _block(self, start: int, rows: Sequence[Row], supplier: int) -> CheckedBlock:
        numbered = [(start + at + 1, row) for at, row in enumerate(rows)]
        columns = [name for name in self.fields if name not in KEYS and not name.startswith("attributes.")]
        attributes = [name for name in self.fields if name.startswith("attributes.")]
        schema = KEYS | {name: TYPES.get(name, pl.String()) for name in columns}
        if attributes:
            schema["attributes"] = pl.String()
        good = [
            self._checked(number, row, columns, attributes, supplier) for number, row in numbered if "error" not in row
        ]
        errors = [
            (number, "error", "ean_invalid", "ean", row["error"], row.get("ean"))
            for number, row in numbered
            if "error" in row
        ] + [
            (number, "warning", "number_invalid", "price", row["warning"], None)
            for number, row in numbered
            if "warning" in row
        ]
        errors.sort(key=lambda error: error[0])
        failed = sum("error" in row for row in rows)
        return CheckedBlock(
            pl.DataFrame(good, schema=schema, orient="row"),
            pl.DataFrame(errors, schema=ERRORS, orient="row"),
            len(rows),
            failed,
            spared([row for row in rows if "error" in row]),
        )

    def _checked(
        self, number: int, row: Row, columns: list[str], attributes: list[str], supplier: int
    ) -> dict[str, Any]:
        values = {name: row.get(name) for name in columns}
        if attributes:
            given = {name.removeprefix("attributes."): row[name] for name in attributes if name in row}
            values["attributes"] = json.dumps(given) if given else None
        ean = row.get("ean")
        hashed = repr((self.salt, self.fields, ean, row.get("sku"), row.get("clear"), sorted(values.items(), key=str)))
        digest = xxhash.xxh3_64_intdigest(hashed.encode())
        return {
            "row_number": number,
            "gtin": int(ean) if ean else None,
            "gtin_scope": supplier if ean and len(ean) == 13 and ean[0] == "2" else 0,
            "ean": ean,
            "sku": row.get("sku"),
            "row_hash": digest - (1 << 64) if digest >> 63 else digest,
            "has_title": row.get("title") is not None,
            "clear": row.get("clear"),
        } | values


@dataclass
class World:
    """A tenant in a fresh database."""

    connect: Connect
    folder: Path
    tenant: int = 0
    suppliers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.connect() as conn:
            row = conn.execute("insert into tenants (code) values (%s) returning id", (f"t{uuid4().hex}",)).fetchone()
            self.tenant = row[0] if row else 0

    def supplier(self, code: str) -> int:
        if code not in self.suppliers:
            with self.connect() as conn:
                row = conn.execute(
                    "insert into suppliers (tenant_id, code) values (%s, %s) returning id", (self.tenant, code)
                ).fetchone()
                self.suppliers[code] = row[0] if row else 0
        return self.suppliers[code]

    def job(self, supplier: str | None, fields: Iterable[str], **options: Any) -> Work:
        """Make a job that its run is processing."""
        uuid, run = uuid4(), uuid4()
        supplier_id = self.supplier(supplier) if supplier else None
        with self.connect() as conn:
            row = conn.execute(
                """insert into import_jobs (uuid, tenant_id, supplier_id, import_type, status, run_id)
                   values (%s, %s, %s, 'manual', 'processing', %s) returning id""",
                (uuid, self.tenant, supplier_id, run),
            ).fetchone()
        return Work(
            job_id=row[0] if row else 0,
            uuid=uuid,
            tenant_id=self.tenant,
            supplier_id=supplier_id,
            run_id=run,
            attempt=1,
            fields=list(fields),
            options=options,
        )

    def retry(self, work: Work) -> Work:
        """Fail the job, retry it, and let a new run process it."""
        run = uuid4()
        with self.connect() as conn:
            conn.execute(
                """update import_jobs set status = 'processing', attempt = attempt + 1, run_id = %s,
                     successful_rows = 0, failed_rows = 0, products_created = 0, products_updated = 0,
                     products_skipped = 0, error_count = 0 where id = %s""",
                (run, work.job_id),
            )
            conn.execute("delete from import_errors where import_id = %s", (work.job_id,))
        return Work(
            job_id=work.job_id,
            uuid=work.uuid,
            tenant_id=work.tenant_id,
            supplier_id=work.supplier_id,
            run_id=run,
            attempt=work.attempt + 1,
            fields=work.fields,
            options=work.options,
        )

    def paths(self, work: Work) -> tuple[Path, Path]:
        return self.folder / f"{work.run_id}.checked.arrow", self.folder / f"{work.run_id}.errors.arrow"

    def staged(self, work: Work, file: File) -> PlanSummary:
        """Stage and plan a file."""
        stage.stage(self.connect, work, file.blocks(work.supplier_id or 0), *self.paths(work))
        return plan.build(self.connect, work)

    def load(self, work: Work, on_chunk: Progress | None = None) -> Outcome:
        return loader.load(self.connect, work, *self.paths(work), on_chunk)

    def preview(self, work: Work) -> dict[str, Any]:
        return preview.preview(self.connect, work, *self.paths(work))

    def run(self, supplier: str | None, rows: list[Row], fields: list[str] | None = None, **options: Any) -> "Run":
        """Import rows to the end."""
        fields = fields or sorted({name for row in rows for name in row} - {"error", "warning", "clear"})
        work = self.job(supplier, fields, **options)
        return self.carry_out(work, File(rows, fields))

    def carry_out(self, work: Work, file: File) -> "Run":
        self.staged(work, file)
        return Run(work, self.load(work))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as conn:
            return conn.execute(query.encode(), values).fetchall()

    def errors(self, work: Work) -> list[tuple[Any, ...]]:
        """Give (row_number, severity, error_type), by row."""
        return self.rows(
            """select row_number, severity::text, error_type from import_errors
               where import_id = %s order by row_number, n""",
            work.job_id,
        )

    def counters(self, work: Work) -> tuple[int, ...]:
        """Give created, updated, skipped, failed as the job shows them."""
        return self.rows(
            "select products_created, products_updated, products_skipped, failed_rows from import_jobs where id = %s",
            work.job_id,
        )[0]


@dataclass
class Run:
    """A job and how it ended."""

    work: Work
    outcome: Outcome

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Created, updated, skipped, failed."""
        done = self.outcome
        return done.created, done.updated, done.skipped, done.failed


def uuid_of(number: int) -> UUID:
    return UUID(int=number)


def once(then: Callable[[], Any]) -> Callable[[Any], None]:
    """Do something after the first chunk."""
    done = threading.Event()

    def on_chunk(_: Any) -> None:
        if not done.is_set():
            done.set()
            then()

    return on_chunk
