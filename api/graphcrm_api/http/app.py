"""The application: every subject's endpoints, and what is done to every request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from graphcrm import __version__
from graphcrm.errors import GraphCRMError
from graphcrm_api.http.audit.endpoints import router as audit
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.contacts.endpoints import router as contacts
from graphcrm_api.http.conventions.bodies import Bodies
from graphcrm_api.http.conventions.description import described
from graphcrm_api.http.conventions.faults import handle_errors
from graphcrm_api.http.conventions.loopback import LoopbackOnly
from graphcrm_api.http.conventions.measurements import Measurements
from graphcrm_api.http.conventions.requests import LOG, Requests
from graphcrm_api.http.customers.endpoints import router as customers
from graphcrm_api.http.duplicates.endpoints import router as duplicates
from graphcrm_api.http.health.endpoints import router as health
from graphcrm_api.http.jobs.endpoints import router as jobs
from graphcrm_api.http.jobs.workers import Workers
from graphcrm_api.http.keys.endpoints import router as keys
from graphcrm_api.http.loads.endpoints import router as loads
from graphcrm_api.http.loads.loading import LOADING
from graphcrm_api.http.orphans.endpoints import router as orphans
from graphcrm_api.http.questions.endpoints import router as questions
from graphcrm_api.http.referrals.endpoints import router as referrals
from graphcrm_api.http.search.endpoints import router as search
from graphcrm_api.http.status.endpoints import router as status
from graphcrm_api.http.surroundings.endpoints import router as surroundings
from graphcrm_api.http.webhooks.deliveries import Deliveries
from graphcrm_api.http.webhooks.endpoints import router as webhooks

_BODY_BYTES = 1 << 20
_TIDY_SECONDS = 3600.0
_SENT = "Authorization Idempotency-Key If-Match If-None-Match X-Purpose"
_READ = "Content-Disposition ETag Idempotent-Replayed Location Retry-After X-Request-Id"
"""Headers that pages of other origins may send, and read."""

ROUTERS = (
    health,
    customers,
    search,
    surroundings,
    contacts,
    duplicates,
    orphans,
    questions,
    referrals,
    jobs,
    loads,
    status,
    audit,
    keys,
    webhooks,
)


async def _forget_old(backend: Backend) -> None:
    """Every now and then, as long as the service runs."""
    while True:
        try:
            await run_in_threadpool(backend.forget_old)
        except GraphCRMError as error:  # a graph that is being written: next time
            LOG.warning("old idempotency keys stay for now", exc_info=error)
        await asyncio.sleep(_TIDY_SECONDS)


class _App(FastAPI):
    """An application of which every answer passes through `Requests`, be it a fault."""

    def build_middleware_stack(self) -> ASGIApp:
        """What FastAPI makes, and around it what is done to every request."""
        return Requests(super().build_middleware_stack(), self.state.measurements.note)

    def openapi(self) -> dict[str, Any]:
        """The description of the service."""
        return described(self)


def create_app(backend: Backend) -> FastAPI:
    """The service over a graph; the caller closes the backend."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        tidying = asyncio.create_task(_forget_old(backend))
        app.state.workers.start()
        deliveries.start()
        try:
            yield
        finally:
            await run_in_threadpool(app.state.workers.stop)
            await run_in_threadpool(deliveries.stop)
            tidying.cancel()

    app = _App(
        title="GraphCRM",
        version=__version__,
        summary="An insurer's customers, agents, policies and claims as one graph.",
        lifespan=running,
        max_body_size=_BODY_BYTES,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.backend = backend
    app.state.measurements = Measurements()
    app.state.workers = Workers(backend, (LOADING,))
    deliveries = Deliveries(backend)
    handle_errors(app)
    for router in ROUTERS:
        app.include_router(router)
    if backend.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=backend.settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=_SENT.split(),
            expose_headers=_READ.split(),
        )
    app.add_middleware(
        Bodies,
        still_seconds=backend.settings.stall_timeout,
        small_seconds=backend.settings.body_timeout,
    )
    if not backend.asks_for_identity:
        app.add_middleware(LoopbackOnly)
    return app
