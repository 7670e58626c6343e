"""Hypothesis strategies: small insurers, in two loads of which the second changes the first.

Few ids, few values, so that much is shared, missing, closed and stated twice.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Row = dict[str, str]
Tables = dict[str, list[Row]]

DAYS = ("2026-01-10", "2026-02-01", "2026-02-20", "2026-03-01")
PERSONS = ("P1", "P2", "P3", "P4")
INSTITUTIONS = ("I1", "I2")
AGENTS = ("A1", "A2", "A3")
POLICIES = ("Q1", "Q2", "Q3")
PARTIES = (*[(p, "person") for p in PERSONS], *[(i, "institution") for i in INSTITUTIONS],
           ("D1", "department"), ("P9", "person"), ("P1", ""))  # fmt: skip

_day = st.sampled_from(("", *DAYS))
_dated = st.sampled_from(DAYS)
_party = st.sampled_from(PARTIES)
_ended = st.sampled_from(("", "", "", "2026-02-01"))


def _one(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


_NODES: dict[str, tuple[tuple[str, ...], dict[str, st.SearchStrategy[str]]]] = {
    "persons": (
        PERSONS,
        {
            "name": _one("王丽", "李明", "王 丽"),
            "sex": _one("", "M", "F"),
            "birth_date": _one("", "1980-01-02", "1980-01-02", "1990-05-06"),
            "id_type": _one("", "resident_id", "passport"),
            "id_number": _one("", "11010519491231002X", "11010519491231002x", "E12345678"),
            "phone": _one("", "13800138000", "138 0013 8000", "12"),
            "email": _one("", "a@example.com", "A@Example.com", "nowhere"),
            "address": _one("", "北京市海淀区中关村大街1号"),
            "account": _one("", "6222020200112233", "6226092437478205601"),
            "institution_id": _one("", *INSTITUTIONS, "I9"),
            "entered_branch_id": _one("", "D1"),
        },
    ),
    "institutions": (
        INSTITUTIONS,
        {
            "name": _one("北京云大计算机有限公司", "云大计算机公司", "广州中南机械有限公司"),
            "kind": _one("", "company", "hospital"),
            "uscc": _one("", "91110108700000000X", "91110108551385082Q"),
            "region_code": _one("", "110108", "440106"),
            "entered_branch_id": _one("", "D1"),
            "address": _one("", "北京市海淀区中关村大街1号"),
        },
    ),
    "departments": (("D1",), {"institution_id": _one("I1", "I9"), "name": _one("一部", "二部")}),
    "agents": (
        AGENTS,
        {
            "name": _one("张三", "李四"),
            "branch_id": _one("D1"),
            "status": _one("active", "active", "departed", "suspended", "on_leave"),
            "status_since": _day,
            "departed_on": _day,
            "licence_until": _day,
            "product_lines": _one("", "life", "life;motor"),
        },
    ),
    "products": (("L1", "L2"), {"name": _one("寿险"), "line": _one("life", "motor")}),
    "policies": (
        POLICIES,
        {
            "product_code": _one("L1", "L2", "L9"),
            "premium": _one("1000", "20.55", "0.1"),
            "currency": _one("", "USD"),
            "frequency": _one("", "single", "annual"),
            "issued_on": _one("2020-01-01", "2026-02-10"),
            "status": _one("in_force", "in_force", "in_force", "lapsed"),
            "paid_to": _day,
            "sold_by": _one("", *AGENTS),
            "served_by": _one("", *AGENTS, "A9"),
        },
    ),
    "claims": (
        ("C1", "C2"),
        {
            "policy_id": _one(*POLICIES, "Q9"),
            "loss_on": _dated,
            "reported_on": _day,
            "settled_on": _day,
            "status": _one("open", "paid"),
            "amount_claimed": _one("", "10.5"),
        },
    ),
    "vehicles": (("V1", "V2"), {"plate": _one("", "京A12345"), "model": _one("", "X")}),
    "contacts": (
        ("T1", "T2", "T3"),
        {
            "contacted_at": _one("2026-01-15T10:00:00", "2026-02-20T00:00:00", "2026-02-10"),
            "direction": _one("in"),
            "channel": _one("phone"),
            "agent_id": _one("", *AGENTS),
            "policy_id": _one("", *POLICIES),
        },
    ),
}
_REFERS = {"policies": "holder", "vehicles": "owner", "contacts": "customer"}
"""The tables whose rows name a party, and what they call it."""

_EDGES: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "policy_parties": {
        "policy_id": _one(*POLICIES, "Q9"), "role": _one("insured", "beneficiary", "payer"),
        "certificate_no": _one("", "C"), "valid_from": _day,
    },
    "servings": {
        "policy_id": _one(*POLICIES), "agent_id": _one(*AGENTS, "A9"),
        "role": _one("serves", "serves", "sold"), "valid_from": _day, "valid_to": _day,
    },
    "authorities": {"agent_id": _one(*AGENTS), "line": _one("life", "motor"), "valid_to": _day},
    "claim_parties": {"claim_id": _one("C1", "C2"), "role": _one("driver", "witness")},
    "claim_payments": {
        "claim_id": _one("C1", "C2"), "amount": _one("5", "7.25"), "paid_on": _dated,
        "account": _one("", "6222020200112233"),
    },
    "premiums": {
        "policy_id": _one(*POLICIES), "due_on": _dated, "amount": _one("5"), "paid_on": _day,
    },
    "relations": {
        "from_id": _one(*PERSONS), "to_id": _one(*PERSONS, "P9"),
        "kind": _one("spouse", "parent", "child"),
    },
    "referrals": {"referred_on": _day, "policy_id": _one("", *POLICIES)},
}  # fmt: skip
_NAMES = {
    "policy_parties": ("party",),
    "claim_parties": ("party",),
    "claim_payments": ("payee",),
    "referrals": ("referrer", "referred"),
}
_KNOWN_BY = {"premiums": ("policy_id", "due_on")}


@st.composite
def _table(draw: st.DrawFn, table: str) -> list[Row]:
    rows: list[Row] = []
    parties: tuple[str, ...]
    if table in _NODES:
        ids, columns = _NODES[table]
        key = "code" if table == "products" else "id"
        present = draw(st.lists(st.sampled_from(ids), unique=True, max_size=len(ids)))
        for id_ in present:
            rows.append({key: id_, **{name: draw(values) for name, values in columns.items()}})
        parties = (_REFERS[table],) if table in _REFERS else ()
    else:
        columns = _EDGES[table]
        for _ in range(draw(st.integers(0, 4))):
            rows.append({name: draw(values) for name, values in columns.items()})
        parties = _NAMES.get(table, ())
    for row in rows:
        for party in parties:
            row[f"{party}_id"], row[f"{party}_kind"] = draw(_party)
        row["deleted_on"] = draw(_ended)
    known = _KNOWN_BY.get(table)
    if known:
        rows = list({tuple(row[name] for name in known): row for row in rows}.values())
    return rows


@st.composite
def small_insurers(draw: st.DrawFn) -> list[tuple[Tables, dict[str, Any]]]:
    """The tables of two or three loads, and how each is loaded."""
    loads: list[tuple[Tables, dict[str, Any]]] = []
    for day in draw(st.sampled_from((("2026-01-31", "2026-02-28"), DAYS[:3]))):
        drawn = {table: draw(_table(table)) for table in (*_NODES, *_EDGES)}
        tables = {table: rows for table, rows in drawn.items() if rows}
        if not tables:
            tables = {"products": [{"code": "L1", "name": "寿险", "line": "life"}]}
        complete = bool(loads) and draw(st.booleans())
        loads.append((tables, {"as_of": day, "complete": complete, "confirmed": True}))
    return loads
