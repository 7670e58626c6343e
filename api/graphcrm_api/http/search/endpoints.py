"""Endpoint: search."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.openapi.models import Example
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.search import service
from graphcrm_api.http.search.schemas import Hits

router = APIRouter(tags=["search"])

_EXAMPLES = {
    "name": Example(summary="A name, or its beginning", value="欧阳"),
    "pinyin": Example(summary="Pinyin, or its initials", value="ouyang"),
    "phone": Example(summary="A whole phone number", value="+86 138 0013 8001"),
    "policy": Example(summary="The number of a policy or claim", value="core:POL0000204"),
}

Sought = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="A name, pinyin, initials, a number or an id.",
        openapi_examples=_EXAMPLES,
    ),
]
Limit = Annotated[int, Query(ge=1, le=100, description="Hits at most.")]


@router.get("/v1/search", response_model=Hits, responses=problems())
def search(
    request: Request,
    caller: Annotated[Caller, requires("search:read")],
    q: Sought,
    limit: Limit = 20,
) -> Response:
    """Find customers, agents, vehicles, policies and claims of your branches.

    Names are found by their beginning, by pinyin and initials, and where few fit also with a slip:
    a wrong character, two in the wrong order. Phones, documents, e-mail addresses and plates are
    found whole; by their beginning only with the scope `pii` and a purpose. Without these, whole
    numbers count as look-ups of masked values, of which there are only so many a minute.
    """
    return answer(request, service.search(caller, q, limit))
