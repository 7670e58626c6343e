from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY
from graphcrm.picture import node_style, write_picture
from graphcrm.picture.elements import edges_of
from graphcrm.picture.facts import edge_facts, node_facts
from graphcrm.picture.layout import radial_places
from graphcrm.picture.names import caption, edge_type_name, node_type_name, shortened
from graphcrm.picture.palette import rgb
from tests.work import lines_run

EVIL = "</script><img src=x onerror=alert(1)>\"'\u2028&<!--"

Graph = nx.MultiDiGraph


def small() -> Graph[Any]:
    graph: Graph[Any] = nx.MultiDiGraph(complete=True)
    zhang, policy, agent = ("Person", "P1"), ("Policy", "POL1"), ("Agent", "A1")
    claim = ("Claim", "C1")
    graph.add_node(zhang, label="Person", id="P1", hop=0, name="张颖", sex="F", name_key="张颖")
    graph.add_node(policy, label="Policy", id="POL1", hop=1, premium=1234567.5, status="in_force")
    graph.add_node(agent, label="Agent", id="A1", hop=2, name=EVIL, tier=3)
    graph.add_node(claim, label="Claim", id="C1", hop=2, amount_paid=10.0, loss_on="2026-01-02")
    graph.add_edge(zhang, policy, type="HOLDS")
    graph.add_edge(zhang, policy, type="INSURED_UNDER", valid_from="2026-01-01")
    graph.add_edge(agent, policy, type="SERVES")
    graph.add_edge(claim, policy, type="CLAIM_ON")
    graph.add_edge(claim, zhang, type="PAID_TO", amount=10.0, paid_on="2026-02-01")
    return graph


def html(tmp_path: Path, graph: Graph[Any], lang: Any = "en", title: str = "A title") -> str:
    path = tmp_path / "picture.html"
    write_picture(graph, path, title=title, lang=lang, centre=next(iter(graph), None))
    return path.read_text(encoding="utf-8")


def data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    parsed: dict[str, Any] = json.loads(found[1])
    return parsed


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_page_names_nothing_to_fetch(tmp_path: Path) -> None:
    tags = Tags()
    tags.feed(html(tmp_path, small()))
    assert [tag for tag, attrs in tags.seen if {"src", "href", "srcset", "data"} & set(attrs)] == []
    assert not {"link", "iframe", "object", "embed", "base"} & {tag for tag, _ in tags.seen}
    policies = [attrs["content"] for tag, attrs in tags.seen if attrs.get("http-equiv")]
    assert len(policies) == 1
    policy = policies[0]
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_untrusted_text_stays_text(tmp_path: Path) -> None:
    page = html(tmp_path, small(), title=EVIL)
    tags = Tags()
    tags.feed(page)
    assert [tag for tag, _ in tags.seen].count("script") == 3
    assert "img" not in [tag for tag, _ in tags.seen]
    assert "\u2028" not in page
    agent = next(n for n in data(page)["nodes"] if n["kind"] == "Agent")
    assert dict(agent["facts"])["name"] == EVIL.replace("\u2028", " ")


@pytest.mark.parametrize(
    ("lang", "person", "holds"), [("en", "Person", "holds"), ("zh", "个人", "投保")]
)
def test_page_speaks_the_language(tmp_path: Path, lang: str, person: str, holds: str) -> None:
    given_data = data(html(tmp_path, small(), lang))
    legend = {entry["label"]: entry for entry in given_data["page"]["types"]}
    assert legend["Person"]["name"] == person
    assert legend["Person"]["count"] == 1
    assert holds in [edge["name"] for edge in given_data["edges"]]


def test_page_says_when_more_was_there(tmp_path: Path) -> None:
    graph = small()
    assert data(html(tmp_path, graph))["page"]["complete"] is True
    graph.graph["complete"] = False
    page = data(html(tmp_path, graph))["page"]
    assert page["complete"] is False
    assert "--limit" in page["words"]["incomplete_advice"]


def test_facts_are_formatted_for_people() -> None:
    graph = small()
    policy = node_facts("Policy", graph.nodes["Policy", "POL1"], "zh", "CNY")
    assert [(name, value) for _, name, value in policy] == [
        ("premium", "1,234,567.50 CNY"),
        ("status", "有效"),
    ]
    person = node_facts("Person", graph.nodes["Person", "P1"], "en", None)
    assert [(name, value) for _, name, value in person] == [("name", "张颖"), ("sex", "female")]
    paid = edge_facts("PAID_TO", {"type": "PAID_TO", "amount": 10.0}, "en", "USD")
    assert [(name, value) for _, name, value in paid] == [("amount", "10.00 USD")]


