"""Endpoints: customers with several records, why they are one, and search before create."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.once import again
from graphcrm_api.http.conventions.paging import Paged
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.duplicates import service
from graphcrm_api.http.duplicates.schemas import ClusterPage, Explanation, Found, PersonAsked
from graphcrm_api.http.identity.caller import Caller, requires

router = APIRouter(tags=["duplicates"])

Reader = Annotated[Caller, requires("duplicates:read")]
Searcher = Annotated[Caller, requires("duplicates:search")]
Asked: Any = PersonAsked

_MOST = 50


def _id(example: str) -> Any:
    return Query(description="A person's id.", max_length=500, examples=[example])


@router.get("/v1/duplicates", response_model=ClusterPage, responses=problems(409))
def list_duplicates(
    request: Request,
    caller: Reader,
    paging: Paged,
    order: Annotated[
        Literal["doubt", "size"],
        Query(description="The most doubtful first, or those with most records."),
    ] = "doubt",
) -> Response:
    """Customers that were found to have several records, one of them at least in your branches."""
    return answer(request, service.list_clusters(caller, order, paging))


@router.get("/v1/duplicates/explain", response_model=Explanation, responses=problems(404, 409))
def explain_duplicates(
    request: Request,
    caller: Reader,
    one: Annotated[str, _id("P0000042")],
    other: Annotated[str, _id("P0000314")],
) -> Response:
    """Why two persons' records are one customer, or are not, field by field."""
    return answer(request, service.explain(caller, one, other))


@router.post("/v1/duplicates/search", response_model=Found, responses=problems(409))
def search_before_create(
    request: Request,
    caller: Searcher,
    body: Asked,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="Candidates at most.")] = 10,
) -> Response:
    """Who may be the customer that is about to be entered: search before you create.

    It looks at the whole company. Of candidates outside of your branches you hear how sure the
    match is, the masked name, and the branch to call.
    """
    return again(
        caller,
        request,
        body,
        lambda: answer(request, service.search(caller, body.model_dump(), limit)),
    )
