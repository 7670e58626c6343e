"""A sheet to be mapped, and the places that its columns were given."""

from dataclasses import dataclass, field
from functools import cached_property

from graphcrm_loaders.suggest.grid import Grid
from graphcrm_loaders.suggest.headers import Slot
from graphcrm_loaders.suggest.layouts import Main
from graphcrm_loaders.suggest.profile import Profile, profile
from graphcrm_loaders.suggest.reading import Sample
from graphcrm_loaders.suggest.words import NOISE, collapsed, words_of

_SERIAL = frozenset(
    {"序号", "行号", "序", "no", "seq", "row", "xh", "项次", "rownum", "sn", "nr", ""}
)


@dataclass(frozen=True)
class Sheet:
    """A sheet to be mapped, with the profiles of its columns."""

    sample: Sample
    grid: Grid
    fits: dict[tuple[int, str, str, bool], float] = field(default_factory=dict)

    @cached_property
    def profiles(self) -> list[Profile]:
        """One for each column."""
        return [profile(self.grid.column(n)) for n in range(len(self.grid.names))]

    @cached_property
    def spoken(self) -> list[bool]:
        """Whether the header of each column says anything."""
        if not self.grid.shape.header_row:
            return [False] * len(self.grid.names)
        return [
            any(
                w.weight > NOISE and not w.meaning[0][0].startswith(("?", "number2"))
                for w in words_of(name)
            )
            for name in self.grid.said
        ]

    @cached_property
    def serials(self) -> frozenset[int]:
        """The columns that only number the rows."""
        found = []
        for n, name in enumerate(self.grid.said):
            p = self.profiles[n]
            counted = p.integer > 0.98 and p.distinctness > 0.98 and p.largest <= 2 * p.rows + 10**4
            if collapsed(name) in _SERIAL and p.filled and (counted or not self.sample.whole):
                found.append(n)
        return frozenset(found)

    @property
    def title(self) -> str:
        """What is said about the sheet as a whole."""
        named = [self.sample.path.stem, self.sample.sheet or "", self.grid.title]
        return " ".join(named)


@dataclass(frozen=True)
class Place:
    """The place that a column was given: how sure, and what else it could be."""

    column: int
    slot: Slot
    likeness: float
    fit: float
    score: float
    sureness: float
    rival: Slot | None
    referred: str | None


@dataclass(frozen=True)
class Choice:
    """A sheet's main table and the places of its columns.

    `maybe` are free places that columns without one might have, which was not enough.
    """

    sheet: Sheet
    main: Main
    places: tuple[Place, ...]
    worth: float
    margin: float = 1.0
    maybe: tuple[tuple[int, Slot], ...] = ()

    def at(self, role: str, column: str) -> Place | None:
        """The column in a place."""
        return next((p for p in self.places if p.slot == Slot(role, column)), None)

    def side(self, role: str) -> list[Place]:
        """The columns of a side."""
        return [p for p in self.places if p.slot.role == role]
