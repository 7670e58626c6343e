"""The engine as a whole: from fields to clusters, the same for every list and graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from graphcrm.duplicates.engine.accident import accidental
from graphcrm.duplicates.engine.agreement import compare
from graphcrm.duplicates.engine.blocking import candidate_pairs, candidates_within
from graphcrm.duplicates.engine.blocks import Bounds
from graphcrm.duplicates.engine.clusters import by_first_row, cluster
from graphcrm.duplicates.engine.constraints import claims_of, taken_apart
from graphcrm.duplicates.engine.fields import NO_ROWS, Codes, Field, Keys, Kind, Numbers
from graphcrm.duplicates.engine.levels import Levels
from graphcrm.duplicates.engine.model import Model, Odds, learn, learn_shares, odds, recount

Listen = Callable[[str, float | None], None]
"""Hears which phase the work is in, and the share of it that is done (0 to 1)."""

ROUNDS, ROUNDS_THOROUGH = 2, 5
"""How often the model is counted anew from the clusters."""

EFFORT = 2.0
"""How many times more pairs a thorough search may compare."""

ENOUGH, ENOUGH_IDENTITY = 4, 2
"""Fields that must be there for learning what each is worth, and of them those that tell who it is.

With a name alone among addresses and phones, learning can't tell a household from a slip.
"""

UNLIKELY = -7.0
"""Log-odds (nats) of pairs that no third record brings into one cluster."""

COPIES = 10
"""How many records that are equal in everything are compared; further ones follow the first."""

_RANDOM = 100_000
_NO_PAIRS = (NO_ROWS, NO_ROWS)


class Learned(NamedTuple):
    """What is learned of records: what agreement is worth, and what bounds their comparison."""

    model: Model
    bounds: Bounds


@dataclass(frozen=True)
class Matched:
    """What the engine found: candidates (rows left < right), how they agree, clusters from 0.

    `copies` are the firsts and the further copies of records that are there more than COPIES times.
    """

    fields: list[Field]
    left: Keys
    right: Keys
    levels: Levels
    model: Model
    bounds: Bounds
    odds: Odds
    clusters: Keys
    copies: tuple[Keys, Keys] = _NO_PAIRS

    @property
    def learned(self) -> Learned:
        """What another finding can use."""
        return Learned(self.model, self.bounds)


def match(
    fields: list[Field],
    apart: tuple[Keys, Keys] | None = None,
    thorough: bool = False,
    listen: Listen = lambda phase, share: None,
    learned: Learned | None = None,
) -> Matched:
    """Find the records of one customer; the result depends neither on chance nor on their order.

    `fields` is not empty; `apart` are pairs of rows that are known to be two customers; `thorough`
    compares more pairs and counts the model anew more often. What was `learned` earlier is used as
    it is: the fields have its frequencies then.
    """
    listen("block", None)
    order = np.lexsort([field.codes for field in reversed(fields)])
    starts = _runs(fields, order)
    sizes = np.diff(np.append(starts, len(order)))
    within = np.arange(len(order)) - np.repeat(starts, sizes)
    few = np.flatnonzero(within < COPIES)
    counts = np.ones(len(order), np.int64)
    counts[starts] += np.maximum(sizes - COPIES, 0)
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(within < COPIES) - 1
    one, other = apart or _NO_PAIRS
    chosen = [field.of(order[few], counts[few]) for field in fields]
    found = _match(chosen, (place[one], place[other]), thorough, listen, learned)
    if len(few) == len(order):
        return _renumbered(fields, found, order)
    return _with_copies(fields, found, order, few, np.repeat(starts, sizes))


def _runs(fields: list[Field], order: Keys) -> Keys:
    """Where in this order a record begins that differs from the one before."""
    differs = np.zeros(len(order), bool)
    differs[:1] = True
    for field in fields:
        codes = field.codes[order]
        differs[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(differs)


def _match(
    fields: list[Field],
    apart: tuple[Keys, Keys],
    thorough: bool,
    listen: Listen,
    learned: Learned | None,
) -> Matched:
    """The same for records of which none is there more than COPIES times."""
    rows = len(fields[0].codes)
    if learned is None:
        left, right, bounds = candidate_pairs(fields, EFFORT if thorough else 1.0)
    else:
        (left, right, bounds), _ = candidates_within(fields, learned.bounds)
    levels = compare(fields, left, right, lambda share: listen("compare", share))
    listen("learn", None)
    claims = claims_of(fields)

    def clustered(odds: Numbers) -> Keys:
        return clusters_of(rows, left, right, odds, claims, apart)

    if learned is not None:
        found = odds(learned.model, levels, fields, left)
        clusters = clustered(found.match)
        return Matched(fields, left, right, levels, learned.model, bounds, found, clusters)
    random = compare(fields, *_random_pairs(rows))
    learns = _enough(fields)
    if not learns:
        accidents = [accidental(f) if f.kind is Kind.WORDS and f.identity else None for f in fields]
        model = learn_shares(levels, fields, random, accidents, rows * (rows - 1) // 2)
    else:
        model = learn(levels, fields, random)
    found = odds(model, levels, fields, left)
    clusters = clustered(found.match)
    rounds = (ROUNDS_THOROUGH if thorough else ROUNDS) if learns else 0
    for turn in range(rounds):
        listen("cluster", turn / rounds)
        same = (clusters[left] == clusters[right]).astype(float)
        model = recount(model, levels, same, fields, random)
        found = odds(model, levels, fields, left)
        clusters = clustered(found.match)
    return Matched(fields, left, right, levels, model, bounds, found, clusters)


def score(fields: list[Field], left: Keys, right: Keys, learned: Learned) -> Matched:
    """How given pairs agree, and how likely they match by a model; there are no clusters.

    `fields` have the model's frequencies. Use it where it is known which pairs to compare.
    """
    model, bounds = learned
    levels = compare(fields, left, right)
    found = odds(model, levels, fields, left)
    return Matched(fields, left, right, levels, model, bounds, found, NO_ROWS)


def clusters_of(
    rows: int, left: Keys, right: Keys, odds: Numbers, claims: Codes, apart: tuple[Keys, Keys]
) -> Keys:
    """The cluster of each row, without those that hold what can't be one customer."""
    found = cluster(rows, left, right, odds)
    far = (odds < UNLIKELY) & (found[left] == found[right])
    one, other = (np.append(a, b[far]) for a, b in zip(apart, (left, right), strict=True))
    return taken_apart(found, left, right, odds, claims, (one, other))


