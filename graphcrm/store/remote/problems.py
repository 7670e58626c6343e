"""What a service answers when it does not answer: its problems as the library's own errors."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from graphcrm.errors import GraphCRMError, StoreError, UsageError

_PROBLEM = "application/problem+json"
_NO_ROUTE = "Not Found"
"""What is said of a path that the service doesn't have, in contrast to what it doesn't hold."""

_PURPOSE_NEEDED = "/problems/purpose-needed"

_THE_CALLERS = (400, 413, 415, 422)


def media_type(response: httpx.Response) -> str:
    """The form of an answer, without its parameters."""
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def error_of(url: str, response: httpx.Response, absent: type[GraphCRMError]) -> GraphCRMError:
    """The error that an answer is, which has been read; `absent` is that of what isn't there."""
    if response.is_redirect:
        to = urlsplit(response.headers.get("Location", "")).netloc or "another path"
        return StoreError(f"{url}: sends on to {to}; redirects are not followed, give that address")
    problem = _problem(response)
    if problem is None:
        return no_service(url, response)
    status, detail = response.status_code, problem["detail"]
    if status == 404:
        if detail == _NO_ROUTE:
            return StoreError(f"{url}: the service does not offer this; it is of another version")
        return absent(detail)
    if status == 401:
        return StoreError(
            f"{url}: {detail}; your key belongs into GRAPHCRM_KEY, or into a file that "
            "GRAPHCRM_KEY_FILE names"
        )
    if problem.get("type") == _PURPOSE_NEEDED:
        return StoreError(f"{url}: {detail}; here it is set as GRAPHCRM_PURPOSE")
    if status in _THE_CALLERS:
        return UsageError(detail)
    if status == 500:
        return StoreError(f"{url}: the service failed; in its log see {problem.get('request_id')}")
    return StoreError(f"{url}: {detail}")


def no_service(url: str, response: httpx.Response) -> StoreError:
    """That whatever is at the address is no service of this kind."""
    form = media_type(response) or "nothing"
    return StoreError(
        f"{url}: there is no GraphCRM service (it answered {response.status_code} with {form})"
    )


def broken_off(url: str, error: Exception) -> StoreError:
    """That an answer did not come to its end."""
    return StoreError(f"{url}: the answer broke off ({_reason(error)})")


def unreachable(url: str, error: httpx.TransportError, seconds: float) -> StoreError:
    """Why there is no answer at all."""
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return StoreError(
            f"{url}: its certificate is not trusted ({_reason(error)}); a company's own "
            "authority is named in GRAPHCRM_SERVICE_CA_FILE"
        )
    if isinstance(error, httpx.TimeoutException):
        return StoreError(f"{url}: gave no answer within {seconds:g} seconds")
    return StoreError(f"{url}: can't be reached ({_reason(error)})")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _problem(response: httpx.Response) -> dict[str, Any] | None:
    if media_type(response) != _PROBLEM:
        return None
    try:
        found = json.loads(response.content)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("detail"), str) else None
