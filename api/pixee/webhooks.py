"""Webhooks: list, create, get, change, delete, test; their deliveries, and to deliver one again."""

import re
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from psycopg import Connection

from api.answers import problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.outbox import box_of
from api.paging import Page, PageNumber, offset
from api.pixee.models import Deleted
from api.pixee.webhook_models import (
    HIDDEN,
    WEBHOOK_ID,
    DeliveryShown,
    DeliveryStatus,
    WebhookChanges,
    WebhookShown,
    WebhookToMake,
)
from api.problems import not_found
from api.services import ApiServices, Services
from pim_pipelines.errors import InvalidField
from pim_pipelines.sources.egress import Egress, may_be_public
from pim_pipelines.store import deliveries, outbox, webhooks
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.outbox import Event
from pim_pipelines.store.webhooks import Webhook
from pim_pipelines.webhooks.posting import PORTS

router = APIRouter(prefix=PREFIX, tags=["webhooks"])

WebhookId = Annotated[UUID, Path(description="The webhook's UUID.", examples=[WEBHOOK_ID])]
DeliveryId = Annotated[UUID, Path(description="The delivery's UUID.")]

MOST_HEADERS = 20
LONGEST_HEADER = 2000
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = {
    "host",
    "connection",
    "content-length",
    "content-type",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
}
_OURS_BEGIN = ("x-pm-", "webhook-")


