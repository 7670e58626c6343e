"""What webhooks are asked for with, and what answers about them look like."""

import datetime as dt
from typing import Annotated, Literal, get_args

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from graphcrm.ledger.webhooks import DeliveryState
from graphcrm_api.http.conventions.schemas import View, page_of

Event = Literal["contact.corrected", "contact.recorded", "job.finished", "load.finished", "*"]
WebhookId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="The webhook's id.")]

_EXAMPLE: JsonDict = {
    "id": "9f86d081884c7d65",
    "url": "https://hooks.example.com/graphcrm",
    "events": ["load.finished"],
    "created_at": "2026-06-30T08:00:00Z",
    "created_by": "key:aB3dE5gH",
    "active": True,
}


class WebhookOrder(BaseModel):
    """A webhook to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": _EXAMPLE["url"], "events": _EXAMPLE["events"]}]},
    )

    url: str = Field(
        min_length=1,
        max_length=2000,
        pattern=r"^[!-~]+$",
        description="Whom to call: a host that the setting `webhook_hosts` names, by https.",
    )
    events: list[Event] = Field(
        min_length=1, max_length=len(get_args(Event)), description="What to tell; `*`: everything."
    )


class WebhookView(View):
    """A webhook, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    url: str
    events: list[str]
    created_at: dt.datetime
    created_by: str
    active: bool = Field(description="Whether it is told anything.")


class MadeWebhook(WebhookView):
    """A webhook that was just made."""

    secret: str | None = Field(
        description="With which messages are signed, shown this once (`whsec_…`, Standard "
        "Webhooks). Null where the answer is given again to a repeated Idempotency-Key: remove the "
        "webhook then, and make another."
    )


class DeliveryLine(View):
    """A message on its way."""

    message: int = Field(description="Its number; webhook-id ends with it.")
    state: DeliveryState
    attempts: int = Field(description="Those that failed.")
    next_at: dt.datetime = Field(description="When the next one is due.")
    status: int | None = Field(description="What the receiver answered last.")
    error: str | None


class WebhookDetail(WebhookView):
    """A webhook with its last deliveries."""

    deliveries: list[DeliveryLine]


WebhookPage = page_of(WebhookView, "Webhook")
