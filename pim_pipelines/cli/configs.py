"""`pim configs`: the automated imports, where their files come from and when."""

from typing import Any

from pim_pipelines.cli.client import ApiClient, Body
from pim_pipelines.cli.json_lines import AsJson
from pim_pipelines.cli.listing import Columns, Limit, age, moment, show, text
from pim_pipelines.cli.target import api_url
from pim_pipelines.settings import settings

LONGEST_PAGE = 100


def place(config: Body) -> str:
    """Say where the files of a config come from, in one word: no user, and nothing secret, is in it."""
    source: dict[str, Any] = config.get("file_source") or {}
    if source.get("type") == "http":
        return str(source.get("url") or "")
    host = str(source.get("host") or source.get("imap_host") or "")
    port = source.get("port") or source.get("imap_port")
    folder = str(source.get("directory_path") or source.get("folder") or "")
    path = "/".join(part for part in (folder.strip("/"), str(source.get("file_pattern") or "")) if part)
    return f"{source.get('type')}://{host}{f':{port}' if port else ''}/{path}"


def schedule(config: Body) -> str:
    """Say when a config is due, in its time zone."""
    zone = config.get("timezone")
    return f"{config.get('schedule')}{f' ({zone})' if zone not in (None, 'UTC') else ''}"


def last_result(config: Body) -> str:
    """Say what was found last, and how long ago that was."""
    if not config.get("last_checked_at"):
        return ""
    return f"{age('last_checked_at')(config)} ago: {config.get('last_result') or ''}"


COLUMNS: Columns = {
    "id": text("id"),
    "name": text("name"),
    "supplier": text("supplier_code"),
    "source": place,
    "schedule": schedule,
    "next": lambda config: moment("next_run_at")(config) if config.get("is_active") else "switched off",
    "last result": last_result,
}


def list_configs(limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the automated imports: where their files come from, when, and what was found last."""
    client = ApiClient(api_url(), settings().api_key)
    pages = client.pages("/import-configs/configs", limit or None, LONGEST_PAGE)
    none = "There are no automated imports; POST /api/v1/import-configs/configs makes one."
    show(pages, COLUMNS, as_json=as_json, none=none, whole=("id", "schedule", "next"))
