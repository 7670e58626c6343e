"""Search before create: who of those who are there a new customer may be."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import graphcrm
from graphcrm.duplicates.customers import PROPERTIES, Candidate, explain, exported, find_customers
from graphcrm.duplicates.customers.searching import among_others
from graphcrm.duplicates.engine.blocking import candidates_within
from graphcrm.duplicates.engine.extending import extended
from graphcrm.duplicates.engine.lookup import Lookup
from graphcrm.errors import UsageError
from tests.duplicates import test_renewal as worlds

GraphOf = Callable[..., graphcrm.Graph]
PERSONS = "id,name,sex,birth_date,id_type,id_number,phone,address\n"


@pytest.fixture(scope="module")
def graph(sample_graph: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[graphcrm.Graph]:
    """A copy of the sample insurer's graph in which customers were found."""
    path = tmp_path_factory.mktemp("searching") / "sample.graph"
    sample_graph.graph.backup(path)
    with graphcrm.connect(path) as opened:
        find_customers(opened.store)
        yield opened


def persons(graph: graphcrm.Graph) -> list[dict[str, Any]]:
    """The open persons with the properties that they are compared by."""
    columns = ", ".join(PROPERTIES)
    with duckdb.connect(str(graph.snapshot()), read_only=True) as work:
        query = f"SELECT id, {columns} FROM person WHERE deleted_on IS NULL ORDER BY id"
        found: list[dict[str, Any]] = work.sql(query).to_arrow_table().to_pylist()
    return found


def test_who_is_there_is_found_by_parts_of_what_is_known(graph: graphcrm.Graph) -> None:
    chance = random.Random(4)
    customer = dict(zip(*(exported(graph.store)[n].to_pylist() for n in ("id", "customer_id")),
                        strict=True))  # fmt: skip
    missed = 0
    for record in chance.sample(persons(graph), 120):
        id = record.pop("id")
        known = {name: value for name, value in record.items() if value and chance.random() < 0.8}
        if len(known.keys() & {"name", "birth_date", "id_number", "phone", "account"}) < 3:
            continue
        found = graph.duplicates.search(known)
        missed += customer[id] not in {candidate.customer_id for candidate in found}
        assert [c.weight for c in found] == sorted((c.weight for c in found), reverse=True)
    assert missed <= 2


def test_the_weights_are_those_of_explain(graph: graphcrm.Graph) -> None:
    pairs = 0
    for record in persons(graph)[:120]:
        id = record.pop("id")
        for candidate in graph.duplicates.search(record)[:3]:
            if candidate.id == id:
                continue
            told = explain(graph.store, id, candidate.id)
            # The record asked for has no employer, and nobody it refers to.
            mine = [s.weight for s in candidate.steps if s.column and "works" not in s.column]
            theirs = [s.weight for s in told.steps if s.column and "works" not in s.column]
            assert mine == pytest.approx(theirs)
            pairs += 1
    assert pairs > 3


def test_slips_are_no_hindrance(graph_of: GraphOf) -> None:
    others = "".join(
        f"X{n},{name}{n % 7},M,19{50 + n}-03-{n % 27 + 1:02},,,"
        f"138{n * 7_919_333 % 10**8:08},北京市知春路{n}号\n"
        for n, name in enumerate(["张伟", "李强", "王芳", "刘洋", "陈静", "杨帆", "赵磊"] * 6)
    )
    ouyang = "A,欧阳锶睿,F,1990-01-02,,,13912345678,长沙市岳麓区麓山路1号3栋501室\n"
    graph = graph_of({"persons": PERSONS + ouyang + others})
    find_customers(graph.store)
    for record in (
        {"name": "歐陽鍶睿", "birth_date": dt.date(1990, 1, 2)},
        {"name": "欧阳思睿", "birth_date": "1990-02-01", "phone": "+86 139-1234-5678"},
        {"name": "睿欧阳锶", "phone": "13912345687", "birth_date": "1990/1/2"},
    ):
        assert [candidate.id for candidate in graph.duplicates.search(record)] == ["A"]
    assert graph.duplicates.search({"name": "慕容雪", "birth_date": "1933-11-30"}) == []


def test_records_of_later_loads_are_seen_and_closed_ones_are_not(graph_of: GraphOf) -> None:
    persons = [f"P{n},王{n},M,19{n}-01-02,,,138000000{n},\n" for n in range(50, 90)]
    graph = graph_of({"persons": PERSONS + "".join(persons)})
    find_customers(graph.store)
    record = {"name": "欧阳锶睿", "birth_date": "1990-01-02", "phone": "13912345678"}
    assert graph.duplicates.search(record) == []
    later = "id,name,birth_date,phone,deleted_on\n"
    graph_of({"persons": f"{later}A,欧阳锶睿,1990-01-02,13912345678,\n"}, into=graph)
    assert graph.duplicates.search(record) == []
    graph.duplicates.refresh()
    (found,) = graph.duplicates.search(record)
    assert (found.id, found.customer_id) == ("A", None)
    graph.duplicates.find(since=0)
    (found,) = graph.duplicates.search(record)
    assert found.customer_id is not None
    graph_of({"persons": f"{later}A,欧阳锶睿,1990-01-02,13912345678,2024-01-01\n"}, into=graph)
    graph.duplicates.refresh()
    assert graph.duplicates.search(record) == []


