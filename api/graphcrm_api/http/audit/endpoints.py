"""Endpoints: the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from graphcrm_api.http.audit import service
from graphcrm_api.http.audit.schemas import Check, EntryPage, Moment
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.paging import Paged
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires

router = APIRouter(tags=["audit"])

Auditor = Annotated[Caller, requires("audit:read")]
Text = Annotated[str | None, Query(max_length=300, pattern=r"^[^\u0000]*$")]
Heads = Annotated[
    list[Annotated[str, Query(pattern=r"^[0-9A-Fa-f]{64}$")]],
    Query(description="Hashes that were noted at earlier checks.", max_length=20),
]


@router.get("/v1/audit", response_model=EntryPage, responses=problems())
def list_entries(
    request: Request,
    caller: Auditor,
    paging: Paged,
    who: Text = None,
    action: Text = None,
    since: Annotated[Moment | None, Query(description="Entries from this moment on.")] = None,
    until: Annotated[Moment | None, Query(description="Entries before this moment.")] = None,
) -> Response:
    """Who did and saw what, newest first. For callers of the whole company."""
    found = service.page(caller, paging, who=who, action=action, since=since, until=until)
    return answer(request, found)


@router.get("/v1/audit/verify", response_model=Check, responses=problems())
def verify(request: Request, caller: Auditor, head: Heads = []) -> Response:  # noqa: B006
    """Compute all hashes of the audit log and the decisions anew, and find a broken one.

    A million entries take some ten seconds. For callers of the whole company.
    """
    return answer(request, service.check(caller, head))
