"""What a role may do: the scopes that endpoints ask for, and which roles have them."""

SCOPES = {
    "status:read": "What is in the graph, and how it is.",
    "customers:read": "Customers, and the nodes around them.",
    "search:read": "Search.",
    "graph:read": "Neighbourhoods and paths.",
    "questions:read": "Named questions.",
    "duplicates:read": "Customers that were found to be the same, and why.",
    "duplicates:search": "Whether a customer is there already, company-wide.",
    "orphans:read": "Policies and customers that nobody serves.",
    "referrals:read": "Who brought whom.",
    "contacts:write": "Record a contact with a customer, or correct one.",
    "export:read": "Whole lists as files.",
    "loads:read": "Loads, and what was refused.",
    "loads:write": "Start a load.",
    "jobs:read": "Long work: one's own, or all as an administrator.",
    "webhooks:write": "Be told of changes by HTTP.",
    "audit:read": "Who did and saw what.",
    "keys:write": "Make and revoke API keys.",
    "metrics:read": "Measurements for Prometheus.",
    "pii": "Personal data unmasked, with a stated purpose.",
    "customer:whole": "Everything of a customer whom one serves, whatever branch it lies in.",
}
"""Every scope, and what it opens."""

_READER = {"status:read", "customers:read", "search:read", "graph:read"}
_SERVICE = _READER | {
    "duplicates:read", "duplicates:search", "orphans:read", "referrals:read", "contacts:write",
    "jobs:read", "pii", "customer:whole",
}  # fmt: skip
_ANALYST = _READER | {
    "questions:read", "duplicates:read", "orphans:read", "referrals:read", "export:read",
    "loads:read", "jobs:read",
}  # fmt: skip

ROLE_SCOPES: dict[str, frozenset[str]] = {
    "reader": frozenset(_READER),
    "analyst": frozenset(_ANALYST),
    "service": frozenset(_SERVICE),
    "approver": frozenset(_SERVICE | {"export:read"}),
    "steward": frozenset(_ANALYST | {"duplicates:search", "pii"}),
    "investigator": frozenset(_ANALYST | {"pii", "customer:whole"}),
    "admin": frozenset(set(SCOPES) - {"pii", "customer:whole"}),
}
"""The scopes of each role. An administrator runs the service, and needs nobody's phone for it."""


def scopes_of(roles: frozenset[str]) -> frozenset[str]:
    """All scopes that some roles have together; an unknown role has none."""
    return frozenset().union(*(ROLE_SCOPES.get(role, frozenset()) for role in roles))