@router.get("/webhooks", responses=problems(), summary="List webhooks")
def list_webhooks(
    key: ImportsReader,
    services: Services,
    is_active: Annotated[bool | None, Query(description="Only active ones, or only others.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[WebhookShown]:
    """List the tenant's webhooks, most recent first."""
    with services.connection() as conn:
        found, total = webhooks.list_page(
            conn, key.tenant_id, is_active=is_active, limit=per_page, offset=offset(page, per_page)
        )
    return Page[WebhookShown].of((WebhookShown.of(webhook) for webhook in found), total, page, per_page)


@router.post("/webhooks", status_code=201, responses=problems(415), summary="Create a webhook")
def create_webhook(body: WebhookToMake, response: Response, key: ImportsWriter, services: Services) -> WebhookShown:
    """Have events sent to an address, at least once each: the first try within 2 seconds, then with growing pauses.

    A body is `{"id", "event", "timestamp", "data"}`; any answer 2xx takes it. Product events come in batches of up to
    500, `data: {"products": […]}`.
    """
    values = body.model_dump()
    values |= _sealed(services, values, {})
    _check_url(services, body.url)
    with services.connection() as conn:
        webhook = webhooks.insert(conn, key.tenant_id, values)
    response.headers["Location"] = f"{PREFIX}/webhooks/{webhook.uuid}"
    return WebhookShown.of(webhook)


@router.get("/webhooks/{webhook_id:uuid}", responses=problems(404), summary="Get a webhook")
def get_webhook(webhook_id: WebhookId, key: ImportsReader, services: Services) -> WebhookShown:
    """Return a webhook."""
    with services.connection() as conn:
        return WebhookShown.of(_find(conn, key, webhook_id))


@router.patch("/webhooks/{webhook_id:uuid}", responses=problems(404, 415), summary="Change a webhook")
def change_webhook(webhook_id: WebhookId, body: WebhookChanges, key: ImportsWriter, services: Services) -> WebhookShown:
    """Change what is sent of a webhook."""
    changes = body.model_dump(exclude_unset=True)
    if changes.get("secret") == HIDDEN:
        del changes["secret"]
    with services.connection() as conn:
        webhook = _find(conn, key, webhook_id, for_change=True)
        if "url" in changes:
            _check_url(services, changes["url"])
        changes |= _sealed(services, changes, _kept(services, webhook, changes))
        return WebhookShown.of(webhooks.update(conn, webhook, changes))


@router.delete("/webhooks/{webhook_id:uuid}", responses=problems(404), summary="Delete a webhook")
def delete_webhook(webhook_id: WebhookId, key: ImportsWriter, services: Services) -> Deleted:
    """Remove a webhook with its deliveries; nothing more is sent."""
    with services.connection() as conn:
        if not webhooks.delete(conn, key.tenant_id, webhook_id):
            raise not_found("webhook")
    return Deleted(deleted=True, id=webhook_id)


@router.post("/webhooks/{webhook_id:uuid}/test", responses=problems(404), summary="Send a test event")
def test_webhook(webhook_id: WebhookId, key: ImportsWriter, services: Services) -> DeliveryShown:
    """Send a `test` event at once, whatever events the webhook wants; its deliveries say how that went."""
    with services.connection() as conn:
        webhook = _find(conn, key, webhook_id)
        data = {"webhook_id": str(webhook.uuid), "name": webhook.name, "message": "This is a test."}
        made = outbox.put_test(conn, key.tenant_id, webhook.id, data)
        return _delivery(conn, webhook, made)


@router.get("/webhooks/{webhook_id:uuid}/deliveries", responses=problems(404), summary="List a webhook's deliveries")
def list_deliveries(
    *,
    webhook_id: WebhookId,
    key: ImportsReader,
    services: Services,
    status: Annotated[DeliveryStatus | None, Query(description="Filter by where it stands.")] = None,
    event: Annotated[Event | None, Query(description="Filter by event.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[DeliveryShown]:
    """List what was sent or is to be sent, most recent first. What has ended is kept for 30 days."""
    with services.connection() as conn:
        webhook = _find(conn, key, webhook_id)
        found, total = deliveries.list_page(
            conn,
            webhook.id,
            state=status.state if status else None,
            event=event,
            limit=per_page,
            offset=offset(page, per_page),
        )
    return Page[DeliveryShown].of((DeliveryShown.of(delivery) for delivery in found), total, page, per_page)


@router.post(
    "/webhooks/{webhook_id:uuid}/deliveries/{delivery_id:uuid}/redeliver",
    responses=problems(404),
    summary="Deliver an event again",
)
def redeliver(webhook_id: WebhookId, delivery_id: DeliveryId, key: ImportsWriter, services: Services) -> DeliveryShown:
    """Send the event of a delivery once more, with the same `id`; the answer is the new delivery."""
    with services.connection() as conn:
        webhook = _find(conn, key, webhook_id)
        made = deliveries.redeliver(conn, webhook.id, delivery_id)
        if made is None:
            raise not_found("delivery")
        return _delivery(conn, webhook, made)


def _find(conn: Connection[Any], key: ApiKey, uuid: UUID, *, for_change: bool = False) -> Webhook:
    webhook = webhooks.by_uuid(conn, key.tenant_id, uuid, for_change=for_change)
    if webhook is None:
        raise not_found("webhook")
    return webhook


def _delivery(conn: Connection[Any], webhook: Webhook, uuid: UUID) -> DeliveryShown:
    delivery = deliveries.get(conn, webhook.id, uuid)
    assert delivery is not None  # noqa: S101 - it was made in this transaction
    return DeliveryShown.of(delivery)


def _check_url(services: ApiServices, url: str) -> None:
    """Raise InvalidField where nothing may be sent to an address; names are looked up when something is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), "", 0
    if parts.scheme not in PORTS or not host or not port or not url.isprintable() or " " in url:
        raise InvalidField.one("url", "The url must be a web address: https://host/path.", "url_invalid")
    if "@" in parts.netloc:
        message = "The url must not hold user and password: send them in `headers`, which are stored encrypted."
        raise InvalidField.one("url", message, "credentials_in_url")
    egress = Egress(services.settings.egress_allow)
    if parts.scheme == "http" and not egress.could_allow(host, port):
        message = "The url must be https: http is only for hosts that PIM_EGRESS_ALLOW names."
        raise InvalidField.one("url", message, "https_required")
    if not may_be_public(host) and not egress.could_allow(host, port):
        message = "The url must lead to a public address, or to one that PIM_EGRESS_ALLOW names."
        raise InvalidField.one("url", message, "address_refused")


def _kept(services: ApiServices, webhook: Webhook, changes: dict[str, Any]) -> dict[str, str]:
    """Return the stored headers that `***` may stand for: none that would go to another host than before."""
    moves = "url" in changes and _origin(changes["url"]) != _origin(webhook.url)
    if webhook.headers is None:
        return {}
    if moves and (HIDDEN in (changes.get("headers") or {}).values() or "headers" not in changes):
        message = "The url leads to another host: send the headers anew, or null for none."
        raise InvalidField.one("headers", message, "required")
    return {name.lower(): value for name, value in box_of(services.settings.secret_key)().open(webhook.headers).items()}


def _sealed(services: ApiServices, given: dict[str, Any], kept: dict[str, str]) -> dict[str, Any]:
    """Return secret and headers, where they are given, as they are stored."""
    sealed: dict[str, Any] = {}
    if "secret" in given:
        secret = given["secret"]
        if secret == HIDDEN:
            raise InvalidField.one("secret", "*** is what stands for a secret: send the secret itself.", "invalid")
        box = box_of(services.settings.secret_key)
        sealed["secret"] = box().seal({"secret": secret}) if secret is not None else None
    if "headers" in given:
        headers = _checked(given["headers"] or {}, kept)
        box = box_of(services.settings.secret_key)
        sealed |= {"headers": box().seal(headers) if headers else None, "header_names": list(headers)}
    return sealed


def _checked(headers: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    """Check header names and values; raises InvalidField."""
    found: list[tuple[str, str, str]] = []
    if len(headers) > MOST_HEADERS:
        found.append(("headers", f"There must be at most {MOST_HEADERS} headers.", "too_long"))
    if len({name.lower() for name in headers}) < len(headers):
        found.append(("headers", "Each header must be there once.", "duplicate"))
    for name, value in headers.items():
        lower = name.lower()
        if not _HEADER.fullmatch(name):
            found.append(("headers", "A header's name must be letters, digits and hyphens.", "invalid"))
        elif lower in _OURS or lower.startswith(_OURS_BEGIN):
            found.append((f"headers.{name}", f"The header {name} is set by the delivery itself.", "not_allowed"))
        elif value == HIDDEN and lower not in kept:
            message = "*** stands for a value that is stored already: send the value itself."
            found.append((f"headers.{name}", message, "invalid"))
        elif len(value) > LONGEST_HEADER or not all(" " <= each <= "~" or each == "\t" for each in value):
            message = f"A header's value must be at most {LONGEST_HEADER} printable ASCII characters."
            found.append((f"headers.{name}", message, "invalid"))
    if found:
        raise InvalidField(found)
    return {name: kept[name.lower()] if value == HIDDEN else value for name, value in headers.items()}


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
