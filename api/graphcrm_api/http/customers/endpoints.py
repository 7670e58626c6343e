"""Endpoints: customers, and nodes of every kind."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.exporting import page_or_file, page_or_file_responses
from graphcrm_api.http.conventions.lists import Listing, listing
from graphcrm_api.http.conventions.schemas import page_of, problems
from graphcrm_api.http.customers import service
from graphcrm_api.http.customers.schemas import (
    ACustomer,
    ANode,
    CustomerLabel,
    CustomerView,
    Earlier,
    Id,
    Label,
    References,
)
from graphcrm_api.http.identity.caller import Caller, requires

router = APIRouter(tags=["customers"])

Reader = Annotated[Caller, requires("customers:read")]
Asked = Annotated[Listing, Depends(listing)]
_LIST = page_or_file_responses()


@router.get("/v1/customers", response_model=page_of(ACustomer, "Customer"), responses=_LIST)
def list_customers(
    request: Request, caller: Reader, asked: Asked, label: CustomerLabel = "Person"
) -> Response:
    """The customers of your branches: persons, institutions, departments, or who they are."""
    return _listed(request, caller, asked, label)


@router.get("/v1/customers/{label}/{id:path}", response_model=CustomerView, responses=problems(404))
def one_customer(
    request: Request,
    caller: Reader,
    label: CustomerLabel,
    id: Id,
    whole: Annotated[
        bool,
        Query(description="Also what lies in other branches (scope `customer:whole`, a purpose)."),
    ] = False,
) -> Response:
    """One customer with everything that hangs on them, as it stands."""
    return answer(request, service.one_customer(caller, label, id, whole=whole))


@router.get("/v1/nodes", response_model=References, responses=problems(404))
def find_nodes(
    request: Request,
    caller: Reader,
    id: Annotated[
        str,
        Query(min_length=1, max_length=500, description="An id.", examples=["core:P204"]),
    ],
) -> Response:
    """Which nodes have an id: one, unless types share it."""
    return answer(request, service.find_nodes(caller, id))


@router.get("/v1/history", response_model=Earlier, responses=problems(404))
def history(
    request: Request,
    caller: Reader,
    label: Annotated[Label, Query(description="The node's type.", examples=["Person"])],
    id: Annotated[
        str, Query(min_length=1, max_length=500, description="Its id.", examples=["core:P204"])
    ],
) -> Response:
    """What a node was before loads changed it, newest first: each time all that was known."""
    return answer(request, service.history(caller, label, id))


@router.get("/v1/nodes/{label}", response_model=page_of(ANode, "Node"), responses=_LIST)
def list_nodes(request: Request, caller: Reader, asked: Asked, label: Label) -> Response:
    """The nodes of a type, such as `Policy` or `Agent`, in your branches."""
    return _listed(request, caller, asked, label)


@router.get("/v1/nodes/{label}/{id:path}", response_model=ANode, responses=problems(404))
def one_node(request: Request, caller: Reader, label: Label, id: Id) -> Response:
    """One node with its properties."""
    return answer(request, service.one_node(caller, label, id))


def _listed(request: Request, caller: Caller, asked: Listing, label: str) -> Response:
    return page_or_file(
        request,
        caller,
        label.lower(),
        page=lambda: service.list_nodes(caller, label, asked),
        whole=lambda: service.export_nodes(caller, label, asked),
    )
