"""Finding anew only what a change can have touched, with the same outcome as finding all anew.

It rests on three things: by a frozen model it depends on two records alone whether they are
compared and how likely they are one customer; blocks that become too large are noticed; and what
hangs together is clustered on its own.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.engine.blocking import candidates_within
from graphcrm.duplicates.engine.blocks import Change, Rows
from graphcrm.duplicates.engine.clusters import LINKED, by_first_row, components
from graphcrm.duplicates.engine.constraints import claims_of
from graphcrm.duplicates.engine.extending import confined, extended, in_order_of_content
from graphcrm.duplicates.engine.fields import NO_ROWS, THREADS, Field, Keys, Numbers, as_numpy
from graphcrm.duplicates.engine.matching import COPIES, Learned, Matched, clusters_of, score

Marks = npt.NDArray[np.uint64]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Compared:
    """All records as they were compared last.

    `marks` tell whether a record changed; `follows` has the row that a further copy of a record
    follows, -1 for all others; the candidates `left` and `right` have the log-odds `match`; `apart`
    are pairs known to be two.
    """

    ids: pa.Array
    marks: Marks
    fields: list[Field]
    follows: Keys
    left: Keys
    right: Keys
    match: Numbers
    clusters: Keys
    apart: tuple[Keys, Keys]


class Renewed(NamedTuple):
    """What came of a change: all records as they are compared now, and whom it may concern.

    `within` are those rows of `compared`; in `matched` rows are positions among them. `pairs` is
    how many were compared.
    """

    compared: Compared
    within: Keys
    matched: Matched
    pairs: int


def compared_of(
    matched: Matched, ids: pa.Array, marks: Marks, apart: tuple[Keys, Keys]
) -> Compared:
    """What a finding of all records leaves for the next."""
    follows = np.full(len(ids), -1, np.int64)
    follows[matched.copies[1]] = matched.copies[0]
    pairs = matched.left, matched.right, matched.odds.match
    return Compared(ids, marks, matched.fields, follows, *pairs, matched.clusters, apart)


def alone(ids: pa.Array, marks: Marks, fields: list[Field]) -> Compared:
    """Records that were not compared yet."""
    follows, clusters = np.full(len(ids), -1), np.arange(len(ids))
    pairs = NO_ROWS, NO_ROWS, np.empty(0, np.float64)
    return Compared(ids, marks, fields, follows, *pairs, clusters, (NO_ROWS, NO_ROWS))


def renewed(
    compared: Compared, more: Compared, gone: Keys, apart: tuple[Keys, Keys], learned: Learned
) -> Renewed:
    """What all records are without those `gone` and with `more`, as if all were found anew.

    `gone` are rows of `compared`, also where a record changed; `more` has the new and the changed
    ones, with the model's frequencies. `apart` numbers the rows of `compared` and, after them,
    those of `more`. The result's records are those that are left, then the others.
    """
    whole = _together(compared, more, apart)
    before = np.arange(len(whole.ids)) < len(compared.ids)
    after = np.ones(len(before), bool)
    after[gone] = False
    touched = ~(before & after)
    touched[_difference(compared.apart, apart, len(before))] = True
    content = _content(whole.fields)
    follows = _copies(whole, content, after, touched)
    change = Change(before & (whole.follows < 0), after & (follows < 0), touched)
    found, touched = candidates_within(whole.fields, learned.bounds, change)
    copies = np.flatnonzero(after & (follows >= 0))
    copies = copies[touched[copies] | touched[follows[copies]]]
    left = np.concatenate((found.left, follows[copies]))
    right = np.concatenate((found.right, copies))
    rows = np.unique(np.concatenate((left, right)))
    match = _scored(whole.fields, rows, left, right, learned).odds.match
    stand = np.flatnonzero(~touched[compared.left] & ~touched[compared.right])
    part = _components(whole, np.stack((left, right))[:, match > LINKED], follows)
    hit = np.zeros(len(before), bool)
    hit[part[touched]] = True
    inside = hit[part] & after
    within = np.flatnonzero(inside)
    merged = replace(
        whole,
        follows=follows,
        left=np.concatenate((compared.left[stand], left)),
        right=np.concatenate((compared.right[stand], right)),
        match=np.concatenate((compared.match[stand], match)),
    )
    pairs = inside[merged.left] & inside[merged.right]
    scored = _scored(whole.fields, within, merged.left[pairs], merged.right[pairs], learned)
    matched = _clustered(scored, merged, within, content[within])
    clusters = merged.clusters.copy()
    clusters[within] = int(clusters.max(initial=0)) + 1 + matched.clusters
    result, place = _without_gone(replace(merged, clusters=clusters), after)
    return Renewed(result, place[within], matched, len(left))


def _each(work: Callable[..., Field], *fields: list[Field]) -> list[Field]:
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(work, *fields))


def _together(compared: Compared, more: Compared, apart: tuple[Keys, Keys]) -> Compared:
    return replace(
        compared,
        ids=pa.concat_arrays([compared.ids, more.ids]),
        marks=np.concatenate((compared.marks, more.marks)),
        fields=_each(extended, compared.fields, more.fields),
        follows=np.concatenate((compared.follows, more.follows)),
        clusters=np.concatenate((compared.clusters, len(compared.ids) + more.clusters)),
        apart=apart,
    )


def _difference(one: tuple[Keys, Keys], other: tuple[Keys, Keys], rows: int) -> Keys:
    """The rows of pairs that are in one of two lists only."""
    before, after = (side[0] * rows + side[1] for side in (one, other))
    pairs = np.setxor1d(before, after, assume_unique=True)
    return np.concatenate((pairs // rows, pairs % rows))


def _content(fields: list[Field]) -> Marks:
    """A number for all that is known of each row: equal rows have the same."""
    found = np.zeros(len(fields[0].codes), np.uint64)
    for field in fields:
        found = (found + field.codes.astype(np.int64).astype(np.uint64)) * _FACTOR
        found ^= found >> np.uint64(29)
    return found


def _copies(whole: Compared, content: Marks, after: Rows, touched: Rows) -> Keys:
    """What each further copy of a record follows after the change.

    All copies of a touched record that is there more than COPIES times are touched.
    """
    follows = whole.follows.copy()
    members = np.flatnonzero(np.isin(content, np.unique(content[touched])))
    listed = pa.table({"content": content[members], "id": whole.ids.take(pa.array(members))})
    keys = [("content", "ascending"), ("id", "ascending")]
    members = members[as_numpy(pc.sort_indices(listed, sort_keys=keys))]
    _, group = np.unique(content[members], return_inverse=True)
    there = after[members]
    sizes = np.bincount(group, there)
    many = (sizes > COPIES) | (np.bincount(group, whole.follows[members] >= 0) > 0)
    touched[members[many[group]]] = True
    alive, group = members[there], group[there]
    starts = (np.cumsum(sizes) - sizes).astype(np.int64)[group]
    further = np.arange(len(alive)) - starts >= COPIES
    follows[members] = -1
    follows[alive[further]] = alive[starts[further]]
    return follows


def _components(whole: Compared, linked: Keys, follows: Keys) -> Keys:
    """A number for what hangs together, before or after, by pairs that count for their cluster."""
    held = whole.match > LINKED
    copies = [np.flatnonzero(known >= 0) for known in (whole.follows, follows)]
    left = [whole.left[held], linked[0], whole.follows[copies[0]], follows[copies[1]]]
    right = [whole.right[held], linked[1], *copies]
    return components(len(whole.ids), np.concatenate(left), np.concatenate(right))


def _clustered(scored: Matched, merged: Compared, within: Keys, content: Marks) -> Matched:
    """The same pairs with clusters; their rows are those `within`, and so is `content`."""
    follows = merged.follows[within]
    copies = np.flatnonzero(follows >= 0)
    ids = merged.ids.take(pa.array(within))
    rows = in_order_of_content(scored.fields, ids, np.flatnonzero(follows < 0))
    place = np.full(len(within), -1, np.int64)
    place[rows] = np.arange(len(rows))
    # A further copy stands apart from whom the last of the first ones does.
    kinds, last = np.unique(content[rows][::-1], return_index=True)
    place[copies] = len(rows) - 1 - last[np.searchsorted(kinds, content[copies])]
    first = (follows[scored.left] < 0) & (follows[scored.right] < 0)
    one, other = place[scored.left[first]], place[scored.right[first]]
    sub = [field.of(rows) for field in scored.fields]
    inside = np.isin(merged.apart[0], within) & np.isin(merged.apart[1], within)
    apart = [place[np.searchsorted(within, side[inside])] for side in merged.apart]
    found = clusters_of(
        len(rows),
        np.minimum(one, other),
        np.maximum(one, other),
        scored.odds.match[first],
        claims_of(sub),
        (apart[0], apart[1]),
    )
    clusters = np.empty(len(within), np.int64)
    clusters[rows] = found
    clusters[copies] = len(rows) + np.arange(len(copies))
    sure = np.flatnonzero(~first & (scored.odds.match > 0))
    clusters[scored.right[sure]] = clusters[scored.left[sure]]
    return replace(scored, clusters=by_first_row(clusters))


def _without_gone(merged: Compared, after: Rows) -> tuple[Compared, Keys]:
    """Only what is there after the change, and where each row is then."""
    rows = np.flatnonzero(after)
    place = np.cumsum(after) - 1
    result = Compared(
        merged.ids.take(pa.array(rows)),
        merged.marks[rows],
        _each(lambda field: field.of(rows), merged.fields),
        np.where(merged.follows < 0, -1, place[merged.follows])[rows],
        place[merged.left],
        place[merged.right],
        merged.match,
        by_first_row(merged.clusters[rows]),
        (place[merged.apart[0]], place[merged.apart[1]]),
    )
    return result, place


def _scored(fields: list[Field], rows: Keys, left: Keys, right: Keys, learned: Learned) -> Matched:
    """How likely these pairs are by a model; in the result rows are positions among `rows`."""
    chosen = [confined(field, rows) for field in fields]
    return score(chosen, np.searchsorted(rows, left), np.searchsorted(rows, right), learned)
