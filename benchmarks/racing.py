"""Two suppliers import the same EANs in opposite order, at once: both are to complete, with every EAN there once.

    python -m benchmarks.racing [--rows 200000]

Prints the seconds beside those of one of the two alone, in the same run.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.rows import COLUMNS, write_rows
from benchmarks.running import system


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, system() as pim:
        template = pim.template("bench", COLUMNS)
        alone, forth, back = (Path(folder) / f"{name}.csv" for name in ("alone", "forth", "back"))
        write_rows(alone, rows, seed=1)
        write_rows(forth, rows, seed=2)
        header, *lines = forth.read_text().splitlines(keepends=True)
        back.write_text(header + "".join(reversed(lines)))

        start = time.monotonic()
        pim.wait(pim.upload(alone, supplier_code="ALONE", template_id=template, auto_process="true"), "completed")
        one = time.monotonic() - start

        start = time.monotonic()
        jobs = [
            pim.upload(path, supplier_code=path.stem, template_id=template, auto_process="true")
            for path in (forth, back)
        ]
        details = [pim.wait(job, "completed", every=0.05) for job in jobs]
        both = time.monotonic() - start

        with psycopg.connect(pim.database_url) as conn:
            found = conn.execute("select count(*), count(distinct gtin) from pim.products").fetchone()
            locks = conn.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone()
        print(f"one alone {one:.1f} s, two at once {both:.1f} s: {both / one:.1f} times")
        print("created, updated:", [(detail["products_created"], detail["products_updated"]) for detail in details])
        print(f"products, different EANs: {found}, wanted {2 * rows} of each; locks left over: {locks and locks[0]}")
        if found != (2 * rows, 2 * rows) or sum(detail["products_created"] for detail in details) != rows:
            raise SystemExit("an EAN was lost or doubled")


if __name__ == "__main__":
    main()
