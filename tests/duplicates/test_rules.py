"""The duplicate rules, on records that were written to fit or just not to fit them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import graphcrm
from graphcrm.duplicates import RULES, evaluate, find_duplicates, summary
from graphcrm.errors import SourceError, UsageError

PERSONS = "id,name,sex,birth_date,id_type,id_number,phone,address,account,email,deleted_on\n"
GraphOf = Callable[..., graphcrm.Graph]


def groups(graph: graphcrm.Graph, rule: str) -> list[tuple[str, ...]]:
    """The ids of each group of a rule, in the order of the groups."""
    table = find_duplicates(graph.store, [rule])
    found: dict[int, list[str]] = {}
    for row in table.to_pylist():
        found.setdefault(row["group"], []).append(row["id"])
    return [tuple(ids) for ids in found.values()]


def test_five_fields_means_equal_to_the_letter(graph_of: GraphOf) -> None:
    same = "王芳,F,1990-01-02,passport,E12345678,,,,,"
    graph = graph_of(
        {
            "persons": PERSONS
            + f"A,{same}\nB,{same}\n"
            + "C,王 芳,F,1990-01-02,passport,E12345678,,,,,\n"  # equal once standardised
            + "D,王芳,M,1990-01-02,passport,E12345678,,,,,\n"
            + "E,王芳,F,1990-01-02,other,E12345678,,,,,\n"
            + "F,王芳,F,1990-01-02,passport,e12345678,,,,,\n"
            + "G,王芳,F,1990-01-02,passport,E12345678,,,,,2020-01-01\n"  # closed
            + "H,李强,,1980-05-06,passport,E9,,,,,\nI,李强,,1980-05-06,passport,E9,,,,,\n"
        }
    )
    assert groups(graph, "five_fields") == [("A", "B")]


def test_five_fields_need_no_standardised_name(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "persons": PERSONS
            + "A,???,F,1990-01-02,passport,E1,,,,,\nB,???,F,1990-01-02,passport,E1,,,,,\n"
            + "C,***,F,1990-01-02,passport,E1,,,,,\n"
        }
    )
    keys = [graph.node(id)["name_key"] for id in "ABC"]
    assert keys == [None, None, None]
    assert groups(graph, "five_fields") == [("A", "B")]


def test_document_in_either_form_of_open_persons_only(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "persons": PERSONS
            + "A,王芳,F,1949-12-31,resident_id,11010519491231002X,,,,,\n"
            + "B,王方,F,1949-12-31,resident_id,110105491231002,,,,,\n"
            + "C,李强,M,1980-05-06,passport,E12345678,,,,,\n"
            + "D,李强,M,1980-05-06,passport,E12345678,,,,,2020-01-01\n"
        }
    )
    table = find_duplicates(graph.store, ["same_document"])
    assert table["id"].to_pylist() == ["A", "B"]
    assert {"resident_id 11010519491231002X"} == set(table["evidence"].to_pylist())


def test_same_person_needs_name_birth_date_and_one_more(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "persons": PERSONS
            + "A,王芳,F,1990-01-02,,,13800138000,,6222000000000000001,,\n"
            + "B,王 芳,F,1990-01-02,,,+86 138 0013 8000,,6222000000000000001,,\n"
            + "C,王芳,F,1990-01-02,,,13800138001,,,a@b.cn,\n"
            + "D,王芳,F,1990-01-02,,,13800138000,,,a@b.cn,\n"
            + "E,王芳,F,1991-01-02,,,13800138000,,,,\n"
            + "F,赵六,F,1990-01-02,,,13800138000,,,,\n"
        }
    )
    assert groups(graph, "same_person") == [("A", "B", "D"), ("A", "B"), ("C", "D")]


def test_groups_of_the_same_records_are_one_with_all_evidence(graph_of: GraphOf) -> None:
    row = "王芳,F,1990-01-02,,,13800138000,,6222000000000000001,,"
    graph = graph_of({"persons": f"{PERSONS}A,{row}\nB,{row}\n"})
    table = find_duplicates(graph.store, ["same_person"])
    assert table["group"].to_pylist() == [1, 1]
    assert (
        table["evidence"][0].as_py()
        == "account 6222000000000000001 of 王芳 1990-01-02; phone +8613800138000 of 王芳 1990-01-02"
    )


def test_institutions_by_credit_code_or_core_name_in_a_region(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "institutions": """id,name,uscc,region_code
                A,广州市田源财务咨询有限公司,91440117MAL314282X,440117
                B,田源咨询,91440117MAL314282X,440100
                C,广州市田源财务咨询有限公司人力资源部,,440117
                D,杭州市龙远汽车销售服务有限公司,91330106MAR282461F,330106"""
        }
    )
    found = groups(graph, "same_institution")
    assert ("A", "B") in found
    assert ("A", "C") in found
    assert not [group for group in found if "D" in group]


def test_a_text_of_evidence_belongs_to_one_group(sample_graph: Any) -> None:
    for rule in RULES.values():
        table = sample_graph.graph.query(rule.question)
        counted = table.group_by("evidence").aggregate([("id", "count_distinct"), ("id", "count")])
        assert counted["id_count"].to_pylist() == counted["id_count_distinct"].to_pylist()
        assert min(counted["id_count"].to_pylist()) > 1
        assert {rule.label} == set(table["label"].to_pylist())


def test_groups_are_dense_and_the_summary_counts_them(sample_graph: Any) -> None:
    table = find_duplicates(sample_graph.graph.store)
    for line in summary(table).to_pylist():
        rows = [row for row in table.to_pylist() if row["rule"] == line["rule"]]
        sizes = [0] * line["groups"]
        for row in rows:
            sizes[row["group"] - 1] += 1
        assert sizes == sorted(sizes, reverse=True)
        assert line["pairs"] == sum(k * (k - 1) // 2 for k in sizes)
        assert line["records"] == len({row["id"] for row in rows})
    assert list(RULES) == summary(table)["rule"].to_pylist()


def test_a_rule_that_finds_nothing_is_in_the_summary(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": f"{PERSONS}A,王芳,F,1990-01-02,passport,E1,,,,,\n"})
    lines = summary(find_duplicates(graph.store)).to_pylist()
    assert [line["groups"] for line in lines] == [0, 0, 0, 0]


def test_unknown_rule(sample_graph: Any) -> None:
    with pytest.raises(UsageError, match="five_fields"):
        find_duplicates(sample_graph.graph.store, ["six_fields"])


def test_the_sample_against_its_truth(sample_graph: Any) -> None:
    table = find_duplicates(sample_graph.graph.store)
    lines = {line["rule"]: line for line in evaluate(table, sample_graph.truth).to_pylist()}
    rows = [row for row in table.to_pylist() if row["label"] == "Person"]
    query = f"SELECT id, entity_id FROM '{sample_graph.truth}/persons.csv'"
    entity = dict(duckdb.execute(query).fetchall())
    for rule in ("five_fields", "same_document", "same_person"):
        members: dict[int, list[str]] = {}
        for row in rows:
            if row["rule"] == rule:
                members.setdefault(row["group"], []).append(row["id"])
        pairs = {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}
        correct = sum(entity[a] == entity[b] for a, b in pairs)
        assert (len(pairs), correct) == (lines[rule]["pairs_found"], lines[rule]["correct"])
    assert lines["five_fields"]["precision"] == 1.0
    assert lines["all"]["recall"] > lines["five_fields"]["recall"]
    for line in lines.values():
        assert line["missed"] == line["true_pairs"] - line["correct"]
        assert line["wrong"] == line["pairs_found"] - line["correct"]
        assert 0 == line["large_groups"] == line["unjudged"]


FOUND = [("rule", pa.string()), ("group", pa.int64()), ("label", pa.string()), ("id", pa.string()),
         ("name", pa.string()), ("evidence", pa.string())]  # fmt: skip


def found_table(rows: list[tuple[str, int, str]]) -> pa.Table:
    """A table of persons from (rule, group, id)."""
    full = [(rule, group, "Person", id, id, f"{rule} {group}") for rule, group, id in rows]
    names = [name for name, _ in FOUND]
    return pa.Table.from_pylist([dict(zip(names, r, strict=True)) for r in full], pa.schema(FOUND))


def truth_of(folder: Path, text: str, name: str = "persons.csv") -> Path:
    """A truth file."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("id,entity_id\n" + "".join(f"{line}\n" for line in text.split()), "utf-8")
    return path


