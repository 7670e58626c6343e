"""Holding on to a job while it is worked on: its lease, its progress, and the wish for its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from graphcrm.errors import GraphCRMError
from graphcrm.ledger import Database, jobs
from graphcrm_api.http.jobs.kinds import CancelledError, LostError, StoppingError

_LOG = logging.getLogger("graphcrm.jobs")

_NOTED_EVERY = 1.0
"""Seconds between two looks at the database: how far it is, and whether it is to end."""


class Holding:
    """Renews a job's lease from a thread of its own, however long a step of the work takes.

    Use it as a context; `step` is what the work calls.
    """

    def __init__(
        self,
        state: Database,
        id: str,
        worker: str,
        lease_seconds: float,
        stopping: threading.Event,
        withdraw: Callable[[], None],
    ) -> None:
        """For a job that the worker has claimed.

        `withdraw` asks for the end of jobs that must not go on; it may be this one.
        """
        self._state, self._id, self._worker = state, id, worker
        self._lease, self._stopping, self._withdraw = lease_seconds, stopping, withdraw
        self._progress: dict[str, Any] | None = None
        self._wish: type[CancelledError] | type[LostError] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Holding:
        """Begin to renew."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Renew no more."""
        self._over.set()
        self._thread.join()

    def heed_cancel(self) -> None:
        """End at the next step."""
        self._wish = self._wish or CancelledError

    def step(self, share: float, doing: str, *, may_end: bool = True) -> None:
        """Take note of the progress; raises EndedEarlyError where the work is to end."""
        self._progress = {"share": round(share, 3), "doing": doing}
        if may_end and self._wish is not None:
            raise self._wish
        if may_end and self._stopping.is_set():
            raise StoppingError

    def _watch(self) -> None:
        while not self._over.wait(min(_NOTED_EVERY, self._lease / 3)):
            try:
                self._withdraw()
                with self._state.writing(durable=False) as connection:
                    job = jobs.renew(
                        connection, self._id, self._worker, self._lease, self._progress
                    )
            except GraphCRMError as error:  # it may be there again before the lease is over
                _LOG.warning("job not renewed", extra={"told": {"reason": str(error)}})
                continue
            if job is None:
                self._wish = LostError
            elif job.cancel_requested:
                self.heed_cancel()
