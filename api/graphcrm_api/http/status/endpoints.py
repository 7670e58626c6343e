"""Endpoint: the graph's state."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.status import service
from graphcrm_api.http.status.schemas import CallerView, StatusView

router = APIRouter(tags=["service"])


@router.get("/v1/status", response_model=StatusView, responses=problems())
def status(request: Request, caller: Annotated[Caller, requires("status:read")]) -> Response:
    """What is in the graph, how recent it is, and whether a load is under way."""
    return answer(request, service.status(caller))


@router.get("/v1/me", response_model=CallerView, responses=problems())
def me(request: Request, caller: Annotated[Caller, requires("status:read")]) -> Response:
    """Who you are here and what you may do: ask it once, before you ask for other things."""
    return answer(request, service.me(caller))