def _renumbered(fields: list[Field], found: Matched, rows: Keys) -> Matched:
    """What was found for records in another order: `rows[i]` is the row of the i-th."""
    one, other = rows[found.left], rows[found.right]
    clusters = np.empty(len(rows), np.int64)
    clusters[rows] = found.clusters
    left, right = np.minimum(one, other), np.maximum(one, other)
    return replace(found, fields=fields, left=left, right=right, clusters=by_first_row(clusters))


def _with_copies(
    fields: list[Field], found: Matched, order: Keys, few: Keys, first: Keys
) -> Matched:
    """What was found, with the further copies of records: they follow the first of their kind.

    They are one customer with it where what they agree in is enough: two of one common name and
    nothing else are not. `first` has each record's place in `order` of the first one like it.
    """
    rest = np.setdiff1d(np.arange(len(order)), few, assume_unique=True)
    like = np.searchsorted(few, first[rest])
    sure = score(found.fields, like, like, found.learned)
    clusters = np.empty(len(order), np.int64)
    clusters[few] = found.clusters
    alone = len(order) + np.arange(len(rest))
    clusters[rest] = np.where(sure.odds.match > 0, found.clusters[like], alone)
    both = Odds(*(np.concatenate(pair) for pair in zip(found.odds, sure.odds, strict=True)))
    whole = replace(
        found,
        left=np.concatenate((few[found.left], first[rest])),
        right=np.concatenate((few[found.right], rest)),
        levels=np.concatenate((found.levels, sure.levels)),
        odds=both,
        clusters=clusters,
        copies=(order[first[rest]], order[rest]),
    )
    return _renumbered(fields, whole, order)


def _enough(fields: list[Field]) -> bool:
    """Whether what each field is worth can be learned."""
    telling = [field for field in fields if field.kind is not Kind.CATEGORY]
    return len(telling) >= ENOUGH and sum(f.identity for f in telling) >= ENOUGH_IDENTITY


def _random_pairs(rows: int) -> tuple[Keys, Keys]:
    """Pairs of different rows: all of a short list, else a sample that is the same each time."""
    if rows * (rows - 1) // 2 <= _RANDOM:
        one, other = np.triu_indices(rows, 1)
        return one, other
    chosen = np.random.default_rng(1).integers(0, rows, (2, _RANDOM))
    different = chosen[0] != chosen[1]
    return chosen[0][different], chosen[1][different]
