"""The customers found in both stores: the same, with the same evidence, at once or by and by."""

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
    one, other = (store.query("duplicates_found") for store in stores)
    assert other.equals(one)
    assert len(set(one["customer_id"].to_pylist())) == here.several


def test_marks_tell_loads_from_findings_and_decisions(pair: Pair) -> None:
    empty = {store: graph.store.marks() for store, graph in pair.stores.items()}
    assert empty == {store: graph.store.marks() for store, graph in pair.stores.items()}
    pair.load(persons="id,name,birth_date\nP1,张伟,1990-01-02\nP2,李娜,1991-02-03\n")
    for store, graph in pair.stores.items():
        loaded = graph.store.marks()
        assert loaded.loaded != empty[store].loaded
        find_customers(graph.store)
        found = graph.store.marks()
        assert found.loaded == loaded.loaded
        assert found.state != loaded.state


def test_what_changed_comes_to_the_same_as_all_in_both_stores(pair: Pair, tmp_path: Path) -> None:
    write_sample(tmp_path / "book", customers=400, seed=12, as_of=SAMPLE_DAY)
    head, *lines = (tmp_path / "book" / "persons.csv").read_text("utf-8").splitlines(True)
    stores = [graph.store for graph in pair.stores.values()]
    first, late = lines[:380], lines[380:]
    pair.load(persons="".join([head, *first]))
    for store in stores:
        find_customers(store)
    phone = head.strip().split(",").index("phone")
    changed = [line.split(",") for line in first[:4]]
    for number, cells in enumerate(changed):
        cells[phone] = f"1390000000{number}"
    pair.load(persons="".join([head, *late, *(",".join(cells) for cells in changed)]))
    here, there = (find_customers(store, since=2) for store in stores)
    assert here == there
    assert 0 < here.compared < 40
    assert here.records == len(lines)
    by_and_by = [(exported(store), samenesses(store)) for store in stores]
    assert by_and_by[0] == by_and_by[1]
    for store, (customers, pairs) in zip(stores, by_and_by, strict=True):
        again = find_customers(store)
        assert (again.new, again.changed, again.removed) == (0, 0, 0)
        assert again.compared == again.records
        assert exported(store) == customers
        assert samenesses(store) == pairs
