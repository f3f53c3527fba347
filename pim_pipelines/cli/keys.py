"""`pim keys`: the API's keys."""

import re
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pim_pipelines.cli.json_lines import AsJson, print_json
from pim_pipelines.cli.target import catalogue_url
from pim_pipelines.database import connect, migrate
from pim_pipelines.errors import InvalidField, NotFound
from pim_pipelines.store import keys

TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # it stands in tags and partition keys, before a colon
app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose products the key gives access to; made where it is new.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What the key may do; may be repeated: {', '.join(keys.SCOPES)} (default: all but admin)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once, and stored nowhere."""
    if not TENANT.fullmatch(tenant):
        raise InvalidField.one(
            "tenant", "A tenant's name has 1 to 64 letters, digits, dots, hyphens and underscores, no dot first."
        )
    scopes = list(dict.fromkeys(scope or keys.DEFAULT_SCOPES))
    if unknown := [name for name in scopes if name not in keys.SCOPES]:
        raise InvalidField.one("scope", f"There is no scope {unknown[0]!r}; there are {', '.join(keys.SCOPES)}.")
    url = catalogue_url()
    migrate(url)
    with connect(url) as conn:
        row, key = keys.create(conn, tenant, scopes)
    if as_json:
        print_json({"id": row.id, "key": key, "tenant": row.tenant_code, "scopes": row.scopes})
        return
    print(key)
    typer.echo(f"Key {row.id} of tenant {tenant} may: {', '.join(row.scopes)}. It is not shown again.", err=True)


@app.command("list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only the keys of this tenant.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the keys, revoked ones too, without their secrets."""
    with connect(catalogue_url()) as conn:
        rows = keys.list_all(conn, tenant)
    if as_json:
        for row in rows:
            print_json(
                {
                    "id": row.id,
                    "tenant": row.tenant_code,
                    "prefix": row.prefix,
                    "scopes": row.scopes,
                    "created_at": row.created_at.isoformat(),
                    "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
                }
            )
        return
    table = Table("id", "tenant", "key", "scopes", "made", "revoked")
    for row in rows:
        revoked = f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else ""
        made = f"{row.created_at:%Y-%m-%d %H:%M}"
        table.add_row(str(row.id), row.tenant_code, f"{row.prefix}…", " ".join(row.scopes), made, revoked)
    Console().print(table)


@app.command()
def revoke(
    key_id: Annotated[int, typer.Argument(metavar="ID", help="The number that `pim keys list` shows.")],
    as_json: AsJson = False,
) -> None:
    """Have a key refused from now on."""
    with connect(catalogue_url()) as conn:
        if not keys.revoke(conn, key_id):
            raise NotFound(f"There is no key {key_id}; `pim keys list` shows them.")
    if as_json:
        print_json({"id": key_id, "revoked": True})
        return
    print(f"Key {key_id} is revoked.")
