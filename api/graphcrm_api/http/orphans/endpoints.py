"""Endpoints: policies and customers that nobody serves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.exporting import page_or_file, page_or_file_responses
from graphcrm_api.http.conventions.paging import Paged
from graphcrm_api.http.conventions.schemas import page_of, problems, row_schema
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.orphans import service
from graphcrm_api.http.orphans.schemas import (
    CUSTOMERS,
    ORPHANS,
    Asked,
    Reason,
    Sort,
    Summary,
    asked,
)

router = APIRouter(tags=["orphans"])

Reader = Annotated[Caller, requires("orphans:read")]
Meant = Annotated[Asked, Depends(asked)]


@router.get(
    "/v1/orphans",
    response_model=page_of(row_schema(ORPHANS), "OrphanPolicies"),
    responses=page_or_file_responses(404),
)
def list_orphans(
    request: Request,
    caller: Reader,
    meant: Meant,
    paging: Paged,
    reason: Annotated[Reason | None, Query(description="Only orphans for this reason.")] = None,
    sort: Annotated[
        Sort, Query(description="`-` in front turns it round; what is unknown comes last.")
    ] = "policy_id",
) -> Response:
    """The policies in force that nobody able to do so serves, with why and what hangs on them."""
    return page_or_file(
        request,
        caller,
        "orphans",
        page=lambda: service.list_orphans(caller, meant, reason, sort, paging),
        whole=lambda: service.export_orphans(caller, meant, reason, sort),
    )


@router.get("/v1/orphans/summary", response_model=Summary, responses=problems(404))
def orphan_summary(request: Request, caller: Reader, meant: Meant) -> Response:
    """How many policies nobody serves, by reason and currency, of what you may see."""
    return answer(request, service.summarise(caller, meant))


@router.get(
    "/v1/orphans/customers",
    response_model=page_of(row_schema(CUSTOMERS), "OrphanCustomers"),
    responses=page_or_file_responses(404, 410),
)
def orphan_customers(request: Request, caller: Reader, meant: Meant, paging: Paged) -> Response:
    """The customers whom that concerns, a row for each, the most urgent first."""
    return page_or_file(
        request,
        caller,
        "orphan_customers",
        page=lambda: service.list_customers(caller, meant, paging),
        whole=lambda: service.export_customers(caller, meant),
    )
