"""The whole book, from the first person to the last file."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from graphcrm.sample import (
    agents,
    claim_details,
    claims,
    contacts,
    departments,
    duplicates,
    entry,
    households,
    institution_duplicates,
    institution_table,
    institutions,
    parties,
    people,
    person_table,
    policies,
    policy_table,
    referrals,
    relations,
    servicing,
    truth,
    vehicles,
)
from graphcrm.sample.columns import Column, IdSpace
from graphcrm.sample.places import Places
from graphcrm.sample.products import Products
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.write import Format, whole_directory, write_table

AS_OF = date(2026, 6, 30)
"""The day on which the book stands unless another is given."""

Progress = Callable[[str, int, int], None]
_FILES = 23


class SampleReport(BaseModel):
    """What was written: rows of each table, plants of each kind, and the seconds it took."""

    rows: dict[str, int]
    plants: dict[str, int]
    seconds: float


def write_sample(
    directory: Path,
    *,
    customers: int,
    seed: int,
    format: Format = "csv",
    as_of: date | None = None,
    progress: Progress | None = None,
    shape: SampleShape | None = None,
) -> SampleReport:
    """Write a made-up insurer's book of `customers` person records into `directory`.

    The directory gets one file for each table of the interchange format, and `truth/`. The same
    `seed` (0 or more), number, `as_of` (the day on which the book stands, 2026-06-30 by default)
    and `shape` give the same bytes. `progress` is called with (file, files done, files in all).

    Raises ValueError for fewer than one customer, a negative seed, a day before 2010 or a
    directory that has something in it. Nothing is left behind by a run that fails.
    """
    if customers < 1:
        raise ValueError(f"customers must be 1 or more, not {customers}")
    day = as_of or AS_OF
    if day.year < 2010:
        raise ValueError(f"as_of must be 2010 or later, not {day}")
    streams, start = Streams(seed), time.perf_counter()
    with whole_directory(Path(directory)) as work:
        desk = _Desk(work, format, progress)
        plants = _write(desk, streams, customers, day, shape or SampleShape())
    return SampleReport(rows=desk.rows, plants=plants, seconds=time.perf_counter() - start)


class _Desk:
    """Writes the tables one by one and counts their rows."""

    def __init__(self, directory: Path, form: Format, progress: Progress | None) -> None:
        self.rows: dict[str, int] = {}
        self._directory, self._form, self._progress = directory, form, progress

    def put(self, name: str, table: pa.Table, ids: IdSpace | None = None) -> None:
        """Write a table under its name, in the order of its ids where it has ids."""
        order = None if ids is None else ids.order()
        write_table(table, self._directory / name, self._form, order)
        self.rows[name] = table.num_rows
        if self._progress is not None:
            self._progress(name, len(self.rows), _FILES)


def _write(
    desk: _Desk, streams: Streams, customers: int, day: date, shape: SampleShape
) -> dict[str, int]:
    as_of = (day - date(1970, 1, 1)).days
    cities = shape.cities + customers // shape.customers_per_further_city
    places, products = Places.of(cities), Products.offered()
    cities = len(places.city_name)

    def ids(table: str, prefix: str, rows: int) -> IdSpace:
        return IdSpace.shuffled(streams.of(f"ids of {table}"), prefix, rows)

    # Who there is.
    further = duplicates.further_entries(customers, shape)
    families = households.form(streams.of("households"), customers - further, as_of, shape)
    humans = people.populate(streams, families, places, as_of, shape)
    first, again, parts = institution_duplicates.shares(customers, shape)
    firms = institution_duplicates.enter_again(
        streams.of("institution duplicates"),
        institutions.found(streams, first, places),
        again,
        parts,
    )
    people.employ(
        streams.of("employers"), humans, firms.city, firms.weight * (~firms.own + 5 * firms.own),
        as_of, shape, cities,
    )  # fmt: skip
    records = duplicates.enter(streams, humans, further, places, as_of, shape)
    offices = departments.open_branches(
        streams.of("departments"), firms, places, round(customers / shape.customers_per_agent)
    )
    staff = agents.hire(streams, records.people, offices, places, as_of, shape)
    home = servicing.home_agents(streams, staff, records.people.city, cities)
    lent = agents.lend_phones(streams.of("lent phones"), staff, records.people, home, shape)
    persons, firm_ids = ids("persons", "P", customers), ids("institutions", "ORG", firms.rows)
    office_ids = ids("departments", "DEP", len(offices.name))
    staff_ids = ids("agents", "AG", len(staff.kind))

    # What they hold.
    book = policies.write_business(
        streams, products, humans, families, records, firms, offices, as_of, shape
    )
    work = servicing.serve(streams, book, staff, home, cities, as_of, shape)
    policy_ids = ids("policies", "POL", book.rows)
    joined = parties.join_in(streams, book, products, humans, families, records)
    cars = vehicles.register(streams, book)
    car_ids = ids("vehicles", "VEH", len(cars.owner))

    # The tables, each let go of once it is written.
    desk.put("products", products.table())
    keyed = entry.of_institutions(
        streams.of("entry of institutions"), firms.rows, staff, staff_ids, office_ids, as_of
    )
    desk.put("institutions", institution_table.table(firms, firm_ids, places, keyed), firm_ids)
    desk.put("departments", departments.table(offices, office_ids, firm_ids, places), office_ids)
    keyed = entry.of_persons(
        streams.of("entry of persons"), humans.born[records.entity], book, work, home, staff,
        staff_ids, office_ids, as_of,
    )  # fmt: skip
    where = departments.workplaces(streams.of("workplaces"), offices, records.people.employer)
    table = person_table.table(
        records.people, persons, places, firm_ids, office_ids.of(where), keyed
    )
    desk.put("persons", table, persons)
    table = agents.table(
        streams.of("agents table"), staff, staff_ids, offices, office_ids, persons, places, as_of
    )
    desk.put("agents", table, staff_ids)
    desk.put("relations", relations.table(streams, families, records, persons, shape))
    table = vehicles.table(streams.of("vehicles table"), cars, car_ids, persons, places)
    desk.put("vehicles", table, car_ids)
    table = policy_table.table(
        streams.of("policies table"), book, policy_ids, products, work, staff, staff_ids, persons,
        firm_ids, offices, office_ids, car_ids.of(cars.of_policy), records.people, as_of,
    )  # fmt: skip
    holders: Column = table["holder_id"].combine_chunks()
    desk.put("policies", table, policy_ids)
    del table
    desk.put(
        "policy_parties",
        parties.table(streams.of("parties table"), joined, book, policy_ids, persons),
    )
    desk.put(
        "servings",
        servicing.servings_table(streams.of("servings"), work, book, policy_ids, staff_ids),
    )
    desk.put(
        "premiums",
        policy_table.premiums_table(streams, book, policy_ids, records.people, as_of, shape),
    )
    losses, claim_ids = _write_claims(
        desk, streams, book, joined, families, records, staff, firms, cars, places, as_of, shape,
        persons, policy_ids, staff_ids, firm_ids, car_ids,
    )  # fmt: skip
    rng = streams.of("how many")
    n = contacts.how_many(rng, shape.contacts_per_customer, book, customers)
    contact_ids = ids("contacts", "CON", n)
    table = contacts.contacts_table(
        streams, book, contact_ids, policy_ids, work, staff, staff_ids, offices, office_ids,
        persons, products, losses, claim_ids, as_of,
    )  # fmt: skip
    desk.put("contacts", table, contact_ids)
    n = contacts.how_many(rng, shape.services_per_customer, book, customers)
    service_ids = ids("services", "SRV", n)
    table = contacts.services_table(
        streams, book, service_ids, work, staff, staff_ids, offices, office_ids, persons, as_of
    )
    desk.put("services", table, service_ids)
    brought = referrals.refer(streams, humans, records, as_of, shape)
    desk.put(
        "referrals",
        referrals.table(streams.of("referrals table"), brought, book, policy_ids, persons),
    )

    # What is really so.
    desk.put("truth/persons", truth.persons_table(streams.of("truth of persons"), records, persons))
    rng = streams.of("truth of institutions")
    desk.put("truth/institutions", truth.institutions_table(rng, firms, firm_ids))
    rng = streams.of("truth of institutions")
    desk.put("truth/departments", truth.departments_table(rng, firms, firm_ids))
    policy, reason = truth.orphans(book, work, staff)
    desk.put("truth/orphans", truth.orphans_table(policy, reason, holders, policy_ids))
    desk.put("truth/chains", truth.chains_table(brought, persons))

    plants = truth.plants(records, humans, families, firms, reason)
    plants["lent_phone"] = lent
    plants["referral_tree"], plants["referral_loop"] = len(brought.root), brought.loops
    return plants


def _write_claims(
    desk: _Desk, streams: Streams, book: policies.Policies, joined: parties.Parties,
    families: households.Households, records: duplicates.Records, staff: agents.Agents,
    firms: institutions.Institutions, cars: vehicles.Vehicles, places: Places, as_of: int,
    shape: SampleShape, persons: IdSpace, policy_ids: IdSpace, staff_ids: IdSpace,
    firm_ids: IdSpace, car_ids: IdSpace,
) -> tuple[claims.Claims, IdSpace]:  # fmt: skip
    cities = len(places.city_name)
    losses = claims.happen(streams, book, staff, firms, cities, as_of, shape)
    ids = IdSpace.shuffled(streams.of("ids of claims"), "CLM", len(losses.policy))
    events = int(losses.event.max(initial=-1)) + 1
    event_ids = IdSpace.shuffled(streams.of("ids of events"), "EVT", events)
    table = claims.table(
        streams.of("claims table"), losses, ids, event_ids, book, policy_ids, staff_ids, firm_ids,
        firms, records.people, places,
    )  # fmt: skip
    desk.put("claims", table, ids)
    table = claim_details.parties_table(
        streams, losses, ids, book, joined, families, records, persons, firm_ids, cities
    )
    desk.put("claim_parties", table)
    desk.put(
        "claim_vehicles", claim_details.vehicles_table(streams, losses, ids, cars, car_ids, cities)
    )
    table = claim_details.payments_table(
        streams, losses, ids, book, records.people, firms, persons, firm_ids, as_of
    )
    desk.put("claim_payments", table)
    return losses, ids
