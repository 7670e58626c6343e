"""The thread that delivers messages to webhooks."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from graphcrm.errors import GraphCRMError
from graphcrm.ledger import messages, times, webhooks
from graphcrm.ledger.webhooks import Delivery
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.webhooks.hearing import hearing_of
from graphcrm_api.http.webhooks.outbox import drop, take_over
from graphcrm_api.http.webhooks.sending import SECONDS, NotDeliveredError, send

_LOG = logging.getLogger("graphcrm.webhooks")

_PAUSE = 1.0
_SENDERS = 4
_AT_ONCE = 4 * _SENDERS
"""So few that the last is sent within its lease although each receiver takes its time."""
_NEW = 500


class Deliveries:
    """Delivers until it is stopped; what it didn't get to is delivered by the next service."""

    def __init__(self, backend: Backend) -> None:
        """For the webhooks of a backend; nothing is done before `start`."""
        self._backend = backend
        self._stopping = threading.Event()
        self._senders = ThreadPoolExecutor(_SENDERS, "webhooks")
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is being sent."""
        self._stopping.set()
        self._thread.join(SECONDS + _PAUSE)
        self._senders.shutdown(wait=False, cancel_futures=True)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._round():
                    continue
            except Problem as error:  # the service is busy
                _LOG.warning("webhooks not reached", extra={"told": {"reason": error.detail}})
            except GraphCRMError as error:
                _LOG.warning("webhooks not reached", extra={"told": {"reason": str(error)}})
            except Exception as error:  # no fault may end the thread
                _LOG.error("fault", exc_info=error)
            self._stopping.wait(_PAUSE)

    def _round(self) -> bool:
        """Deliver what is due; whether there may be more."""
        state = self._backend.state
        taken_over = take_over(self._backend)
        with state.writing(durable=False) as connection:
            new = messages.since(connection, webhooks.scheduled(connection), _NEW)
            webhooks.schedule(connection, new)
            due = webhooks.due(connection, times.now(), _AT_ONCE)
        for _ in self._senders.map(self._deliver, due):
            pass
        return bool(taken_over or new or due)

    def _deliver(self, delivery: Delivery) -> None:
        state = self._backend.state
        with state.reading() as connection:
            webhook = webhooks.get(connection, delivery.webhook)
            message = messages.get(connection, delivery.message)
            hearing = webhook and message and hearing_of(connection, webhook, message)
        if not webhook or not message or not hearing or not hearing.holds(self._backend):
            with state.writing() as connection:
                drop(connection, delivery)
            return
        try:
            status = send(self._backend.settings, webhook, message)
        except NotDeliveredError as error:
            with state.writing() as connection:
                webhooks.failed(
                    connection, delivery, times.now(), error=str(error), status=error.status
                )
            return
        with state.writing() as connection:
            webhooks.delivered(connection, delivery, status)
