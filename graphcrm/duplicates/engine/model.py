"""What a level of agreement is worth: the model of Fellegi and Sunter with a third class.

Two records may be of one customer, of two customers who have to do with each other (a household, a
workplace: they share phones and addresses, not birth dates), or of two strangers. With the classical
two classes either households are taken for duplicates, or shared phones for worthless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graphcrm.duplicates.engine.expected import expected_m, expected_u
from graphcrm.duplicates.engine.fields import Field, Keys, Kind, Numbers
from graphcrm.duplicates.engine.levels import LEVELS, Levels

RARITY = 3.0
"""The most that the rarity of an equal value adds or takes (nats)."""

SAME, RELATED, STRANGERS = range(3)

_START = np.array([0.02, 0.1, 0.88])
_STRENGTH = (200.0, 50.0, 50.0)
_ROUNDS = 60
_STEADY = 1e-6
_MOST_FOR, _MOST_AGAINST = 12.0, 10.0


@dataclass(frozen=True)
class Model:
    """Per class and field the probability of each level; the share of each class of candidates.

    Source: Fellegi and Sunter, A Theory for Record Linkage, JASA 64 (1969).
    """

    tables: tuple[tuple[Numbers, ...], tuple[Numbers, ...], tuple[Numbers, ...]]
    shares: Numbers

    def logs(self, kind: int, number: int) -> Numbers:
        """ln of the probability of each level of a field in a class, 0 for level 0.

        No single field speaks for a match with more than 12 nats, or against it with more than 10:
        what was never seen is not impossible.
        """
        same = self.tables[SAME][number]
        others = [self.tables[k][number] for k in (RELATED, STRANGERS)]
        if kind == SAME:
            table = np.maximum(same, np.maximum(*others) * np.exp(-_MOST_AGAINST))
        else:
            table = np.maximum(self.tables[kind][number], same * np.exp(-_MOST_FOR))
        return np.concatenate(([0.0], np.log(table)))


class Odds(NamedTuple):
    """The log-odds (nats) of each pair: of a match against either alternative, and in all."""

    against_related: Numbers
    against_strangers: Numbers

    @property
    def match(self) -> Numbers:
        """The log-odds of a match against both alternatives together."""
        found: Numbers = -np.logaddexp(-self.against_related, -self.against_strangers)
        return found


def patterns(levels: Levels, fields: list[Field]) -> tuple[Levels, Numbers]:
    """The distinct rows of levels, and how many pairs have each."""
    key = np.zeros(len(levels), np.int64)
    radix = 1
    for number, field in enumerate(fields):
        size = LEVELS[field.kind] + 1
        if radix * size > 2**62:
            _, key = np.unique(key, return_inverse=True)
            radix = int(key.max(initial=0)) + 1
        key = key * size + levels[:, number]
        radix *= size
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    return levels[first], counts.astype(float)


def learn(levels: Levels, fields: list[Field], random: Levels) -> Model:
    """Learn without a truth, by expectation and maximisation over patterns of agreement.

    `levels` are those of the candidates, `random` those of random pairs, from which the class of
    strangers starts. What is usual in customers' data stands for some pairs, so that a short list
    isn't overlearned, and a match remains what agrees in what a customer is known by.
    """
    rows, counts = patterns(levels, fields)
    usual = _usual(fields, random)
    model = Model(usual, _START)
    for _ in range(_ROUNDS):
        before = model.shares
        weights = _classes(model, rows, fields) * counts
        same, *others = _tables(rows, weights, usual)
        agreeing = tuple(_agreeing(*both) for both in zip(same, fields, strict=True))
        tables = (agreeing, others[0], others[1])
        model = Model(tables, (weights.sum(1) + _START) / (counts.sum() + 1))
        if np.abs(model.shares - before).max() < _STEADY:
            break
    return model


def recount(model: Model, levels: Levels, same: Numbers, fields: list[Field], random: Levels) -> Model:
    """Count anew, given for each candidate whether it is a match (0 to 1)."""
    found = _classes(model, levels, fields)
    related = found[RELATED] / np.maximum(found[RELATED] + found[STRANGERS], 1e-300)
    weights = np.stack([same, (1 - same) * related, (1 - same) * (1 - related)])
    tables = _tables(levels, weights, _usual(fields, random))
    return Model(tables, (weights.sum(1) + _START) / (len(levels) + 1))


def odds(model: Model, levels: Levels, fields: list[Field], left: Keys) -> Odds:
    """The log-odds that candidates are matches."""
    logs = [np.full(len(levels), np.log(share)) for share in model.shares]
    for number, field in enumerate(fields):
        for kind in (SAME, RELATED, STRANGERS):
            logs[kind] += model.logs(kind, number)[levels[:, number]]
        rare = rarity(field)
        if rare is not None:
            equal = np.flatnonzero(levels[:, number] == LEVELS[field.kind])
            gain = rare[field.codes[left[equal]]]
            logs[SAME][equal] += gain
            if not field.identity:
                logs[RELATED][equal] += gain
    return Odds(logs[SAME] - logs[RELATED], logs[SAME] - logs[STRANGERS])


def rarity(field: Field) -> Numbers | None:
    """What the rarity of an equal value adds (nats): ln(sum of f squared / f), f its share.

    None where levels tell rare from common already.
    """
    if field.kind in (Kind.WORDS, Kind.IDENTIFIER):
        return None
    share = field.held / max(field.held.sum(), 1)
    return np.clip(np.log((share**2).sum() / np.maximum(share, 1e-300)), -RARITY, RARITY)


def _classes(model: Model, rows: Levels, fields: list[Field]) -> Numbers:
    """The probability of each class (3 x rows)."""
    logs = np.repeat(np.log(model.shares)[:, None], len(rows), 1)
    for number in range(len(fields)):
        for kind in (SAME, RELATED, STRANGERS):
            logs[kind] += model.logs(kind, number)[rows[:, number]]
    found = np.exp(logs - logs.max(0))
    share: Numbers = found / found.sum(0)
    return share


Tables = tuple[tuple[Numbers, ...], tuple[Numbers, ...], tuple[Numbers, ...]]


def _usual(fields: list[Field], random: Levels) -> Tables:
    """Where the classes start: relatives share what strangers don't, but not who they are."""
    same = tuple(expected_m(field) for field in fields)
    strangers = tuple(
        _shares(random[:, number], np.ones(len(random)), expected_u(field), _STRENGTH[STRANGERS])
        for number, field in enumerate(fields)
    )
    related = tuple(
        strangers[number] if field.identity else same[number] for number, field in enumerate(fields)
    )
    return same, related, strangers


