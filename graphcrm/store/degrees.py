"""How many neighbours a node has of each kind."""

from collections.abc import Iterable
from typing import Any

from graphcrm.model import VOCABULARY
from graphcrm.store.surroundings import Way

Counted = tuple[str, bool, str, int, bool]
"""An edge type, whether it starts at the node, the far label, how many, and whether some more are
outside."""


def told(counted: Iterable[Counted]) -> list[dict[str, Any]]:
    """What `Store.degrees` tells, in the order of the vocabulary."""
    types, labels = list(VOCABULARY.edges), list(VOCABULARY.nodes)
    names = ("edge", "outward", "label", "count", "outside")
    in_order = sorted(counted, key=lambda c: (types.index(c[0]), not c[1], labels.index(c[2])))
    return [dict(zip(names, entry, strict=True)) for entry in in_order]


def far_labels(way: Way) -> tuple[str, ...]:
    """The labels to which a way leads."""
    edge, outward = way
    return edge.end if outward else edge.start
