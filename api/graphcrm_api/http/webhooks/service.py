"""Making, listing and removing webhooks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from graphcrm.ledger import webhooks
from graphcrm.ledger.webhooks import Webhook
from graphcrm_api.cli.language import Language
from graphcrm_api.cli.messages import in_language
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import lasting_branches, note_change, sees_all
from graphcrm_api.http.webhooks.outbox import SCOPE
from graphcrm_api.http.webhooks.schemas import WebhookOrder
from graphcrm_api.http.webhooks.targets import ForbiddenTargetError, target_of

_MOST = 100
_SHOWN = 20


def make(connection: sa.Connection, caller: Caller, order: WebhookOrder) -> Webhook:
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
    return made


def list_webhooks(caller: Caller) -> list[dict[str, Any]]:
    """The caller's webhooks, oldest first; everybody's for an administrator of the whole."""
    with caller.backend.state.reading() as connection:
        found = webhooks.list_webhooks(connection)
    return [view(one) for one in found if _theirs(caller, one)]


def one_webhook(caller: Caller, id: str, language: Language) -> dict[str, Any]:
    """A webhook with its last deliveries."""
    with caller.backend.state.reading() as connection:
        webhook = _require(connection, caller, id)
        last = webhooks.deliveries(connection, id, _SHOWN)
    lines = [
        {
            "message": one.message,
            "state": one.state,
            "attempts": one.attempts,
            "next_at": one.next_at,
            "status": one.status,
            "error": one.error and in_language(one.error, language),
        }
        for one in last
    ]
    return {**view(webhook), "deliveries": lines}


def remove(connection: sa.Connection, caller: Caller, id: str) -> Webhook:
    """Tell a webhook nothing more."""
    webhook = _require(connection, caller, id)
    if not webhook.active:
        return webhook
    note_change(connection, caller, "remove webhook", f"webhook:{id}")
    return webhooks.deactivate(connection, id)


def view(webhook: Webhook) -> dict[str, Any]:
    """A webhook as it is shown."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "created_at": webhook.created_at,
        "created_by": webhook.created_by,
        "active": webhook.active,
    }


def _theirs(caller: Caller, webhook: Webhook) -> bool:
    return webhook.created_by == caller.subject.name or sees_all(caller)


def _require(connection: sa.Connection, caller: Caller, id: str) -> Webhook:
    webhook = webhooks.get(connection, id)
    if webhook is None:
        raise Problem("not-found", f"there is no webhook {id!r}")
    if not _theirs(caller, webhook):
        raise Problem("not-found", f"there is no webhook {id!r}", refused=f"webhook:{id}")
    return webhook
