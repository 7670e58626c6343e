"""Endpoints: API keys."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.once import once, shown_once
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.keys import service
from graphcrm_api.http.keys.schemas import KeyOrder, KeyPage, KeyView, MadeKey, Prefix

router = APIRouter(tags=["keys"])

Keeper = Annotated[Caller, requires("keys:write")]


@router.get("/v1/keys", response_model=KeyPage, responses=problems())
def list_keys(request: Request, caller: Keeper) -> Response:
    """The keys of your branches, newest first; also those that open nothing any more."""
    return answer(request, {"items": service.list_keys(caller), "next": None})


@router.post("/v1/keys", response_model=MadeKey, status_code=201, responses=problems())
def make(request: Request, caller: Keeper, order: KeyOrder) -> Response:
    """Make a key, which is shown this once.

    It can have no role with a scope that you lack, no branch beyond yours, and last no longer than
    the key with which you ask. A repeated request gets the same answer without the key itself, of
    which only a hash is kept. Of a service that asked for no identities it is the first: from then
    on everybody needs one, so let it be an administrator's.
    """
    before = partial(service.require_branches, caller, order.branches)
    make = partial(service.make, caller=caller, order=order)
    return shown_once(caller, request, order, make, "key", before)


@router.post("/v1/keys/{prefix}/revoke", response_model=KeyView, responses=problems(404))
def revoke(request: Request, caller: Keeper, prefix: Prefix) -> Response:
    """Revoke a key: it opens nothing from now on. Keys that were made with it stay."""
    return once(
        caller,
        request,
        None,
        lambda connection: answer(request, service.revoke(connection, caller, prefix)),
    )
