"""Makes the report of a job as a workbook, by a process of its own: this one loads no frames.

A few at a time, each with a deadline; the file is gone from the disk as soon as it is open for reading.
"""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import IO

from api.problems import Problem, unavailable
from api.services import ApiServices
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.report.spec import END, Finding, Spec
from pim_pipelines.importing.voog.attributes import by_name
from pim_pipelines.store import error_reads
from pim_pipelines.store.jobs import Job

log = logging.getLogger(__name__)

AT_ONCE = 2
WAIT_SECONDS = 20.0
DEADLINE_SECONDS = 300.0

_slots = BoundedSemaphore(AT_ONCE)


def make(services: ApiServices, job: Job, *, only_failed: bool | None = None) -> IO[bytes]:
    """Return the workbook, open for reading; the caller closes it. Raises Problem.

    `only_failed`: without the rows that have no error; None leaves it to what corrected rows will be needed for.
    """
    if only_failed is None:
        only_failed = has_loaded_the_rest(job)
    if not job.analysis or not services.files.exists(job.rows_key):
        raise Problem(
            409,
            "FILE_NOT_READ",
            "The import job's file has not been read, so that there are no rows to give back: take the report as csv.",
        )
    with _slot(), tempfile.TemporaryDirectory(prefix="pim-report-") as folder:
        out = Path(folder) / "report.xlsx"
        with services.files.local(job.rows_key) as rows:
            _run(job, _told(services, job, only_failed=only_failed), out, rows)
        return out.open("rb")


def has_loaded_the_rest(job: Job) -> bool:
    """Tell whether only the rows that failed are wanted again.

    A job that was not completed may not have loaded the others, and to an import with `deactivate_missing` a file
    without them would say that they are gone.
    """
    return job.status is JobStatus.COMPLETED and not job.import_options.get("deactivate_missing")


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise unavailable("Other reports are being made: try again in a moment.", "REPORT_BUSY")
    try:
        yield
    finally:
        _slots.release()


def _run(job: Job, told: Iterable[str], out: Path, rows: Path) -> None:
    with (out.parent / "said").open("w+b") as said, _process(out, rows, said) as process:
        assert process.stdin is not None  # noqa: S101 - a pipe
        timer = Timer(DEADLINE_SECONDS, process.kill)
        timer.start()
        try:
            for line in told:
                process.stdin.write(line.encode())
            process.stdin.close()
            status = process.wait()
        except BrokenPipeError:  # it has ended before its time; its status says so
            status = process.wait()
        except BaseException:  # its input is not whole, and so it makes nothing
            process.kill()
            raise
        finally:
            timer.cancel()
        if status:
            said.seek(0)
            log.error(
                "the report of import %s: status %d: %s", job.uuid, status, said.read()[-2000:].decode(errors="replace")
            )
            raise Problem(500, "INTERNAL_ERROR", "The report could not be made: take it as csv. The log says why.")


def _process(out: Path, rows: Path, said: IO[bytes]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pim_pipelines.importing.report", str(out), str(rows)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=environment, bufsize=1 << 16
    )


def _told(services: ApiServices, job: Job, *, only_failed: bool) -> Iterator[str]:
    analysis = job.analysis or {}
    columns = list(analysis.get("columns", []))
    mapping = job.column_mapping or {}
    spec = Spec(
        columns=columns,
        column_mapping=mapping if job.voog_id is None else by_name(mapping, columns),
        import_options=job.import_options,
        sheet=analysis.get("sheet"),
        sheets=list(analysis.get("sheets") or []),
        only_failed=only_failed,
    )
    yield spec.line()
    for block in error_reads.blocks(services.connection, job.id):
        for error in block:
            shown = f" ({error.raw_value})" if error.raw_value and error.field is None else ""
            yield Finding(error.row_number, error.severity == "error", error.field, f"{error.message}{shown}").line()
    yield END
