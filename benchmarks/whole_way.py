"""N rows of 12 columns from upload to `completed`, beside a raw COPY of the same rows into a table like products.

    python -m benchmarks.whole_way [--rows 300000]

For ordered and shuffled keys: the share of the raw COPY's speed, where the time went, and each process's peak memory.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.rows import COLUMNS, write_rows
from benchmarks.running import System, system

# What each column of the generated file maps to, and so what the raw COPY fills.
INDEXES = """
create unique index on raw_products (tenant_id, gtin, gtin_scope) where gtin is not null;
create index on raw_products (tenant_id, id) where gtin is null;
create index on raw_products (sku) include (id);
alter table raw_products add primary key (id);
"""


def raw_copy(pim: System, path: Path) -> float:
    """COPY the file's own rows, already converted, into a table with the catalogue's columns and indexes."""
    fields = list(COLUMNS.values())
    with psycopg.connect(pim.database_url, autocommit=True) as conn:
        conn.execute("set search_path = pim")
        conn.execute("drop table if exists raw_file, raw_products")
        conn.execute(f"create table raw_file ({', '.join(f'{field} text' for field in fields)})")
        with conn.cursor().copy("copy raw_file from stdin with (format csv, header, delimiter ';')") as copy:
            copy.write(path.read_bytes())
        rest = [field for field in fields if field != "ean"]
        converted = ", ".join(
            f"replace({name}, ',', '.')::numeric" if name in {"price", "cost_price", "weight", "stock"} else name
            for name in rest
        )
        query = f"""select row_number() over (), 1, ean::bigint, 0, ean, {converted}, true, 1, 1, 1, now(), now()
                    from raw_file"""
        with conn.cursor().copy(f"copy ({query}) to stdout") as out:
            data = b"".join(bytes(block) for block in out)
        conn.execute("create table raw_products (like products including defaults including storage)")
        conn.execute(INDEXES)
        own = ["is_active", "version", "created_import_id", "last_import_id", "created_at", "updated_at"]
        target = ", ".join(["id", "tenant_id", "gtin", "gtin_scope", "ean", *rest, *own])
        conn.execute("checkpoint")
        start = time.monotonic()
        with conn.cursor().copy(f"copy raw_products ({target}) from stdin") as copy:
            copy.write(data)
        seconds = time.monotonic() - start
        conn.execute("drop table raw_file, raw_products")
        return seconds


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
            raw = raw_copy(pim, path)
            seconds, where = whole_way(pim, path, template, rows)
            print(
                f"{order:9} raw COPY {raw:5.1f} s, whole way {seconds:5.1f} s: {raw / seconds:.0%} of its speed; "
                f"{where}"
            )
        for name, peak in sorted(pim.peaks().items(), key=lambda item: -item[1])[:8]:
            print(f"peak {peak:5} MiB  {name}")


if __name__ == "__main__":
    main()
