"""The nodes and edges of the page: how each looks, what it says, how much it matters."""

import math
from collections import defaultdict
from typing import Any

import networkx as nx

from graphcrm.picture import palette
from graphcrm.picture.facts import Facts, edge_facts, node_facts
from graphcrm.picture.layout import radial_places
from graphcrm.picture.names import caption, edge_type_name, one_line, property_name
from graphcrm.words import Language

Node = tuple[str, str]

_SIZES = {palette.PARTY: 15, palette.BUSINESS: 12, palette.DEALING: 12, palette.IDENTIFIER: 11}
_FAMILIES = list(_SIZES)
_CENTRE_SIZE = 26
_BEND = 0.22
_LEADS_TO_POLICY = ("CLAIM_ON", "PREMIUM_OF")


def roots_of(graph: "nx.MultiDiGraph[Any]", centre: Node | None) -> list[Node]:
    """What the picture is about: the centre, else the nodes at hop 0, else the busiest node."""
    if centre is not None and centre in graph:
        return [centre]
    nearest = [node for node in graph if graph.nodes[node].get("hop") == 0]
    busiest = sorted(graph.nodes, key=lambda node: -graph.degree(node))[:1]
    return nearest or busiest


def nodes_of(
    graph: "nx.MultiDiGraph[Any]", roots: list[Node], lang: Language
) -> list[dict[str, Any]]:
    """The nodes as vis-network takes them, most important first (their captions go first)."""
    places = radial_places(graph, roots)
    order = sorted(
        graph.nodes,
        key=lambda node: (
            node not in roots,
            (graph.nodes[node].get("hop") or 0) > 1,
            _FAMILIES.index(palette.node_style(node[0]).shape),
            -graph.degree(node),
        ),
    )
    return [_node(graph, node, node in roots, places[node], lang) for node in order]


def _node(
    graph: "nx.MultiDiGraph[Any]",
    node: Node,
    root: bool,
    place: tuple[float, float],
    lang: Language,
) -> dict[str, Any]:
    label, id_ = node
    attributes = graph.nodes[node]
    style = palette.node_style(label)
    facts = node_facts(label, attributes, lang, _currency(graph, node))
    pointed = {"background": style.colour, "border": palette.ACCENT}
    size = _SIZES[style.shape] + min(8.0, 2.2 * math.log2(1 + graph.degree(node) / 6))
    return {
        "id": key_of(node),
        "label": caption(label, id_, attributes, lang),
        "shape": style.shape,
        "size": _CENTRE_SIZE if root else round(size, 1),
        "color": {
            "background": style.colour,
            "border": style.border,
            "hover": pointed,
            "highlight": pointed,
        },
        "x": place[0],
        "y": place[1],
        "kind": label,
        "key": id_,
        "root": root,
        "facts": _named(facts, lang),
    }


def edges_of(graph: "nx.MultiDiGraph[Any]", lang: Language) -> list[dict[str, Any]]:
    """The edges as vis-network takes them; those between the same two nodes fan out."""
    beside: dict[frozenset[Node], list[tuple[Node, Node, dict[str, Any]]]] = defaultdict(list)
    for start, end, attributes in graph.edges(data=True):
        beside[frozenset((start, end))].append((start, end, attributes))
    edges: list[dict[str, Any]] = []
    for parallel in beside.values():
        first = parallel[0][0]
        step = min(_BEND, 1.4 / len(parallel))
        for number, (start, end, attributes) in enumerate(parallel):
            bend = (number - (len(parallel) - 1) / 2) * step
            type_ = str(attributes.get("type", ""))
            facts = edge_facts(type_, attributes, lang, _currency(graph, start))
            edges.append(
                {
                    "id": len(edges),
                    "from": key_of(start),
                    "to": key_of(end),
                    # One spring for each pair: parallel ones would pull the two together.
                    "physics": number == 0,
                    "smooth": _smooth(bend if start == first else -bend),
                    "selfReference": {"size": 18 + 7 * number, "angle": math.pi / 4},
                    "name": edge_type_name(type_, lang),
                    "facts": _named(facts, lang),
                }
            )
    return edges


def _smooth(bend: float) -> bool | dict[str, Any]:
    if abs(bend) < 0.001:
        return False
    turn = "curvedCW" if bend > 0 else "curvedCCW"
    return {"enabled": True, "type": turn, "roundness": round(abs(bend), 3)}


def key_of(node: Node) -> str:
    """The node's identity as one text."""
    return f"{node[0]}:{node[1]}"


def _named(facts: Facts, lang: Language) -> list[tuple[str, str]]:
    return [(property_name(name, prop, lang), one_line(value)) for prop, name, value in facts]


def _currency(graph: "nx.MultiDiGraph[Any]", node: Node) -> str | None:
    """The currency of a policy, or of the policy of a claim or premium where that is here."""
    if node[0] == "Policy":
        return str(graph.nodes[node].get("currency") or "CNY")
    for _, policy, attributes in graph.out_edges(node, data=True):
        if attributes.get("type") in _LEADS_TO_POLICY:
            return str(graph.nodes[policy].get("currency") or "CNY")
    return None
