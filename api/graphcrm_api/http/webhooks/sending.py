"""Sending one message: signed, to the checked address, with an end in sight.

The form is that of Standard Webhooks 1.0 (standardwebhooks.com): the headers webhook-id,
webhook-timestamp and webhook-signature, the last with HMAC-SHA256 (RFC 2104) over
`id.timestamp.body` under the key that the secret `whsec_…` holds in base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any

from graphcrm import __version__
from graphcrm.ledger.messages import Message
from graphcrm.ledger.webhooks import Webhook
from graphcrm.settings import Settings
from graphcrm_api.http.conventions.moments import in_utc
from graphcrm_api.http.webhooks.targets import ForbiddenTargetError, Target, address_of, target_of

SECONDS = 10.0
"""So long a receiver may take for all of it."""

_READ_BYTES = 64


class NotDeliveredError(Exception):
    """A message was not taken; `status` is what the receiver answered, if it did."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        """Why, without anything that the receiver said."""
        super().__init__(reason)
        self.status = status


def shown_secret(secret: str) -> str:
    """A webhook's secret in the form in which its receiver wants it."""
    return f"whsec_{base64.b64encode(_key(secret)).decode()}"


def body_of(message: Message) -> bytes:
    """What is sent: the event, when it was, and ids."""
    content = {
        "type": message.event,
        "timestamp": in_utc(message.at),
        "data": message.payload,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(webhook: Webhook, message: Message, body: bytes, at: int) -> dict[str, str]:
    """The headers by which a receiver knows us and a repetition; `at` in seconds since 1970."""
    id = f"msg_{webhook.id}_{message.seq}"
    signed = f"{id}.{at}.".encode() + body
    signature = hmac.digest(_key(webhook.secret), signed, hashlib.sha256)
    return {
        "content-type": "application/json",
        "user-agent": f"GraphCRM/{__version__}",
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def send(settings: Settings, webhook: Webhook, message: Message) -> int:
    """Send a message; returns the status with which it was taken. Raises NotDeliveredError.

    An answer that leads elsewhere is not followed, and no body is read beyond a few bytes.
    """
    try:
        target = target_of(settings, webhook.url)
        connection = _Connection(target, address_of(settings, target))
    except ForbiddenTargetError as error:
        raise NotDeliveredError(str(error)) from None
    except OSError as error:
        raise NotDeliveredError(f"the host is not found ({_words(error)})") from None
    body = body_of(message)
    headers = headers_of(webhook, message, body, int(time.time()))
    end = threading.Timer(SECONDS, connection.break_off)  # a receiver that drips is not waited for
    end.start()
    try:
        connection.request("POST", target.path, body, headers)
        answer = connection.getresponse()
        status = answer.status
        with suppress(OSError, http.client.HTTPException):
            answer.read(_READ_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDeliveredError(f"no answer ({_words(error)})") from None
    finally:
        end.cancel()
        connection.close()
    if connection.broken_off:  # what was read of its answer till then may be half of one
        raise NotDeliveredError("no answer (too slow)")
    if not 200 <= status < 300:
        raise NotDeliveredError(f"answered with status {status}", status)
    return status


class _Connection(http.client.HTTPConnection):
    """A connection to an address, that speaks to the host by its name."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self.default_port = 443 if target.encrypted else 80
        self._target, self._address = target, address
        self.broken_off = False

    def connect(self) -> None:
        self.sock: Any = socket.create_connection((self._address, self._target.port), SECONDS)
        if self._target.encrypted:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def break_off(self) -> None:
        self.broken_off = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))


def _words(error: Exception) -> str:
    """What kind of failure it was; a receiver's own words stay out of our records."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
