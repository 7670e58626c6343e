"""Our branches and their sections, and departments of other institutions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.columns import IdSpace, Ints, Rng
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.places import Addresses, Places
from graphcrm.sample.wording import word_lists

_SHARE_WITH_DEPARTMENTS = 0.08


@dataclass
class Departments:
    """One department a row; the insurer's own come first (`own` of them), branches before all."""

    institution: Ints
    name: list[str]
    city: Ints
    district: Ints
    parent: Ints
    phone: Ints
    address: Addresses
    own: int
    branch_of_city: Ints  # the main branch of each city


def open_branches(rng: Rng, book: Institutions, places: Places, agents: int) -> Departments:
    """Return one branch a city, with one section for about 60 `agents`, and others' departments."""
    lists = word_lists()
    cities = len(places.city_name)
    sections = lists["own_sections"]
    each = np.clip(np.round(agents / 60 * places.city_weight / places.city_weight.sum()), 1, None)
    each = np.minimum(each.astype(np.int64), len(sections))
    names = [f"{c.removesuffix('市')}分公司" for c in places.city_name]
    city, parent = list(range(cities)), [-1] * cities
    for number, count in enumerate(each):  # a few dozen cities
        for section in sections[:count]:
            names.append(names[number] + section)
            city.append(number)
            parent.append(number)
    own = len(names)
    hosts = np.flatnonzero(~book.own & (book.section < 0))
    hosts = hosts[rng.random(len(hosts)) < _SHARE_WITH_DEPARTMENTS]
    count = rng.integers(1, 4, len(hosts))
    host = np.repeat(hosts, count)
    place = np.arange(len(host)) - np.repeat(np.cumsum(count) - count, count)
    titles = lists["institution_departments"]
    title = (host + place) % len(titles)
    names += np.array(titles)[title].tolist()
    every_city = np.concatenate([city, book.city[host]]).astype(np.int64)
    rows = len(names)
    edge = np.searchsorted(places.district_city, every_city)
    size = np.bincount(places.district_city)[every_city]
    district = edge + np.floor(rng.random(rows) * size).astype(np.int64)
    district[own:] = book.address.district[host]
    address = Addresses.drawn(rng, places, district)
    address.put(np.arange(own, rows), book.address.take(host))
    return Departments(
        institution=np.concatenate([rng.integers(0, 2, own), host]),
        name=names,
        city=every_city,
        district=district,
        parent=np.concatenate([parent, np.full(len(host), -1)]).astype(np.int64),
        phone=np.where(rng.random(rows) < 0.85, rng.integers(2 * 10**7, 9 * 10**7, rows), -1),
        address=address,
        own=own,
        branch_of_city=np.arange(cities),
    )


def table(book: Departments, ids: IdSpace, institutions: IdSpace, places: Places) -> pa.Table:
    """Return the `departments` table in row order."""
    return pa.table(
        {
            "id": ids.column(),
            "institution_id": institutions.of(book.institution),
            "name": pa.array(book.name, pa.string()),
            "phone": col.joined(col.words(places.area_code, book.city), "-", col.whole(book.phone)),
            "address": book.address.column(places),
            "region_code": col.words([str(c) for c in places.district_code], book.district),
            "parent_id": ids.of(book.parent),
        }
    )


def workplaces(rng: Rng, book: Departments, employer: Ints) -> Ints:
    """Return the department where each person works: one of the employer's for half, else -1."""
    others = np.arange(book.own, len(book.name))
    institution = book.institution[others]  # in order, as they were made
    low = np.searchsorted(institution, employer)
    high = np.searchsorted(institution, employer, side="right")
    some = (high > low) & (employer >= 0) & (rng.random(len(employer)) < 0.5)
    at = low + np.floor(rng.random(len(employer)) * (high - low)).astype(np.int64)
    return np.where(some, book.own + at, -1)
