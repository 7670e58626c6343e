"""What the customers hold, who sold and serves it, and who brought whom."""

from __future__ import annotations

from dataclasses import dataclass

from graphcrm.sample import (
    misconduct,
    parties,
    policies,
    policy_links,
    premiums,
    referrals,
    sellers,
    service_conflicts,
    servicing,
    takeover,
    vehicles,
)
from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import Ints
from graphcrm.sample.departments import Departments
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.people import People
from graphcrm.sample.products import Products
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams


@dataclass
class Dealings:
    """The policies of a company and everything that was agreed about them.

    `paying` are the policies with premiums rows.
    """

    policies: policies.Policies
    sold_by: Ints
    service: servicing.Servicing
    conflicts: service_conflicts.Conflicts
    parties: parties.Parties
    vehicles: vehicles.Vehicles
    referrals: referrals.Referrals
    paying: Ints
    conduct: takeover.Conduct


def deal(
    streams: Streams, products: Products, humans: People, families: Households, records: Records,
    firms: Institutions, offices: Departments, staff: Agents, home: Ints, cities: int, as_of: int,
    shape: SampleShape,
) -> Dealings:  # fmt: skip
    """Return the dealings of a company; `home` are the agents who brought the persons in."""
    book, earliest = policies.write_business(
        streams, products, humans, families, records, firms, offices, as_of, shape
    )
    policy_links.renew(book, earliest, products.term[book.product])
    policy_links.replace(streams.of("replacements"), book, shape.replaced)
    sold_by = sellers.sell(streams, book, staff, home, cities, shape)
    tempted = misconduct.self_referrers(streams, staff, shape)
    brought = referrals.refer(
        streams, humans, records, firms, offices, book, staff, tempted, as_of, shape
    )
    paying = premiums.histories(streams, book, as_of, shape)
    conduct = misconduct.plant(
        streams, book, sold_by, staff, families, records, brought, paying, shape
    )
    misconduct.lenders(conduct, staff, records.people)
    work = servicing.serve(streams, book, staff, sold_by, cities, as_of, shape)
    conflicts = service_conflicts.plant(streams.of("service conflicts"), work, book, shape)
    joined = parties.join_in(streams, book, products, humans, families, records, shape)
    cars = vehicles.register(streams, book)
    return Dealings(book, sold_by, work, conflicts, joined, cars, brought, paying, conduct)
