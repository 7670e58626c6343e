"""Small random insurers with branches, and what these may see, worked out in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphcrm.model import VOCABULARY
from tests.parity.insurer import Insurer, Node

BRANCHES = ("B1", "B2", "B3", "B4")
OVER, YET = "2020-12-31", "2099-12-31"
_PHONES = ("", "13800138000", "13900139000", "13700137000")
_ACCOUNTS = ("", "6222020200112233", "6226092437478205601")


def random_tables(seed: int, loads: int = 2) -> list[dict[str, str]]:
    """Tables as CSV, in loads of which later ones change and close some of what was there."""
    return [_tables(random.Random(seed * 10 + number)) for number in range(loads)]


def _tables(chance: random.Random) -> dict[str, str]:
    def one(*values: str) -> str:
        return chance.choice(values)

    def gone() -> str:
        return one(*[""] * 7, "2025-05-05")

    persons = [f"P{n}" for n in range(9)]
    agents = [f"A{n}" for n in range(5)]
    policies = [f"Q{n}" for n in range(8)]
    vehicles = ("V0", "V1", "V2")

    def party() -> str:
        return one(*[f"{p},person" for p in persons], "I1,institution", "D1,department")

    rows = {
        "institutions(id,name,own,phone,entered_branch_id,deleted_on)": [
            f"I0,本公司,yes,{one(*_PHONES)},,",
            f"I1,云大公司,no,{one(*_PHONES)},{one('', *BRANCHES)},{gone()}",
            f"I2,中南公司,,{one(*_PHONES)},{one('', *BRANCHES)},{gone()}",
        ],
        "departments(id,institution_id,name,parent_id,phone,deleted_on)": [
            "B1,I0,一支,,,", f"B2,I0,二支,B1,{one(*_PHONES)},", f"B3,I0,三支,B2,,{gone()}",
            "B4,I0,四支,,,", f"D1,I1,人事部,,{one(*_PHONES)},", f"D2,I1,财务部,D1,,{gone()}",
        ],
        "agents(id,name,branch_id,status,phone,account,deleted_on)": [
            f"{a},张三,{one(*BRANCHES)},active,{one(*_PHONES)},{one(*_ACCOUNTS)},{gone()}"
            for a in agents
        ],
        "persons(id,name,phone,account,email,institution_id,entered_branch_id,deleted_on)": [
            f"{p},{one('王丽', '李明', '𠮷野', 'Ａlan')},{one(*_PHONES)},{one(*_ACCOUNTS)},"
            f"{one('', 'a@example.com')},{one('', 'I1', 'I2')},{one('', *BRANCHES)},{gone()}"
            for p in persons
        ],
        "products(code,name,line)": ["L1,寿险,life"],
        "vehicles(id,owner_id,owner_kind)": [f"{v},{party()}" for v in vehicles],
        "policies(id,holder_id,holder_kind,product_code,premium,issued_on,status,served_by,"
        "branch_id,vehicle_id,replaces_id,deleted_on)": [
            f"{q},{party()},L1,{one('1', '2.5', '7')},2020-01-01,in_force,{one('', *agents)},"
            f"{one('', '', *BRANCHES)},{one('', *vehicles)},{one('', '', *policies)},{gone()}"
            for q in policies
        ],
        "policy_parties(policy_id,role,party_id,party_kind)": [
            f"{one(*policies)},{one('insured', 'beneficiary', 'payer')},{party()}"
            for _ in range(chance.randrange(9))
        ],
        "servings(policy_id,agent_id,role,valid_to)": [
            f"{one(*policies)},{one(*agents)},serves,{one('', OVER, YET)}"
            for _ in range(chance.randrange(4))
        ],
        "premiums(policy_id,due_on,amount,paid_by_account)": [
            f"{q},2024-01-01,5,{one(*_ACCOUNTS)}" for q in policies[:3]
        ],
        "claims(id,policy_id,loss_on,status,payee_account)": [
            f"C{n},{one(*policies)},2024-02-02,paid,{one(*_ACCOUNTS)}" for n in range(3)
        ],
        "contacts(id,customer_id,customer_kind,contacted_at,direction,channel,agent_id,"
        "department_id,deleted_on)": [
            f"T{n},{party()},2024-03-0{n + 1}T10:00:00,in,phone,{one('', *agents)},"
            f"{one('', *BRANCHES)},{gone()}"
            for n in range(5)
        ],
        "services(id,customer_id,customer_kind,kind,agent_id,department_id)": [
            f"S{n},{party()},变更,{one('', *agents)},{one('', *BRANCHES)}" for n in range(3)
        ],
        "relations(from_id,to_id,kind)": [
            f"{','.join(chance.sample(persons, 2))},spouse" for _ in range(chance.randrange(1, 6))
        ],
    }  # fmt: skip
    tables: dict[str, str] = {}
    for head, lines in rows.items():
        name, _, columns = head.rstrip(")").partition("(")
        if lines:
            tables[name] = "\n".join([columns, *dict.fromkeys(lines)])
    return tables


@dataclass
class Sight:
    """What some branches may see of an insurer, by the rules as they are said in words.

    The insurer must not change meanwhile: what was found out of a policy is kept.
    """

    insurer: Insurer
    branches: Sequence[str] | None
    _policies: dict[Node, bool] = field(default_factory=dict, init=False)

    def sees(self, node: Node) -> bool:
        """Whether the branches may see a node."""
        if self.branches is None:
            return True
        by_label = {
            "Product": lambda _: True,
            "Line": lambda _: True,
            "Agent": self._agent,
            "Policy": self._policy,
            "Contact": self._handled,
            "Service": self._handled,
            "Claim": lambda n: any(map(self._policy, self._to(n, "CLAIM_ON"))),
            "Premium": lambda n: any(map(self._policy, self._to(n, "PREMIUM_OF"))),
            "Person": self._person,
            "Institution": self._institution,
            "Department": self._department,
        }
        if node[0] in by_label:
            return by_label[node[0]](node)
        owners = "OWNS COVERS HAS_PHONE HAS_EMAIL HAS_ADDRESS HAS_ACCOUNT HAS_DOCUMENT " \
            "SURRENDERED_TO PAID_FROM PAYABLE_TO PAID_INTO IS_CUSTOMER"  # fmt: skip
        return any(map(self.sees, self._from(node, *owners.split())))

    def _to(self, node: Node, *types: str) -> Iterator[Node]:
        return (n for n, _ in self.insurer.out(node, *types) if self.insurer.holds(n))

    def _from(self, node: Node, *types: str) -> Iterator[Node]:
        return (n for n, _ in self.insurer.into(node, *types) if self.insurer.holds(n))

    def _branch(self, node: Node) -> bool:
        return node[0] == "Department" and node[1] in (self.branches or ())

    def _agent(self, node: Node) -> bool:
        return any(map(self._branch, self._to(node, "BELONGS_TO")))

    def _policy(self, node: Node) -> bool:
        if node not in self._policies:
            self._policies[node] = self._kept_or_served(node)
        return self._policies[node]

    def _kept_or_served(self, node: Node) -> bool:
        today = dt.date.today().isoformat()
        servants = [
            agent
            for agent, values in self.insurer.into(node, "SERVES")
            if self.insurer.holds(agent) and (values["valid_to"] or YET) >= today
        ]
        kept = any(map(self._branch, self._to(node, "WRITTEN_AT")))
        return kept or any(map(self._agent, servants))

    def _handled(self, node: Node) -> bool:
        return any(map(self._branch, self._to(node, "HANDLED_IN"))) or any(
            map(self._agent, self._to(node, "HANDLED_BY"))
        )

    def _ties(self, node: Node) -> tuple[list[Node], list[Node]]:
        held = self._to(node, "HOLDS", "INSURED_UNDER", "BENEFITS_FROM", "PAYS_FOR")
        return list(held), list(self._from(node, "CONTACT_WITH"))

    def _tied(self, node: Node) -> bool:
        held, spoken = self._ties(node)
        return any(map(self._policy, held)) or any(map(self._handled, spoken))

    def _entered(self, node: Node, *parts: Node) -> bool:
        """Whether a branch has entered it, and nothing else ties it to anybody yet."""
        tied = any(held or spoken for held, spoken in map(self._ties, (node, *parts)))
        return not tied and any(map(self._branch, self._to(node, "ENTERED_AT")))

    def _person(self, node: Node) -> bool:
        return self._tied(node) or self._entered(node)

    def _own(self, node: Node) -> bool:
        values = self.insurer.graph.nodes[node]
        return node[0] == "Institution" and values["own"] == "yes" and self.insurer.holds(node)

    def _institution(self, node: Node) -> bool:
        parts = [n for n in self._from(node, "PART_OF") if n[0] == "Department"]
        tied = self._tied(node) or any(map(self._tied, parts))
        return self._own(node) or tied or self._entered(node, *parts)

    def _department(self, node: Node) -> bool:
        wholes = [n for n in self._to(node, "PART_OF") if n[0] == "Institution"]
        return self._tied(node) or any(self._own(n) or self._tied(n) for n in wholes)


def every_node(insurer: Insurer) -> list[Node]:
    """All nodes that are there, closed ones too."""
    return [node for node in insurer.graph if node[0] in VOCABULARY.nodes]


def names_of(values: dict[str, str], found: Any) -> Any:
    """Nodes with the values of identifiers in the place of their ids."""
    return type(found)((label, values.get(id_, id_)) for label, id_ in found)
