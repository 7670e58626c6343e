"""Making, listing and removing webhooks."""

from __future__ import annotations

import sqlalchemy as sa

from graphcrm.ledger import webhooks
from graphcrm.ledger.webhooks import Webhook
from graphcrm.words import Language
from graphcrm.words.sentences import in_language
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import lasting_branches, note_change, sees_all
from graphcrm_api.http.webhooks.outbox import SCOPE
from graphcrm_api.http.webhooks.schemas import (
    DeliveryLine,
    MadeWebhook,
    WebhookDetail,
    WebhookOrder,
    WebhookView,
)
from graphcrm_api.http.webhooks.sending import shown_secret
from graphcrm_api.http.webhooks.targets import ForbiddenTargetError, target_of

_MOST = 100
_SHOWN = 20


def make(connection: sa.Connection, caller: Caller, order: WebhookOrder) -> MadeWebhook:
    """Make a webhook. Problem for an address that the settings don't allow."""
    try:
        target = target_of(caller.backend.settings, order.url)
    except ForbiddenTargetError as error:
        raise Problem("invalid", str(error)) from None
    _, branches = lasting_branches(connection, caller.subject.name, SCOPE)
    if (branches is None) != (caller.branches is None):
        raise Problem("forbidden", "who is of some branches makes webhooks with an API key")
    if sum(one.active for one in webhooks.list_webhooks(connection)) >= _MOST:
        raise Problem("conflict", f"there are {_MOST} webhooks already; remove one")
    made = webhooks.add(connection, url=order.url, events=order.events, by=caller.subject.name)
    note_change(
        connection,
        caller,
        "make webhook",
        f"webhook:{made.id}",
        host=target.host,
        events=list(made.events),
    )
    return MadeWebhook(**vars(WebhookView.of(made)), secret=shown_secret(made.secret))


def list_webhooks(caller: Caller) -> list[WebhookView]:
    """The caller's webhooks, oldest first; everybody's for an administrator of the whole."""
    with caller.backend.state.reading() as connection:
        found = webhooks.list_webhooks(connection)
    return [WebhookView.of(one) for one in found if _theirs(caller, one)]


def one_webhook(caller: Caller, id: str, language: Language) -> WebhookDetail:
    """A webhook with its last deliveries."""
    with caller.backend.state.reading() as connection:
        webhook = _require(connection, caller, id)
        last = webhooks.deliveries(connection, id, _SHOWN)
    lines = [DeliveryLine.of(one) for one in last]
    for line in lines:
        line.error = line.error and in_language(line.error, language)
    return WebhookDetail(**vars(WebhookView.of(webhook)), deliveries=lines)


def remove(connection: sa.Connection, caller: Caller, id: str) -> WebhookView:
    """Tell a webhook nothing more."""
    webhook = _require(connection, caller, id)
    if not webhook.active:
        return WebhookView.of(webhook)
    note_change(connection, caller, "remove webhook", f"webhook:{id}")
    return WebhookView.of(webhooks.deactivate(connection, id))


def _theirs(caller: Caller, webhook: Webhook) -> bool:
    return webhook.created_by == caller.subject.name or sees_all(caller)


def _require(connection: sa.Connection, caller: Caller, id: str) -> Webhook:
    webhook = webhooks.get(connection, id)
    if webhook is None:
        raise Problem("not-found", f"there is no webhook {id!r}")
    if not _theirs(caller, webhook):
        raise Problem("not-found", f"there is no webhook {id!r}", refused=f"webhook:{id}")
    return webhook
