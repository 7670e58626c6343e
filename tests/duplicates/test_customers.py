"""The customers of a graph: found, written, read again, explained, measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import graphcrm
from graphcrm.duplicates.customers import (
    Finding,
    customers_of,
    evaluate_customers,
    explain,
    exported,
    find_customers,
    samenesses,
)
from graphcrm.duplicates.customers.answers import those_taken
from graphcrm.duplicates.customers.kept import FINDING, MODEL
from graphcrm.duplicates.customers.persons import read_persons
from graphcrm.errors import UnknownNodeError, UsageError

GraphOf = Callable[..., graphcrm.Graph]
PERSONS = "id,name,sex,birth_date,id_type,id_number,phone,address,deleted_on\n"
WANG = "欧阳锶睿,F,1990-01-02,,,13912345678,长沙市岳麓区麓山路1号3栋501室"
OTHERS = "".join(
    f"X{n},{name}{n % 7},M,19{50 + n}-03-{n % 27 + 1:02},,,1380000{n:04},北京市海淀区知春路{n}号,\n"
    for n, name in enumerate(["张伟", "李强", "王芳", "刘洋", "陈静", "杨帆", "赵磊", "黄丽"] * 5)
)


@pytest.fixture(scope="module")
def found(sample_graph: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A copy of the sample insurer's graph in which customers were found, and the finding."""
    path = tmp_path_factory.mktemp("customers") / "sample.graph"
    sample_graph.graph.backup(path)
    with graphcrm.connect(path) as graph:
        yield graph, find_customers(graph.store)


def clusters_of(graph: graphcrm.Graph) -> dict[str, str]:
    """The customer of each record."""
    table = exported(graph.store)
    return dict(zip(table["id"].to_pylist(), table["customer_id"].to_pylist(), strict=True))


def test_the_sample_against_its_truth(
    found: tuple[graphcrm.Graph, Finding], sample_graph: Any
) -> None:
    graph, finding = found
    whole, by_error = evaluate_customers(graph.store, sample_graph.truth)
    pairs, b3 = whole.to_pylist()
    customer = clusters_of(graph)
    query = f"SELECT id, entity_id FROM '{sample_graph.truth}/persons.csv'"
    entity = {id: e for id, e in duckdb.execute(query).fetchall() if id in customer}

    def pairs_of(groups: dict[str, str]) -> set[tuple[str, str]]:
        members: dict[str, list[str]] = {}
        for id in entity:
            members.setdefault(groups[id], []).append(id)
        return {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}

    ours, true = pairs_of(customer), pairs_of(entity)
    counted = (pairs["found"], pairs["true"], pairs["correct"])
    assert (len(ours), len(true), len(ours & true)) == counted
    assert pairs["f1"] > 0.95
    assert 0.99 < b3["f1"] <= 1.0
    for row in by_error.to_pylist():
        assert row["recall"] == row["correct"] / row["true"]
    assert {"name_sound_alike", "id_of_15_digits"} <= set(by_error["kind"].to_pylist())
    assert (len(customer), len(set(customer.values()))) == (finding.records, finding.customers)


def test_every_open_record_has_one_customer(found: tuple[graphcrm.Graph, Finding]) -> None:
    graph, finding = found
    table = exported(graph.store)
    ids = table["id"].to_pylist()
    snapshot = duckdb.connect(str(graph.snapshot()), read_only=True)
    query = "SELECT id FROM person WHERE deleted_on IS NULL ORDER BY id"
    assert [row[0] for row in snapshot.execute(query).fetchall()] == ids
    assert {"person"} == set(table["kind"].to_pylist())
    several = customers_of(graph.store)
    assert finding.several == len(set(several["customer_id"].to_pylist()))
    assert finding.largest == several["records"][0].as_py()


def test_finding_again_changes_nothing(
    found: tuple[graphcrm.Graph, Finding], tmp_path: Path
) -> None:
    graph, finding = found
    before = clusters_of(graph)
    again = find_customers(graph.store)
    assert (again.new, again.changed, again.removed) == (0, 0, 0)
    assert finding.model_version == again.model_version
    assert before == clusters_of(graph)


def test_an_edge_says_what_explain_says(found: tuple[graphcrm.Graph, Finding]) -> None:
    graph, finding = found
    row = samenesses(graph.store).to_pylist()[5]
    told = explain(graph.store, row["right"], row["left"])
    assert (row["left"], row["right"], True) == (told.left, told.right, told.same)
    assert row["match_weight"] == pytest.approx(told.weight, abs=1e-6)
    assert finding.model_version == told.model_version
    assert "name" in {step.column for step in told.steps}


def test_relatives_that_a_source_states_stay_apart(graph_of: GraphOf) -> None:
    persons = f"{PERSONS}A,{WANG},\nB,{WANG},\n{OTHERS}"
    graph = graph_of({"persons": persons})
    find_customers(graph.store)
    customer = clusters_of(graph)
    assert customer["A"] == customer["B"]
    graph_of({"relations": "from_id,to_id,kind\nA,B,sibling\n"}, into=graph)
    find_customers(graph.store)
    customer = clusters_of(graph)
    assert customer["A"] != customer["B"]
    assert explain(graph.store, "A", "B").apart


