"""Endpoints: webhooks."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.once import once, shown_once
from graphcrm_api.http.conventions.requests import language_of
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.webhooks import service
from graphcrm_api.http.webhooks.schemas import (
    MadeWebhook,
    WebhookDetail,
    WebhookId,
    WebhookOrder,
    WebhookPage,
    WebhookView,
)

router = APIRouter(tags=["webhooks"])

Keeper = Annotated[Caller, requires("webhooks:write")]


@router.get("/v1/webhooks", response_model=WebhookPage, responses=problems())
def list_webhooks(request: Request, caller: Keeper) -> Response:
    """Your webhooks, oldest first; everybody's for an administrator of the whole company."""
    return answer(request, {"items": service.list_webhooks(caller), "next": None})


@router.post("/v1/webhooks", response_model=MadeWebhook, status_code=201, responses=problems(409))
def make(request: Request, caller: Keeper, order: WebhookOrder) -> Response:
    """Be told of events by HTTP: each message is a POST, signed as Standard Webhooks has it.

    Messages hold ids, no personal data, and only of what you may see. Each comes at least once: the
    header `webhook-id` stays the same when it is repeated. One that isn't taken is sent again with
    growing pauses, twelve times in all. `load.finished` tells of loads that the service ran.
    """
    make = partial(service.make, caller=caller, order=order)
    return shown_once(caller, request, order, make, "secret")


@router.get("/v1/webhooks/{id}", response_model=WebhookDetail, responses=problems(404))
def one_webhook(request: Request, caller: Keeper, id: WebhookId) -> Response:
    """A webhook with its last deliveries, newest first."""
    return answer(request, service.one_webhook(caller, id, language_of(request.scope)))


@router.post("/v1/webhooks/{id}/remove", response_model=WebhookView, responses=problems(404))
def remove(request: Request, caller: Keeper, id: WebhookId) -> Response:
    """Tell a webhook nothing more; what waits for it is dropped."""
    return once(
        caller,
        request,
        None,
        lambda connection: answer(request, service.remove(connection, caller, id)),
    )
