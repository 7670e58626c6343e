"""Asking both stores and the oracle the same, and comparing what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from graphcrm.store import question
from tests.parity.answers import ANSWERS
from tests.parity.insurer import Insurer, Node
from tests.parity.parameters import settings_of
from tests.parity.stores import Pair, told

Answer = Counter[tuple[Any, ...]]


def require_same_answers(
    name: str, pair: Pair, insurer: Insurer, days: Sequence[str], customers: Iterable[Node],
    agents: Iterable[str],
) -> int:  # fmt: skip
    """Ask both stores and the oracle a question in every way; returns how many rows there were."""
    oracle = ANSWERS.get(name)
    assert oracle is not None, (
        f"the question {name} has no oracle: write the function {name} in tests/parity/answers.py "
        "that works its answer out on the graph in plain Python, and add it to ANSWERS"
    )
    values = {store: pair.values(store) for store in pair.stores}
    total = 0
    for given in settings_of(question(name), days, customers, agents):
        expected = told(oracle(insurer, **given), {})
        total += expected.total()
        for store, graph in pair.stores.items():
            rows = graph.query(name, **given).to_pylist()
            actual = told((tuple(row.values()) for row in rows), values[store])
            _require_same(actual, expected, f"{name} {given} of {store} on {pair.server}")
    return total


def _require_same(actual: Answer, expected: Answer, which: str) -> None:
    if actual == expected:
        return
    lines = [f"{which} differs from the oracle:"]
    for what, rows in (("not answered", expected - actual), ("answered", actual - expected)):
        lines += [f"  {what}: {row} x{times}" for row, times in sorted(rows.items(), key=str)[:8]]
    raise AssertionError("\n".join(lines))
