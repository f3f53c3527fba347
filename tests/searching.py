"""Searching all that a system keeps and says for what must be secret."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql


def forms(secret: str) -> set[str]:
    """Return how a secret may be written: as it is, in JSON, in a URL, in base64, in hexadecimal."""
    raw = secret.encode()
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret)[1:-1])[1:-1],
        quote(secret, safe=""),
        base64.b64encode(raw).decode().rstrip("=")[:-1],
        base64.b64encode(b"user:" + raw).decode().rstrip("=")[8:-1],
        raw.hex(),
    }


def in_texts(planted: dict[str, str], texts: list[tuple[str, str]]) -> list[str]:
    """Return which secret is in which text."""
    return [
        f"{name} in {where}"
        for name, secret in planted.items()
        for where, text in texts
        if any(form in text for form in forms(secret))
    ]


def in_database(planted: dict[str, str], url: str) -> list[str]:
    """Return which secret is in which table, ours and Dagster's."""
    found = []
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            """select table_schema, table_name from information_schema.tables
               where table_type = 'BASE TABLE' and table_schema in ('pim', 'dagster')"""
        ).fetchall()
        assert {schema for schema, _ in tables} == {"pim", "dagster"}
        for schema, table in tables:
            rows = conn.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))).fetchall()
            found += in_texts(planted, [(f"{schema}.{table}", "\n".join(row[0] for row in rows))])
    return found


def in_files(planted: dict[str, str], home: Path, but: tuple[Path, ...] = ()) -> list[str]:
    """Return which secret is in which file of a home; in those of the database only as it is."""
    found = []
    for path in home.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() and path not in but else b""
        except OSError:  # it has gone, or is a socket
            continue
        name = path.relative_to(home)
        in_all_forms = name.parts[0] != "database"
        found += [
            f"{secret} in {name}"
            for secret, value in planted.items()
            if any(form.encode() in content for form in (forms(value) if in_all_forms else [value]))
        ]
    return found
