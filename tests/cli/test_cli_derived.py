"""What analyses found, on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphcrm import connect
from tests.deriving import customers, edges

Run = Callable[..., Any]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_records_of_one_customer(run: Run, lang: str) -> None:
    Path("persons.csv").write_text("id,name\nP1,王丽\nP2,王莉\nP3,赵强\n", encoding="utf-8")
    policies = (
        "id,product_code,holder_id,premium,issued_on,status\nQ1,L1,P2,100,2020-01-01,in_force"
    )
    Path("policies.csv").write_text(policies, encoding="utf-8")
    assert run("load", "persons.csv", "policies.csv", "--graph", "a.graph").code == 0
    with connect("a.graph") as graph:
        graph.store.derive(
            {"Customer": customers(("C-1", 2))},
            {"IS_CUSTOMER": edges("Customer", ("P1", "C-1", 0.98), ("P2", "C-1", 0.98))},
        )
    head = {"en": "Records of this customer (2)", "zh": "归为同一客户的记录（2）"}[lang]
    for id_ in ("P1", "C-1"):
        ran = run("customer", id_, "--graph", "a.graph", "--lang", lang)
        assert ran.code == 0, ran.err
        assert ran.fits()
        assert head in ran.out
        assert "王莉" in ran.out
        assert "0.980" in ran.out
        beside = {"en": "beside it: 1", "zh": "另有记录：1"}[lang] in ran.out
        assert beside == ("→ graphcrm customer C-1" in ran.out) == (id_ == "P1")
    assert "Q1" in ran.out  # the customer's, though a record's
    assert head[:4] not in run("customer", "P3", "--graph", "a.graph", "--lang", lang).out
    told = run("status", "--graph", "a.graph", "--lang", lang).out
    assert {"en": "Customer", "zh": "归一客户 Customer"}[lang] in told
    assert {"en": "IS_CUSTOMER", "zh": "归属客户"}[lang] in told
