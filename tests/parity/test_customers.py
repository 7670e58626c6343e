"""The customers found in both stores: the same ones, with the same evidence."""

from __future__ import annotations

from pathlib import Path

from graphcrm.duplicates.customers import exported, find_customers, samenesses
from graphcrm.sample import write_sample
from tests.conftest import SAMPLE_DAY
from tests.parity.stores import Pair


def test_both_stores_find_the_same_customers(pair: Pair, tmp_path: Path) -> None:
    write_sample(tmp_path / "book", customers=400, seed=11, as_of=SAMPLE_DAY)
    text = (tmp_path / "book" / "persons.csv").read_text("utf-8")
    pair.load(persons=text)
    stores = [graph.store for graph in pair.stores.values()]
    here, there = (find_customers(store) for store in stores)
    assert there == here
    assert here.several > 5
    pair.require_same()
    for asked in (exported, samenesses):
        one, other = (asked(store) for store in stores)
        assert other.equals(one)
