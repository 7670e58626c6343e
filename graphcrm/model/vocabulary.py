"""The vocabulary as a whole: what other parts read off the declarations."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel

from graphcrm.model.business import Claim, Policy, Premium, Product, Vehicle
from graphcrm.model.dealings import Contact, Service
from graphcrm.model.declare import (
    DerivedEdge,
    DerivedNode,
    Edge,
    EdgeRow,
    Identifier,
    Link,
    NodeRow,
    Row,
    Traits,
    kind_of_field,
    traits,
)
from graphcrm.model.derived import DERIVED_EDGES, DERIVED_NODES
from graphcrm.model.edges import EDGE_TYPES
from graphcrm.model.identifiers import Account, Address, Document, Email, Phone, ProductLine
from graphcrm.model.kinds import Kind
from graphcrm.model.parties import Agent, Department, Institution, Person
from graphcrm.model.rows import EDGE_ROWS

LABEL_BITS = 6
"""An internal node key carries its label's number in this many low bits."""

_META = ("source", "deleted_on")
_LAST = ("created_on", "entered_by", "entered_branch_id", *_META)


@dataclass(frozen=True)
class Property:
    """One property or column: its name in files and stores, its kind and its traits."""

    name: str
    kind: Kind
    required: bool
    description: str
    traits: Traits

    @property
    def link(self) -> Link | None:
        """The edges this column makes, if it names other nodes."""
        return self.traits.link


def _properties(model: type[BaseModel]) -> tuple[Property, ...]:
    """The declared fields in their order; what is said of the record itself comes last."""
    declared = [
        Property(
            field.alias or name,
            kind_of_field(field),
            field.is_required(),
            field.description or "",
            traits(field),
        )
        for name, field in model.model_fields.items()
    ]
    return tuple(sorted(declared, key=lambda p: _LAST.index(p.name) if p.name in _LAST else -1))


@dataclass(frozen=True)
class Table:
    """A table of the interchange format."""

    name: str
    model: type[Row]

    @cached_property
    def columns(self) -> tuple[Property, ...]:
        """The columns a file may bring, those about the record itself last."""
        return tuple(p for p in _properties(self.model) if not p.traits.derived)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the columns a file must bring."""
        return tuple(p.name for p in self.columns if p.required)

    @cached_property
    def links(self) -> tuple[Property, ...]:
        """The columns that make edges."""
        return tuple(p for p in self.columns if p.link and p.link.edge is not None)

    @property
    def node(self) -> type[NodeRow] | None:
        """The node type of its rows, if they are nodes."""
        return self.model if issubclass(self.model, NodeRow) else None

    @property
    def edge(self) -> type[EdgeRow] | None:
        """The row type, if its rows are edges."""
        return self.model if issubclass(self.model, EdgeRow) else None

    def column(self, name: str) -> Property:
        """The column of that name; KeyError if there is none."""
        return {p.name: p for p in self.columns}[name]


@dataclass(frozen=True)
class NodeType:
    """A node type as stores keep it."""

    label: str
    number: int
    zh: str
    doc: str
    model: type[NodeRow] | type[Identifier] | type[DerivedNode]

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """What a node carries: not its id, not what became an edge."""
        if not issubclass(self.model, NodeRow):
            return _properties(self.model)
        id_field = self.model.id_fields[0] if len(self.model.id_fields) == 1 else None
        fields = _properties(self.model)
        kinds = {p.link.kind_field for p in fields if p.link}
        return tuple(
            p
            for p in fields
            if p.name != id_field
            and p.name not in kinds
            and p.name not in _META
            and (p.link is None or p.link.shared)
        )

    @property
    def table(self) -> str:
        """The name of its table in relational stores."""
        return self.label.lower()

    @property
    def recorded(self) -> bool:
        """Whether rows of files are its nodes: such have a source and a line, and are closed."""
        return issubclass(self.model, NodeRow)

    @property
    def derived(self) -> bool:
        """Whether analyses make it."""
        return issubclass(self.model, DerivedNode)

    @property
    def shared(self) -> bool:
        """Whether it is an identifier made from values."""
        return issubclass(self.model, Identifier)

    @property
    def plain(self) -> bool:
        """Whether an identifier's value is its id as it stands."""
        return issubclass(self.model, Identifier) and self.model.plain


@dataclass(frozen=True)
class EdgeType:
    """An edge type as stores keep it."""

    name: str
    zh: str
    doc: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    model: type[Edge]

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """What an edge of the type carries."""
        return _properties(self.model)

    @property
    def derived(self) -> bool:
        """Whether analyses make it."""
        return issubclass(self.model, DerivedEdge)

    @property
    def ordered(self) -> bool:
        """Whether it always runs from the smaller id to the greater."""
        return issubclass(self.model, DerivedEdge) and self.model.ordered

    @property
    def table(self) -> str:
        """The name of its table in relational stores."""
        return self.name.lower()


class Vocabulary:
    """Every table, node type and edge type, by name, in the order of declaration."""

    def __init__(
        self,
        nodes: Iterable[type[NodeRow]],
        identifiers: Iterable[type[Identifier]],
        edges: Iterable[type[Edge]],
        edge_rows: Iterable[type[EdgeRow]],
        derived: Iterable[type[DerivedNode]] = (),
    ) -> None:
        """Collect the declarations; ValueError where they contradict one another."""
        rows: list[type[Row]] = [*nodes, *edge_rows]
        self.tables = {row.table: Table(row.table, row) for row in rows}
        models: list[type[NodeRow] | type[Identifier] | type[DerivedNode]] = [
            *(row for row in rows if issubclass(row, NodeRow)),
            *identifiers,
            *derived,
        ]
        self.nodes = {
            m.label: NodeType(m.label, m.number, m.zh, m.__doc__ or "", m) for m in models
        }
        self.edges = {
            e.type: EdgeType(e.type, e.zh, e.__doc__ or "", e.start, e.end, e) for e in edges
        }
        self._check()

    def _check(self) -> None:
        numbers = [node.number for node in self.nodes.values()]
        if len(set(numbers)) != len(numbers) or max(numbers) >= 1 << LABEL_BITS:
            raise ValueError("the numbers of node types must be distinct and small")
        for table in self.tables.values():
            for column in table.links:
                assert column.link is not None
                unknown = set(column.link.edges) - set(self.edges)
                if unknown or not set(column.link.to) <= set(self.nodes):
                    raise ValueError(f"{table.name}.{column.name} links to the unknown")

    def label_of(self, key: int) -> str:
        """The label of an internal node key."""
        return self._by_number[key & ((1 << LABEL_BITS) - 1)]

    @cached_property
    def _by_number(self) -> dict[int, str]:
        return {node.number: node.label for node in self.nodes.values()}

    @cached_property
    def load_order(self) -> tuple[str, ...]:
        """Table names, such that most references point to tables loaded before."""
        return (
            "institutions", "departments", "agents", "authorities", "persons", "products",
            "vehicles", "policies", "policy_parties", "servings", "premiums", "claims",
            "claim_parties", "claim_vehicles", "claim_payments", "contacts", "services",
            "referrals", "relations",
        )  # fmt: skip


VOCABULARY = Vocabulary(
    (Person, Institution, Department, Agent, Product, Policy, Premium, Claim, Vehicle, Contact,
     Service),
    (Phone, Email, Address, Account, Document, ProductLine),
    (*EDGE_TYPES, *DERIVED_EDGES),
    EDGE_ROWS,
    DERIVED_NODES,
)  # fmt: skip
