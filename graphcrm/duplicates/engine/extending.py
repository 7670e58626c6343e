"""Fields of more records, or of fewer, without making them anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.engine.fields import (
    Codes,
    Field,
    Frequency,
    Keys,
    Parts,
    Words,
    as_numpy,
)


def extended(field: Field, more: Field) -> Field:
    """A field with further records; both have the frequencies of one model.

    Values that are new come last, so that codes are no longer in the order of values.
    """
    values, place, fresh = _united(field.values, more.values)
    codes = np.full(len(more.codes), -1)
    codes[more.codes >= 0] = place[more.codes[more.codes >= 0]]
    known, added = field.frequency, more.frequency
    coarse, of_parts = [], []
    for number, (parts, others) in enumerate(zip(field.coarse, more.coarse, strict=True)):
        texts, where, unseen = _united(parts.texts, others.texts)
        coarse.append(Parts(_joined(parts.codes, where[others.codes[fresh]]), texts))
        of_parts.append(np.concatenate((known.parts[number], added.parts[number][unseen])))
    words, of_words = field.words, known.words
    if words is not None and more.words is not None:
        texts, where, unseen = _united(words.texts, more.words.texts)
        numbers, _ = more.words.of(fresh)
        counts = more.words.counts(fresh)
        ends = words.offsets[-1] + np.cumsum(counts)
        numbers = _joined(words.numbers, where[numbers])
        words = Words(np.concatenate((words.offsets, ends)), numbers, texts)
        of_words = np.concatenate((of_words, added.words[unseen]))
    frequency = Frequency(
        known.records,
        known.known,
        known.squares,
        np.concatenate((known.values, added.values[fresh])),
        of_words,
        tuple(of_parts),
    )
    return replace(
        field,
        codes=_joined(field.codes, codes),
        values=values,
        coarse=tuple(coarse),
        words=words,
        frozen=frequency,
    )


def confined(field: Field, rows: Keys) -> Field:
    """A field of some rows, with no values and words but theirs."""
    codes = field.codes[rows]
    values, codes = _used(codes)
    known, words, of_words = field.frequency, field.words, field.frequency.words
    if words is not None:
        texts, numbers = _used(words.of(values)[0])
        ends = np.cumsum(words.counts(values))
        words = Words(np.append(0, ends), numbers, words.texts.take(pa.array(texts)))
        of_words = of_words[texts]
    return replace(
        field,
        codes=codes,
        values=field.values.take(pa.array(values)),
        coarse=tuple(Parts(parts.codes[values], parts.texts) for parts in field.coarse),
        words=words,
        frozen=replace(known, values=known.values[values], words=of_words),
    )


def _used(codes: Codes) -> tuple[Codes, Codes]:
    """The codes that are used, and where each is among them, -1 where unknown."""
    used = np.unique(codes)
    used = used[used >= 0]
    return used, np.where(codes < 0, -1, np.searchsorted(used, codes)).astype(np.int32)


def in_order_of_content(fields: list[Field], ids: pa.Array, rows: Keys) -> Keys:
    """These rows in the order of their values, of equals in that of their ids."""
    chosen = pa.array(rows)
    columns = [_texts(field, rows) for field in fields]
    table = pa.table([*columns, ids.take(chosen)], names=[str(n) for n in range(len(fields) + 1)])
    keys = [(name, "ascending", "at_start") for name in table.column_names]
    found: Keys = rows[as_numpy(pc.sort_indices(table, sort_keys=keys))]
    return found


def _texts(field: Field, rows: Keys) -> pa.Array:
    codes = field.codes[rows]
    return field.values.take(pa.array(np.maximum(codes, 0), mask=codes < 0))


def _united(texts: pa.Array, more: pa.Array) -> tuple[pa.Array, Keys, Keys]:
    """Texts with those of `more` that are new at their end; where each of `more` is; which are."""
    # A table of the few is made and the many looked up: that is several times faster.
    seen = pc.index_in(texts, value_set=more)
    here = np.flatnonzero(as_numpy(pc.is_valid(seen)))
    place = np.full(len(more), -1, np.int64)
    place[as_numpy(seen.drop_null())] = here
    fresh = np.flatnonzero(place < 0)
    place[fresh] = len(texts) + np.arange(len(fresh))
    return pa.concat_arrays([texts, more.take(pa.array(fresh))]), place, fresh


def _joined(codes: Codes, more: Keys) -> Codes:
    return np.concatenate((codes, more.astype(np.int32)))
