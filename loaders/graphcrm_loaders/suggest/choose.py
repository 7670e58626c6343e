"""Which table a sheet is, and which of its columns is which."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from graphcrm.model import VOCABULARY
from graphcrm_loaders.suggest.assign import best_places
from graphcrm_loaders.suggest.fitting import fit
from graphcrm_loaders.suggest.headers import Headers, Slot, headers_of
from graphcrm_loaders.suggest.layouts import MAINS, Main, Side
from graphcrm_loaders.suggest.sheets import Choice, Place, Sheet
from graphcrm_loaders.suggest.words import words_of

_ENOUGH = 0.42
"""A column whose score stays below this is given no place."""

_MAYBE = 0.22
"""One whose score stays below this is not even asked about."""

_HEADER, _VALUES = 0.7, 0.3
_IMPOSSIBLE, _VETO = -0.6, 0.3
_ALIKE, _ALIKE_VALUES, _VAGUE = 0.8, 0.5, 0.65
"""Neither the header nor the values are quite right: that is never sure."""

_TITLE = 0.6
_NEED = 3.0
_REFERENCE = 0.22

_TELLING: dict[str, float] = {
    "id_number": 1.0, "uscc": 1.0, "phone": 0.85, "email": 1.0, "plate": 1.0, "vin": 1.0,
    "address": 0.85, "sex": 0.95, "id_type": 0.95, "birth_date": 0.8, "name": 0.8, "account": 0.7,
    "frequency": 0.9, "status": 0.85, "channel": 0.8, "line": 0.75, "direction": 0.85,
    "region_code": 0.8, "currency": 0.8, "outcome": 0.75, "topic": 0.7, "kind": 0.7,
    "contacted_at": 0.75, "role": 0.75, "premium": 0.62, "amount": 0.6, "id": 0.75, "code": 0.7,
}  # fmt: skip
"""How far values alone tell a column, where no header does."""


References = Mapping[int, Mapping[str, float]]
"""Per column of a sheet, how many of its values are ids of a table in another sheet."""


def choose(sheet: Sheet, references: References | None = None) -> Choice | None:
    """The main table that a sheet fits best; None where it fits none."""
    choices = sorted((_as(sheet, main, references or {}) for main in MAINS), key=lambda c: -c.worth)
    best = choices[0]
    if best.worth <= 0 or _lacking(best.main, best.places):
        return None
    rival = next((c for c in choices[1:] if not _lacking(c.main, c.places)), None)
    margin = (best.worth - rival.worth) / best.worth if rival else 1.0
    return replace(best, margin=margin)


def _lacking(main: Main, places: tuple[Place, ...]) -> int:
    there = {place.slot.name for place in places}
    return sum(1 for group in main.needs if not there & set(group))


def _as(sheet: Sheet, main: Main, references: References) -> Choice:
    headers = headers_of(main.table)
    columns = range(len(sheet.grid.names))
    likeness = np.array([headers.likeness(name) for name in sheet.grid.said])
    if not sheet.grid.shape.header_row and sheet.sample.names is None:
        likeness[:] = 0.0
    fits = np.array([[_fit(sheet, n, main, slot) for slot in headers.slots] for n in columns])
    scores = _scores(sheet, main, headers, likeness, fits, references)
    given = best_places(scores - _ENOUGH)
    places = tuple(
        _place(sheet, main, n, at, headers, likeness, fits, scores, references)
        for n, at in enumerate(given)
        if at >= 0
    )
    worth = sum((p.score - _ENOUGH) * _importance(main, p.slot) for p in places)
    said = {c for word in words_of(sheet.title) for c, _ in word.meaning}
    said |= {c for word in words_of(sheet.sample.path.stem) for c, _ in word.meaning}
    worth += _TITLE * bool(said & set(main.words[:2])) - _NEED * _lacking(main, places)
    return Choice(sheet, main, places, worth, maybe=_maybe(sheet, headers, scores, given))


def _maybe(
    sheet: Sheet, headers: Headers, scores: npt.NDArray[np.float64], given: list[int]
) -> tuple[tuple[int, Slot], ...]:
    """For columns without a place the best that is free, if anything speaks for it."""
    found = []
    for n, at in enumerate(given):
        if at < 0 and sheet.profiles[n].filled:
            free = np.array([-1.0 if k in given else s for k, s in enumerate(scores[n])])
            best = int(np.argmax(free))
            if free[best] > _MAYBE:
                found.append((n, headers.slots[best]))
    return tuple(found)


def table_of(main: Main, slot: Slot) -> str:
    """The table that a slot belongs to."""
    if not slot.role:
        return main.table
    return side_of(main, slot.role).table


def side_of(main: Main, role: str) -> Side:
    """The side in a role."""
    return next(side for side in main.sides if side.role == role)


def _fit(sheet: Sheet, n: int, main: Main, slot: Slot) -> float:
    key = (n, table_of(main, slot), slot.column, not slot.role)
    if key not in sheet.fits:
        sheet.fits[key] = fit(key[1], slot.column, sheet.profiles[n], main=not slot.role)
    return sheet.fits[key]


def _scores(
    sheet: Sheet, main: Main, headers: Headers, likeness: npt.NDArray[np.float64],
    fits: npt.NDArray[np.float64], references: References,
) -> npt.NDArray[np.float64]:  # fmt: skip
    scores = _HEADER * likeness + _VALUES * fits
    scores -= np.where((fits < _IMPOSSIBLE) & (likeness < 1.2), _VETO, 0.0)
    telling = np.array([_TELLING.get(slot.column, 0.5) for slot in headers.slots])
    main_slots = np.array([0.05 if not slot.role else 0.0 for slot in headers.slots])
    alone = fits * telling * 0.8 + main_slots
    for n, p in enumerate(sheet.profiles):
        if n in sheet.serials:
            scores[n] = -1.0
        elif not p.filled:
            scores[n] = np.where(likeness[n] > 0.95, 0.5, 0.0)
        elif not sheet.spoken[n] and p.telling:
            scores[n] = np.maximum(scores[n], alone[n])
        for table, share in references.get(n, {}).items():
            towards = np.array([_refers(main, slot) for slot in headers.slots])
            scores[n] += np.where(towards == table, _REFERENCE * share, 0.0)
    return scores


def _refers(main: Main, slot: Slot) -> str:
    """The table whose ids a slot holds; "" where it holds none."""
    if slot.role:
        side = side_of(main, slot.role)
        return side.table if slot.column in ("id", "code") else ""
    link = VOCABULARY.tables[main.table].column(slot.column).link
    if link is None or link.shared:
        return ""
    label = VOCABULARY.nodes[link.to[0]].model
    return str(getattr(label, "table", ""))


def _place(
    sheet: Sheet, main: Main, n: int, at: int, headers: Headers,
    likeness: npt.NDArray[np.float64], fits: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64], references: References,
) -> Place:  # fmt: skip
    others = np.delete(scores[n], at)
    rival = int(np.argmax(others))
    rival_slot = headers.slots[rival if rival < at else rival + 1]
    beside = np.delete(scores[:, at], n)
    margin = scores[n, at] - max(others.max(initial=0.0), _ENOUGH - 0.1)
    contested = scores[n, at] - beside.max(initial=0.0)
    sureness = _sureness(float(scores[n, at]), float(margin), float(contested))
    if sheet.spoken[n] and likeness[n, at] < _ALIKE and fits[n, at] < _ALIKE_VALUES:
        sureness = min(sureness, _VAGUE)
    if not sheet.profiles[n].filled:
        sureness = min(sureness, 0.7)
    slot = headers.slots[at]
    referred = _refers(main, slot)
    return Place(
        n,
        slot,
        float(likeness[n, at]),
        float(fits[n, at]),
        float(scores[n, at]),
        sureness,
        rival_slot if margin < 0.12 else None,
        referred if references.get(n, {}).get(referred, 0.0) > 0.5 else None,
    )


def _sureness(score: float, margin: float, contested: float) -> float:
    """How likely a place is right, by its score and by how far what else could be is behind."""
    lead = min(margin, 0.3) + 0.4 * min(max(contested, -0.2), 0.2)
    odds = -2.6 + 5.2 * score + 7.0 * lead
    return 1.0 / (1.0 + math.exp(-odds))


def _importance(main: Main, slot: Slot) -> float:
    if slot.role:
        return 0.8
    required = VOCABULARY.tables[main.table].required
    return 1.3 if slot.column in required else 1.0
