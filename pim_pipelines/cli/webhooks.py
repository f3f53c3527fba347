"""`pim webhooks`: who is told of what happens."""

from pim_pipelines.cli.client import ApiClient, Body
from pim_pipelines.cli.json_lines import AsJson
from pim_pipelines.cli.listing import Columns, Limit, age, moment, show, text
from pim_pipelines.cli.target import api_url
from pim_pipelines.settings import settings

LONGEST_PAGE = 100


def events(webhook: Body) -> str:
    """Name what a webhook is told of."""
    return ", ".join(webhook.get("events") or [])


def state(webhook: Body) -> str:
    """Say whether a webhook's receiver takes what it is sent."""
    if not webhook.get("is_active", True):
        return "switched off"
    return f"fails since {moment('failing_since')(webhook)}" if webhook.get("failing_since") else "active"


COLUMNS: Columns = {
    "id": text("id"),
    "name": text("name"),
    "url": text("url"),
    "events": events,
    "state": state,
    "age": age("created_at"),
}


def list_webhooks(limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the webhooks: who is told of which events."""
    client = ApiClient(api_url(), settings().api_key)
    pages = client.pages("/webhooks", limit or None, LONGEST_PAGE)
    none = "There are no webhooks; POST /api/v1/webhooks makes one."
    show(pages, COLUMNS, as_json=as_json, none=none, right=("age",), whole=("id", "age"))
