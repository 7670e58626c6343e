"""Everything about claims: what happened, what was planted in it, and its files."""

from __future__ import annotations

from dataclasses import dataclass

from graphcrm.sample import (
    claim_details,
    claim_scene,
    claim_table,
    claims,
    findings,
    look_alikes,
    rings,
)
from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import IdSpace, Ints
from graphcrm.sample.desk import Desk
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.numbering import Numbering
from graphcrm.sample.parties import Parties
from graphcrm.sample.places import Places
from graphcrm.sample.plants import Groups, World
from graphcrm.sample.policies import Policies
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.vehicles import Vehicles


@dataclass
class Losses:
    """The claims, who was there, and the groups that were planted among them."""

    claims: claims.Claims
    scene: claim_scene.Scene
    event: Ints
    rings: Groups
    look_alikes: Groups

    def plants(self) -> dict[str, int]:
        """Return the number of groups of each kind, for the report."""
        found = {f"ring:{kind}": number for kind, number in self.rings.counts().items()}
        more = self.look_alikes.counts().items()
        return found | {f"look_alike:{kind}": number for kind, number in more}


def suffer(
    streams: Streams, book: Policies, sold_by: Ints, joined: Parties, families: Households,
    records: Records, firms: Institutions, staff: Agents, cars: Vehicles, customers: int,
    cities: int, as_of: int, shape: SampleShape,
) -> Losses:  # fmt: skip
    """Return the claims of a company with rings and look-alikes in them.

    Some of those share an account, so that accounts of persons change: call it before the
    `persons` table is made.
    """
    lost = claims.happen(streams, book, staff, records.people, firms, cities, as_of, shape)
    scene = claim_scene.look(
        streams, lost, book, joined, families, records, firms, cars, cities, shape
    )
    world = World(lost, scene, book, sold_by, families, records, firms, staff, cars, cities, as_of)
    number = rings.how_many(customers, lost.rows, shape)
    honest = look_alikes.first(streams, world, number, shape)
    gangs = rings.plant(streams, world, number, shape)
    look_alikes.further(streams, world, honest, len(gangs.kind), shape)
    findings.investigate(streams.of("findings"), lost, gangs, honest, as_of, shape)
    scene.tidy()
    event = claims.events(book.line[lost.policy], lost.city, lost.loss)
    return Losses(lost, scene, event, gangs, honest)


def write(
    desk: Desk, streams: Streams, numbering: Numbering, found: Losses, book: Policies,
    cars: Vehicles, places: Places, as_of: int, persons: IdSpace, policies: IdSpace,
    agents: IdSpace, institutions: IdSpace, vehicles: IdSpace,
) -> IdSpace:  # fmt: skip
    """Write the tables of claims and the truth about the groups; return the ids of the claims."""
    lost, scene = found.claims, found.scene
    ids = numbering.ids("claims", "CLM", lost.rows)
    events = numbering.ids("events", "EVT", int(found.event.max(initial=-1)) + 1)
    table = claim_table.table(
        streams.of("claims table"), lost, ids, found.event, events, policies, agents, institutions,
        places,
    )  # fmt: skip
    desk.put("claims", table, ids)
    table = claim_details.parties_table(streams, lost, scene, ids, book, persons, institutions)
    desk.put("claim_parties", table)
    table = claim_details.vehicles_table(streams, lost, scene, ids, cars, vehicles)
    desk.put("claim_vehicles", table)
    table = claim_details.payments_table(streams, lost, ids, persons, institutions, as_of)
    desk.put("claim_payments", table)
    members = dict(enumerate([ids, persons, institutions, agents, vehicles]))
    for name, groups in (("rings", found.rings), ("look_alikes", found.look_alikes)):
        space = numbering.ids(name, "RNG", len(groups.kind))
        desk.put(f"truth/{name}", groups.table(space, members))
    return ids
