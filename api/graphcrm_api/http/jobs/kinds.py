"""Kinds of long work, and how the work and the one who watches it speak to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from graphcrm.ledger.jobs import Job
from graphcrm_api.http.backend import Backend


class EndedEarlyError(Exception):
    """Somebody wants the work to end; `result` is what stands of it."""

    result: dict[str, Any] | None = None


class CancelledError(EndedEarlyError):
    """The job was cancelled."""


class StoppingError(EndedEarlyError):
    """The service stops; the job is to be taken up again."""


class LostError(EndedEarlyError):
    """The job is another worker's by now."""


class Step(Protocol):
    """By which work says how far it is; raises EndedEarlyError where it is to end."""

    def __call__(self, share: float, doing: str, *, may_end: bool = True) -> None:
        """`share` of it (0 to 1) is through; `doing` in words. It can't end here: not `may_end`."""


@dataclass(frozen=True)
class Kind:
    """A kind of work.

    `run` does it and returns what is told of its result, without personal data; of a job that is
    resumable it may be called again after its worker died. `scope` is what whoever started it must
    still have when it begins. `begin` is done once by each service, `tidy` after a job that is
    over. `event` is sent, beside job.finished, with what `told` takes from the result; None sends
    none.
    """

    name: str
    run: Callable[[Backend, Job, Step], dict[str, Any]]
    scope: str
    begin: Callable[[Backend], None]
    tidy: Callable[[Backend, Job], None]
    event: str
    told: Callable[[Job], dict[str, Any] | None]
