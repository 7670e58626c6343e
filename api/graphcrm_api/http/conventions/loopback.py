"""Guarding a service that asks for no identity against pages of other sites in the same browser."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from graphcrm.store.remote.address import is_here
from graphcrm_api.http.conventions.faults import respond
from graphcrm_api.http.conventions.problems import Problem


class LoopbackOnly:
    """Lets in only what names this machine as its host, and comes from no other site's page.

    Another name for this machine's address (DNS rebinding) would make a foreign page one of ours.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Around an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not _is_ours(Headers(scope=scope)):
            problem = Problem(
                "forbidden", "without identities the service answers this machine only"
            )
            await respond(problem, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_ours(headers: Headers) -> bool:
    host, origin = headers.get("host", ""), headers.get("origin")
    try:
        name = urlsplit(f"//{host}").hostname
        same = origin is None or urlsplit(origin).netloc == host
    except ValueError:
        return False
    return name is not None and "@" not in host and is_here(name) and same
