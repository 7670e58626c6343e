"""One company of the insurer, from the first person to the last file."""

from __future__ import annotations

from datetime import date

import numpy as np

from graphcrm.sample import (
    agent_table,
    agents,
    authority,
    contacts,
    dealings,
    departments,
    duplicates,
    entry,
    households,
    institution_duplicates,
    institution_table,
    institutions,
    losses,
    parties,
    people,
    person_table,
    policy_table,
    premiums,
    referrals,
    relations,
    sellers,
    serving_history,
    truth,
    truth_conduct,
    vehicles,
)
from graphcrm.sample.columns import Column
from graphcrm.sample.companies import Company
from graphcrm.sample.desk import Desk
from graphcrm.sample.error_log import ErrorLog
from graphcrm.sample.movers import Movers, numbered, taken_in
from graphcrm.sample.numbering import Numbering
from graphcrm.sample.products import Products
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

FILES = 29
"""How many files are written for each company."""


def write_company(
    desk: Desk, streams: Streams, numbering: Numbering, movers: Movers, company: Company, day: date,
    shape: SampleShape,
) -> dict[str, int]:  # fmt: skip
    """Write the files of one company behind those of the companies before it; return its plants."""
    as_of = (day - date(1970, 1, 1)).days
    customers, places, products = company.customers, company.places, Products.offered()
    cities, ids = len(places.city_name), numbering.ids
    # Our own companies stand in the file of institutions once.
    known = institutions.OWN if company.number else 0

    # Who there is.
    further = duplicates.further_entries(customers, shape)
    moved = round(customers * shape.moved_between_companies)
    arrived = movers.arrive(streams.of("arrivals"), places, moved)
    own = customers - further - (len(arrived[1]) if arrived else 0)
    families = households.form(streams.of("households"), own, as_of, shape)
    humans = people.populate(streams, families, places, as_of, shape)
    beings = ids("truth of persons", "HUM", own)
    movers.leave(streams.of("departures"), humans, beings, moved)
    if arrived:
        families, humans = taken_in(families, humans, arrived[0])
        beings = numbered(beings, arrived[1])
    first, again, parts = institution_duplicates.shares(customers, shape)
    firms = institution_duplicates.enter_again(
        streams.of("institution duplicates"),
        institutions.found(streams, first, places, shape),
        again,
        parts,
        shape,
        firm_errors := ErrorLog(),
    )
    people.employ(
        streams.of("employers"), humans, firms.city, firms.weight * (~firms.own + 5 * firms.own),
        as_of, shape, cities,
    )  # fmt: skip
    records = duplicates.enter(streams, humans, further, customers - further - own, places, shape)
    offices = departments.open_branches(
        streams.of("departments"), firms, places, agents.how_many(customers, shape)
    )
    staff = agents.hire(streams, records.people, offices, places, as_of, shape)
    home = sellers.home_agents(streams, staff, records.people.city, cities)
    own_phone = records.people.phone.copy()
    lent = agents.lend_phones(streams.of("lent phones"), staff, records.people, home, shape)
    records.errors.add(np.flatnonzero(records.people.phone != own_phone), "agents_phone")
    persons = ids("persons", "P", customers)
    firm_ids = ids("institutions", "ORG", firms.rows, shared=institutions.OWN)
    office_ids = ids("departments", "DEP", len(offices.name))
    staff_ids = ids("agents", "AG", len(staff.kind))
    party_ids = [persons, firm_ids, office_ids]

    # What they hold.
    dealt = dealings.deal(
        streams, products, humans, families, records, firms, offices, staff, home, cities, as_of,
        shape,
    )  # fmt: skip
    book, work, cars, conduct = dealt.policies, dealt.service, dealt.vehicles, dealt.conduct
    policy_ids = ids("policies", "POL", book.rows)
    car_ids = ids("vehicles", "VEH", len(cars.owner))
    suffered = losses.suffer(
        streams, book, dealt.sold_by, dealt.parties, families, records, firms, staff, cars,
        customers, cities, as_of, shape,
    )  # fmt: skip

    # The tables, each let go of once it is written.
    desk.put("products", products.table().slice(0, 0 if company.number else None))
    keyed = entry.of_institutions(
        streams.of("entry of institutions"), firms.rows, staff, staff_ids, office_ids, as_of
    )
    table = institution_table.table(firms, firm_ids, places, keyed)
    desk.put("institutions", table, firm_ids, known)
    desk.put("departments", departments.table(offices, office_ids, firm_ids, places), office_ids)
    keyed = entry.of_persons(
        streams.of("entry of persons"), records, humans.born[records.entity], book, work, home,
        staff, staff_ids, office_ids, cities, as_of,
    )  # fmt: skip
    where = departments.workplaces(streams.of("workplaces"), offices, records.people.employer)
    table = person_table.table(
        records.people, persons, places, firm_ids, office_ids.of(where), keyed
    )
    desk.put("persons", table, persons)
    table = agent_table.table(
        streams.of("agents table"), staff, staff_ids, offices, office_ids, persons, places
    )
    desk.put("agents", table, staff_ids)
    table = authority.table(
        streams.of("authorities"), staff.line_set, staff.hired, staff_ids, as_of, shape
    )
    desk.put("authorities", table)
    desk.put("relations", relations.table(streams, families, records, persons, shape))
    table = vehicles.table(streams.of("vehicles table"), cars, car_ids, persons, firm_ids, places)
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
        parties.table(
            streams.of("parties table"), dealt.parties, book, policy_ids, persons, firm_ids
        ),
    )
    desk.put(
        "servings",
        serving_history.table(
            streams, work, book, staff, policy_ids, staff_ids, dealt.conflicts.left_open, cities,
            as_of, shape,
        ),
    )  # fmt: skip
    desk.put(
        "premiums",
        premiums.table(
            streams, book, dealt.paying, policy_ids, records.people, families, records.entity,
            staff, dealt.sold_by, conduct, as_of, shape,
        ),
    )  # fmt: skip
    claim_ids = losses.write(
        desk, streams, numbering, suffered, book, cars, places, as_of, persons, policy_ids,
        staff_ids, firm_ids, car_ids,
    )  # fmt: skip
    rng = streams.of("how many")
    n = contacts.how_many(rng, shape.contacts_per_customer, book, customers)
    contact_ids = ids("contacts", "CON", n)
    table = contacts.contacts_table(
        streams, book, contact_ids, policy_ids, work, staff, staff_ids, offices, office_ids,
        persons, firm_ids, products, suffered.claims, claim_ids, conduct, as_of, shape,
    )  # fmt: skip
    desk.put("contacts", table, contact_ids)
    n = contacts.how_many(rng, shape.services_per_customer, book, customers)
    service_ids = ids("services", "SRV", n)
    table = contacts.services_table(
        streams,
        book,
        service_ids,
        work,
        staff,
        staff_ids,
        offices,
        office_ids,
        persons,
        firm_ids,
        as_of,
    )
    desk.put("services", table, service_ids)
    desk.put(
        "referrals",
        referrals.table(
            streams.of("referrals table"), dealt.referrals, book, policy_ids, party_ids
        ),
    )

    # What is really so.
    desk.put("truth/persons", truth.persons_table(records, persons, beings))
    desk.put("truth/errors", truth.errors_table(records, persons, firm_errors, firm_ids))
    bodies = ids("truth of institutions", "LEG", first, shared=institutions.OWN)
    desk.put("truth/institutions", truth.institutions_table(firms, firm_ids, bodies, known))
    desk.put("truth/departments", truth.departments_table(firms, firm_ids, bodies))
    policy, reason = truth.orphans(book, work, dealt.conflicts, staff)
    desk.put("truth/orphans", truth.orphans_table(policy, reason, holders, policy_ids))
    desk.put("truth/chains", truth.chains_table(dealt.referrals, party_ids))
    desk.put("truth/conduct", truth_conduct.conduct_table(conduct, staff_ids, policy_ids))
    desk.put("truth/service_conflicts", truth_conduct.conflicts_table(dealt.conflicts, policy_ids))

    plants = truth.plants(records, humans, families, firms, firm_errors, reason)
    plants["lent_phone"] = lent
    plants["moved_between_companies"] = customers - further - own
    plants |= suffered.plants()
    plants |= {f"conduct:{kind}": number for kind, number in conduct.counts().items()}
    plants["service_conflict"] = len(dealt.conflicts.policy)
    plants["referral_tree"], plants["referral_loop"] = (
        len(dealt.referrals.root), dealt.referrals.loops,
    )  # fmt: skip
    return plants
