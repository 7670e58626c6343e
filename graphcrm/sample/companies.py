"""The insurer's provincial companies: the parts in which a large book is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.columns import Floats, Ints
from graphcrm.sample.places import Places
from graphcrm.sample.shape import SampleShape


@dataclass(frozen=True)
class Company:
    """One provincial company: its cities, and how many person records it keeps."""

    number: int
    customers: int
    places: Places


def divide(customers: int, shape: SampleShape) -> list[Company]:
    """Return the companies of an insurer of `customers` person records.

    A small insurer is one company with all cities, a very small one with fewer of them. A larger
    one has companies of a few cities of neighbouring provinces in the list, each of
    `shape.company_customers` persons at most: they are made one after the other, so that the memory
    depends on the largest company alone. A city is never divided; at 10 million customers the
    largest has about 530,000.
    """
    few = max(3, customers // shape.small.customers_per_city)
    places = Places.of(min(shape.cities, few) + customers // shape.customers_per_further_city)
    if customers <= shape.company_customers:
        return [Company(0, customers, places)]
    expected = places.city_weight / places.city_weight.sum() * customers
    groups = _groups(places, expected, shape.company_customers)
    share = np.array([expected[group].sum() for group in groups])
    edges = np.floor(np.cumsum(share) + 0.5).astype(np.int64)
    edges[-1] = customers
    sizes = np.diff(edges, prepend=0)
    return [
        Company(number, int(size), places.only(group))
        for number, (group, size) in enumerate(zip(groups, sizes, strict=True))
    ]


def _groups(places: Places, expected: Floats, most: int) -> list[Ints]:
    """Return the cities of each company, cities of one province together as far as they go."""
    names = places.province_name
    order = sorted(range(len(names)), key=lambda city: (names.index(names[city]), city))
    groups: list[list[int]] = []
    room = 0.0
    for city in order:
        if not groups or expected[city] > room:
            groups.append([])
            room = float(most)
        groups[-1].append(city)
        room -= float(expected[city])
    return [np.array(group) for group in groups]