def test_pairs_are_counted_once_and_judged_by_the_truth(tmp_path: Path) -> None:
    table = found_table(
        [("same_document", 1, "A"), ("same_document", 1, "B"), ("same_document", 1, "C"),
         ("same_document", 2, "A"), ("same_document", 2, "B"),
         ("same_person", 1, "A"), ("same_person", 1, "B"),
         ("same_person", 2, "D"), ("same_person", 2, "E"),
         ("same_person", 3, "A"), ("same_person", 3, "Z")]
    )  # fmt: skip
    truth = truth_of(tmp_path, "A,1 B,1 C,2 D,3 E,3 F,4 G,4")
    lines = {line["rule"]: line for line in evaluate(table, truth).to_pylist()}
    keys = ("pairs_found", "true_pairs", "correct", "wrong", "missed", "only_here", "unjudged")
    assert tuple(lines["same_document"][key] for key in keys) == (3, 3, 1, 2, 2, 0, 0)
    assert tuple(lines["same_person"][key] for key in keys) == (2, 3, 2, 0, 1, 1, 1)
    assert tuple(lines["all"][key] for key in keys) == (4, 3, 2, 2, 1, None, 1)
    assert pytest.approx(2 * 2 / 7) == lines["all"]["f1"]


def test_large_groups_are_counted_not_cut(tmp_path: Path) -> None:
    ids = [f"P{n}" for n in range(300)]
    table = found_table([("same_person", 1, id) for id in ids])
    truth = truth_of(tmp_path, " ".join(f"{id},{n // 3}" for n, id in enumerate(ids)))
    by_hand, counted = (
        evaluate(table, truth, expand_up_to=most).to_pylist()[0] for most in (300, 10)
    )
    assert counted["pairs_found"] == 300 * 299 // 2
    assert (by_hand.pop("large_groups"), counted.pop("large_groups")) == (0, 1)
    assert by_hand == counted


