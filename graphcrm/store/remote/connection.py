"""Requests to a service: who asks and what for, retries, patience, and answers in pieces."""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from graphcrm.errors import GraphCRMError, UnknownNodeError, UsageError
from graphcrm.settings import Settings
from graphcrm.store.remote.address import ServiceAddress
from graphcrm.store.remote.problems import (
    broken_off,
    error_of,
    media_type,
    no_service,
    unreachable,
)

_JSON = "application/json"

_BREAKS = 2
"""So many broken connections are made anew."""

_WAITS = 4
"""So often the service's own wish to be asked later is met."""

_LONGEST_WAIT = 60.0
_CONNECT_SECONDS = 10.0
_PIECE = 1 << 20

_ASKED_LATER = (409, 429, 503)
"""With Retry-After: 409 is an earlier request with the same key that is still being done."""

Parameters = Mapping[str, Any]
Pieces = Callable[[], Iterator[bytes]]


class Service:
    """A service as one caller asks it. Several threads may use it.

    A POST carries a key of its own, so that it is done once though it be sent twice. Raises the
    library's own errors: UnknownNodeError (or what `absent` says) for what isn't there, UsageError
    for what can't be asked, StoreError for all that stands in the way.
    """

    def __init__(
        self,
        address: ServiceAddress,
        settings: Settings,
        key: str | None,
        purpose: str | None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Asks nothing yet. UsageError for a key or a file of certificates that can't be used."""
        self.url, self._seconds, self._pause = address.url, settings.service_timeout, pause
        headers = {"Accept": _JSON, "Accept-Language": "en"}
        if key is not None:
            if not key or any(not "!" <= sign <= "~" for sign in key):
                raise UsageError(f"{self.url}: what is set as the key is no key")
            headers["Authorization"] = f"Bearer {key}"
        if purpose is not None:
            headers["X-Purpose"] = quote(purpose)
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            verify=_trusted(settings.service_ca_file),
            timeout=httpx.Timeout(self._seconds, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=not address.here,  # a proxy has no business between us and this machine
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(
        self,
        path: str,
        params: Parameters | None = None,
        absent: type[GraphCRMError] = UnknownNodeError,
    ) -> Any:
        """The JSON that is at a path."""
        with self._answered("GET", path, params, absent=absent) as response:
            return self._json(response)

    def tag(self, path: str) -> str:
        """The entity tag of what is at a path, by which a change says what it rests on."""
        with self._answered("GET", path) as response:
            self._json(response)
            return str(response.headers.get("ETag", ""))

    def post(
        self, path: str, body: Any, params: Parameters | None = None, seen: str | None = None
    ) -> Any:
        """Send JSON, and return what is answered; `seen` is the tag of what is to be changed."""
        headers = {} if seen is None else {"If-Match": seen}
        with self._answered("POST", path, params, body=body, headers=headers) as response:
            return self._json(response)

    def send_file(self, path: str, file: Path, params: Parameters) -> Any:
        """Send a file, a piece at a time, and return what is answered."""

        def pieces() -> Iterator[bytes]:
            with file.open("rb") as opened:
                while piece := opened.read(_PIECE):
                    yield piece

        headers = {"Content-Length": str(file.stat().st_size)}
        with self._answered("POST", path, params, pieces=pieces, headers=headers) as response:
            return self._json(response)

    @contextmanager
    def pieces(
        self,
        path: str,
        params: Parameters,
        form: str,
        absent: type[GraphCRMError] = UnknownNodeError,
    ) -> Iterator[Iterator[bytes]]:
        """What is at a path in another form than JSON, as it comes."""
        with self._answered(
            "GET", path, params, absent=absent, headers={"Accept": form}, whole=False
        ) as response:
            if media_type(response) != form:
                raise no_service(self.url, response)
            yield self._parts(response)

    def _parts(self, response: httpx.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_bytes()
        except httpx.TransportError as error:
            raise broken_off(self.url, error) from error

    @contextmanager
    def _answered(
        self,
        method: str,
        path: str,
        params: Parameters | None = None,
        *,
        absent: type[GraphCRMError] = UnknownNodeError,
        body: Any = None,
        pieces: Pieces | None = None,
        headers: Mapping[str, str] | None = None,
        whole: bool = True,
    ) -> Iterator[httpx.Response]:
        """The answer that is none of a problem, `whole` or still to be read."""
        sent = dict(headers or {})
        if method == "POST":
            sent["Idempotency-Key"] = uuid.uuid4().hex
        given = {name: value for name, value in (params or {}).items() if value is not None}
        breaks = waits = 0
        while True:
            try:
                request = self._client.build_request(
                    method,
                    path,
                    params=given,
                    json=body,
                    content=pieces() if pieces else None,
                    headers=sent,
                )
                response = self._client.send(request, stream=True)
                if whole or not response.is_success:
                    with _closing(response):
                        response.read()
            except UnicodeEncodeError:
                raise UsageError("half a character is no text to ask for") from None
            except httpx.TransportError as error:
                if breaks == _BREAKS or not _may_pass(error):
                    raise unreachable(self.url, error, self._seconds) from error
                breaks += 1
                self._pause(breaks / 2)
                continue
            wait = _wanted_wait(response)
            if wait is None or waits == _WAITS or wait > _LONGEST_WAIT:
                break
            waits += 1
            self._pause(wait)
        with _closing(response):
            if not response.is_success:
                raise error_of(self.url, response, absent)
            yield response

    def _json(self, response: httpx.Response) -> Any:
        if media_type(response) != _JSON:
            raise no_service(self.url, response)
        try:
            return response.json()
        except ValueError:
            raise no_service(self.url, response) from None


@contextmanager
def _closing(response: httpx.Response) -> Iterator[None]:
    try:
        yield
    finally:
        response.close()


def _may_pass(error: httpx.TransportError) -> bool:
    """Whether it may be another time: not what took all its time, nor what is not trusted."""
    return not isinstance(error, httpx.TimeoutException) and "CERTIFICATE" not in str(error)


def _wanted_wait(response: httpx.Response) -> float | None:
    """The seconds after which the service wants to be asked again, None where it doesn't."""
    said = response.headers.get("Retry-After", "")
    if response.status_code not in _ASKED_LATER or not said.isdecimal():
        return None
    return float(said)


def _trusted(file: Path | None) -> ssl.SSLContext:
    """The machine's own authorities, and those in a file. UsageError where it can't be read."""
    context = ssl.create_default_context()
    if file is not None:
        try:
            context.load_verify_locations(file.expanduser())
        except OSError as error:  # an SSLError is one, too
            raise UsageError(f"{file}: can't be read as certificates ({error})") from None
    return context