def test_a_seller_s_own_phone_tells_nothing(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "institutions": "id,name,own\nI,友邦人寿,yes\n",
            "departments": "id,institution_id,name\nD,I,长沙分公司\n",
            "agents": "id,name,branch_id,status,phone\nG,周杰,D,active,+86 139 1234 5678\n",
            "persons": f"{PERSONS}A,{WANG},\n{OTHERS}",
        }
    )
    persons = read_persons(graph.snapshot())
    phone = next(field for field in persons.fields() if field.name == "phone, phone_2")
    row = persons.ids.to_pylist().index("A")
    assert phone.codes[row] == -1
    assert (phone.codes >= 0).sum() == len(persons.ids) - 1


def test_closed_records_are_nobody(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\nB,{WANG},2024-01-01\n{OTHERS}"})
    find_customers(graph.store)
    assert "B" not in clusters_of(graph)


def test_before_anything_was_found(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    for ask in (customers_of, samenesses, exported):
        with pytest.raises(UsageError, match="duplicates find"):
            ask(graph.store)
    with pytest.raises(UsageError, match="duplicates find"):
        explain(graph.store, "A", "X1")


def test_what_cannot_be_explained(found: tuple[graphcrm.Graph, Finding]) -> None:
    graph, _ = found
    known = exported(graph.store)["id"][0].as_py()
    with pytest.raises(UnknownNodeError, match="nobody"):
        explain(graph.store, known, "nobody")
    with pytest.raises(UsageError, match="itself"):
        explain(graph.store, known, known)


def test_a_graph_without_persons(tmp_path: Path) -> None:
    with (
        graphcrm.connect(tmp_path / "empty.graph") as graph,
        pytest.raises(UsageError, match="no persons"),
    ):
        find_customers(graph.store)


def test_truth_without_errors_is_a_truth(
    found: tuple[graphcrm.Graph, Finding], sample_graph: Any, tmp_path: Path
) -> None:
    graph, _ = found
    shutil.copy(sample_graph.truth / "persons.csv", tmp_path)
    whole, by_error = evaluate_customers(graph.store, tmp_path / "persons.csv")
    assert by_error.num_rows == 0
    assert whole.num_rows == 2


def test_a_file_that_is_gone_makes_all_be_compared(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    find_customers(graph.store)
    graph_of({"persons": f"{PERSONS}B,{WANG},\n"}, into=graph)
    graph.snapshot().with_suffix(".compared").unlink()
    found = find_customers(graph.store, since=0)
    assert (found.compared, found.records) == (42, 42)
    customer = clusters_of(graph)
    assert customer["A"] == customer["B"]
    again = find_customers(graph.store, since=0)
    assert (again.compared, again.pairs_compared, again.changed) == (0, 0, 0)


def test_a_chain_of_small_loads_comes_to_what_one_finding_comes_to(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\nB,{WANG},\nC,{WANG},\n{OTHERS}"})
    find_customers(graph.store)
    for table, lines in (
        ("persons", f"{PERSONS}D,{WANG},\nX1,王芳,F,1999-09-09,,,,,\n"),
        ("relations", "from_id,to_id,kind\nA,B,sibling\nX2,X3,spouse\n"),
        ("persons", f"{PERSONS}B,{WANG},2024-01-01\nE,{WANG},\n"),
        ("persons", f"{PERSONS}X2,刘洋,M,1952-03-03,,,13912345678,,\n"),
    ):
        graph_of({table: lines}, into=graph)
        found = find_customers(graph.store, since=0)
        assert not found.whole
        name, customers = graph.store.kept(FINDING), clusters_of(graph)
        whole = find_customers(graph.store)
        assert (whole.new, whole.changed, whole.removed) == (0, 0, 0)
        assert graph.store.kept(FINDING) == name
        assert clusters_of(graph) == customers


def test_the_name_of_a_finding_is_that_of_its_records_however_it_was_reached(
    graph_of: GraphOf,
) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    find_customers(graph.store)
    names = [graph.store.kept(FINDING)]
    for lines in (f"A,{WANG},2024-01-01\n", f"A,{WANG},\n"):
        graph_of({"persons": PERSONS + lines}, into=graph)
        find_customers(graph.store, since=0)
        names.append(graph.store.kept(FINDING))
    assert names[0] == names[2] != names[1]


def test_an_id_of_a_customer_elsewhere_is_taken(found: tuple[graphcrm.Graph, Finding]) -> None:
    graph, _ = found
    mine = next(iter(clusters_of(graph).values()))
    assert those_taken(graph.snapshot(), pa.array([mine, "C-nobody"])).to_pylist() == [mine]


def test_closed_records_leave_their_customers(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\nB,{WANG},\nC,{WANG},\n{OTHERS}"})
    find_customers(graph.store)
    before = clusters_of(graph)
    assert before["A"] == before["B"] == before["C"]
    graph_of({"persons": f"{PERSONS}B,{WANG},2024-01-01\nX1,王芳,F,1999-09-09,,,,,\n"}, into=graph)
    found = find_customers(graph.store, since=2)
    assert (found.compared, found.records) == (1, 42)
    after = clusters_of(graph)
    assert after == {id: customer for id, customer in before.items() if id != "B"}
    status = graph.status()
    assert status.nodes["Customer"] == len(set(after.values()))
    assert status.edges["IS_CUSTOMER"] == len(after)
    assert len(samenesses(graph.store)) == 1


def test_a_model_stays_until_it_is_learned_anew(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    first = find_customers(graph.store)
    assert (first.replaced, first.learned_from) == (None, 41)
    more = "".join(f"Y{n},周{n},F,1970-01-{n:02},,,1370000{n:04},,\n" for n in range(1, 29))
    graph_of({"persons": f"{PERSONS}{more}"}, into=graph)
    same = find_customers(graph.store)
    assert (same.model_version, same.replaced, same.learned_from) == (first.model_version, None, 41)
    anew = find_customers(graph.store, retrain=True)
    assert (anew.replaced, anew.learned_from) == (first.model_version, 69)
    assert anew.model_version != first.model_version


@pytest.mark.parametrize(
    ("since", "complaint"), [(7, "there is no load 7; the last one is 1"), (-1, "no load -1")],
)  # fmt: skip
def test_a_finding_since_what_is_not_there(graph_of: GraphOf, since: int, complaint: str) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    with pytest.raises(UsageError, match=complaint):
        find_customers(graph.store, since=since)


def test_a_model_of_another_release_is_learned_anew(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    found = find_customers(graph.store)
    graph.store.derive({}, {}, {MODEL: '{"fields": []}'})
    with pytest.raises(UsageError, match="another release"):
        explain(graph.store, "A", "X1")
    with pytest.raises(UsageError, match="this release"):
        find_customers(graph.store, since=0)
    assert find_customers(graph.store).model_version == found.model_version


def test_where_all_persons_are_gone_no_customers_are_left(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\nB,{WANG},\n"})
    assert find_customers(graph.store).records == 2
    closed = f"{PERSONS}A,{WANG},2024-01-01\nB,{WANG},2024-01-01\n"
    graph_of({"persons": closed}, into=graph)
    found = find_customers(graph.store, since=0)
    assert (found.records, found.customers) == (0, 0)
    status = graph.status()
    assert not {"Customer", "IS_CUSTOMER", "SAME_AS"} & {*status.nodes, *status.edges}
    with pytest.raises(UsageError, match="no persons"):
        find_customers(graph.store)


def test_nothing_is_known_of_anybody(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": "id,name\nA,未知\nB,未知\n"})
    with pytest.raises(UsageError, match="nothing is known"):
        find_customers(graph.store)


def test_columns_that_came_later_are_said(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    assert find_customers(graph.store).unknown == []
    mails = "id,name,email\nA,欧阳锶睿,ouyang@example.com\n"
    graph_of({"persons": mails}, into=graph)
    assert find_customers(graph.store, since=0).unknown == ["email"]
    assert find_customers(graph.store).unknown == ["email"]
    assert find_customers(graph.store, retrain=True).unknown == []


def test_changed_customers_are_those_with_other_records(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\nB,{WANG},\n{OTHERS}"})
    first = find_customers(graph.store)
    assert (first.new, first.changed, first.removed) == (first.customers, 0, 0)
    again = find_customers(graph.store, retrain=True)
    assert (again.new, again.changed, again.removed) == (0, 0, 0)
    graph_of({"persons": f"{PERSONS}B,{WANG},2024-01-01\nC,{WANG},\nX1,李,,,,,,,2024-01-01\n"},
             into=graph)  # fmt: skip
    found = find_customers(graph.store, since=0)
    assert (found.new, found.changed, found.removed) == (0, 1, 1)


def test_what_a_finding_cannot_be_asked(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    with pytest.raises(UsageError, match="have not been found in this graph yet"):
        find_customers(graph.store, since=0)
    find_customers(graph.store)
    with pytest.raises(UsageError, match="learned of all records"):
        graph.duplicates.find(since=0, retrain=True)
    with pytest.raises(UsageError, match="'last' is not the number of a load"):
        graph.duplicates.find(since="last")  # type: ignore[arg-type]


def test_side_files_are_no_more_readable_than_the_graph(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    path = Path(graph.url.removeprefix("sqlite:///"))
    path.chmod(0o600)
    find_customers(graph.store)
    for ending in (".snapshot", ".compared"):
        assert Path(f"{path}{ending}").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_kept_is_said(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,{WANG},\n{OTHERS}"})
    file = graph.snapshot().with_suffix(".compared")
    file.mkdir()
    heard: list[str] = []
    find_customers(graph.store, say=heard.append)
    assert clusters_of(graph)["A"]
    assert any(str(file) in text for text in heard)
    assert find_customers(graph.store, since=0).whole
