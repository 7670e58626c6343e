"""Endpoints: who brought whom."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.paging import Paged
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.referrals import service
from graphcrm_api.http.referrals.schemas import LoopPage, ReferralPage, TreeView

router = APIRouter(tags=["referrals"])

Reader = Annotated[Caller, requires("referrals:read")]
Label = Annotated[
    Literal["Person", "Institution", "Department"], Query(description="The customer's type.")
]
Id = Annotated[str, Query(description="The customer's id.", max_length=500, examples=["P0000042"])]

_MOST = 5_000


@router.get("/v1/referrals", response_model=ReferralPage, responses=problems(410))
def list_referrals(request: Request, caller: Reader, paging: Paged) -> Response:
    """Who brought whom, of the customers in your branches; the others are said to be outside."""
    return answer(request, service.list_referrals(caller, paging))


@router.get("/v1/referrals/tree", response_model=TreeView, responses=problems(404))
def referral_tree(
    request: Request,
    caller: Reader,
    id: Id,
    label: Label = "Person",
    limit: Annotated[int, Query(ge=1, le=_MOST, description="Customers in the tree.")] = 500,
) -> Response:
    """Whom a customer brought, directly or through others, and who brought them."""
    return answer(request, service.tree(caller, label, id, limit))


@router.get("/v1/referrals/loops", response_model=LoopPage, responses=problems(410))
def referral_loops(request: Request, caller: Reader, paging: Paged) -> Response:
    """Loops: customers each of whom was brought, in the end, by every other."""
    return answer(request, service.list_loops(caller, paging))
