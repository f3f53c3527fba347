"""Reading, checking, planning and loading, phase by phase, beside a raw COPY of the same rows in the same run.

    python -m benchmarks.loading [--rows 300000]

For ordered and shuffled keys: a first import, the same file again (unchanged), and the same file with every price
changed. Each phase: seconds, the CPU seconds of this process, and its peak memory so far. No Dagster, no API.
"""

import argparse
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.raw_copy import raw_copy
from benchmarks.rows import COLUMNS, write_rows
from pim_pipelines import database as db
from pim_pipelines.database.server import EmbeddedServer
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.pipeline import CheckSpec, check
from pim_pipelines.importing.readers import normalise
from pim_pipelines.importing.readers.table import ReadOptions
from pim_pipelines.loading import loader, plan, stage
from pim_pipelines.loading.work import Outcome, Work
from pim_pipelines.processes import Lifeline
from pim_pipelines.store import jobs, moves


def peak() -> int:
    """Return this process's peak memory in MiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


@dataclass
class Phases:
    """What each phase took."""

    lines: list[str]
    seconds: float = 0

    def time(self, name: str, work: Callable[[], object]) -> object:
        """Do it, and note what it took."""
        start, cpu = time.monotonic(), time.process_time()
        done = work()
        took = time.monotonic() - start
        self.seconds += took
        self.lines.append(f"{name} {took:.1f} s (cpu {time.process_time() - cpu:.1f}, peak {peak()} MiB)")
        return done


def import_file(url: str, folder: Path, file: Path, supplier: str) -> tuple[Phases, Outcome]:
    """Import a file by the core alone."""

    def connect() -> db.Connection:
        return db.connect(url)

    run, uuid = uuid4(), uuid4()
    with connect() as conn:
        conn.execute("insert into tenants (code) values ('bench') on conflict do nothing")
        conn.execute("insert into suppliers (tenant_id, code) values (1, %s) on conflict do nothing", (supplier,))
        row = conn.execute("select id from suppliers where code = %s", (supplier,)).fetchone()
        assert row is not None
        jobs.insert(
            conn, uuid=uuid, tenant_id=1, import_type="manual", supplier_id=row[0], column_mapping=dict(COLUMNS)
        )
        moves.claim(conn, uuid, 1, run, JobStatus.ANALYZING)
        moves.move(conn, uuid, JobStatus.READY)
        moves.move(conn, uuid, JobStatus.PROCESSING)
        job = jobs.get(conn, uuid)
    assert job is not None and job.supplier_id is not None
    rows, checked, errors = folder / "rows.parquet", folder / "checked.arrow", folder / "errors.arrow"
    phases = Phases([])
    phases.time("read", lambda: normalise(file, file.name, rows, ReadOptions()))
    spec = CheckSpec(list(COLUMNS), dict(COLUMNS), {}, {}, job.supplier_id)
    work = Work(
        job_id=job.id,
        uuid=uuid,
        tenant_id=1,
        supplier_id=job.supplier_id,
        run_id=run,
        attempt=1,
        fields=spec.fields(),
    )
    phases.time("check and stage", lambda: stage.stage(connect, work, check(rows, spec), checked, errors))
    phases.time("plan", lambda: plan.build(connect, work))
    outcome = phases.time("load", lambda: loader.load(connect, work, checked, errors))
    assert isinstance(outcome, Outcome)
    return phases, outcome


def in_child(work: Callable[..., object], *args: object) -> None:
    """Run in a process of its own, so that its memory is not counted here."""
    child = multiprocessing.get_context("spawn").Process(target=work, args=args)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(child.exitcode)


def generate(file: Path, rows: int, order: str) -> None:
    """Write the file to import."""
    write_rows(file, rows, shuffled=order == "shuffled", seed=len(order))


def report(url: str, folder: Path, file: Path, supplier: str, what: str, raw: float) -> None:
    """Import a file and print how it went."""
    phases, outcome = import_file(url, folder, file, supplier)
    assert outcome.failed == 0, outcome
    print(f"{what:22} {phases.seconds:5.1f} s: {raw / phases.seconds:.0%} of raw COPY; " + ", ".join(phases.lines))


def change_prices(source: Path, target: Path) -> None:
    """Write the file again with every price one cent higher."""
    header, *lines = source.read_text().splitlines()
    at = header.split(";").index(next(column for column, field in COLUMNS.items() if field == "price"))
    with target.open("w") as out:
        out.write(header + "\n")
        for line in lines:
            cells = line.split(";")
            cells[at] = f"{float(cells[at].replace(',', '.')) + 0.01:.2f}".replace(".", ",")
            out.write(";".join(cells) + "\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=300_000)
    rows = parser.parse_args().rows
    folder = Path(tempfile.mkdtemp(prefix="pim-bench-"))
    folder.chmod(0o711)
    lifeline = Lifeline()
    server = EmbeddedServer(folder, lifeline, durable=True)
    server.start()
    try:
        db.migrate(server.url)
        for order in ("ordered", "shuffled"):
            file, dearer = folder / f"{order}.csv", folder / f"{order}_dearer.csv"
            in_child(generate, file, rows, order)
            in_child(change_prices, file, dearer)
            raw = raw_copy(server.url, file)
            print(f"{order}: raw COPY {raw:.1f} s")
            for source, what in ((file, "first import"), (file, "unchanged"), (dearer, "every price changed")):
                in_child(report, server.url, folder, source, order, what, raw)
    finally:
        server.stop()
        lifeline.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