def test_claims_take_the_currency_of_their_policy(tmp_path: Path) -> None:
    graph = small()
    graph.nodes["Policy", "POL1"]["currency"] = "USD"
    claim = next(n for n in data(html(tmp_path, graph))["nodes"] if n["kind"] == "Claim")
    assert dict(claim["facts"])["amount paid"] == "10.00 USD"


@pytest.mark.parametrize(
    ("label", "id_", "attributes", "expected"),
    [
        ("Person", "P1", {"name": "张颖"}, "张颖"),
        ("Phone", "abc", {"value": "+8613800000000"}, "+8613800000000"),
        ("Line", "life", {"value": "life"}, "寿险"),
        ("Vehicle", "V1", {"plate": "川A12345"}, "川A12345"),
        ("Policy", "POL1", {}, "POL1"),
        ("Policy", "core-system:POL000000012345", {}, "core-sys…000012345"),
        ("Address", "x", {"value": "四川省成都市新津区泰山路128号"}, "四川省成都市新津区泰山…"),
        ("Person", "P1", {"name": "a\nb\x00c"}, "a b c"),
    ],
)
def test_captions(label: str, id_: str, attributes: dict[str, Any], expected: str) -> None:
    assert caption(label, id_, attributes, "zh") == expected


@given(st.text(max_size=60), st.integers(2, 30))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert len(shortened(text, width)) <= width


def test_unknown_types_have_names_and_a_look() -> None:
    assert node_type_name("FraudCase", "zh") == "Fraud Case"
    assert edge_type_name("LIVES_WITH", "zh") == "lives with"
    assert node_style("FraudCase").shape == "dot"


def test_parallel_edges_fan_out_and_pull_once() -> None:
    graph: Graph[Any] = nx.MultiDiGraph()
    one, two = ("Agent", "A"), ("Policy", "P")
    for _ in range(2):
        graph.add_edge(one, two, type="SERVES")
        graph.add_edge(two, one, type="ENTERED_BY")
    edges = edges_of(graph, "en")
    sides = set()
    for edge in edges:
        turn = edge["smooth"]["type"] == "curvedCW"
        sides.add((turn == (edge["from"] == "Agent:A"), edge["smooth"]["roundness"]))
    assert len(sides) == len(edges) == 4
    assert [edge["physics"] for edge in edges].count(True) == 1


def test_work_grows_no_faster_than_the_picture(tmp_path: Path) -> None:
    def of(nodes: int) -> Graph[Any]:
        graph: Graph[Any] = nx.MultiDiGraph(complete=True)
        for i in range(nodes):
            graph.add_node(("Policy", f"P{i}"), label="Policy", id=f"P{i}", hop=1, premium=1.0)
            graph.add_edge(("Policy", "P0"), ("Policy", f"P{i}"), type="RENEWS")
            graph.add_edge(("Policy", f"P{i}"), ("Policy", f"P{i // 2}"), type="REPLACES")
        return graph

    small_one, large_one = of(150), of(600)
    html(tmp_path, small_one)  # what is made once is made
    few = lines_run(lambda: html(tmp_path, small_one))
    assert 150 < few < lines_run(lambda: html(tmp_path, large_one)) < 5 * few


def test_the_same_graph_gives_the_same_page(tmp_path: Path) -> None:
    assert html(tmp_path, small()) == html(tmp_path, small())


def test_places_are_distinct_and_the_root_is_in_the_middle() -> None:
    graph: Graph[Any] = nx.MultiDiGraph(nx.balanced_tree(4, 3))
    graph = nx.relabel_nodes(graph, {n: ("Person", str(n)) for n in graph})
    graph.add_edge(("Person", "far"), ("Person", "away"))
    places = radial_places(graph, [("Person", "0")])
    assert set(places) == set(graph)
    assert len(set(places.values())) == len(graph)
    alone = radial_places(graph.subgraph([("Person", "0")]), [("Person", "0")])
    assert alone == {("Person", "0"): (0.0, 0.0)}


# Linear-RGB matrices for severity 1.0 of Machado, Oliveira and Fernandes (2009).
DEFICIENCIES = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
    "none": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}  # fmt: skip


