"""The threads that do long work, one for each kind: each wants the graph's one writer's place.

What they do is in the database of the service's state, so that it survives the service's end and
several services can share it.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import GraphCRMError
from graphcrm.ledger import audit, jobs, messages, times
from graphcrm.ledger.jobs import Job
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.jobs.holding import Holding
from graphcrm_api.http.jobs.kinds import CancelledError, Kind, LostError, StoppingError
from graphcrm_api.http.jobs.rights import may_go_on

_LOG = logging.getLogger("graphcrm.jobs")

_LEASE_SECONDS = 30.0
_PAUSE = 1.0
"""Seconds between two looks at the queue: another service, or a dead one, may have left work."""

_PATIENCE = 10.0
"""Seconds that the service's end waits for a step of the work to end."""

FINISHED = "job.finished"

_SERVICE = "the service"
_NO_RIGHT = "whoever asked for this may not do it any more"


class Workers:
    """Does jobs until it is stopped."""

    def __init__(self, backend: Backend, kinds: Sequence[Kind]) -> None:
        """For the jobs of a backend; nothing is done before `start`."""
        self._backend, self._kinds = backend, {kind.name: kind for kind in kinds}
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stopping = threading.Event()
        self._held: dict[str, Holding] = {}
        self._called = {kind.name: threading.Event() for kind in kinds}
        self._threads = [
            threading.Thread(target=self._work, args=(kind,), name=f"jobs-{kind.name}", daemon=True)
            for kind in kinds
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        for called in self._called.values():
            called.set()

    def stop(self) -> None:
        """End; what is being done is taken up again by the next service."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def heed_cancel(self, job: Job) -> None:
        """A job was cancelled: clear up after one that has ended, and let one that runs know."""
        held = self._held.get(job.id)
        if job.over:
            self._tidy(job)
        elif held is not None:
            held.heed_cancel()

    def _tidy(self, job: Job) -> None:
        kind = self._kinds.get(job.kind)
        if kind is not None:
            kind.tidy(self._backend, job)

    def _work(self, kind: Kind) -> None:
        called, begun = self._called[kind.name], False
        while not self._stopping.is_set():
            try:
                if not begun:
                    kind.begin(self._backend)
                    begun = True
                self._withdraw()
                job = self._next(kind)
                if job is not None:
                    self._do(kind, job)
                    continue
            except GraphCRMError as error:
                _LOG.warning("jobs not reached", extra={"told": {"reason": str(error)}})
            except Exception as error:  # no fault may end the thread: work would wait for ever
                _LOG.error("fault", exc_info=error)
            called.wait(_PAUSE)
            called.clear()

    def _next(self, kind: Kind) -> Job | None:
        with self._backend.state.writing() as connection:
            left = [job for job in jobs.recover(connection, times.now()) if job.over]
            for ended in left:
                self._tell(connection, ended)
            job = jobs.claim_next(connection, self._name, _LEASE_SECONDS, [kind.name])
        for ended in left:
            self._tidy(ended)
        return job

    def _withdraw(self) -> None:
        """Cancel the jobs of those who may not have them done any more."""
        state = self._backend.state
        with state.reading() as connection:
            lost = self._lost(connection)
        if not lost:
            return
        with state.writing() as connection:
            lost = self._lost(connection)  # another service may have been faster
            for job in lost:
                audit.append(connection, **_withdrawal(job))
                wanted = jobs.request_cancel(connection, job.id, _SERVICE, _NO_RIGHT)
                if wanted is not None and wanted.over:
                    self._tell(connection, wanted)
        for job in lost:
            if job.state == "queued":
                self._tidy(job)

    def _lost(self, connection: sa.Connection) -> list[Job]:
        return [
            job
            for job in jobs.unended(connection)
            if job.kind in self._kinds
            and not may_go_on(connection, job, self._kinds[job.kind].scope)
        ]

    def _do(self, kind: Kind, job: Job) -> None:
        state = self._backend.state
        try:
            with Holding(
                state, job.id, self._name, _LEASE_SECONDS, self._stopping, self._withdraw
            ) as held:
                self._held[job.id] = held
                result = kind.run(self._backend, job, held.step)
        except LostError:
            return
        except StoppingError:
            with state.writing() as connection:  # a lease that is over gives it to the next
                jobs.renew(connection, job.id, self._name, 0)
        except CancelledError as wish:
            self._finish(job, result=wish.result, cancelled=True)
        except GraphCRMError as error:
            self._finish(job, error=str(error))
        except Exception as error:
            _LOG.error("fault", exc_info=error, extra={"told": {"job": job.id}})
            self._finish(job, error="the service has a fault; it is in the log under the job's id")
        else:
            self._finish(job, result=result)
        finally:
            self._held.pop(job.id, None)

    def _finish(self, job: Job, **how: Any) -> None:
        with self._backend.state.writing() as connection:
            ended = jobs.finish(connection, job.id, self._name, **how)
            if ended is not None:
                self._tell(connection, ended)
        if ended is not None:
            self._tidy(ended)

    def _tell(self, connection: sa.Connection, job: Job) -> None:
        """Let webhooks hear of a job that is over, in the transaction that ends it."""
        told = {"job": job.id, "kind": job.kind, "state": job.state}
        messages.send(connection, event=FINISHED, payload=told)
        kind = self._kinds.get(job.kind)
        more = kind.told(job) if kind else None
        if kind is not None and more is not None:
            messages.send(connection, event=kind.event, payload={**told, **more})


def _withdrawal(job: Job) -> dict[str, Any]:
    """What the audit log keeps of a job that the service cancels."""
    return {
        "who": _SERVICE,
        "via": "service",
        "action": "cancel job",
        "resource": f"job:{job.id}",
        "outcome": "done",
        "detail": {"kind": job.kind, "of": job.by, "reason": _NO_RIGHT},
    }
