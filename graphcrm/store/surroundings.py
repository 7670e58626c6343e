"""What every store keeps to when it looks for the surroundings of nodes."""

from functools import cache

from graphcrm.model import VOCABULARY, EdgeType

HUBS = frozenset({"Line", "Product", "Department", "Institution", "Agent", "Customer"})
"""Labels whose nodes may have very many neighbours: they are expanded last, and only by those
types of which they have no more than `HUB_DEGREE` edges, unless the search starts from them."""

HUB_DEGREE = 25


@cache
def touching(label: str, leave_out: frozenset[str]) -> tuple[tuple[EdgeType, bool], ...]:
    """The edge types that can touch a label, with whether they start there."""
    found: list[tuple[EdgeType, bool]] = []
    for edge in VOCABULARY.edges.values():
        if label in edge.start and set(edge.end) - leave_out:
            found.append((edge, True))
        if label in edge.end and set(edge.start) - leave_out:
            found.append((edge, False))
    return tuple(found)
