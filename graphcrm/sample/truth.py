"""What is really so: the tables of the `truth` folder."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.sample import columns as col
from graphcrm.sample.agents import ACTIVE, Agents
from graphcrm.sample.columns import Column, IdSpace, Ints
from graphcrm.sample.duplicates import KINDS, Records
from graphcrm.sample.error_log import ErrorLog
from graphcrm.sample.error_shape import ERRORS
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.people import People
from graphcrm.sample.policies import IN_FORCE, Policies
from graphcrm.sample.referrals import Referrals, ids_of
from graphcrm.sample.service_conflicts import Conflicts
from graphcrm.sample.servicing import NOBODY, UNKNOWN, Servicing

REASONS = ["departed", "suspended", "on_leave", "unknown", "none"]


def persons_table(records: Records, ids: IdSpace, beings: IdSpace) -> pa.Table:
    """Return `persons`: the human being (entity_id) behind every record."""
    order = ids.order()
    return pa.table({"id": ids.of(order), "entity_id": beings.of(records.entity[order])})


def errors_table(
    records: Records, persons: IdSpace, firms: ErrorLog, institutions: IdSpace
) -> pa.Table:
    """Return `errors`: what is wrong with a record, or other than in the customer's first one.

    A record may have several; `other_phone` and `other_address` are no errors, but new ones.
    """
    parts = []
    for kind, log, ids in (
        ("person", records.errors, persons),
        ("institution", firms, institutions),
    ):
        record, error = log.rows()
        order = np.lexsort((error, ids.numbers[record]))
        parts.append(
            pa.table(
                {
                    "record_id": ids.of(record[order]),
                    "record_kind": col.words([kind], np.zeros(len(order), np.int64)),
                    "kind": col.words(ERRORS, error[order]),
                }
            )
        )
    return pa.concat_tables(parts)


def institutions_table(book: Institutions, ids: IdSpace, bodies: IdSpace, known: int) -> pa.Table:
    """Return `institutions`: the institution (entity_id) behind every record after `known`.

    A department that was entered as an institution has its institution's entity_id.
    """
    order = ids.order()
    order = order[order >= known]
    return pa.table({"id": ids.of(order), "entity_id": bodies.of(book.entity[order])})


def departments_table(book: Institutions, ids: IdSpace, bodies: IdSpace) -> pa.Table:
    """Return `departments`: the institution records that are a department of another one."""
    at = np.flatnonzero(book.section >= 0)
    at = at[np.argsort(ids.numbers[at])]
    return pa.table(
        {
            "record_id": ids.of(at),
            "record_kind": col.words(["institution"], np.zeros(len(at), np.int64)),
            "institution_entity_id": bodies.of(book.entity[at]),
        }
    )


def orphans(
    book: Policies, work: Servicing, conflicts: Conflicts, agents: Agents
) -> tuple[Ints, Ints]:
    """Return (policy, reason) of every policy in force whose serving agent can't serve it.

    Where `served_by` still names the former agent, the one to whom it was handed serves it.
    """
    served_by = work.served_by.copy()
    served_by[conflicts.policy] = work.new[conflicts.handover]
    state = np.where(served_by >= 0, agents.status[np.maximum(served_by, 0)], ACTIVE)
    reason = np.array([-1, 2, 1, 0])[state]
    reason = np.where(served_by == UNKNOWN, 3, np.where(served_by == NOBODY, 4, reason))
    policy = np.flatnonzero((book.status == IN_FORCE) & (reason >= 0))
    return policy, reason[policy]


def orphans_table(policy: Ints, reason: Ints, holders: Column, policies: IdSpace) -> pa.Table:
    """Return `orphans`; `holders` is the holder_id column of the policies in row order."""
    order = np.argsort(policies.numbers[policy])
    return pa.table(
        {
            "policy_id": policies.of(policy[order]),
            "customer_id": holders.take(pa.array(policy[order])),
            "reason": col.words(REASONS, reason[order]),
        }
    )


def chains_table(book: Referrals, parties: list[IdSpace]) -> pa.Table:
    """Return `chains`: depth in referrals and size in parties of every referral tree.

    `parties` are the ids by kind of party.
    """
    roots = ids_of(book.root, book.root_kind, parties)
    order = pc.array_sort_indices(roots).to_numpy()
    return pa.table(
        {
            "root_id": roots.take(pa.array(order)),
            "depth": pa.array(book.depth[order]),
            "size": pa.array(book.size[order]),
        }
    )


def plants(
    records: Records, humans: People, families: Households, firms: Institutions,
    firm_errors: ErrorLog, reason: Ints,
) -> dict[str, int]:  # fmt: skip
    """Return how much was planted of each kind, for the report; `reason` is that of `orphans`.

    Look-alikes that are not the same: `father_and_son`, `twins`, `couple_with_one_phone`, and
    `same_name_and_birth`, the persons who share both with another one.
    """
    found = {
        f"duplicate:{name}": int((records.plant == number).sum())
        for number, name in enumerate(KINDS)
    }
    found |= {f"orphan:{name}": int((reason == n).sum()) for n, name in enumerate(REASONS)}
    kinds = np.concatenate([records.errors.rows()[1], firm_errors.rows()[1]])
    errors = np.bincount(kinds, minlength=len(ERRORS))
    found |= {f"error:{name}": int(errors[number]) for number, name in enumerate(ERRORS)}
    once = int(firms.entity.max()) + 1
    parts = int((firms.section[once:] >= 0).sum())
    found["institution_department"] = int((firms.section >= 0).sum())
    found["institution_duplicate"] = firms.rows - once - parts
    known_as = np.stack(
        [humans.names.surname, humans.names.given_1, humans.names.given_2, humans.names.western]
    )
    sons = np.flatnonzero((families.father >= 0) & humans.male)
    same = (known_as[:, sons] == known_as[:, families.father[sons]]).all(axis=0)
    found["father_and_son"] = int(same.sum())
    found["twins"] = int((families.twin >= 0).sum())
    couples = np.flatnonzero(families.spouse > np.arange(len(humans.born)))
    one_phone = humans.phone[couples] == humans.phone[families.spouse[couples]]
    found["couple_with_one_phone"] = int(one_phone.sum())
    _, number = np.unique(np.vstack([known_as, humans.born]), axis=1, return_counts=True)
    found["same_name_and_birth"] = int(number[number > 1].sum())
    return found
