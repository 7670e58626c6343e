"""Why a pair is a match or not: what each field says, in words and in weight."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duplicates.engine.fields import Codes, Field, Keys, Kind, Numbers
from graphcrm.duplicates.engine.levels import LEVELS, NAMES, Levels
from graphcrm.duplicates.engine.matching import Matched
from graphcrm.duplicates.engine.model import RELATED, SAME, STRANGERS, rarity
from graphcrm.duplicates.engine.shared_words import BANDS

EVIDENCE = pa.schema(
    [
        ("pair", pa.int64()),
        ("column", pa.string()),
        ("level", pa.string()),
        ("left_value", pa.string()),
        ("right_value", pa.string()),
        ("weight", pa.float64()),
    ]
)
"""What `evidence` returns."""

START = "start"
"""The level of the row without a column: what a pair begins with before it is compared."""

MISSING = "missing"
_SIMILAR = 2
_FORMS = ("equal", "part_of_other", "similar", "mostly_similar", "partly_similar", "different")


def level_name(kind: Kind, level: int) -> str:
    """A level's name, such as `one_edit`; `missing` for level 0."""
    if level == 0:
        return MISSING
    if kind is not Kind.WORDS:
        return NAMES[kind][level - 1]
    form, band = divmod(level - 1, BANDS)
    # Two common names leave little unexplained, but have nothing in common either.
    return _FORMS[-1] if form > _SIMILAR and band == 0 else _FORMS[form]


def level_names() -> set[str]:
    """Every name that a level can have."""
    return {START, MISSING, *_FORMS, *(name for names in NAMES.values() for name in names)}


def evidence(matched: Matched, chosen: Keys, numbers: Keys) -> pa.Table:
    """What speaks for and against these candidates, a row for each pair and field.

    `chosen` are positions among the candidates, `numbers` what the pairs are called in the column
    `pair`. `weight` is log2 of how much likelier the agreement is for records of one customer than
    for the stronger alternative (two who have to do with each other, or strangers); a pair's
    weights add up to its log2-odds against that alternative. The first row of a pair, of level
    `start`, is what it begins with.
    """
    odds = matched.odds
    related: npt.NDArray[np.bool_] = odds.against_related[chosen] < odds.against_strangers[chosen]
    alternative = np.where(related, RELATED, STRANGERS)
    shares = np.log(matched.model.shares)
    parts = [_start(numbers, (shares[SAME] - shares[alternative]) / math.log(2))]
    for number, field in enumerate(matched.fields):
        levels = matched.levels[chosen, number]
        logs = [matched.model.logs(kind, number)[levels] for kind in (SAME, RELATED, STRANGERS)]
        weight = logs[SAME] - np.where(related, logs[RELATED], logs[STRANGERS])
        weight += _rarity(field, levels, matched.left[chosen], related)
        left, right = (field.codes[rows[chosen]] for rows in (matched.left, matched.right))
        parts.append(
            pa.table(
                {
                    "pair": numbers,
                    "column": pa.repeat(field.name, len(chosen)),
                    "level": pa.array([level_name(field.kind, v) for v in levels.tolist()]),
                    "left_value": _values(field, left),
                    "right_value": _values(field, right),
                    "weight": weight / math.log(2),
                },
                schema=EVIDENCE,
            )
        )
    whole = pa.concat_tables(parts)
    turn = np.argsort(whole["pair"].to_numpy(), kind="stable")
    return whole.take(pa.array(turn))


def _rarity(field: Field, levels: Levels, left: Keys, related: npt.NDArray[np.bool_]) -> Numbers:
    """What the rarity of equal values adds, against relatives only where it tells who it is."""
    rare = rarity(field)
    found = np.zeros(len(levels))
    if rare is not None:
        counts = (levels == LEVELS[field.kind]) & (field.identity | ~related)
        found[counts] = rare[field.codes[left[counts]]]
    return found


def _start(numbers: Keys, weight: Numbers) -> pa.Table:
    nothing = pa.nulls(len(numbers), pa.string())
    return pa.table(
        {
            "pair": numbers,
            "column": nothing,
            "level": pa.repeat(START, len(numbers)),
            "left_value": nothing,
            "right_value": nothing,
            "weight": weight,
        },
        schema=EVIDENCE,
    )


def _values(field: Field, codes: Codes) -> pa.Array:
    known = codes >= 0
    return field.values.take(pa.array(np.where(known, codes, 0), mask=~known))
