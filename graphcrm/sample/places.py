"""Where people live and were born: cities, districts, addresses in several styles."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from graphcrm.sample.columns import Bools, Column, Floats, Ints, Rng, chosen, joined, whole, words
from graphcrm.sample.detail_shape import Details
from graphcrm.sample.streams import pick
from graphcrm.sample.wording import regions, rows, word_lists

FULL, SHORT, NUMBERED, PLAIN, VILLAGE = range(5)
"""Styles of an address: with province; from the city; 3-2-501; no 市/区; village and group."""

NO_PLACE = -1
"""In `Addresses.district`: unknown; below it a filler (无) stands in the address."""
_FIRST_YEAR, _LAST_YEAR = 1980, 2022


@dataclass(frozen=True)
class Places:
    """The insurer's cities and their districts; every array but `city_weight` has a row each."""

    city_code: Ints
    city_name: list[str]
    province_name: list[str]
    area_code: list[str]
    plate: list[str]
    city_weight: Floats
    district_code: Ints
    district_name: list[str]
    district_city: Ints
    district_rural: Bools
    district_weight: Floats

    @classmethod
    def of(cls, cities: int) -> Places:
        """Return the first `cities` cities of `data/cities.csv`, or all of them."""
        table = rows("cities.csv")[:cities]
        names = {r["code"]: r["name"] for r in regions() if int(r["last_year"]) == _LAST_YEAR}
        districts: list[tuple[int, str, int]] = []
        for number, city in enumerate(table):
            head = city["code"][:4] if city["code"][2:] != "0100" else city["code"][:2] + "01"
            mine = [
                (int(code), name, number)
                for code, name in names.items()
                if code.startswith(head) and not code.endswith("00")
            ]
            districts.extend(mine)
        whole_cities = {"11", "12", "31", "50"}
        city_names = [
            names[c["code"][:2] + "0000"] if c["code"][:2] in whole_cities else names[c["code"]]
            for c in table
        ]
        weight = np.array([float(c["weight"]) for c in table])
        district_city = np.array([d[2] for d in districts])
        rural = np.array([d[1][-1] in "县市旗" for d in districts])
        share = np.where(rural, 0.5, 1.0)
        share = share / np.bincount(district_city, share)[district_city] * weight[district_city]
        return cls(
            city_code=np.array([int(c["code"]) for c in table]),
            city_name=city_names,
            province_name=[names[c["code"][:2] + "0000"] for c in table],
            area_code=[c["area_code"] for c in table],
            plate=[c["plate"] for c in table],
            city_weight=weight,
            district_code=np.array([d[0] for d in districts]),
            district_name=[d[1] for d in districts],
            district_city=district_city,
            district_rural=rural,
            district_weight=share,
        )

    def only(self, cities: Ints) -> Places:
        """Return these cities alone, in this order, and their districts."""
        districts = [np.flatnonzero(self.district_city == city) for city in cities]
        kept = np.concatenate(districts)
        return Places(
            city_code=self.city_code[cities],
            city_name=[self.city_name[city] for city in cities],
            province_name=[self.province_name[city] for city in cities],
            area_code=[self.area_code[city] for city in cities],
            plate=[self.plate[city] for city in cities],
            city_weight=self.city_weight[cities],
            district_code=self.district_code[kept],
            district_name=[self.district_name[district] for district in kept],
            district_city=np.repeat(np.arange(len(cities)), [len(d) for d in districts]),
            district_rural=self.district_rural[kept],
            district_weight=self.district_weight[kept],
        )


