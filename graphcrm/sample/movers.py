"""Persons who moved to the cities of another company of ours and were entered there again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from graphcrm.sample.columns import IdSpace, Ints, Rng
from graphcrm.sample.households import Households
from graphcrm.sample.names import Names
from graphcrm.sample.people import People
from graphcrm.sample.places import Addresses, Places
from graphcrm.sample.streams import pick


@dataclass
class Movers:
    """Those who have left companies that are made already, waiting for one to arrive at.

    They are few (`shape.moved_between_companies`), and no more is kept of them than they are.
    """

    waiting: list[tuple[People, Ints]] = field(default_factory=list)

    def leave(self, rng: Rng, humans: People, beings: IdSpace, count: int) -> None:
        """Let `count` of the persons have moved; `beings` are their ids in the truth."""
        who = rng.permutation(len(humans.born))[:count]
        if len(who):
            self.waiting.append((humans.take(who), beings.numbers[who]))

    def arrive(self, rng: Rng, places: Places, count: int) -> tuple[People, Ints] | None:
        """Return `count` of those who wait at most, at new addresses, and their numbers."""
        if not self.waiting or not count:
            return None
        people = self.waiting[0][0]
        for further, _ in self.waiting[1:]:
            people = joined(people, further)
        numbers = np.concatenate([those for _, those in self.waiting])
        order = rng.permutation(len(numbers))
        here, rest = order[:count], order[count:]
        self.waiting = [(people.take(rest), numbers[rest])] if len(rest) else []
        arrived = people.take(here)
        district = pick(rng, places.district_weight, len(here))
        arrived.address = Addresses.drawn(rng, places, district)
        arrived.city = places.district_city[district]
        arrived.employer = np.full(len(here), -1)
        return arrived, numbers[here]


def taken_in(families: Households, people: People, arrived: People) -> tuple[Households, People]:
    """Return the families and people with those who arrived after them, each on his own."""
    n, rows = len(families.born), len(arrived.born)
    alone, own = np.full(rows, -1), np.arange(n, n + rows)
    first = int(families.household.max(initial=-1)) + 1
    more = Households(
        household=first + np.arange(rows), first_row=own, male=arrived.male, born=arrived.born,
        spouse=alone, father=alone, mother=alone, twin=alone, first_child=alone,
        children=np.zeros(rows, np.int64),
    )  # fmt: skip
    both = {
        name: np.concatenate([value, getattr(more, name)]) for name, value in vars(families).items()
    }
    return Households(**both), joined(people, arrived)


def numbered(beings: IdSpace, arrived: Ints) -> IdSpace:
    """Return the ids of a company's persons with the numbers of those who arrived after them."""
    return replace(beings, numbers=np.concatenate([beings.numbers, arrived]))


def joined(one: People, other: People) -> People:
    """Return the rows of both, one after the other."""
    both: dict[str, Any] = {}
    for part in fields(one):
        first, second = getattr(one, part.name), getattr(other, part.name)
        if isinstance(first, Names | Addresses):
            parts = {
                f.name: np.concatenate([getattr(first, f.name), getattr(second, f.name)])
                for f in fields(first)
            }
            both[part.name] = type(first)(**parts)
        else:
            both[part.name] = np.concatenate([first, second])
    return People(**both)
