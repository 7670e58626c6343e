"""The engine as a whole: from fields to clusters, the same for every list and graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphcrm.duplicates.engine.accident import accidental
from graphcrm.duplicates.engine.agreement import compare
from graphcrm.duplicates.engine.blocking import candidate_pairs, keys_of
from graphcrm.duplicates.engine.clusters import cluster
from graphcrm.duplicates.engine.fields import Field, Keys, Kind
from graphcrm.duplicates.engine.levels import Levels
from graphcrm.duplicates.engine.model import Model, Odds, learn, learn_shares, odds, recount

Listen = Callable[[str, float | None], None]
"""Hears which phase the work is in, and the share of it that is done (0 to 1)."""

ROUNDS = 2
"""How often the model is counted anew from the clusters."""

ENOUGH = 4
"""Fields that must be there for learning what each of them is worth."""

_RANDOM = 100_000


@dataclass(frozen=True)
class Matched:
    """What the engine found: candidates (rows left < right), how they agree, clusters from 0."""

    fields: list[Field]
    left: Keys
    right: Keys
    levels: Levels
    model: Model
    odds: Odds
    clusters: Keys


def match(fields: list[Field], listen: Listen = lambda phase, share: None) -> Matched:
    """Find the records of one customer; the result does not depend on chance."""
    rows = len(fields[0].codes) if fields else 0
    listen("block", None)
    left, right = candidate_pairs(fields, keys_of(fields))
    levels = compare(fields, left, right, lambda share: listen("compare", share))
    listen("learn", None)
    one, other = _random_pairs(rows)
    random = compare(fields, one, other)
    telling = [field for field in fields if field.kind is not Kind.CATEGORY]
    if len(telling) < ENOUGH:
        accidents = [accidental(f) if f.kind is Kind.WORDS and f.identity else None for f in fields]
        model = learn_shares(levels, fields, random, accidents, rows * (rows - 1) // 2)
    else:
        model = learn(levels, fields, random)
    found = odds(model, levels, fields, left)
    clusters = cluster(rows, left, right, found.match)
    for turn in range(ROUNDS if len(telling) >= ENOUGH else 0):
        listen("cluster", turn / ROUNDS)
        same = (clusters[left] == clusters[right]).astype(float)
        model = recount(model, levels, same, fields, random)
        found = odds(model, levels, fields, left)
        clusters = cluster(rows, left, right, found.match)
    return Matched(fields, left, right, levels, model, found, clusters)


def _random_pairs(rows: int) -> tuple[Keys, Keys]:
    """Pairs of different rows: all of a short list, else a sample that is the same each time."""
    if rows * (rows - 1) // 2 <= _RANDOM:
        one, other = np.triu_indices(rows, 1)
        return one, other
    chosen = np.random.default_rng(1).integers(0, rows, (2, _RANDOM))
    different = chosen[0] != chosen[1]
    return chosen[0][different], chosen[1][different]
