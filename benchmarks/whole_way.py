"""N rows of 12 columns from upload to `completed`, beside a raw COPY of the same rows into a table like products.

    python -m benchmarks.whole_way [--rows 300000]

For ordered and shuffled keys: the share of the raw COPY's speed, where the time went, and each process's peak memory.
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.raw_copy import raw_copy
from benchmarks.rows import COLUMNS, write_rows
from benchmarks.running import System, system


def whole_way(pim: System, path: Path, template: str, rows: int) -> tuple[float, str]:
    """Import the file through the API; return the seconds and where the time went."""
    start = time.monotonic()
    job = pim.upload(path, supplier_code=path.stem, template_id=template, auto_process="true")
    uploaded = time.monotonic()
    pim.wait(job, "processing", "completed", every=0.02)
    analysed = time.monotonic()
    detail = pim.wait(job, "completed", every=0.05)
    done = time.monotonic()
    assert detail["products_created"] == rows, detail
    return done - start, (
        f"upload {uploaded - start:.1f} s, analyse {analysed - uploaded:.1f} s, the rest {done - analysed:.1f} s"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=300_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, system() as pim:
        template = pim.template("bench", COLUMNS)
        for n, order in enumerate(("ordered", "shuffled")):
            path = Path(folder) / f"{order}.csv"
            write_rows(path, rows, shuffled=order == "shuffled", seed=n)
            raw = raw_copy(pim.database_url, path)
            seconds, where = whole_way(pim, path, template, rows)
            print(
                f"{order:9} raw COPY {raw:5.1f} s, whole way {seconds:5.1f} s: {raw / seconds:.0%} of its speed; "
                f"{where}"
            )
        for name, peak in sorted(pim.peaks().items(), key=lambda item: -item[1])[:8]:
            print(f"peak {peak:5} MiB  {name}")


if __name__ == "__main__":
    main()
