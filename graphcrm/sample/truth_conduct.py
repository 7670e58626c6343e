"""What is really so in service and in sales: the truth's own tables about agents."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.columns import IdSpace
from graphcrm.sample.service_conflicts import KINDS as CONFLICTS
from graphcrm.sample.service_conflicts import Conflicts
from graphcrm.sample.takeover import KINDS, Conduct


def conduct_table(book: Conduct, agents: IdSpace, policies: IdSpace) -> pa.Table:
    """Return `conduct`: agent_id, kind, and the policy that shows it, empty where none does."""
    agent, kind, policy = (np.array(x, np.int64) for x in (book.agent, book.kind, book.policy))
    number = np.where(policy >= 0, policies.numbers[np.maximum(policy, 0)], -1)
    order = np.lexsort((number, kind, agents.numbers[agent]))
    return pa.table(
        {
            "agent_id": agents.of(agent[order]),
            "kind": col.words(KINDS, kind[order]),
            "policy_id": policies.of(policy[order]),
        }
    )


def conflicts_table(book: Conflicts, policies: IdSpace) -> pa.Table:
    """Return `service_conflicts`: the policies whose tables disagree on who serves, and how."""
    order = np.argsort(policies.numbers[book.policy])
    return pa.table(
        {
            "policy_id": policies.of(book.policy[order]),
            "kind": col.words(CONFLICTS, book.kind[order]),
        }
    )
