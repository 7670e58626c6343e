"""Clusters of records, given how likely the pairs are."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from graphcrm.duplicates.engine.clusters import by_first_row, cluster
from graphcrm.duplicates.engine.constraints import taken_apart
from graphcrm.duplicates.engine.fields import Keys
from tests.duplicates.listing import numbers, partition

Odds = dict[tuple[int, int], float]


def clusters(rows: int, odds: Odds) -> list[int]:
    left, right = (numbers(pair[side] for pair in odds) for side in (0, 1))
    found: list[int] = cluster(rows, left, right, np.array(list(odds.values()), float)).tolist()
    return found


@pytest.mark.parametrize(("odds", "together"), [(0.001, True), (-0.001, False), (-40.0, False)])
def test_a_pair_alone_is_joined_above_even_odds(odds: float, together: bool) -> None:
    assert clusters(2, {(0, 1): odds}) == ([0, 0] if together else [0, 1])


def test_no_pairs_no_clusters() -> None:
    assert clusters(3, {}) == [0, 1, 2]
    assert clusters(0, {}) == []


def test_clusters_are_numbered_by_their_first_row() -> None:
    assert clusters(6, {(1, 5): 4, (2, 4): 4}) == [0, 1, 2, 3, 2, 1]
    assert by_first_row(numbers([7, 3, 7, 0, 3])).tolist() == [0, 1, 0, 2, 1]


def test_agreement_all_round_is_one_cluster() -> None:
    assert clusters(5, dict.fromkeys(combinations(range(5), 2), 1.0)) == [0] * 5


@pytest.mark.parametrize("against", [None, -20.0])
def test_a_chain_is_not_one_cluster(against: float | None) -> None:
    chain: Odds = dict.fromkeys(pairwise(range(40)), 2.0)
    if against is not None:
        chain = {pair: chain.get(pair, against) for pair in combinations(range(40), 2)}
    found = partition(clusters(40, chain))
    assert max(map(len, found)) < 15
    assert all(max(group) - min(group) + 1 == len(group) for group in found)


@pytest.mark.parametrize("against", [None, -20.0])
def test_one_likely_pair_does_not_join_two_groups(against: float | None) -> None:
    one, other = range(6), range(6, 12)
    odds: Odds = dict.fromkeys([*combinations(one, 2), *combinations(other, 2)], 5.0)
    odds[(5, 6)] = 3.0
    if against is not None:
        odds |= {(a, b): against for a in one for b in other if (a, b) != (5, 6)}
    assert partition(clusters(12, odds)) == {frozenset(one), frozenset(other)}


def test_clusters_do_not_depend_on_the_order_of_pairs() -> None:
    random = np.random.default_rng(3)
    pairs = list(combinations(range(60), 2))
    chosen = [pairs[n] for n in random.choice(len(pairs), 200, replace=False)]
    odds = {pair: float(random.normal(0, 3)) for pair in chosen}
    turned = dict(reversed(odds.items()))
    assert clusters(60, odds) == clusters(60, turned)
    assert 1 < len(set(clusters(60, odds))) < 60


NONE: tuple[Keys, Keys] = (numbers([]), numbers([]))


def test_two_claims_in_one_cluster_take_it_apart() -> None:
    left, right, odds = (
        numbers([0, 0, 1, 2, 4]),
        numbers([1, 2, 2, 3, 5]),
        [5.0, 1.0, 2.0, 6.0, 3.0],
    )
    whole = numbers([0, 0, 0, 0, 1, 1])
    claims = np.array([7, -1, -1, 8, 9, 9], np.int32)
    found = taken_apart(whole, left, right, np.array(odds), claims, NONE)
    assert partition(found.tolist()) == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})}
    same = np.array([7, -1, -1, 7, 9, 9], np.int32)
    assert taken_apart(whole, left, right, np.array(odds), same, NONE).tolist() == whole.tolist()


def test_pairs_that_are_to_stay_apart() -> None:
    left, right, odds = numbers([0, 0, 1]), numbers([1, 2, 2]), np.array([5.0, 1.0, 2.0])
    nothing = np.full(3, -1, np.int32)
    apart = numbers([0]), numbers([2])
    found = taken_apart(numbers([0, 0, 0]), left, right, odds, nothing, apart)
    assert partition(found.tolist()) == {frozenset({0, 1}), frozenset({2})}
