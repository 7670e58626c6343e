"""What each named question answers, worked out on the graph of `insurer` in plain Python.

A new question is added here as a function of its name that takes the insurer and the question's
parameters and returns the rows of the answer, in any order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from tests.parity.insurer import Insurer, Node

Rows = Iterable[tuple[Any, ...]]
Answer = Callable[..., Rows]

PARTIES = ("Person", "Institution", "Department")
_FOREVER = "9999"


def _value(insurer: Insurer, node: Node, name: str) -> Any:
    return insurer.graph.nodes[node].get(name)


def _holds_on(edge: dict[str, Any], day: str) -> bool:
    return (edge["valid_from"] or "") <= day <= (edge["valid_to"] or _FOREVER)


def _or_none(nodes: Iterable[Node]) -> list[Node | None]:
    """The nodes, or None where there are none: what an outer join gives."""
    return [*nodes] or [None]


def _customer(insurer: Insurer, label: str, id: str) -> list[Node]:
    return [(label, id)] if label in PARTIES and (label, id) in insurer.graph else []


def customer_records(insurer: Insurer, label: str, id: str) -> Rows:
    """As long as nobody has looked for duplicates each record stands alone."""
    for node in _customer(insurer, label, id):
        yield (label, id, _value(insurer, node, "name"), None, None)


def customer_branches(insurer: Insurer, label: str, id: str) -> Rows:
    today = datetime.now(UTC).date().isoformat()
    ways: dict[Node, set[tuple[str, Node]]] = defaultdict(set)
    for customer in _customer(insurer, label, id):
        for policy in {n for n, _ in insurer.out(customer, *_ROLES) if insurer.holds(n)}:
            for branch, _ in insurer.out(policy, "WRITTEN_AT"):
                ways[branch].add(("written", policy))
            for agent, edge in insurer.into(policy, "SERVES"):
                if _value(insurer, policy, "status") == "in_force" and _holds_on(edge, today):
                    for branch in _home(insurer, agent):
                        ways[branch].add(("served", policy))
        for contact in {n for n, _ in insurer.into(customer, "CONTACT_WITH") if insurer.holds(n)}:
            for branch, _ in insurer.out(contact, "HANDLED_IN"):
                ways[branch].add(("contact", contact))
            for agent, _ in insurer.out(contact, "HANDLED_BY"):
                for branch in _home(insurer, agent):
                    ways[branch].add(("contact", contact))
        if not any(_ties(insurer, party) for party in (customer, *_parts(insurer, customer))):
            for branch, _ in insurer.out(customer, "ENTERED_AT"):
                ways[branch].add(("entered", customer))
    for branch, found in ways.items():
        if insurer.holds(branch):
            counts = Counter(what for what, _ in found)
            told = (counts[what] for what in ("served", "written", "contact", "entered"))
            yield (branch[1], _value(insurer, branch, "name"), *told)


def _parts(insurer: Insurer, customer: Node) -> list[Node]:
    """The departments of an institution that are there."""
    below = [n for n, _ in insurer.into(customer, "PART_OF") if n[0] == "Department"]
    return [n for n in below if customer[0] == "Institution" and insurer.holds(n)]


def _ties(insurer: Insurer, party: Node) -> list[Node]:
    """The policies and contacts of a party that are there."""
    every = [*insurer.out(party, *_ROLES), *insurer.into(party, "CONTACT_WITH")]
    return [node for node, _ in every if insurer.holds(node)]


def _home(insurer: Insurer, agent: Node) -> list[Node]:
    """The departments of an agent who is there."""
    return [n for n, _ in insurer.out(agent, "BELONGS_TO")] if insurer.holds(agent) else []


# --- duplicates


def duplicates_found(insurer: Insurer) -> Rows:
    """None as long as nobody has looked for them."""
    return ()


def _groups(found: dict[str, dict[str, str]], label: str) -> Rows:
    """Of evidence → id → name the rows of those that have several."""
    for evidence, names in found.items():
        if len(names) > 1:
            yield from ((evidence, label, id_, name) for id_, name in names.items())


def duplicates_five_fields(insurer: Insurer) -> Rows:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for id_, p in insurer.nodes("Person"):
        five = [p[n] for n in ("name", "sex", "birth_date", "id_type", "id_number")]
        if None not in five and p["deleted_on"] is None:
            found["{}, {}, {}, {} {}".format(*five)][id_] = p["name"]
    return _groups(found, "Person")


def duplicates_same_document(insurer: Insurer) -> Rows:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for value, document in insurer.nodes("Document"):
        evidence = f"{document['kind'] or 'document'} {value}"
        for person, _ in insurer.into(("Document", value), "HAS_DOCUMENT"):
            if person[0] == "Person" and insurer.holds(person):
                found[evidence][person[1]] = _value(insurer, person, "name")
    return _groups(found, "Person")


def duplicates_same_institution(insurer: Insurer) -> Rows:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for id_, institution in insurer.nodes("Institution"):
        if institution["deleted_on"] is not None:
            continue
        for document, _ in insurer.out(("Institution", id_), "HAS_DOCUMENT"):
            found[f"credit code {document[1]}"][id_] = institution["name"]
        core, region = institution["core_name"], institution["core_region"]
        if core is not None and region is not None:
            found[f"core name {core} in region {region}"][id_] = institution["name"]
    return _groups(found, "Institution")


_SHARED = {"HAS_PHONE": "phone", "HAS_ADDRESS": "address", "HAS_ACCOUNT": "account",
           "HAS_EMAIL": "e-mail"}  # fmt: skip


def duplicates_same_person(insurer: Insurer) -> Rows:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for id_, p in insurer.nodes("Person"):
        if p["deleted_on"] is not None or None in (p["name_key"], p["birth_date"]):
            continue
        for end, edge in insurer.out(("Person", id_), *_SHARED):
            what = f"{_SHARED[edge['type']]} {end[1]} of {p['name_key']} {p['birth_date']}"
            found[what][id_] = p["name"]
    return _groups(found, "Person")


# --- referrals


def referrals(insurer: Insurer) -> Rows:
    for start, end, edge in insurer.graph.edges(data=True):
        if edge["type"] == "REFERRED" and edge["closed"] is None:
            if not (insurer.holds(start) and insurer.holds(end)):
                continue
            ends = [(*node, _value(insurer, node, "name")) for node in (start, end)]
            yield (*ends[0], *ends[1], edge["referred_on"], edge["policy_id"])


def referral_premiums(insurer: Insurer) -> Rows:
    brought = {
        end
        for _, end, edge in insurer.graph.edges(data=True)
        if edge["type"] == "REFERRED" and edge["closed"] is None and insurer.holds(end)
    }
    for customer in brought:
        premiums: dict[str, list[float]] = defaultdict(list)
        for policy, _ in insurer.out(customer, "HOLDS"):
            p = insurer.graph.nodes[policy]
            if p["status"] == "in_force" and p["deleted_on"] is None:
                premiums[p["currency"] or "CNY"].append(p["premium"])
        for currency, amounts in premiums.items():
            yield (*customer, currency, len(amounts), round(sum(amounts), 2))


def referral_chain(insurer: Insurer, label: str, id: str) -> Rows:
    reached = {n: 0 for n in _customer(insurer, label, id) if insurer.holds(n)}
    frontier = list(reached)
    while frontier:
        brought: dict[Node, list[tuple[Node, str]]] = defaultdict(list)
        for customer in frontier:
            for other, edge in insurer.out(customer, "REFERRED"):
                if insurer.holds(other) and other not in reached:
                    brought[other].append((customer, edge["referred_on"] or _FOREVER))
        for other, ways in brought.items():
            referrer, day = min(ways)
            reached[other] = reached[referrer] + 1
            names = [_value(insurer, node, "name") for node in (other, referrer)]
            first = None if day == _FOREVER else day
            yield (reached[other], *other, names[0], *referrer, names[1], first)
        frontier = list(brought)


# --- a customer

_ROLES = {"HOLDS": "holder", "INSURED_UNDER": "insured", "BENEFITS_FROM": "beneficiary",
          "PAYS_FOR": "payer"}  # fmt: skip


def customer_policies(insurer: Insurer, label: str, id: str) -> Rows:
    today = datetime.now(UTC).date().isoformat()
    roles: dict[Node, set[str]] = defaultdict(set)
    for customer in _customer(insurer, label, id):
        for policy, edge in insurer.out(customer, *_ROLES):
            if insurer.holds(policy):
                roles[policy].add(_ROLES[edge["type"]])
    for policy, parts in roles.items():
        p = insurer.graph.nodes[policy]
        serving = sorted(
            _latest_first(
                (e["valid_from"], agent)
                for agent, e in insurer.into(policy, "SERVES")
                if _holds_on(e, today)
            )
        )
        agent = insurer.graph.nodes[serving[0][-1]] if serving else {}
        for product in _or_none(n for n, _ in insurer.out(policy, "OF_PRODUCT")):
            d = insurer.graph.nodes[product] if product else {}
            yield (
                policy[1], ", ".join(sorted(parts)), d.get("name"), d.get("line"), p["status"],
                p["premium"], p["frequency"], p["currency"] or "CNY", p["issued_on"],
                serving[0][-1][1] if serving else None, agent.get("name"), agent.get("status"),
            )  # fmt: skip


def _latest_first(
    serving: Iterable[tuple[str | None, Node]],
) -> Iterable[tuple[bool, int, Node]]:
    """Sort keys: who serves since an unknown day, then who began last, then by id."""
    for since, agent in serving:
        yield since is not None, -date.fromisoformat(since).toordinal() if since else 0, agent


def customer_claims(insurer: Insurer, label: str, id: str) -> Rows:
    roles: dict[Node, set[str]] = defaultdict(set)
    for customer in _customer(insurer, label, id):
        for policy, _ in insurer.out(customer, "HOLDS"):
            for claim, _ in insurer.into(policy, "CLAIM_ON"):
                roles[claim].add("holder")
        for claim, edge in insurer.out(customer, "INVOLVED_IN"):
            roles[claim].add(edge["role"])
    for claim, parts in roles.items():
        c = insurer.graph.nodes[claim]
        if c["deleted_on"] is not None:
            continue
        for on in _or_none(n for n, _ in insurer.out(claim, "CLAIM_ON")):
            yield (
                claim[1], on[1] if on else None, ", ".join(sorted(parts)), c["loss_on"],
                c["status"], c["amount_claimed"], c["amount_paid"], c["cause"],
            )  # fmt: skip


def customer_contacts(insurer: Insurer, label: str, id: str) -> Rows:
    for customer in _customer(insurer, label, id):
        for contact in {n for n, _ in insurer.into(customer, "CONTACT_WITH")}:
            t = insurer.graph.nodes[contact]
            if t["deleted_on"] is not None:
                continue
            for agent in _or_none(n for n, _ in insurer.out(contact, "HANDLED_BY")):
                yield (
                    contact[1], t["contacted_at"], t["direction"], t["channel"], t["topic"],
                    t["outcome"], agent[1] if agent else None,
                    _value(insurer, agent, "name") if agent else None, t["note"],
                )  # fmt: skip


_IDENTIFIERS = {"HAS_PHONE": "kind", "HAS_ADDRESS": "region_code", "HAS_EMAIL": "",
                "HAS_ACCOUNT": "", "HAS_DOCUMENT": "kind"}  # fmt: skip
_TURNED = {"parent": "child", "child": "parent"}


def customer_ties(insurer: Insurer, label: str, id: str) -> Rows:
    for customer in _customer(insurer, label, id):
        yield from _identifiers(insurer, customer)
        for vehicle in {n for n, _ in insurer.out(customer, "OWNS")}:
            if insurer.holds(vehicle):
                v = insurer.graph.nodes[vehicle]
                yield ("OWNS", *vehicle, v["plate"], v["model"], None)
        for type_, tie, ends in (
            ("RELATED_TO", "RELATED_TO", insurer.out(customer, "RELATED_TO")),
            ("RELATED_TO_ME", "RELATED_TO", insurer.into(customer, "RELATED_TO")),
            ("WORKS_AT", "WORKS_AT", insurer.out(customer, "WORKS_AT")),
            ("REFERRED", "REFERRED", insurer.out(customer, "REFERRED")),
            ("REFERRED", "REFERRED_BY", insurer.into(customer, "REFERRED")),
        ):
            for other, edge in ends:
                if not insurer.holds(other):
                    continue
                o = insurer.graph.nodes[other]
                detail = {
                    "RELATED_TO": _TURNED.get(str(edge.get("kind")), edge.get("kind")),
                    "RELATED_TO_ME": edge.get("kind"),
                    "WORKS_AT": o.get("kind"),
                    "REFERRED": edge.get("referred_on"),
                }[type_]
                yield (tie, *other, o["name"], detail, None)


def _identifiers(insurer: Insurer, customer: Node) -> Rows:
    sharers: set[Node] = set()
    for end, tie in {(n, e["type"]) for n, e in insurer.out(customer, *_IDENTIFIERS)}:
        others = {n for n, _ in insurer.into(end, tie)}
        detail = _value(insurer, end, _IDENTIFIERS[tie])
        yield (tie, *end, end[1], detail, len(others) - 1)
        if tie == "HAS_DOCUMENT":
            sharers |= {n for n in others if n[0] == "Person" and insurer.holds(n)}
    for person in sharers - {customer}:
        p = insurer.graph.nodes[person]
        yield ("SHARES_DOCUMENT", *person, p["name"], p["birth_date"], None)


# --- orphans


def orphan_policies(
    insurer: Insurer, as_of: str, leave_days: int, unauthorised: int, agent_id: str | None = None
) -> Rows:
    later = {n for n, day in enumerate(insurer.loads, 1) if day > as_of}
    gone = {("Agent", id_): why for id_, a in insurer.nodes("Agent")
            if (why := _gone(a, as_of, leave_days))}  # fmt: skip
    for id_, p in insurer.nodes("Policy"):
        policy = ("Policy", id_)
        if p["status"] != "in_force" or p["deleted_on"] is not None:
            continue
        if later and p["issued_on"] > as_of:
            continue
        lines = {_value(insurer, n, "line") for n, _ in insurer.out(policy, "OF_PRODUCT")}
        serving = []
        for agent, since in _standing(insurer, policy, as_of, later):
            why = gone.get(agent)
            if why is None and unauthorised and _unfit(insurer, agent, lines, as_of):
                why = "unauthorised"
            serving.append((since, agent, why))
        if any(why is None for *_, why in serving):
            continue
        served_by: str | None
        agent_name = None
        if serving:
            _, _, agent = min(_latest_first((since, agent) for since, agent, _ in serving))
            served_by, agent_name = agent[1], _value(insurer, agent, "name")
            reason = next(why for _, a, why in serving if a == agent)
        else:
            served_by = min(_awaited(insurer, policy, as_of), default=None)
            reason = "none" if served_by is None else "unknown"
        if agent_id is None or served_by == agent_id:
            yield from _orphan(insurer, policy, as_of, served_by, agent_name, reason)


def _gone(agent: dict[str, Any], day: str, leave_days: int) -> str | None:
    status, since, left = agent["status"], agent["status_since"], agent["departed_on"]
    if agent["deleted_on"] is not None and agent["deleted_on"] <= day:
        return "departed"
    if left is not None and left <= day and (status == "departed" or (since or left) <= left):
        return "departed"
    if status == "departed" and left is None and (since or "") <= day:
        return "departed"
    if status == "suspended" and (since or "") <= day:
        return "suspended"
    if status == "on_leave":
        away = None if since is None else _days(since, day)
        if away is None or away > leave_days:
            return "on_leave"
    return None


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days


def _standing(
    insurer: Insurer, policy: Node, day: str, later: set[int]
) -> Iterable[tuple[Node, str | None]]:
    """Who serves a policy on a day: what was closed by a later load still held then."""
    edges = [
        (agent, edge)
        for agent, _, edge in insurer.graph.in_edges(policy, data=True)
        if edge["type"] == "SERVES"
    ]
    for agent, edge in edges:
        if (edge["closed"] is not None and edge["closed"] not in later) or not _holds_on(edge, day):
            continue
        if edge["valid_from"] is None and later:
            begun = [e["valid_from"] for a, e in edges if a == agent and e["valid_from"]]
            # one of unknown start begins with the first dated one of the same agent
            if begun and day < min(begun) <= (edge["valid_to"] or _FOREVER):
                continue
        yield agent, edge["valid_from"]


def _unfit(insurer: Insurer, agent: Node, lines: set[str], day: str) -> bool:
    """Whether an agent lacks the licence, or the authority for one of the lines."""
    a = insurer.graph.nodes[agent]
    stated = list(insurer.out(agent, "AUTHORISED_FOR"))
    held = {line[1] for line, edge in stated if _holds_on(edge, day)}
    if not stated:
        unknown = a["product_lines"] is None  # then nothing is held against the agent
        held = lines if unknown else set(a["product_lines"].split(";"))
    expired = a["licence_until"] is not None and a["licence_until"] < day
    return bool(lines) and (expired or bool(lines - held))


def _awaited(insurer: Insurer, policy: Node, day: str) -> Iterable[str]:
    for edge in insurer.waiting:
        if edge.type == "SERVES" and edge.anchor == policy:
            times = {n: edge.properties.get(n) for n in ("valid_from", "valid_to")}
            if _holds_on(times, day):
                yield edge.other[1]


def _orphan(
    insurer: Insurer, policy: Node, day: str,
    agent_id: str | None, agent_name: str | None, reason: str | None,
) -> Rows:  # fmt: skip
    p = insurer.graph.nodes[policy]
    due = [
        d["due_on"]
        for premium, _ in insurer.into(policy, "PREMIUM_OF")
        if insurer.holds(premium)
        and ((d := insurer.graph.nodes[premium])["paid_on"] is None or d["paid_on"] > day)
    ]
    claims = [insurer.graph.nodes[n] for n, _ in insurer.into(policy, "CLAIM_ON")]
    pending = [
        c
        for c in claims
        if c["deleted_on"] is None
        and (c["status"] == "open" or (c["settled_on"] or "") > day)
        and (c["reported_on"] or c["loss_on"]) <= day
    ]
    unknown = [w.other[1] for w in insurer.waiting if (w.type, w.anchor) == ("HOLDS", policy)]
    for holder in _or_none(n for n, _ in insurer.into(policy, "HOLDS")):
        contacts = [
            e["contacted_at"]
            for contact, e in (insurer.into(holder, "CONTACT_WITH") if holder else ())
            if insurer.holds(contact) and e["contacted_at"] < f"{day}U"
        ]
        yield (
            policy[1],
            holder[0] if holder else None,
            holder[1] if holder else min(unknown, default=None),
            _value(insurer, holder, "name") if holder else None,
            agent_id,
            agent_name,
            reason,
            p["premium"],
            0.0 if p["frequency"] == "single" else p["premium"],
            p["currency"] or "CNY",
            min(due, default=p["paid_to"]),
            len(pending),
            _days(max(contacts), day) if contacts else None,
        )


EMPTY_ANSWERS = frozenset({"duplicates_found"})
"""Questions that find nothing in the sample insurer, in which nobody looked for duplicates."""

ANSWERS: dict[str, Answer] = {
    answer.__name__: answer
    for answer in (
        customer_branches,
        customer_claims,
        customer_contacts,
        customer_policies,
        customer_records,
        customer_ties,
        duplicates_five_fields,
        duplicates_found,
        duplicates_same_document,
        duplicates_same_institution,
        duplicates_same_person,
        orphan_policies,
        referral_chain,
        referral_premiums,
        referrals,
    )
}
"""The oracle of each question, by its name."""
