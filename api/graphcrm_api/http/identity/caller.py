"""The caller of an endpoint: who asks, for what purpose, and what of the graph is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from graphcrm.store import Store
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.parameters import require_known
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.subject import Subject
from graphcrm_api.http.privacy.sight import Sight

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="An API key (`gcrm_…`) or a token of the company's identity provider (OIDC).",
)
_LONGEST_PURPOSE = 200


@dataclass(frozen=True)
class Caller:
    """Who asks, of what; made once for each request."""

    backend: Backend
    subject: Subject
    request_id: str
    purpose: str | None
    idempotency_key: str | None
    branches: tuple[str, ...] | None
    """The ids of the branches whose data are theirs, with those below; None: the whole company."""

    @property
    def unmasked(self) -> bool:
        """Whether personal data are shown as they are."""
        return self.purpose is not None and "pii" in self.subject.scopes

    @contextmanager
    def sight(self) -> Iterator[Sight]:
        """A store of the graph, and what the caller may see of it, for the time of the request."""
        with self.backend.store() as store:
            yield Sight(store, self.branches, self.unmasked)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """A store of the graph."""
        with self.backend.store() as store:
            yield store

    def note(self, action: str, resource: str, **detail: Any) -> None:
        """Keep in the audit log what was done or seen; never with personal data."""
        self.backend.note(**self.entry(action, resource, **detail))

    def entry(self, action: str, resource: str, **detail: Any) -> dict[str, Any]:
        """What the audit log keeps of something done, for a transaction that is open already."""
        return {
            "who": self.subject.name,
            "via": self.subject.via,
            "action": action,
            "resource": resource,
            "outcome": "done",
            "purpose": self.purpose,
            "detail": detail or None,
            "request_id": self.request_id,
        }

    def note_view(self, action: str, resource: str, **detail: Any) -> None:
        """Keep in the audit log that personal data were seen; nothing where they were masked."""
        if self.unmasked:
            self.note(action, resource, **detail)

    def require(self, scope: str) -> None:
        """Refuse who lacks a scope that only this request needs."""
        if scope not in self.subject.scopes:
            raise lacking(scope)

    def require_purpose(self) -> str:
        """The purpose that was stated; refuse where there is none."""
        if self.purpose is None:
            raise Problem("purpose-needed", "state the purpose in the header X-Purpose")
        return self.purpose


def caller(
    request: Request,
    wanted: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    purpose: Annotated[
        str | None,
        Header(
            alias="X-Purpose",
            description="What the data are needed for (percent-encoded UTF-8); it goes into the "
            "audit log, and with the scope `pii` personal data are shown.",
        ),
    ] = None,
) -> Caller:
    """Identify who asks; refuse who is nobody, asks too often or wrongly, or lacks a scope."""
    backend: Backend = request.app.state.backend
    address = request.client.host if request.client else ""
    subject = backend.identify(credentials.credentials if credentials else None, address)
    request.state.subject = subject
    backend.limits.spend(subject.name)
    for scope in wanted.scopes:
        if scope not in subject.scopes:
            raise lacking(scope)
    require_known(request)
    return Caller(
        backend,
        subject,
        request.state.request_id,
        _stated(purpose),
        request.headers.get("Idempotency-Key"),
        backend.branches_of(subject),
    )


def requires(scope: str) -> Any:
    """The dependency that lets only those in who have a scope: `Annotated[Caller, requires(…)]`."""
    return Security(caller, scopes=[scope])


def lacking(scope: str) -> Problem:
    """The refusal of somebody who lacks a scope."""
    return Problem("forbidden", f"this needs the scope {scope}", {"scope": scope})


def _stated(purpose: str | None) -> str | None:
    """The purpose in the header, as it is kept."""
    stated = " ".join(unquote(purpose or "").split())
    if not stated.isprintable():
        raise Problem("invalid", "a purpose is a text without control characters")
    if len(stated) > _LONGEST_PURPOSE:
        raise Problem("invalid", f"a purpose has at most {_LONGEST_PURPOSE} characters")
    return stated or None
