"""Endpoints: health, readiness, measurements, and what the kinds of problems mean."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import text
from starlette.responses import Response

from graphcrm_api.http.conventions.parameters import require_known
from graphcrm_api.http.conventions.problems import STATUSES, Problem, title
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires

router = APIRouter(tags=["service"])

PUBLIC = ("/health/live", "/health/ready", "/problems/{kind}")
"""The routes that ask for no identity: they tell nothing of the graph."""


_KNOWN = [Depends(require_known)]


class Health(BaseModel):
    """That the service is up."""

    status: str


class Kind(BaseModel):
    """What a kind of problem means."""

    type: str
    status: int
    en: str
    zh: str


@router.get("/health/live", dependencies=_KNOWN)
async def live() -> Health:
    """Whether the process answers; a supervisor restarts it where it doesn't."""
    return Health(status="live")


@router.get("/health/ready", responses=problems(), dependencies=_KNOWN)
def ready(request: Request) -> Health:
    """Whether the graph and the service's database can be read; else 503."""
    backend = request.app.state.backend
    with backend.store() as store:
        store.unfinished()
    with backend.state.reading() as connection:
        connection.execute(text("SELECT 1"))
    return Health(status="ready")


@router.get("/problems/{kind}", responses=problems(404), dependencies=_KNOWN)
def problem(kind: str) -> Kind:
    """What a kind of problem means, in English and Chinese."""
    if kind not in STATUSES:
        raise Problem("not-found", f"there is no kind of problem {kind!r}")
    words = {"en": title(kind, "en"), "zh": title(kind, "zh")}
    return Kind(type=f"/problems/{kind}", status=STATUSES[kind], **words)


@router.get("/metrics", response_class=Response, responses=problems())
def metrics(request: Request, caller: Annotated[Caller, requires("metrics:read")]) -> Response:
    """Measurements for Prometheus."""
    return Response(request.app.state.measurements.text(), media_type=CONTENT_TYPE_LATEST)
