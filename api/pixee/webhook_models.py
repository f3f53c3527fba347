"""Webhooks and their deliveries as the API takes and shows them."""

from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.texts import LEFT_OUT, Name, Text
from api.times import Seconds
from pim_pipelines.store.deliveries import Delivery
from pim_pipelines.store.outbox import Event
from pim_pipelines.store.webhooks import Webhook
from pim_pipelines.webhooks import signing

HIDDEN = "***"
WEBHOOK_ID = "01980c5e-6a5b-7c3d-9f10-2b7d4e8a1c55"

URL = (
    "Where events are POSTed: https, without user and password (send those in `headers`); http only to hosts in "
    "PIM_EGRESS_ALLOW. Only public addresses are reached, and those that PIM_EGRESS_ALLOW names; redirects are not "
    "followed."
)
EVENTS = "What is sent: one event or more."
SIGNING = (
    "Signs each body: `X-PM-Signature: sha256=<hex HMAC-SHA256 of the raw body>` by these bytes, and the headers of "
    "Standard Webhooks, whose key is the base64 behind `whsec_` where it begins so. Never given back."
)
HEADERS = "Sent with each delivery, a token for example; 20 at most. Their values are never given back."
RETRIES = "So often a failed delivery is tried again, max 5."
TIMEOUT = "Within so many seconds in all a receiver has to answer, max 60."


def _secret(text: str) -> str:
    signing.standard_key(text)
    return text


def _distinct(events: list[Event]) -> list[Event]:
    return list(dict.fromkeys(events))


Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_secret)]
Events = Annotated[list[Event], Field(min_length=1), AfterValidator(_distinct)]
Headers = dict[Text, Text]
Retries = Annotated[int, Field(ge=0, le=5)]
TimeOut = Annotated[int, Field(ge=1, le=60)]


class WebhookToMake(BaseModel):
    """What a new webhook needs."""

    name: Name = Field(examples=["Shop sync"])
    url: Url = Field(description=URL, examples=["https://shop.example.com/hooks/pim"])
    events: Events = Field(description=EVENTS, examples=[["import.completed", "import.failed"]])
    secret: Secret | None = Field(None, description=f"{SIGNING} Without one, bodies are not signed.")
    headers: Headers | None = Field(None, description=HEADERS, examples=[{"Authorization": "Bearer …"}])
    max_retries: Retries = Field(3, description=RETRIES)
    timeout_seconds: TimeOut = Field(10, description=TIMEOUT)
    is_active: bool = Field(True, description="false: nothing is sent but tests and redeliveries.")


class WebhookChanges(BaseModel):
    """What may be changed of a webhook; what is left out stays."""

    name: Name = Field(LEFT_OUT, examples=["Shop sync"])
    url: Url = Field(
        LEFT_OUT,
        description=f"{URL} To another host, `headers` must be sent anew, or null.",
        examples=["https://a.b/c"],
    )
    events: Events = Field(LEFT_OUT, description=EVENTS, examples=[["import.completed"]])
    secret: Secret | None = Field(None, description=f"{SIGNING} null: none; `***`: as it was.")
    headers: Headers | None = Field(
        None,
        description=f"All of them anew; null: none; a value `***`: as it was. {HEADERS}",
        examples=[{"X-A": "b"}],
    )
    max_retries: Retries = Field(LEFT_OUT, description=RETRIES)
    timeout_seconds: TimeOut = Field(LEFT_OUT, description=TIMEOUT)
    is_active: bool = Field(LEFT_OUT, description="false gives up what still waits to be delivered.")


class WebhookShown(BaseModel):
    """A webhook."""

    id: UUID = Field(examples=[WEBHOOK_ID])
    name: str = Field(examples=["Shop sync"])
    url: str = Field(examples=["https://shop.example.com/hooks/pim"])
    events: list[str] = Field(examples=[["import.completed", "import.failed"]])
    secret: str | None = Field(description="`***`, or null where there is none", examples=[HIDDEN])
    headers: dict[str, str] = Field(description="the values are `***`", examples=[{"Authorization": HIDDEN}])
    max_retries: int = Field(examples=[3])
    timeout_seconds: int = Field(examples=[10])
    is_active: bool = Field(description="a receiver that answers 410 Gone makes it false")
    failing_since: Seconds | None = Field(description="null where the last try was good")
    created_at: Seconds
    updated_at: Seconds

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """Show a webhook."""
        return cls(
            id=webhook.uuid,
            name=webhook.name,
            url=webhook.url,
            events=webhook.events,
            secret=HIDDEN if webhook.secret is not None else None,
            headers=dict.fromkeys(webhook.header_names, HIDDEN),
            max_retries=webhook.max_retries,
            timeout_seconds=webhook.timeout_seconds,
            is_active=webhook.is_active,
            failing_since=webhook.failing_since,
            created_at=webhook.created_at,
            updated_at=webhook.updated_at,
        )


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"

    @property
    def state(self) -> str:
        """How it stands in the database."""
        return "waiting" if self is DeliveryStatus.PENDING else self.value


class DeliveryShown(BaseModel):
    """An event on its way to a webhook, and how its last try went."""

    id: UUID
    event_id: UUID = Field(description="the `id` in the body: the same in each try and redelivery")
    event: Event = Field(examples=["import.completed"])
    status: DeliveryStatus = Field(description="pending: it is to be tried, or to be tried again")
    attempts: int = Field(description="tries so far", examples=[1])
    next_try_at: Seconds | None = Field(description="null where it has ended")
    last_try_at: Seconds | None
    response_status: int | None = Field(description="null where there was no answer", examples=[200])
    response_body: str | None = Field(description="the answer's beginning", examples=["ok"])
    duration_ms: int | None = Field(examples=[84])
    error: str | None = Field(examples=["The receiver answered 500."])
    redelivery_of: UUID | None
    delivered_at: Seconds | None
    created_at: Seconds

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Show a delivery."""
        values: dict[str, Any] = {
            "id": delivery.uuid,
            "event_id": delivery.event_uuid,
            "status": DeliveryStatus.PENDING if delivery.state == "waiting" else delivery.state,
            "attempts": delivery.tries,
            "last_try_at": delivery.tried_at,
            "response_body": delivery.response_excerpt,
        }
        same = (
            "event", "next_try_at", "response_status", "duration_ms", "error", "redelivery_of", "delivered_at",
            "created_at",
        )  # fmt: skip
        return cls(**values, **{name: getattr(delivery, name) for name in same})
