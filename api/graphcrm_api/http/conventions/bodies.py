"""Requests whose body doesn't come: they are answered, and their connection is closed."""

from __future__ import annotations

import anyio
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SMALL = 1 << 20
"""So much of a body must be here in time; what goes on beyond it need only keep moving."""

_CLOSE = {"Connection": "close"}
"""For the rest of the body would be taken for the next request."""


class Bodies:
    """Ends a request whose body stands still, or whose first MiB takes too long."""

    def __init__(self, app: ASGIApp, still_seconds: float, small_seconds: float) -> None:
        """Around an application; seconds between two parts, and for the first MiB."""
        self._app, self._still, self._small = app, still_seconds, small_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        end = anyio.current_time() + self._small
        received, whole = 0, False

        async def hear() -> Message:
            nonlocal received, whole
            if whole:  # what is heard from now on is that the client has gone
                return await receive()
            wait = self._still
            if received < _SMALL:
                wait = min(wait, max(end - anyio.current_time(), 0))
            try:
                with anyio.fail_after(wait):
                    message = await receive()
            except TimeoutError:
                said = "the body of the request did not arrive in time"
                raise HTTPException(408, said, _CLOSE) from None
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, hear, send)