def test_a_department_entered_as_an_institution_is_its_institution(
    sample_graph: Any, tmp_path: Path
) -> None:
    parts = duckdb.execute(
        f"SELECT record_id, institution_entity_id FROM '{sample_graph.truth}/departments.csv'"
    ).fetchall()
    entity = dict(
        duckdb.execute(
            f"SELECT id, entity_id FROM '{sample_graph.truth}/institutions.csv'"
        ).fetchall()
    )
    assert parts
    assert all(entity[record] == whole for record, whole in parts)
    table = find_duplicates(sample_graph.graph.store, ["same_institution"])
    line = evaluate(table, sample_graph.truth / "institutions.csv").to_pylist()[0]
    assert line["correct"] > 0


@pytest.mark.parametrize("name", ["people.csv", "persons.txt"])
def test_a_truth_must_be_named_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="persons"):
        evaluate(found_table([]), truth_of(tmp_path, "A,1", name))


def test_unreadable_truths(tmp_path: Path) -> None:
    table = found_table([("same_person", 1, "A"), ("same_person", 1, "B")])
    with pytest.raises(UsageError, match="no such file"):
        evaluate(table, tmp_path / "nowhere")
    with pytest.raises(UsageError, match="persons"):
        evaluate(table, tmp_path)
    with pytest.raises(SourceError, match="two entities"):
        evaluate(table, truth_of(tmp_path / "b", "A,1 A,2"))
    with pytest.raises(UsageError, match="none of the graph's ids"):
        evaluate(table, truth_of(tmp_path / "c", "X1,1 X2,1"))
    path = tmp_path / "persons.csv"
    path.write_text("id,who\nA,1\n", "utf-8")
    with pytest.raises(SourceError, match="entity_id"):
        evaluate(table, path)
