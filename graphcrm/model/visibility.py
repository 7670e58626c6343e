"""Who may see what: a caller is limited to branches, and sees what leads to one of them.

A branch is a department of one of our own institutions. A node is visible where one of the paths of
its label ends in a branch of the caller's, or in one of our own institutions: these and their
departments are known to everybody. What is closed opens nothing, neither an edge nor a node on the
way nor the end of it; the node one looks at may be closed.

From these paths the stores make their queries, so that a rule is written here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphcrm.model.codes import YesNo
from graphcrm.model.vocabulary import VOCABULARY, EdgeType

BRANCH = "Department"

OWN = ("Institution", "own", YesNo.YES.value)
"""What tells our own institutions: their label, a property, and its value."""


@dataclass(frozen=True)
class Step:
    """One edge of a path: its type, whether it is gone from start to end, and the far label.

    `current`: only an edge that holds today (its `valid_to`, where it has one, is not over).
    `unless`: only from a node from which none of these paths leads to an open node, whatever it is.
    """

    edge: str
    outward: bool
    label: str
    current: bool = False
    unless: tuple["Path", ...] = ()

    @property
    def type(self) -> EdgeType:
        """The edge's type."""
        return VOCABULARY.edges[self.edge]


Path = tuple[Step, ...]
"""It ends in a department, which must be a branch of the caller's, or in an institution, which must
be our own; those that a step's `unless` names end anywhere. The empty one ends where it begins."""

EVERYBODY = frozenset({"Product", "Line"})
"""Labels that everybody sees."""


def _out(edge: str, label: str) -> Step:
    return Step(edge, True, label)


def _into(edge: str, label: str) -> Step:
    return Step(edge, False, label)


def _then(steps: Iterable[Step], paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Every one of some paths behind each of some steps."""
    return tuple((step, *path) for step in steps for path in paths)


_AGENT: tuple[Path, ...] = ((_out("BELONGS_TO", BRANCH),),)
_POLICY: tuple[Path, ...] = (
    (_out("WRITTEN_AT", BRANCH),),
    *_then([Step("SERVES", False, "Agent", current=True)], _AGENT),
)
_HANDLED: tuple[Path, ...] = (
    (_out("HANDLED_IN", BRANCH),),
    *_then([_out("HANDLED_BY", "Agent")], _AGENT),
)
_POLICIES = [_out(e, "Policy") for e in ("HOLDS", "INSURED_UNDER", "BENEFITS_FROM", "PAYS_FOR")]
_CONTACTS = [_into("CONTACT_WITH", "Contact")]
_PARTS = [_into("PART_OF", BRANCH)]
_PARTY: tuple[Path, ...] = (*_then(_POLICIES, _POLICY), *_then(_CONTACTS, _HANDLED))
"""What ties a customer to a branch: their policies, and who spoke with them."""

_TIES: tuple[Path, ...] = _then([*_POLICIES, *_CONTACTS], ((),))


def _entered(ties: tuple[Path, ...]) -> Path:
    """To the branch that entered a customer: it counts until they have a policy or a contact."""
    return (Step("ENTERED_AT", True, BRANCH, unless=ties),)


PATHS: dict[str, tuple[Path, ...]] = {
    "Person": (*_PARTY, _entered(_TIES)),
    "Institution": (
        (),
        *_PARTY,
        *_then(_PARTS, _PARTY),
        _entered((*_TIES, *_then(_PARTS, _TIES))),
    ),
    "Department": (
        (_out("PART_OF", "Institution"),),
        *_PARTY,
        *_then([_out("PART_OF", "Institution")], _PARTY),
    ),
    "Agent": _AGENT,
    "Policy": _POLICY,
    "Premium": _then([_out("PREMIUM_OF", "Policy")], _POLICY),
    "Claim": _then([_out("CLAIM_ON", "Policy")], _POLICY),
    "Contact": _HANDLED,
    "Service": _HANDLED,
}
"""Label → the paths by which it is visible. Of a label that has none nothing is visible to who is
limited to branches, unless `EVERYBODY` sees it."""


def _behind(*edges: str) -> tuple[Path, ...]:
    """The paths of what such edges start from."""
    return tuple(
        path
        for edge in edges
        for label in VOCABULARY.edges[edge].start
        for path in _then([_into(edge, label)], PATHS[label])
    )


PATHS |= {
    "Customer": _behind("IS_CUSTOMER"),
    "Vehicle": _behind("OWNS", "COVERS"),
    "Phone": _behind("HAS_PHONE"),
    "Email": _behind("HAS_EMAIL"),
    "Address": _behind("HAS_ADDRESS"),
    "Account": _behind("HAS_ACCOUNT", "SURRENDERED_TO", "PAID_FROM", "PAYABLE_TO", "PAID_INTO"),
    "Document": _behind("HAS_DOCUMENT"),
}


@dataclass(frozen=True)
class Rule:
    """What makes a node visible, as a tree of steps: paths that begin alike share their steps.

    `end`: whether a path ends here. `ways` are the steps that lead on, with what lies behind each.
    """

    end: bool
    ways: tuple[tuple[Step, "Rule"], ...]


def rule(paths: Iterable[Path]) -> Rule:
    """The tree of some paths."""
    behind: dict[Step, list[Path]] = {}
    end = False
    for path in paths:
        if path:
            behind.setdefault(path[0], []).append(path[1:])
        else:
            end = True
    return Rule(end, tuple((step, rule(rest)) for step, rest in behind.items()))
