"""Who of the webhooks may hear which message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from graphcrm.ledger import jobs
from graphcrm.ledger.messages import Message
from graphcrm.ledger.webhooks import Webhook
from graphcrm.model.dealings import Contact
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.identity.subject import Subject
from graphcrm_api.http.jobs.rights import lasting_branches
from graphcrm_api.http.jobs.workers import FINISHED
from graphcrm_api.http.webhooks.outbox import SCOPE

_NODE = tuple[str, str]


@dataclass(frozen=True)
class Hearing:
    """What the state says of who may hear a message; `nodes` are still to be asked for.

    None of them: `allowed` is the answer.
    """

    allowed: bool
    maker: Subject | None = None
    nodes: frozenset[_NODE] = frozenset()

    def holds(self, backend: Backend) -> bool:
        """Whether it may be heard, as the graph is now; a transaction must not wait for this."""
        if not self.allowed or self.maker is None:
            return self.allowed
        within = backend.branches_of(self.maker)
        with backend.store() as store:
            return store.visible(sorted(self.nodes), within) == self.nodes


def hearing_of(connection: sa.Connection, webhook: Webhook, message: Message) -> Hearing:
    """Whether a webhook's maker may see what a message is about, as things are now.

    A key that was revoked hears nothing more. Who is limited to branches hears of their own jobs,
    and of nodes that these may see.
    """
    allowed, branches = lasting_branches(connection, webhook.created_by, SCOPE)
    if not allowed or branches is None:
        return Hearing(allowed)
    if message.event == FINISHED:
        job = jobs.get(connection, str(message.payload.get("job")))
        return Hearing(job is not None and job.by == webhook.created_by)
    nodes = frozenset(_nodes(message.payload))
    maker = Subject.of_roles(webhook.created_by, "", frozenset(), frozenset(branches))
    return Hearing(bool(nodes), maker, nodes)


def _nodes(payload: Mapping[str, Any]) -> Iterator[_NODE]:
    """The nodes that a message names, itself or in its parts."""
    if isinstance(payload.get("label"), str) and isinstance(payload.get("id"), str):
        yield payload["label"], payload["id"]
    if isinstance(payload.get("contact"), str):
        yield Contact.label, payload["contact"]
    for part in payload.values():
        if isinstance(part, Mapping):
            yield from _nodes(part)
