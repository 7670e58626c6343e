"""Who asks: identified once, and the same in every part of the service."""

from dataclasses import dataclass, field

from graphcrm_api.http.identity.scopes import SCOPES, scopes_of


@dataclass(frozen=True)
class Subject:
    """An identity: its name, how it was proven, its roles, and the branches it is limited to.

    `branches` None is the whole company. `via` is `key:<prefix>`, `oidc:<issuer>` or `loopback`.
    """

    name: str
    via: str
    roles: frozenset[str]
    branches: frozenset[str] | None
    scopes: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of_roles(
        cls, name: str, via: str, roles: frozenset[str], branches: frozenset[str] | None
    ) -> "Subject":
        """A subject with the scopes that its roles have."""
        return cls(name, via, roles, branches, scopes_of(roles))

    @classmethod
    def at_the_machine(cls, user: str) -> "Subject":
        """Whoever sits at a machine whose service asks for no identity: as with the file itself."""
        return cls(user, "loopback", frozenset({"admin"}), None, frozenset(SCOPES))
