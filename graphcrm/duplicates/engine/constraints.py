"""What can't be one customer, however alike: such clusters are taken apart again."""

from __future__ import annotations

import numpy as np

from graphcrm.duplicates.engine.fields import Codes, Field, Keys, Kind, Numbers


def claims_of(fields: list[Field]) -> Codes:
    """A number for the sound resident ID of each row, -1 for none: one person has one."""
    rows = len(fields[0].codes)
    found = np.full(rows, -1, np.int32)
    for field in fields:
        if field.kind is Kind.IDENTIFIER and field.identity and field.words is not None:
            known = np.flatnonzero(field.codes >= 0)
            words, owner = field.words.of(field.codes[known])
            sound = field.words.sound[words]
            found[known[owner[sound]]] = words[sound]
    return found


def taken_apart(
    clusters: Keys,
    left: Keys,
    right: Keys,
    odds: Numbers,
    claims: Codes,
    apart: tuple[Keys, Keys],
) -> Keys:
    """The clusters without any that holds two claims, or a pair that is to stay apart.

    Such a cluster is built anew from its likeliest pairs on, leaving out what would bring together
    what can't be.
    """
    inside = clusters[apart[0]] == clusters[apart[1]]
    apart = apart[0][inside], apart[1][inside]
    stated = np.flatnonzero(claims >= 0)
    size = int(claims.max(initial=0)) + 1
    both = np.unique(clusters[stated] * size + claims[stated]) // size
    wrong = np.union1d(both[1:][both[1:] == both[:-1]], clusters[apart[0]])
    if not len(wrong):
        return clusters
    found = clusters.copy()
    fresh = int(clusters.max()) + 1
    members = np.flatnonzero(np.isin(clusters, wrong))
    found[members] = fresh + np.arange(len(members))
    used = np.flatnonzero(np.isin(clusters[left], wrong) & (clusters[left] == clusters[right]))
    used = used[odds[used] > 0]
    used = used[np.lexsort((right[used], left[used], -odds[used]))]
    return _grown(found, left[used], right[used], members, claims, apart)


def _grown(
    clusters: Keys, left: Keys, right: Keys, members: Keys, claims: Codes, apart: tuple[Keys, Keys]
) -> Keys:
    """Join single rows along pairs, the likeliest first, as far as is allowed."""
    held: dict[int, list[int]] = {int(clusters[row]): [int(row)] for row in members}
    enemies: dict[int, set[int]] = {}
    for a, b in zip(*(rows.tolist() for rows in apart), strict=True):
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        one, other = int(clusters[a]), int(clusters[b])
        if one == other:
            continue
        together = held[one] + held[other]
        stated = {int(claims[row]) for row in together} - {-1}
        if len(stated) > 1 or any(enemies.get(row, set()) & set(together) for row in together):
            continue
        held[one] = together
        clusters[held.pop(other)] = one
    return clusters