def test_without_the_file_of_the_finding_the_answers_are_the_same(graph: graphcrm.Graph) -> None:
    records = [{k: v for k, v in r.items() if k != "id"} for r in persons(graph)[:20]]
    before = [graph.duplicates.search(record) for record in records]
    graph.snapshot().with_suffix(".compared").unlink()
    graph.duplicates.refresh()

    def plain(answers: list[list[Candidate]]) -> list[list[tuple[str, float]]]:
        return [[(c.id, round(c.weight, 9)) for c in found] for found in answers]

    assert plain([graph.duplicates.search(record) for record in records]) == plain(before)


def test_what_cannot_be_searched_for(graph: graphcrm.Graph, graph_of: GraphOf) -> None:
    with pytest.raises(UsageError, match="'nickname' is not a property"):
        graph.duplicates.search({"name": "张伟", "nickname": "小张"})
    for record, complaint in (
        ({}, "at least one thing"),
        ({"name": " ", "phone": None}, "at least one thing"),
        ({"name": ["张伟"]}, "is not a text"),
        ({"name": "\ud800"}, "is not a text"),
        ({"sex": "Q"}, "'Q' is not a sex; it is one of M, F"),
        ({"email": "nosuch"}, "not an e-mail address"),
        ({"birth_date": "88-3-5"}, "'88-3-5' is not a date"),
        ({"birth_date": "2025-99-99"}, "not a date"),
        ({"birth_date": "2999-01-01"}, "not a date"),
        ("张伟", "a record to search for is a mapping"),
    ):
        with pytest.raises(UsageError, match=complaint):
            graph.duplicates.search(record)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="at least 1"):
        graph.duplicates.search({"name": "张伟"}, limit=0)
    for sex in ("女", "female", "f"):
        (mine,) = [
            [(c.id, c.weight) for c in graph.duplicates.search({"name": "张伟", "sex": known})]
            for known in (sex,)
        ]
        assert mine == [
            (c.id, c.weight) for c in graph.duplicates.search({"name": "张伟", "sex": "F"})
        ]
    assert graph.duplicates.search({"name": "🙂", "phone": "12"}) == []
    known = {"name": "张伟", "birth_date": "1970-01-01"}
    filled = graph.duplicates.search(known | {"email": "无", "birth_date": "1900-01-01"})
    assert filled == graph.duplicates.search({"name": "张伟"})
    with pytest.raises(UsageError, match="duplicates find"):
        graph_of({"persons": f"{PERSONS}A,张伟,M,,,,,\n"}).duplicates.search({"name": "张伟"})


@pytest.mark.parametrize("seed", range(3))
def test_a_lookup_finds_whom_blocking_finds(seed: int) -> None:
    chance = random.Random(seed)
    world = worlds.World(worlds.book(chance, 800), set())
    frozen, compared = worlds.begun(world)
    lookup = Lookup(compared.fields, frozen.learned)
    records = list(world.records.values())
    for number in range(60):
        record = worlds.slip(chance.choice(records), chance)
        mine = worlds.fields({"new": record}, ["new"], frozen)
        near = set(lookup.near(mine).tolist())
        whole = [extended(a, b) for a, b in zip(compared.fields, mine, strict=True)]
        met, _ = candidates_within(whole, frozen.learned.bounds)
        count = len(compared.ids)
        blocked = set(met.left[met.right == count].tolist())
        assert blocked <= near, number
        assert len(near) <= len(blocked) + 30


def test_many_candidates_are_bounded() -> None:
    chance = random.Random(8)
    same: worlds.Record = worlds.person(chance)
    records = worlds.book(chance, 300) | {f"S{n}": worlds.slip(same, chance) for n in range(150)}
    frozen, compared = worlds.begun(worlds.World(records, set()))
    lookup = Lookup(compared.fields, frozen.learned)
    near = lookup.near(worlds.fields({"new": same}, ["new"], frozen))
    assert len(near) <= 500
    assert np.all(np.diff(near) > 0)
    assert pa.array(near).type == pa.int64()


def test_only_one_customer_can_be_meant() -> None:
    # Three records of one customer, one of another, one that nobody was compared with yet.
    match = np.array([8.0, 7.0, 1.0, 8.0, -9.0])
    probability = among_others(match, ["A", "A", "A", "B", None])
    assert probability[[0, 3]] == pytest.approx([0.4999, 0.4999], abs=1e-3)
    # A further record of a customer is as probable as if the first were not there.
    assert probability[1] == pytest.approx(np.exp(7) / (1 + np.exp(7) + np.exp(8)), abs=1e-3)
    assert probability[[0, 3, 4]].sum() < 1
    assert among_others(np.array([3.0]), [None]) == pytest.approx([1 / (1 + np.exp(-3.0))])


def test_many_of_one_name_share_the_probability(graph_of: GraphOf) -> None:
    several = [f"S{n},司马相如,M,19{50 + n}-01-02,,,1380000{n:04},\n" for n in range(8)]
    others = [f"P{n},王{n},M,19{n}-01-02,,,138000000{n},\n" for n in range(50, 90)]
    graph = graph_of({"persons": PERSONS + "".join(several + others)})
    find_customers(graph.store)
    found = graph.duplicates.search({"name": "司马相如"}, None)
    assert sum(candidate.probability for candidate in found) <= 1.0
    (one,) = graph.duplicates.search({"name": "司马相如", "birth_date": "1953-01-02"})
    assert one.id == "S3"
