"""Endpoints: neighbourhoods, what they hold, and the ways between two nodes."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from graphcrm.model import VOCABULARY
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.customers.schemas import Label
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.surroundings import service
from graphcrm_api.http.surroundings.drawing import FORMS, drawn, wanted_drawing
from graphcrm_api.http.surroundings.schemas import Degrees, Neighbourhood, Paths

router = APIRouter(tags=["graph"])

Reader = Annotated[Caller, requires("graph:read")]
OfLabel = Annotated[Label, Query(description="The node's type.", examples=["Person"])]
OfId = Annotated[
    str, Query(min_length=1, max_length=500, description="Its id.", examples=["core:P204"])
]
_TYPES = "^({0})( *, *({0}))*$".format("|".join(VOCABULARY.edges))
_DRAWN: dict[int | str, dict[str, Any]] = {200: {"content": FORMS}, **problems(404, 406)}


@router.get("/v1/neighbourhood", response_model=Neighbourhood, responses=_DRAWN)
def neighbourhood(
    request: Request,
    caller: Reader,
    label: OfLabel,
    id: OfId,
    hops: Annotated[int, Query(ge=1, le=3, description="Edges away at most.")] = 2,
    limit: Annotated[int, Query(ge=1, le=2000, description="Nodes at most.")] = 500,
    types: Annotated[
        str | None,
        Query(
            max_length=2000,
            pattern=_TYPES,
            description="Only these types of edges, parted by commas; by default all but premiums.",
            examples=["HOLDS,SERVES"],
        ),
    ] = None,
) -> Response:
    """What lies around a node, nearest first; no way leads through what is not yours to see.

    With `Accept: application/graphml+xml` or `application/gexf+xml` it comes as a file for graph
    tools.
    """
    form = wanted_drawing(request)
    found = service.neighbourhood(caller, label, id, hops, limit, types)
    return answer(request, found) if form is None else drawn(request, found, form)


@router.get("/v1/degrees", response_model=Degrees, responses=problems(404))
def degrees(request: Request, caller: Reader, label: OfLabel, id: OfId) -> Response:
    """How many neighbours a node has of each kind: ask it before you ask for them all."""
    return answer(request, service.degrees(caller, label, id))


@router.get("/v1/paths", response_model=Paths, responses=problems(404))
def paths(
    request: Request,
    caller: Reader,
    from_label: OfLabel,
    from_id: OfId,
    to_label: OfLabel,
    to_id: OfId,
    hops: Annotated[int, Query(ge=1, le=8, description="Edges of a way at most.")] = 6,
    limit: Annotated[int, Query(ge=1, le=100, description="Ways at most.")] = 10,
) -> Response:
    """The shortest ways between two nodes through your branches.

    What joins nearly everybody with everybody, such as a product, is no way. Where there is none,
    the list is empty, and `complete` says whether everything was looked at.
    """
    found = service.paths(caller, (from_label, from_id), (to_label, to_id), hops, limit)
    return answer(request, found)
