"""Nobody waits for long, nor holds what others need while waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from graphcrm.ledger import times
from graphcrm.ledger.messages import Message
from graphcrm.ledger.webhooks import Webhook
from graphcrm.store.sqlite import finding
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.webhooks.hearing import hearing_of
from tests.http.conftest import Service


def test_a_busy_service_says_so_and_the_state_does_not_wait_for_it(service: Service) -> None:
    backend = service.backend
    by = f"key:{service.key('admin', service.branch).split('_')[1]}"
    now = times.now()
    webhook = Webhook("one", "https://hear.example/", ("*",), "secret", now, by, active=True)
    told = [
        Message(seq, now, "x", {"label": "Person", "id": id_}, None)
        for seq, id_ in enumerate((service.inside, service.beyond))
    ]
    with ExitStack() as taken:
        with pytest.raises(Problem) as busy:
            _take_all(backend, taken)
        assert (busy.value.kind, busy.value.headers) == ("busy", {"Retry-After": "1"})
        with backend.state.reading() as connection:
            hearings = [hearing_of(connection, webhook, message) for message in told]
    assert [hearing.holds(backend) for hearing in hearings] == [True, False]


def _take_all(backend: Backend, taken: ExitStack) -> None:
    for _ in range(100):
        taken.enter_context(backend.store(patience=0.01))


def test_what_branches_reach_is_gathered_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    both, gathered = threading.Barrier(2), list[str]()

    def reached(sight: Any, label: str, most: int) -> set[int]:
        both.wait(10)  # broken where one waits for the other
        gathered.append(label)
        return {1}

    monkeypatch.setattr(finding, "reached", reached)
    reaches, sight = finding.Reaches(), Any
    with ThreadPoolExecutor(4) as threads:
        asked = [
            threads.submit(reaches.of, sight, [branch], "Person", "now")  # type: ignore[arg-type]
            for branch in ("D1", "D2", "D1", "D2")
        ]
        assert [one.result(20) for one in asked] == [{1}] * 4
    assert len(gathered) == 2
