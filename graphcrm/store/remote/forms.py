"""What is sent to a service and comes from it, in the forms that stores have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import networkx as nx

from graphcrm.errors import StoreError, UsageError
from graphcrm.model import VOCABULARY
from graphcrm.store.paging import Condition, Node, columns_of
from graphcrm.store.surroundings import OUTSIDE

_PREMIUMS = ("Premium",)
_OF_A_RECORD = ("source", "deleted_on", "extra", "at_line", "path", "load")
_OF_A_LOAD = (
    "load", "state", "started_at", "finished_at", "as_of", "source", "by", "repeated_by",
)  # fmt: skip


def in_path(text: str) -> str:
    """A text as one part of a path."""
    encoded = quote(text, safe="")
    return encoded.replace(".", "%2E") if set(text) == {"."} else encoded


def known_label(label: str) -> str:
    """A label that there is. UsageError for another."""
    columns_of(label)
    return label


def node_of(item: Mapping[str, Any]) -> Node:
    """The node that is named."""
    return item["label"], item["id"]


def described(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node with all that stores tell of its label, None where it is not known, or not told."""
    names = (p.name for p in VOCABULARY.nodes[node["label"]].properties)
    empty = dict.fromkeys((*names, *_OF_A_RECORD))
    return {"label": node["label"], "id": node["id"], **empty, **node}


def graph_of(told: Mapping[str, Any]) -> nx.MultiDiGraph[Any]:
    """Nodes and edges as a graph."""
    found: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for node in told["nodes"]:
        bare = node["label"] == OUTSIDE
        shown = {name: value for name, value in node.items() if not (bare and name == "id")}
        found.add_node(node_of(node), **shown)
    for edge in told["edges"]:
        more = {name: value for name, value in edge.items() if name not in ("start", "end")}
        found.add_edge(node_of(edge["start"]), node_of(edge["end"]), **more)
    found.graph.update({name: told[name] for name in ("complete", "hubs") if name in told})
    return found


def ways_of(told: Mapping[str, Any]) -> nx.MultiDiGraph[Any]:
    """Ways as a graph of all their nodes and edges, each once."""
    nodes: dict[Node, Mapping[str, Any]] = {}
    edges: list[Mapping[str, Any]] = []
    known: set[frozenset[Node]] = set()
    for way in told["paths"]:
        nodes |= {node_of(node): node for node in way["nodes"]}
        new = {frozenset(pair) for pair in pairwise(map(node_of, way["nodes"]))} - known
        edges += [
            edge
            for edge in way["edges"]
            if frozenset((node_of(edge["start"]), node_of(edge["end"]))) in new
        ]
        known |= new
    found = graph_of({"nodes": nodes.values(), "edges": edges, "complete": told["complete"]})
    found.graph["paths"] = [[node_of(node) for node in way["nodes"]] for way in told["paths"]]
    return found


def types_over(url: str, leave_out: Sequence[str], types: Sequence[str] | None) -> str | None:
    """The types of edges to go over; None for what a service goes over by itself.

    StoreError where a label can't be left out by its edges, UsageError where none is left.
    """
    if types is None and tuple(leave_out) == _PREMIUMS:
        return None
    gone = set(leave_out)
    kept = [
        edge
        for edge in VOCABULARY.edges.values()
        if (types is None or edge.name in types)
        and edge.name not in gone
        and set(edge.start) - gone
        and set(edge.end) - gone
    ]
    if any(gone & {*edge.start, *edge.end} for edge in kept):
        raise StoreError(
            f"{url}: a service can't leave out {', '.join(sorted(gone))}; leave out types of edges"
        )
    # what there is no such type of is left to the service, which says what there is
    names = [edge.name for edge in kept] + sorted(set(types or ()) - set(VOCABULARY.edges))
    if not names:
        raise UsageError("all types of edges are left out: nothing is left to go over")
    return ",".join(names)


def filters_of(where: Mapping[str, Any] | None) -> list[str]:
    """Conditions as parameters of an address."""
    found = []
    for name, given in (where or {}).items():
        asked = given if isinstance(given, Condition) else Condition("eq", given)
        if asked.op == "eq" and asked.value is None:
            asked = Condition("null", True)
        value: Any = asked.value
        if asked.op == "in":
            value = ",".join(map(str, value))
        elif asked.op == "null":
            value = "yes" if value else "no"
        found.append(f"{name}:{asked.op}:{value}")
    return found


def load_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A load; what it was asked for is not told."""
    files = [{**file, "path": file["name"]} for file in entry["files"]]
    report = {"load": entry["load"], "files": files, "healed": entry["healed"] or 0}
    return {
        **{name: entry[name] for name in _OF_A_LOAD},
        "complete": int(entry["full"]),
        "request": None,
        "report": report if files or entry["healed"] is not None else None,
    }


def load_in_short(line: Mapping[str, Any]) -> dict[str, Any]:
    """A load of which no more is told than how much it brought."""
    counts = {"rows": line["rows"], "refused": line["refused"]}
    names = ("load", "state", "started_at", "finished_at", "source")
    return {
        **dict.fromkeys(_OF_A_LOAD),
        **{name: line[name] for name in names},
        "report": None if line["rows"] is None else {"files": [counts]},
    }
