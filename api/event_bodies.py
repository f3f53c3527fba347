"""The body of an event as webhooks get it: `{"id", "event", "timestamp", "data"}`."""

import json
from typing import Any

from psycopg import Connection

from api.pixee.products import shown
from api.times import in_seconds
from pim_pipelines.store import catalogue
from pim_pipelines.store.deliveries import Parcel
from pim_pipelines.store.outbox import PRODUCT_EVENTS, Event


def body_of(conn: Connection[Any], parcel: Parcel) -> bytes:
    """Write an event down. Products are shown as `GET /products` shows them, as they are now."""
    data = parcel.data
    if parcel.event in PRODUCT_EVENTS:
        data = {"products": _products(conn, parcel)}
    return json.dumps(
        {
            "id": str(parcel.event_uuid),
            "event": parcel.event,
            "timestamp": in_seconds(parcel.happened_at),
            "data": data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def _products(conn: Connection[Any], parcel: Parcel) -> list[dict[str, Any]]:
    """Show the products of an event; of one that is no longer there, its id alone."""
    ids: list[int] = parcel.data["ids"]
    there: dict[int, dict[str, Any]] = {}
    if parcel.event != Event.PRODUCT_DELETED:
        for row in catalogue.by_ids(conn, parcel.tenant_id, ids):
            there[row["row_id"]] = shown(row).model_dump(mode="json")
    return [there.get(each) or {"id": str(catalogue.product_uuid(each))} for each in ids]
