"""Endpoints: policies and customers that nobody serves."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.cursors import LONGEST_PAGE, USUAL_PAGE
from graphcrm_api.http.conventions.exporting import FORMS, JSON, exported, wanted_form
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
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.")]
_LIST: dict[int | str, dict[str, Any]] = {200: {"content": FORMS}, **problems(404, 406)}


@router.get(
    "/v1/orphans", response_model=page_of(row_schema(ORPHANS), "OrphanPolicies"), responses=_LIST
)
def list_orphans(
    request: Request,
    caller: Reader,
    meant: Meant,
    reason: Annotated[Reason | None, Query(description="Only orphans for this reason.")] = None,
    sort: Annotated[
        Sort, Query(description="`-` in front turns it round; what is unknown comes last.")
    ] = "policy_id",
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """The policies in force that nobody able to do so serves, with why and what hangs on them.

    With `Accept: text/csv`, `application/vnd.apache.arrow.stream` or
    `application/vnd.apache.parquet` all of them come as a file (scope `export:read`).
    """
    form = wanted_form(request)
    if form == JSON:
        return answer(request, service.list_orphans(caller, meant, reason, sort, limit, cursor))
    export = service.export_orphans(caller, meant, reason, sort)
    return exported(caller, export, form, "orphans")


@router.get("/v1/orphans/summary", response_model=Summary, responses=problems(404))
def orphan_summary(request: Request, caller: Reader, meant: Meant) -> Response:
    """How many policies nobody serves, by reason and currency, of what you may see."""
    return answer(request, service.summarise(caller, meant))


@router.get(
    "/v1/orphans/customers",
    response_model=page_of(row_schema(CUSTOMERS), "OrphanCustomers"),
    responses={**_LIST, **problems(410)},
)
def orphan_customers(
    request: Request,
    caller: Reader,
    meant: Meant,
    limit: Limit = USUAL_PAGE,
    cursor: Cursor = None,
) -> Response:
    """The customers whom that concerns, a row for each, the most urgent first; or as a file."""
    form = wanted_form(request)
    if form == JSON:
        return answer(request, service.list_customers(caller, meant, limit, cursor))
    return exported(caller, service.export_customers(caller, meant), form, "orphan_customers")
