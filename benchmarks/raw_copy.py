"""The limit: a raw COPY of a file's rows, already converted, into a table with the catalogue's columns and indexes."""

import time
from pathlib import Path

import psycopg

from benchmarks.rows import COLUMNS

INDEXES = """
create unique index on raw_products (tenant_id, gtin, gtin_scope) where gtin is not null;
create index on raw_products (tenant_id, id) where gtin is null;
create index on raw_products (parent_id) where parent_id is not null;
create unique index on raw_products (tenant_id, slug) where slug is not null;
create index on raw_products (sku) include (id);
alter table raw_products add primary key (id);
"""
NUMBERS = {"price", "cost_price", "weight", "stock"}


def raw_copy(database_url: str, path: Path) -> float:
    """Return the seconds of one COPY on one connection; the tables it needs are dropped again."""
    fields = list(COLUMNS.values())
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("set search_path = pim")
        conn.execute("drop table if exists raw_file, raw_products")
        conn.execute(f"create table raw_file ({', '.join(f'{field} text' for field in fields)})")
        with conn.cursor().copy("copy raw_file from stdin with (format csv, header, delimiter ';')") as copy:
            copy.write(path.read_bytes())
        rest = [field for field in fields if field != "ean"]
        converted = ", ".join(f"replace({name}, ',', '.')::numeric" if name in NUMBERS else name for name in rest)
        query = f"""select row_number() over (), 1, ean::bigint, 0, ean, {converted}, true, 1, 1, 1, now(), now()
                    from raw_file"""
        with conn.cursor().copy(f"copy ({query}) to stdout") as out:
            data = b"".join(bytes(block) for block in out)
        conn.execute("create table raw_products (like products including defaults including storage)")
        conn.execute("alter table raw_products set (fillfactor = 90)")
        conn.execute(INDEXES)
        own = ["is_active", "version", "created_import_id", "last_import_id", "created_at", "updated_at"]
        target = ", ".join(["id", "tenant_id", "gtin", "gtin_scope", "ean", *rest, *own])
        conn.execute("checkpoint")
        start = time.monotonic()
        with conn.cursor().copy(f"copy raw_products ({target}) from stdin") as copy:
            copy.write(data)
        seconds = time.monotonic() - start
        conn.execute("drop table raw_file, raw_products")
        conn.execute("checkpoint")
        return seconds
