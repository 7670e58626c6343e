"""Insured persons and beneficiaries of policies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.columns import NO_DAY, Bools, IdSpace, Ints, Rng
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.people import People
from graphcrm.sample.policies import Policies
from graphcrm.sample.products import ACCIDENT, HEALTH, LIFE, Products
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

INSURED, BENEFICIARY, PAYER = 0, 1, 2
_ROLES = ["insured", "beneficiary", "payer"]
_MOST_INSURED = 60


@dataclass
class Parties:
    """One party of a policy a row, in a role; `certificate` is -1 for most.

    The party is a person record, or an institution record where `is_firm`.
    """

    policy: Ints
    party: Ints
    is_firm: Bools
    role: Ints
    certificate: Ints
    insured_human: Ints  # one for each policy: the first insured, else the holder; -1 for groups


def join_in(
    streams: Streams, book: Policies, products: Products, humans: People, families: Households,
    records: Records, shape: SampleShape,
) -> Parties:  # fmt: skip
    """Return who is insured and who benefits: the holder, spouse, children, or a group's staff."""
    rng = streams.of("parties")
    personal = np.flatnonzero((book.human >= 0) & np.isin(book.line, [LIFE, HEALTH, ACCIDENT]))
    human, starts = book.human[personal], book.starts[personal]
    child = _a_child(rng, families, human)
    spouse = families.spouse[human]
    for_children = np.isin(
        book.product[personal], [products.code.index(code) for code in ("LC18", "AC03")]
    )
    luck = rng.random(len(personal))
    insured = np.where((spouse >= 0) & (luck > 0.72), spouse, human)
    insured = np.where((child >= 0) & ((luck > 0.88) | for_children), child, insured)
    alive = (humans.born[insured] < starts) & (
        (humans.died[insured] == NO_DAY) | (humans.died[insured] > starts)
    )
    insured = np.where(alive, insured, human)
    # The holder as insured is the same record as in most files; a relative may be any record.
    insured_record = np.where(insured == human, book.holder[personal], records.any_of(rng, insured))

    whole_family = np.flatnonzero((book.line[personal] == HEALTH) & (spouse >= 0) & (luck < 0.1))
    also = spouse[whole_family]

    life = np.flatnonzero((book.line[personal] == LIFE) & (rng.random(len(personal)) < 0.75))
    mine = insured[life] == human[life]
    heir = np.where(
        mine & (spouse[life] >= 0), spouse[life], np.where(mine, child[life], human[life])
    )
    second = np.where(mine & (spouse[life] >= 0) & (rng.random(len(life)) < 0.3), child[life], -1)

    group_policy, group_party = _staff(book, records, rng)
    payer, employer = _payers(rng, book, personal, families, records, shape)
    policy = [
        personal, personal[whole_family], personal[life], personal[life], personal, personal,
        group_policy,
    ]  # fmt: skip
    party = [
        insured_record, records.any_of(rng, also), records.any_of(rng, heir),
        records.any_of(rng, second), payer, employer, group_party,
    ]  # fmt: skip
    roles = [INSURED, INSURED, BENEFICIARY, BENEFICIARY, PAYER, PAYER, INSURED]
    sizes = [len(p) for p in party]
    role = np.repeat(roles, sizes)
    is_firm = np.repeat(np.arange(len(party)) == 5, sizes)
    all_policies, all_parties = np.concatenate(policy), np.concatenate(party)
    certificate = np.full(len(role), -1)
    staff = len(group_policy)
    if staff:
        certificate[-staff:] = rng.permutation(staff * 3)[:staff] + 10**8
    kept = all_parties >= 0
    insured_human = book.human.copy()
    insured_human[personal] = insured
    return Parties(
        all_policies[kept], all_parties[kept], is_firm[kept], role[kept], certificate[kept],
        insured_human,
    )  # fmt: skip


def table(
    rng: Rng, book: Parties, policies: Policies, policy_ids: IdSpace, persons: IdSpace,
    institutions: IdSpace,
) -> pa.Table:  # fmt: skip
    """Return the `policy_parties` table in order of the policy's id."""
    n = len(book.policy)
    order = np.lexsort((rng.random(n), policy_ids.numbers[book.policy]))
    policy, role = book.policy[order], book.role[order]
    party, firm = book.party[order], book.is_firm[order]
    stated = rng.random(n) < 0.25
    certificate = book.certificate[order]
    return pa.table(
        {
            "policy_id": policy_ids.of(policy),
            "party_id": col.chosen(
                firm,
                institutions.of(np.where(firm, party, -1)),
                persons.of(np.where(firm, -1, party)),
            ),
            "party_kind": col.words(["person", "institution"], firm.astype(np.int64)),
            "role": col.words(_ROLES, role),
            "certificate_no": col.joined("GC", col.whole(certificate)),
            "valid_from": col.days(np.where(stated, policies.starts[policy], NO_DAY)),
            "valid_to": col.days(np.where(stated, policies.last_day[policy], NO_DAY)),
        }
    )


def _a_child(rng: Rng, families: Households, human: Ints) -> Ints:
    count = families.children[human]
    step = np.floor(rng.random(len(human)) * count).astype(np.int64)
    return np.where(count > 0, families.first_child[human] + step, -1)


def _staff(book: Policies, records: Records, rng: Rng) -> tuple[Ints, Ints]:
    """Return (policy, person record) for the staff whom group policies insure, 60 at most."""
    group = np.flatnonzero((book.human < 0) & np.isin(book.line, [HEALTH, ACCIDENT]))
    employer = records.people.employer
    order = np.lexsort((rng.random(len(employer)), employer))
    low = np.searchsorted(employer[order], book.firm[group])
    high = np.searchsorted(employer[order], book.firm[group], side="right")
    count = np.minimum(high - low, _MOST_INSURED)
    first = np.repeat(np.cumsum(count) - count, count)
    at = np.repeat(low, count) + np.arange(int(count.sum())) - first
    return np.repeat(group, count), order[at]


def _payers(
    rng: Rng, book: Policies, policy: Ints, families: Households, records: Records,
    shape: SampleShape,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Return who pays each policy for its holder: a relative, or the employer; mostly -1."""
    human = book.human[policy]
    spouse, father = families.spouse[human], families.father[human]
    relative = records.any_of(rng, np.where(spouse >= 0, spouse, father))
    employer = records.people.employer[book.holder[policy]]
    luck = rng.random(len(policy))
    by_relative = luck < shape.relative_pays
    by_employer = ~by_relative & (luck < shape.relative_pays + shape.employer_pays)
    return np.where(by_relative, relative, -1), np.where(by_employer, employer, -1)
