"""How often names agree by accident: seen on names whose words were dealt out anew.

Where names are nearly all there is, everything hangs on this: many a 张伟 is not the same. A list
with the same surnames and given names in other combinations has no duplicates, so that what agrees
there agrees by accident.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.engine.agreement import compare
from graphcrm.duplicates.engine.blocking import candidate_pairs
from graphcrm.duplicates.engine.columns import words_field
from graphcrm.duplicates.engine.fields import Field, Numbers
from graphcrm.duplicates.engine.levels import LEVELS
from graphcrm.duplicates.engine.shared_words import BANDS, word_levels

REGISTERED = 0.1


def accidental(field: Field) -> Numbers:
    """How many pairs of records reach each level (from 1) by accident.

    Organisations choose and register names that no other has, so that they are equal by accident
    ten times less often than words that are dealt out.
    """
    dealt = replace(words_field(field, _dealt_anew(field)), counts=field.counts)
    met = candidate_pairs([dealt])
    levels = compare([dealt], met.left, met.right)[:, 0]
    found = np.bincount(levels, minlength=LEVELS[field.kind] + 1)[1:].astype(float)
    # Those of common names are too many to be compared one by one.
    found[:BANDS] = _equal(dealt)
    if not field.person:
        found[:BANDS] *= REGISTERED
    return found


def _equal(field: Field) -> Numbers:
    """How many pairs of records have one and the same value, by the information of its words."""
    values = np.arange(len(field.values))
    same = word_levels(field, values, values) - 1
    counted = np.bincount(same, field.held * (field.held - 1) / 2, minlength=BANDS)
    return counted[:BANDS].astype(float)


def _dealt_anew(field: Field) -> pa.Array:
    """The names with their words exchanged: each position's words go to others' same position."""
    known = field.codes >= 0
    lists = pc.utf8_split_whitespace(field.values.take(pa.array(field.codes[known])))
    owner = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    words = lists.flatten()
    counts = np.bincount(owner, minlength=len(lists))
    starts = np.cumsum(counts) - counts
    position = np.arange(len(words)) - starts[owner]
    # The last word counts from the end: a surname stays one. A single word stays single.
    position[position == counts[owner] - 1] = -1
    position[counts[owner] == 1] = -2
    random = np.random.default_rng(1)
    taken = np.arange(len(words))
    for place in np.unique(position):
        here = np.flatnonzero(position == place)
        taken[here] = random.permutation(here)
    made = pa.ListArray.from_arrays(
        pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32()), words.take(pa.array(taken))
    )
    texts = np.full(len(field.codes), None, dtype=object)
    texts[known] = pc.binary_join(made, " ").to_numpy(zero_copy_only=False)
    return pa.array(texts, pa.string())