@dataclass
class Addresses:
    """One address a row, as numbers; `district` is `NO_PLACE` or less where it is unknown."""

    district: Ints
    style: Ints
    road: Ints
    number: Ints
    estate: Ints
    building: Ints
    unit: Ints
    room: Ints

    @classmethod
    def drawn(cls, rng: Rng, places: Places, district: Ints) -> Addresses:
        """Return random addresses in the given districts; villages only in counties."""
        n = len(district)
        lists = word_lists()
        estates = len(lists["estate_heads"]) * len(lists["estate_tails"])
        style = rng.choice(np.array([FULL, SHORT, NUMBERED, PLAIN]), n, p=[0.35, 0.4, 0.15, 0.1])
        village = places.district_rural[district] & (rng.random(n) < 0.5)
        return cls(
            district=district.copy(),
            style=np.where(village, VILLAGE, style),
            road=rng.integers(0, len(lists["roads"]), n),
            number=1 + rng.geometric(0.006, n),
            estate=rng.integers(0, estates, n),
            building=rng.integers(1, 31, n),
            unit=rng.integers(1, 5, n),
            room=rng.integers(1, 33, n) * 100 + rng.integers(1, 5, n),
        )

    def take(self, index: Ints) -> Addresses:
        """Return the addresses of these rows."""
        return Addresses(*(getattr(self, f.name)[index] for f in fields(self)))

    def put(self, index: Ints, other: Addresses) -> None:
        """Write the rows of `other` over the rows `index`."""
        for f in fields(self):
            getattr(self, f.name)[index] = getattr(other, f.name)

    def column(self, places: Places) -> Column:
        """Return the addresses as text, null where the district is unknown."""
        lists = word_lists()
        city = places.district_city[np.maximum(self.district, 0)]
        province = [
            "" if p == c else p for p, c in zip(places.province_name, places.city_name, strict=True)
        ]
        bare_city = [c.removesuffix("市") for c in places.city_name]
        bare_district = [
            d.removesuffix("区") if len(d) > 2 and "新区" not in d else d
            for d in places.district_name
        ]
        plain = self.style == PLAIN
        cities, count = [*places.city_name, *bare_city], len(bare_city)
        districts, kinds = [*places.district_name, *bare_district], len(bare_district)
        full = (self.style == FULL) | (self.style == VILLAGE)
        front = joined(
            words([*province, ""], np.where(full, city, len(province))),
            words(
                [*cities, ""], np.where(self.style == NUMBERED, len(cities), city + count * plain)
            ),
            words(districts, np.where(self.district < 0, -1, self.district + kinds * plain)),
        )
        tails = lists["estate_tails"]
        estates = [head + tail for head in lists["estate_heads"] for tail in tails]
        road = joined(words(lists["roads"], self.road), whole(self.number), "号")
        estate = words(estates, self.estate)
        building, unit, room = whole(self.building), whole(self.unit), whole(self.room)
        long_flat = joined(estate, building, "栋", unit, "单元", room, "室")
        short_flat = joined(estate, joined(building, unit, room, by="-"))
        town_heads, town_tails = lists["town_heads"], lists["town_tails"]
        village_heads, village_tails = lists["village_heads"], lists["village_tails"]
        village = joined(
            words(town_heads, self.road % len(town_heads)),
            words(town_tails, self.road // len(town_heads) % len(town_tails)),
            words(village_heads, self.estate % len(village_heads)),
            words(village_tails, self.estate // len(village_heads) % len(village_tails)),
            building,
            "组",
            whole(self.number),
            "号",
        )
        flat = chosen(self.style == NUMBERED, short_flat, joined(road, long_flat))
        return joined(front, chosen(self.style == VILLAGE, village, flat))


class Local:
    """Things that are in cities (agents, garages, persons), to be drawn for a city.

    `draw` gives indexes into the arrays it was made from; a city that has none draws from all.
    """

    def __init__(self, index: Ints, city: Ints, weight: Floats, cities: int) -> None:
        """Take the things' own indexes, the city and the weight of each."""
        order = np.argsort(city, kind="stable")
        self._index = index[order]
        self._total = np.concatenate([[0.0], np.cumsum(weight[order])])
        edges = np.searchsorted(city[order], np.arange(cities + 1))
        low, high = edges[:-1].copy(), edges[1:].copy()
        none = self._total[high] <= self._total[low]
        low[none], high[none] = 0, len(index)
        self._low, self._high = low, high

    def draw(self, rng: Rng, city: Ints) -> Ints:
        """Return one thing for each city of `city`; -1 where there is none anywhere."""
        if not len(self._index):
            return np.full(len(city), -1)
        low, high = self._low[city], self._high[city]
        start = self._total[low]
        drawn = start + rng.random(len(city)) * (self._total[high] - start)
        at = np.searchsorted(self._total, drawn, side="right") - 1
        found: Ints = self._index[np.clip(at, low, high - 1)]
        return found


def birth_regions(rng: Rng, year: Ints, home: Ints, details: Details) -> Ints:
    """Return a county-level code for each birth that was valid in its year.

    `home` is the code of the city lived in. `details` tells how many are born in that city and how
    many elsewhere in its province, the rest anywhere; where a city or province had no codes of its
    own yet, anywhere. Births before 1980 take the codes of 1980, when the table begins (GB/T 2260).
    """
    table = [
        (int(r["code"]), int(r["first_year"]), int(r["last_year"]))
        for r in regions()
        if not r["code"].endswith("00") and int(r["code"]) < 710000
    ]
    code, first, last = (np.array(column) for column in zip(*table, strict=True))
    by_year = [
        np.sort(code[(first <= y) & (y <= last)]) + y * 10**6
        for y in range(_FIRST_YEAR, _LAST_YEAR + 1)
    ]
    flat = np.concatenate(by_year)
    when = np.clip(year, _FIRST_YEAR, _LAST_YEAR) * 10**6
    near, far = details.born_in_city, details.born_in_province
    reach = pick(rng, np.array([near, far, max(1 - near - far, 0.0)]), len(year))
    step = np.array([10**2, 10**4, 10**6])[reach]
    low = np.searchsorted(flat, when + home // step * step)
    high = np.searchsorted(flat, when + (home // step + 1) * step)
    nowhere = low == high
    low = np.where(nowhere, np.searchsorted(flat, when), low)
    high = np.where(nowhere, np.searchsorted(flat, when + 10**6), high)
    at = low + np.floor(rng.random(len(year)) * (high - low)).astype(np.int64)
    drawn: Ints = flat[at] % 10**6
    return drawn