def _tables(rows: Levels, weights: Numbers, usual: Tables) -> Tables:
    same, related, strangers = (
        tuple(
            _shares(rows[:, number], weights[kind], start, _STRENGTH[kind])
            for number, start in enumerate(usual[kind])
        )
        for kind in (SAME, RELATED, STRANGERS)
    )
    return same, related, strangers


def _shares(levels: Levels, weights: Numbers, usual: Numbers, strength: float) -> Numbers:
    """The share of each level, with what is usual standing for so many pairs."""
    counted = np.bincount(levels, weights, len(usual) + 1)[1:] + usual * strength
    found: Numbers = counted / counted.sum()
    return found


def _agreeing(shares: Numbers, field: Field) -> Numbers:
    """A customer's records may differ in what tells who it is, but most don't."""
    if not field.identity:
        return shares
    most, levels = _DIFFERENT[field.kind]
    total = shares[levels].sum()
    if total <= most:
        return shares
    found = shares * (1 - most) / (1 - total)
    found[levels] = shares[levels] * most / total
    return found


_DIFFERENT = {
    Kind.DATE: (0.1, slice(0, 3)),
    Kind.IDENTIFIER: (0.5, slice(0, 2)),
    Kind.WORDS: (0.1, slice(24, 48)),
    Kind.CATEGORY: (0.1, slice(0, 1)),
}
"""By kind the most that the lowest levels may make up among matches, where a field is identity."""
