"""Running the service: where it listens, and how it ends."""

from __future__ import annotations

import signal
from collections.abc import Callable

import uvicorn

from graphcrm.errors import UsageError
from graphcrm.settings import Settings
from graphcrm.store.remote.address import is_here
from graphcrm_api.http.app import create_app
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.connections import ended_when_still
from graphcrm_api.http.conventions.requests import log_as_json

_FINISH_SECONDS = 30
"""Requests that are under way when the service is told to end have so long."""

_WAITING = 4096
"""Connections that the operating system keeps until they are taken."""


def _end(*_: object) -> None:
    """End as a process does that was asked to, after what is open was closed."""
    raise SystemExit(0)


def configured(backend: Backend, host: str, port: int) -> uvicorn.Config:
    """How the service of a backend is run."""
    return uvicorn.Config(
        create_app(backend),
        host=host,
        port=port,
        http=ended_when_still(backend.settings.stall_timeout),
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # whoever sends one could be anybody
        backlog=_WAITING,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )


def serve(
    address: str, settings: Settings, host: str, port: int, started: Callable[[bool], None]
) -> None:
    """Serve a graph until the process is told to end.

    `started` hears whether identities are asked for. Raises UsageError for another machine's access
    without identities, and what opening a graph raises.
    """
    log_as_json()
    backend = Backend(address, settings)
    try:
        if not backend.asks_for_identity and not is_here(host):
            raise UsageError(
                f"{host}: without identities the service listens on this machine only; make a key "
                "(graphcrm keys create) or set oidc_issuer"
            )
        config = configured(backend, host, port)
        started(backend.asks_for_identity)
        signal.signal(signal.SIGTERM, _end)  # which uvicorn raises anew when it has finished
        uvicorn.Server(config).run()
    finally:
        backend.close()
