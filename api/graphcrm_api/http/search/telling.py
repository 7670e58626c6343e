"""What tells hits of one name apart: year of birth, sex, region, policies, the branch that serves.

All of it is read as the caller may see it; the year of birth and the region, down to the district,
are shown to everybody, since more of either is masked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from graphcrm.model.visibility import BRANCH
from graphcrm.standards.regions import region_path
from graphcrm.store.paging import Node
from graphcrm_api.http.privacy.masks import HIDDEN, masked
from graphcrm_api.http.privacy.sight import Sight

_CUSTOMERS = frozenset({"Person", "Institution", "Department"})
_TOLD = _CUSTOMERS | {"Agent"}
_MOST = 5_000
"""So many nodes are read at a time; of whoever has more policies these are only counted."""
_YET = "9999"
_ROLES = ("HOLDS", "INSURED_UNDER", "BENEFITS_FROM", "PAYS_FOR")

Homes = dict[Node, set[Node]]


def told_apart(sight: Sight, nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """For each node what tells it from others of its name; nothing for what is no party."""
    some = [node for node in nodes if node[0] in _TOLD]
    if not some:
        return [{} for _ in nodes]
    around = _around(sight, some, *_ROLES, "ENTERED_AT", "BELONGS_TO")
    whole = around.graph["complete"]
    policies: dict[Node, list[Node]] = defaultdict(list)
    holds, homes = Counter[Node](), defaultdict[Node, set[Node]](set)
    for start, end, type_ in around.edges(data="type"):
        if type_ in _ROLES and end[0] == "Policy":
            policies[start].append(end)
            holds[start] += type_ == _ROLES[0]
        elif end[0] == BRANCH:
            homes[start].add(end)
    held = {policy: around.nodes[policy] for some in policies.values() for policy in some}
    serving = _Serving(sight, held)
    found: dict[Node, dict[str, Any]] = {}
    for node in some:
        record = {"label": node[0], **around.nodes[node]}
        customer = node[0] in _CUSTOMERS
        branch = serving.of(policies[node]) or min(homes[node], default=None)
        count = (holds[node] if whole else _count(sight, node)) if customer else None
        found[node] = {
            **_known(sight, record),
            "policies": count,
            "branch": branch and {"id": branch[1], "name": serving.name(branch, around)},
        }
    return [found.get(node, {}) for node in nodes]


def _known(sight: Sight, record: dict[str, Any]) -> dict[str, Any]:
    """What the record itself says."""
    (shown,) = sight.nodes([record])
    born, address = record.get("birth_date"), record.get("address")
    path = [part for part in region_path(record.get("region_code") or "") if part]
    region = "".join(dict.fromkeys(path))
    if not region and address:
        region = masked("address", address).removesuffix(HIDDEN)
    return {
        "birth_year": int(str(born)[:4]) if born else None,
        "sex": shown.get("sex"),
        "region": region or None,
    }


class _Serving:
    """Which branches serve policies today, and which wrote them."""

    def __init__(self, sight: Sight, policies: dict[Node, dict[str, Any]]) -> None:
        today = dt.date.today().isoformat()
        around = _around(sight, [*policies], "SERVES", "WRITTEN_AT")
        serves: dict[Node, set[Node]] = defaultdict(set)
        self._written: Homes = defaultdict(set)
        self._around = [around]
        for start, end, data in around.edges(data=True):
            if data["type"] == "WRITTEN_AT":
                self._written[start].add(end)
            elif start[0] == "Agent" and policies[end].get("status") == "in_force":
                first, last = data.get("valid_from") or "", data.get("valid_to") or _YET
                serves[end].update([start] if first <= today <= last else [])
        agents = sorted({agent for some in serves.values() for agent in some})
        self._around.append(_around(sight, agents, "BELONGS_TO"))
        homes: Homes = defaultdict(set)
        for agent, branch in self._around[1].edges():
            homes[agent].add(branch)
        self._served = {p: {b for a in some for b in homes[a]} for p, some in serves.items()}

    def of(self, policies: Iterable[Node]) -> Node | None:
        """The branch that serves most of some policies, of several the one that wrote most."""
        listed = set(policies)
        served, written = (
            Counter(b for p in listed for b in ways.get(p, ()) if b[0] == BRANCH)
            for ways in (self._served, self._written)
        )
        return min(served | written, key=lambda b: (-served[b], -written[b], b), default=None)

    def name(self, branch: Node, beside: Any) -> str | None:
        """The name of a branch that was found here, or beside."""
        for graph in (*self._around, beside):
            if branch in graph:
                name: str | None = graph.nodes[branch].get("name")
                return name
        return None


def _around(sight: Sight, nodes: Sequence[Node], *types: str) -> Any:
    return sight.store.neighbourhood(
        nodes, 1, len(nodes) + _MOST, (), types=types, branches=sight.branches
    )


def _count(sight: Sight, node: Node) -> int:
    """How many policies somebody holds, as far as they are the caller's."""
    degrees = sight.store.degrees(*node, branches=sight.branches)
    return sum(d["count"] for d in degrees if d["edge"] == "HOLDS" and d["outward"])
