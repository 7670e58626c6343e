"""Connections that are ended where nothing moves on them.

An answer that nobody reads would hold what is not yet sent, and whatever it is read from, for ever;
so would a request of which only the beginning comes.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LOOKS = 8
"""So often it is looked at a connection within the time that it may stand still."""

_TOO_SLOW = (
    b'{"type":"/problems/timed-out","title":"The request took too long to arrive","status":408,'
    b'"detail":"the head of the request did not arrive in time"}'
)
_ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s"
) % (len(_TOO_SLOW), _TOO_SLOW)


class Connection(HttpToolsProtocol):
    """Ends itself where a request's head, or the reading of an answer, stands still for too long.

    A body that stands still is ended by who reads it (see `conventions.bodies`).
    """

    stall_seconds: float

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._unsent = 0
        self._sent_at = self._head_since = self.loop.time()
        self._in_head, self._begun = True, False
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take note that a request begins."""
        if not self._in_head and self.cycle.response_complete:
            self._in_head, self._head_since = True, self.loop.time()
        self._begun = self._in_head
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Take note that the head is here."""
        self._in_head = self._begun = False
        super().on_headers_complete()

    def _look_again(self) -> None:
        self._look = self.loop.call_later(self.stall_seconds / _LOOKS, self._end_if_still)

    def _end_if_still(self) -> None:
        now, unsent = self.loop.time(), self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._sent_at = unsent, now
        if now - self._sent_at >= self.stall_seconds:
            self.transport.abort()  # to close it would wait for what is unsent
            return
        if self._in_head and now - self._head_since >= self.stall_seconds:
            self._head_since = now
            if self._begun and not self.transport.is_closing():
                self.transport.write(_ANSWER)
            self.transport.close()
        self._look_again()


def ended_when_still(seconds: float) -> type[Connection]:
    """Connections that may stand still for so many seconds."""
    return type("Connection", (Connection,), {"stall_seconds": seconds})
