"""The check of all that was recorded about a graph: the audit log and the decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphcrm.ledger import audit, decisions
from graphcrm.ledger.chain import Verification
from graphcrm.ledger.database import Database

_CHECKS = {"audit": audit.verify, "decisions": decisions.verify}


@dataclass(frozen=True)
class Check:
    """What the check of each record found, and which heads that were noted elsewhere no entry has.

    A head may be that of either record.
    """

    chains: dict[str, Verification]
    lost: list[str]

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against what was recorded."""
        return not self.lost and all(chain.broken is None for chain in self.chains.values())

    def told(self) -> dict[str, Any]:
        """All of it as JSON: whole, chains (chain, entries, head, broken), heads_not_found."""
        chains = [
            {"chain": name, "entries": one.entries, "head": one.head, "broken": one.broken}
            for name, one in self.chains.items()
        ]
        return {"whole": self.whole, "chains": chains, "heads_not_found": self.lost}


def check(state: Database | None, ledger: Database | None, heads: Iterable[str]) -> Check:
    """Compute all hashes anew: of the audit log in `state`, and of the decisions in `ledger`.

    A record that there is none of yet is left out. It takes some nine seconds a million entries.
    """
    sought = frozenset(head.strip().lower() for head in heads)
    chains: dict[str, Verification] = {}
    for (name, verify), database in zip(_CHECKS.items(), (state, ledger), strict=True):
        if database is not None:
            with database.reading() as connection:
                chains[name] = verify(connection, sought)
    lost = sorted(sought.difference(*(chain.found for chain in chains.values())))
    return Check(chains, lost)