def seen_as(colour: str, matrix: Any) -> tuple[float, float, float]:
    """CIELAB of a colour as somebody with a deficiency sees it."""
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 3294.6 for c in rgb(colour)]
    r, g, b = (
        min(1.0, max(0.0, sum(m * x for m, x in zip(row, linear, strict=True)))) for row in matrix
    )
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colours_of_a_shape_stay_apart(deficiency: str) -> None:
    matrix = DEFICIENCIES[deficiency]
    styles = [node_style(label) for label in VOCABULARY.nodes]
    for one, two in itertools.combinations(styles, 2):
        if one.shape == two.shape:
            pairs = zip(seen_as(one.colour, matrix), seen_as(two.colour, matrix), strict=True)
            assert sum((a - b) ** 2 for a, b in pairs) ** 0.5 > 16, (one, two)


def test_every_type_has_its_own_look() -> None:
    styles = {label: node_style(label) for label in VOCABULARY.nodes}
    unknown = node_style("Nothing").colour
    assert all(style.colour != unknown for style in styles.values())
    for field in ("colour", "en", "zh"):
        assert len({getattr(style, field) for style in styles.values()}) == len(styles)


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
def test_files_read_back_the_same(tmp_path: Path, ending: str) -> None:
    graph = small()
    graph.nodes["Agent", "A1"]["note"] = "bell \x07, line\r\nend, ￿"
    graph.nodes["Agent", "A1"]["nothing"] = None
    path = tmp_path / f"picture.{ending}"
    write_picture(graph, path, title="x", lang="zh", centre=None)
    back = read_back(path)
    assert len(back) == len(graph)
    assert back.number_of_edges() == graph.number_of_edges()
    agent = {k: v for k, v in back.nodes["Agent:A1"].items() if k != "viz"}
    assert agent == {
        "label": shortened(EVIL, 24),
        "node_type": "Agent",
        "node_id": "A1",
        "hop": 2,
        "name": EVIL,
        "tier": 3,
        "note": "bell , line\nend, ",
    }
    assert back.nodes["Policy:POL1"]["premium"] == 1234567.5
    between = back.get_edge_data("Person:P1", "Policy:POL1").values()
    assert {edge["edge_type"] for edge in between} == {"HOLDS", "INSURED_UNDER"}
    assert {edge["label"] for edge in between} == {"投保", "被保险"}


def read_back(path: Path) -> Graph[Any]:
    read = nx.read_graphml if path.suffix == ".graphml" else nx.read_gexf
    return nx.MultiDiGraph(read(path))


VALUES = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=12)
PROPERTIES = st.dictionaries(st.sampled_from(["note", "start", "viz", "weight", "key"]), VALUES)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ids=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=5, unique=True),
    properties=st.lists(PROPERTIES, min_size=5, max_size=5),
    ends=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), PROPERTIES), max_size=8),
    ending=st.sampled_from(["graphml", "gexf"]),
)
def test_any_graph_reads_back_whole(
    tmp_path: Path,
    ids: list[str],
    properties: list[dict[str, Any]],
    ends: list[tuple[int, int, dict[str, Any]]],
    ending: str,
) -> None:
    graph: Graph[Any] = nx.MultiDiGraph()
    for id_, values in zip(ids, properties, strict=False):
        graph.add_node(("Person", id_), **values)
    for start, end, values in ends:
        nodes = list(graph)
        one, two = nodes[start % len(nodes)], nodes[end % len(nodes)]
        number = graph.add_edge(one, two)
        graph.edges[one, two, number].update(values, type="RELATED_TO")
    path = tmp_path / f"any.{ending}"
    write_picture(graph, path, title="x", lang="en", centre=None)
    back = read_back(path)
    assert len(back) == len(graph)
    assert back.number_of_edges() == graph.number_of_edges()
    page = data(html(tmp_path, graph))
    assert len(page["nodes"]) == len(graph)
    assert len(page["edges"]) == graph.number_of_edges()


def test_empty_graph(tmp_path: Path) -> None:
    assert data(html(tmp_path, nx.MultiDiGraph()))["nodes"] == []


def test_other_endings_and_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.html, \.graphml or \.gexf"):
        write_picture(small(), tmp_path / "a.png", title="x", lang="en", centre=None)
    with pytest.raises(UsageError, match="there is no folder"):
        write_picture(small(), tmp_path / "no" / "a.html", title="x", lang="en", centre=None)
    assert list(tmp_path.iterdir()) == []
