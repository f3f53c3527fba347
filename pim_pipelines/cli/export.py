"""`pim export`: the catalogue as a file, to be looked at, changed, and imported again."""

from pathlib import Path
from typing import Annotated

import typer
from psycopg import IsolationLevel

from pim_pipelines.cli.json_lines import AsJson, print_json
from pim_pipelines.cli.target import catalogue_url
from pim_pipelines.database import Connection, connect
from pim_pipelines.errors import InvalidField, NotFound, PimError
from pim_pipelines.importing.voog.export import ExportRow, writer_for
from pim_pipelines.importing.voog.languages import read_language
from pim_pipelines.store import voog_export
from pim_pipelines.store.voog_export import Tenant


def export(
    *,
    voog: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write all products and variants in Voog's columns: .xlsx, or .csv where they are more than a sheet "
            "can hold.",
        ),
    ],
    tenant: Annotated[str | None, typer.Option(help="Whose products; may be left out where there is one.")] = None,
    language: Annotated[str | None, typer.Option(help="Which texts (default: those of the tenant's language).")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the catalogue into a file that a Voog task with `match_key: id` reads back as it is."""
    with connect(catalogue_url()) as conn:
        conn.isolation_level, conn.read_only = IsolationLevel.REPEATABLE_READ, True
        found = _tenant(conn, tenant)
        rows = _write(conn, found, _language(language) or found.language, voog)
    if as_json:
        print_json({"tenant": found.code, "saved": str(voog), "rows": rows})
        return
    print(f"Saved as {voog}: {rows:,} rows.")


def _tenant(conn: Connection, code: str | None) -> Tenant:
    known = voog_export.tenants(conn)
    chosen = [tenant for tenant in known if code in (None, tenant.code)]
    if not chosen:
        raise NotFound(f"There is no tenant {code}; `pim keys list` shows them." if code else "There is no tenant yet.")
    if len(chosen) > 1:
        codes = ", ".join(tenant.code for tenant in known)
        raise InvalidField.one("tenant", f"There are several tenants: say with --tenant which of {codes}.")
    return chosen[0]


def _language(code: str | None) -> str | None:
    if code is None:
        return None
    try:
        return read_language(code)
    except ValueError as error:
        raise InvalidField.one("language", f"{code!r} {error}") from error


def _write(conn: Connection, tenant: Tenant, language: str, target: Path) -> int:
    """Write the file beside its place and put it there when it is whole; returns how many rows it has."""
    rows = voog_export.count(conn, tenant.id)
    write = writer_for(target.suffix.lower(), rows)
    part = target.with_name(f"{target.name}.part")
    try:
        write(part, map(ExportRow._make, voog_export.rows(conn, tenant, language)))
        part.replace(target)
    except OSError as error:
        raise PimError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    return rows
