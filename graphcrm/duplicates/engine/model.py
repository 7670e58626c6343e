"""What a level of agreement is worth: the model of Fellegi and Sunter with a third class.

Two records may be of one customer, of two customers who have to do with each other (a household, a
workplace: they share phones and addresses, not birth dates), or of two strangers. With the
classical two classes either households are taken for duplicates, or shared phones for worthless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graphcrm.duplicates.engine.expected import expected_m, expected_u, related_u
from graphcrm.duplicates.engine.fields import Field, Keys, Kind, Numbers
from graphcrm.duplicates.engine.levels import LEVELS, Levels
from graphcrm.duplicates.engine.shared_words import BANDS, FORMS

RARITY = 3.0
"""The most that the rarity of an equal value adds or takes (nats)."""

SAME, RELATED, STRANGERS = range(3)

_START = np.array([0.02, 0.1, 0.88])
_STARTED = 20.0
"""For how many candidates stands the share of each class that is usual."""

_UNSEEN = 100.0
"""So many pairs without an agreement are taken for seen besides those of the list itself."""

_STRENGTH = (200.0, 50.0, 50.0)
_ROUNDS = 60
_LEARNED = 500_000
"""Candidates that are enough to learn from: every so-many-th of more."""

_STEADY = 1e-6
_MOST_FOR, _MOST_AGAINST = 12.0, 10.0
_TELLING = 4.0
_SUPPORT = (-1.0, 3.0)


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
        found: Numbers = np.concatenate(([0.0], np.log(table)))
        return found


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
    step = -(-len(levels) // _LEARNED) or 1
    rows, counts = patterns(levels[::step], fields)
    counts *= step
    usual = _usual(fields, random)
    model = Model(usual, _START)
    for _ in range(_ROUNDS):
        before = model.shares
        weights = _classes(model, rows, fields) * counts
        tables = _tables(rows, weights, usual, fields)
        model = Model(tables, (weights.sum(1) + _STARTED * _START) / (counts.sum() + _STARTED))
        if np.abs(model.shares - before).max() < _STEADY:
            break
    return model


def learn_shares(
    levels: Levels, fields: list[Field], random: Levels, accidents: list[Numbers | None], pairs: int
) -> Model:
    """Learn only how many matches there are: what to use where few fields can be compared.

    Then nothing but what is usual tells how matches look. `accidents` has for fields of names how
    many pairs agree by accident, level by level; `pairs` is the number of all pairs.
    """
    rows, counts = patterns(levels, fields)
    same, related, strangers = _usual(fields, random)
    strangers = tuple(
        table if seen is None else _by_accident(table, seen, pairs, match)
        for table, seen, match in zip(strangers, accidents, same, strict=True)
    )
    per_record = 2 / np.sqrt(2 * pairs + 1)
    start = np.array([min(0.1 * per_record, 0.05), min(per_record, 0.1)])
    model = Model((same, related, strangers), np.array([*start, 1 - start.sum()]))
    for _ in range(_ROUNDS):
        before = model.shares
        weights = (_classes(model, rows, fields) * counts).sum(1)
        found = (weights[:STRANGERS] + start) / (pairs + 1)
        model = Model(model.tables, np.array([*found, 1 - found.sum()]))
        if np.abs(model.shares / before - 1).max() < _STEADY:
            break
    return model


def _by_accident(table: Numbers, seen: Numbers, pairs: int, same: Numbers) -> Numbers:
    """The share of each level among strangers, where rare agreement was counted itself.

    What is nearly as usual by accident as among matches says nothing.
    """
    found: Numbers = np.maximum(table * (table > 0.001), (seen + 0.1) / pairs)
    found /= found.sum()
    tells = found * _TELLING < same
    shares: Numbers = np.where(tells, found, np.maximum(found, same))
    return shares


def recount(
    model: Model, levels: Levels, same: Numbers, fields: list[Field], random: Levels
) -> Model:
    """Count anew, given for each candidate whether it is a match (0 to 1)."""
    found = _classes(model, levels, fields)
    related = found[RELATED] / np.maximum(found[RELATED] + found[STRANGERS], 1e-300)
    weights = np.stack([same, (1 - same) * related, (1 - same) * (1 - related)])
    tables = _tables(levels, weights, _usual(fields, random), fields)
    return Model(tables, (weights.sum(1) + _STARTED * _START) / (len(levels) + _STARTED))


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
    share = field.held / max(field.frequency.known, 1)
    gain = np.log(field.frequency.squares / np.maximum(share, 1e-300))
    found: Numbers = np.clip(gain, -RARITY, RARITY)
    return found


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
    strange = tuple(expected_u(field) for field in fields)
    # On a short list many a random pair is a match.
    first = Model((same, strange, strange), np.array([0.01, 0.0, 0.99]) + 1e-9)
    weights = 1 - _classes(first, random, fields)[SAME]
    strangers = tuple(
        _shares(random[:, number], weights, usual, _STRENGTH[STRANGERS])
        for number, usual in enumerate(strange)
    )
    related = tuple(
        related_u(field, strangers[number]) if field.identity else same[number]
        for number, field in enumerate(fields)
    )
    weak = [field.weak for field in fields]
    same, related = (
        tuple(np.where(w, u, table) for w, u, table in zip(weak, strangers, tables, strict=True))
        for tables in (same, related)
    )
    return same, related, strangers


def _tables(rows: Levels, weights: Numbers, usual: Tables, fields: list[Field]) -> Tables:
    same, related, strangers = (
        tuple(
            _shares(rows[:, number], weights[kind], start, _STRENGTH[kind])
            for number, start in enumerate(usual[kind])
        )
        for kind in (SAME, RELATED, STRANGERS)
    )
    same = tuple(map(_agreeing, same, fields))
    strangers = tuple(map(_not_rarer_than_seen, strangers, same, fields))
    supported = tuple(map(_supporting, same, strangers, fields))
    return supported, tuple(map(_apart, related, fields)), strangers


def _supporting(same: Numbers, strangers: Numbers, field: Field) -> Numbers:
    """What nothing is known of never decides: its weights stay small."""
    if not field.weak:
        return same
    low, high = (strangers * np.exp(limit) for limit in _SUPPORT)
    found: Numbers = np.clip(same, low, high)
    return found


def _not_rarer_than_seen(strangers: Numbers, same: Numbers, field: Field) -> Numbers:
    """On a short list nobody has seen how rarely strangers agree: it says less for a match."""
    known = field.frequency.known
    seen = known * (known - 1) / 2 + _UNSEEN
    found: Numbers = np.maximum(strangers, same / seen)
    return found


def _shares(levels: Levels, weights: Numbers, usual: Numbers, strength: float) -> Numbers:
    """The share of each level, with what is usual standing for so many pairs."""
    counted = np.bincount(levels, weights, len(usual) + 1)[1:] + usual * strength
    found: Numbers = counted / counted.sum()
    return found


def _agreeing(shares: Numbers, field: Field) -> Numbers:
    """A customer's records may differ in what tells who it is, but most don't."""
    known = field.identity and field.kind in _DIFFERENT
    return _at_most(shares, *_DIFFERENT[field.kind]) if known else shares


def _apart(shares: Numbers, field: Field) -> Numbers:
    """Two who have to do with each other seldom agree in what tells who each is.

    Otherwise their class takes the place of the matches where these are most of a list.
    """
    known = field.identity and field.kind in _ALIKE
    return _at_most(shares, *_ALIKE[field.kind]) if known else shares


def _at_most(shares: Numbers, most: float, levels: slice) -> Numbers:
    """The shares with some levels making up no more than this together."""
    total = shares[levels].sum()
    if total <= most:
        return shares
    found: Numbers = shares * (1 - most) / (1 - total)
    found[levels] = shares[levels] * most / total
    return found


_DIFFERENT = {
    Kind.DATE: (0.01, slice(0, 3)),
    Kind.IDENTIFIER: (0.3, slice(0, 2)),
    Kind.WORDS: (0.25, slice(3 * BANDS, FORMS * BANDS)),
    Kind.CATEGORY: (0.1, slice(0, 1)),
}
"""By kind the most that the lowest levels may make up among matches, where a field is identity."""

_ALIKE = {
    Kind.DATE: (0.05, slice(5, 9)),
    Kind.IDENTIFIER: (0.05, slice(3, 8)),
    Kind.WORDS: (0.05, slice(0, 3 * BANDS)),
}
"""By kind the most that the highest levels may make up among those who are related."""
