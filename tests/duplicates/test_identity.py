"""Ids of customers from one finding to the next, against plain Python."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from itertools import count

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphcrm.duplicates import identity
from graphcrm.duplicates.identity import STABLE, stable_ids

Record = tuple[str, str]
Clusters = dict[Record, int]
Named = dict[Record, str]


def _clusters(found: Clusters) -> pa.Table:
    rows = [(label, id_, cluster) for (label, id_), cluster in found.items()]
    schema = pa.schema([*list(STABLE)[:2], ("cluster", pa.int64())])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def _before(named: Named) -> pa.Table:
    rows = [(label, id_, customer) for (label, id_), customer in named.items()]
    return pa.Table.from_pylist([dict(zip(STABLE.names, row, strict=True)) for row in rows], STABLE)


def _named(found: Clusters, before: Named | None = None) -> Named:
    table = stable_ids(_clusters(found), None if before is None else _before(before))
    assert table.schema == STABLE
    rows = table.to_pylist()
    assert [(r["label"], r["id"]) for r in rows] == sorted(found)
    return {(r["label"], r["id"]): r["customer_id"] for r in rows}


def _made(record: Record, attempt: int, length: int) -> str:
    text = f"{attempt}:{record[0]}:{record[1]}"
    digits = int(hashlib.sha256(text.encode()).hexdigest()[:13], 16)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "C-" + "".join(letters[digits >> 5 * place & 31] for place in range(length))


def _expected(found: Clusters, before: Named, length: int) -> Named:
    """The same said for one pair, and one cluster, after the other."""
    members: dict[int, list[Record]] = {}
    for record in sorted(found):
        members.setdefault(found[record], []).append(record)
    shared = [
        (-sum(before.get(r) == customer for r in records), customer,
         min(r for r in records if before.get(r) == customer), cluster)
        for cluster, records in members.items()
        for customer in {before[r] for r in records if r in before}
    ]  # fmt: skip
    ids: dict[int, str] = {}
    for _, customer, _, cluster in sorted(shared):
        if cluster not in ids and customer not in ids.values():
            ids[cluster] = customer
    taken = set(before.values())
    left = [
        cluster for cluster in sorted(members, key=lambda c: members[c][0]) if cluster not in ids
    ]
    for attempt in count():
        if not left:
            break
        for cluster in list(left):
            made = _made(members[cluster][0], attempt, length)
            if made not in taken:
                taken.add(made)
                ids[cluster] = made
                left.remove(cluster)
    return {record: ids[cluster] for record, cluster in found.items()}


_records = st.tuples(st.sampled_from(["Person", "Institution"]), st.sampled_from("abcdefgh汉é:#"))
_found = st.dictionaries(_records, st.integers(-3, 5), max_size=14)


@settings(deadline=None, max_examples=60)
@given(st.lists(_found, min_size=1, max_size=4), st.sampled_from([2, 10]), st.integers())
@example(
    [{("Person", "a"): 1, ("Person", "b"): 1}, {("Person", "a"): 1, ("Person", "b"): 2}], 10, 0
)
@example(
    [{("Person", "a"): 1, ("Person", "b"): 2}, {("Person", "a"): 1, ("Person", "b"): 1}], 10, 0
)
def test_any_sequence_of_findings(findings: list[Clusters], length: int, seed: int) -> None:
    shuffled = random.Random(seed)
    before: Named = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "_LENGTH", length)
        for found in findings:
            rows = list(found.items())
            shuffled.shuffle(rows)
            renumbered = {r: 7 - cluster for r, cluster in rows}
            now = _named(renumbered, before)
            assert now == _expected(found, before, length)
            together = {(now[a] == now[b]) == (found[a] == found[b]) for a in found for b in found}
            assert together <= {True}
            assert _named(found, now) == now  # nothing changed, nothing changes
            before = now


def _persons(**clusters: str) -> Clusters:
    return {("Person", id_): n for n, ids in enumerate(clusters.values()) for id_ in ids}


def _called(named: Named, id_: str) -> str:
    return named["Person", id_]


def test_ids_of_two_characters_collide_and_still_differ() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "_LENGTH", 1)
        named = _named({("Person", str(n)): n for n in range(25)})
    assert len(set(named.values())) == 25


def test_what_grows_or_shrinks_keeps_its_id() -> None:
    first = _named(_persons(x="bc", y="d"))
    grown = _named(_persons(x="abc", y="d", z="e"), first)
    assert _called(grown, "a") == _called(first, "b")
    assert _called(grown, "d") == _called(first, "d")
    shrunk = _named(_persons(x="c", y="d"), grown)
    assert _called(shrunk, "c") == _called(first, "b")


def test_the_largest_part_names_what_was_merged() -> None:
    first = _named(_persons(x="ab", y="cde"))
    assert _called(_named(_persons(x="abcde"), first), "a") == _called(first, "c")
    equal = _named(_persons(x="ab", y="cd"))
    assert set(_named(_persons(x="abcd"), equal).values()) == {min(equal.values())}


def test_the_larger_part_keeps_the_id_of_what_was_split() -> None:
    first = _named(_persons(x="abcde"))
    split = _named(_persons(x="ab", y="cde"), first)
    assert _called(split, "c") == _called(first, "a")
    assert _called(split, "a") != _called(first, "a")  # though it would be made of this record
    even = _named(_persons(x="cd", y="ab"), _named(_persons(x="abcd")))
    assert _called(even, "a") == _called(first, "a")


def test_new_ids_are_the_same_on_every_machine() -> None:
    assert _named({("Person", "P1"): 1}) == {("Person", "P1"): _made(("Person", "P1"), 0, 10)}
    assert Counter(map(len, _named(_persons(x="a", y="b")).values())) == {12: 2}
    assert stable_ids(_clusters({})).num_rows == 0


def test_an_id_that_others_have_is_not_given_anew() -> None:
    person = ("Person", "P1")
    mine = _made(person, 0, 10)

    def taken(ids: pa.Array) -> pa.Array:
        return ids.filter(pc.equal(ids, mine))

    (made,) = stable_ids(_clusters({person: 1}), taken=taken)["customer_id"].to_pylist()
    assert made == _made(person, 1, 10)
