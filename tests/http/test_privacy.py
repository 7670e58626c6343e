"""Masking, and what is withheld of nodes outside of the branches."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.model.declare import Sensitivity
from graphcrm.store import questions
from graphcrm_api.http.privacy.limits import Limited
from graphcrm_api.http.privacy.masks import HIDDEN, form_of, masked, masked_column, title_of
from graphcrm_api.http.privacy.sight import Sight


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        ("name", "张伟", "张*"),
        ("name", "欧阳锶睿", "欧*"),
        ("name", "John Smith", "J*"),
        ("name", "𠮷田", "𠮷*"),
        ("name", "", "*"),
        ("number", "430102199001011234", "4301**********1234"),
        ("number", "AB1234567", "***67"),
        ("number", "12345", HIDDEN),
        ("phone", "13812345678", "138****5678"),
        ("phone", "+8613812345678", "+86138****5678"),
        ("phone", "010-12345678", "010-****5678"),
        ("phone", "1234", HIDDEN),
        ("phone", "138 1234 5678", HIDDEN),
        ("phone", "13907115906/17712342274", HIDDEN),
        ("phone", "13907115906, 17712342274", HIDDEN),
        ("phone", "01234567890123", HIDDEN),
        ("email", "a@b.com;bobby@c.com", HIDDEN),
        ("email", "a@b.com bobby@c.com", HIDDEN),
        ("email", "zhang.wei@example.cn", "z***@example.cn"),
        ("email", "nobody", HIDDEN),
        ("address", "上海市浦东新区张江路1号", "上海市浦东新区***"),
        ("address", "广东省深圳市南山区科苑路15号讯美小区3栋", "广东省深圳市南山区***"),
        ("address", "广东省深圳市锦绣花园小区3栋", "广东省深圳市***"),
        ("address", "锦绣花园小区3栋", HIDDEN),
        ("address", "1 High Street, Leeds", HIDDEN),
        ("date", "1990-01-31", "1990-**-**"),
        ("hidden", "anything", HIDDEN),
        ("address", "上海市\n浦东新区", "上海市***"),
        ("phone", "13812345678\n", HIDDEN),
    ],
)
def test_a_mask_leaves_only_what_its_owner_recognises(form: str, value: str, shown: str) -> None:
    assert masked(form, value) == shown
    assert masked_column(form, pa.array([value, None])).to_pylist() == [shown, None]


def test_every_personal_property_is_masked_and_no_other() -> None:
    types: dict[str, NodeType | EdgeType] = {**VOCABULARY.nodes, **VOCABULARY.edges}
    for name, type_ in types.items():
        for p in type_.properties:
            personal = p.traits.sensitivity != Sensitivity.GENERAL
            assert (form_of(name, p.name) is not None) == personal, (name, p.name)
    assert form_of("Person", "a column nobody declared") == "hidden"


def test_what_a_node_is_called_is_one_of_its_properties() -> None:
    for label, type_ in VOCABULARY.nodes.items():
        names = {p.name for p in type_.properties}
        if label not in ("Policy", "Claim", "Premium", "Contact", "Service", "Customer"):
            assert title_of(label) in names, label


class _Branches:
    """Of a store, only what tells what lies in the branches."""

    def __init__(self, *seen: tuple[str, str]) -> None:
        self._seen = set(seen)

    def visible(self, nodes: list[tuple[str, str]], branches: object) -> set[tuple[str, str]]:
        return set(nodes) & self._seen


def test_of_a_row_only_what_lies_in_the_branches_is_shown() -> None:
    question = questions()["orphan_policies"]
    row = dict.fromkeys(c.name for c in question.columns) | {
        "policy_id": "P1", "customer_label": "Person", "customer_id": "C1", "customer_name": "张伟",
        "agent_id": "A1", "agent_name": "李娜", "reason": "departed",
    }  # fmt: skip
    table = pa.Table.from_pylist([row, row | {"policy_id": "P2"}], schema=question.schema)
    seen = _Branches(("Policy", "P1"), ("Person", "C1"))
    answer = Sight(seen, ["B1"], unmasked=False).answer(question, table)  # type: ignore[arg-type]
    assert answer.outside
    (shown,) = answer.rows
    assert (shown["policy_id"], shown["customer_name"], shown["reason"]) == (
        "P1",
        "张*",
        "departed",
    )
    assert (shown["agent_id"], shown["agent_name"]) == (None, None)
    everything = Sight(seen, None, unmasked=True).answer(question, table)  # type: ignore[arg-type]
    assert (everything.rows, everything.outside) == (table.to_pylist(), False)


def _limited(name: str, rows: list[dict[str, object]], *seen: tuple[str, str]) -> Limited:
    question = questions()[name]
    whole = [dict.fromkeys(c.name for c in question.columns) | row for row in rows]
    table = pa.Table.from_pylist(whole, schema=question.schema)
    return Sight(_Branches(*seen), ["B1"], unmasked=True).limited(question, table)  # type: ignore[arg-type]


def test_rows_do_not_tell_how_many_lie_outside() -> None:
    """What is left of rows that differ in nodes outside alone is told once."""
    rows: list[dict[str, object]] = [
        {"referrer_label": "Person", "referrer_id": "A", "referred_label": "Person",
         "referred_id": id, "referred_name": id, "referred_on": f"2026-01-0{n}", "policy_id": id}
        for n, id in enumerate(("X", "Y", "B"), 1)
    ]  # fmt: skip
    found = _limited("referrals", rows, ("Person", "A"), ("Person", "B"))
    assert found.outside
    assert found.table.select(["referrer_id", "referred_id", "policy_id"]).to_pylist() == [
        {"referrer_id": "A", "referred_id": None, "policy_id": None},
        {"referrer_id": "A", "referred_id": "B", "policy_id": None},
    ]
    money: list[dict[str, object]] = [
        {"label": "Person", "id": "A", "currency": currency, "policies": 1, "premium": 5.0}
        for currency in ("CNY", "USD")
    ]
    (row,) = _limited("referral_premiums", money, ("Person", "A")).table.to_pylist()
    assert row == {"label": "Person", "id": "A"} | dict.fromkeys(
        ("currency", "policies", "premium")
    )


def test_a_way_ends_at_the_first_node_outside() -> None:
    rows: list[dict[str, object]] = [
        {"steps": steps, "label": "Person", "id": id, "referrer_label": "Person", "referrer_id": by}
        for steps, id, by in (
            (1, "A", "R"),
            (1, "X", "R"),
            (2, "B", "A"),
            (2, "C", "X"),
            (3, "D", "C"),
        )
    ]
    seen = [("Person", id) for id in "RABCD"]
    found = _limited("referral_chain", rows, *seen)
    assert found.table["id"].to_pylist() == ["A", "B"]
    assert found.outside


def test_an_agent_of_another_branch_has_no_name() -> None:
    rows: list[dict[str, object]] = [
        {"contact_id": "C1", "agent_id": "A1", "agent_name": "李娜", "note": "a"},
        {"contact_id": "C2", "agent_id": "A2", "agent_name": "王芳", "note": "b"},
    ]
    seen = [("Contact", "C1"), ("Contact", "C2"), ("Agent", "A2")]
    table = _limited("customer_contacts", rows, *seen).table
    assert table["agent_name"].to_pylist() == [None, "王芳"]
    assert table["note"].to_pylist() == ["a", "b"]
