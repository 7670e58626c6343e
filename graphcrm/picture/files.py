"""GraphML and GEXF, for Gephi, Cytoscape, yEd and other graph tools.

Both formats and the tools that read them have names of their own: `label` is the text shown at a
node, `id` its key, `type` of an edge whether it is directed. So a node's type goes into
`node_type`, its own id into `node_id`, an edge's type into `edge_type`, and `label` is what people
read. All other properties keep their names.
"""

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import networkx as nx

from graphcrm.picture.names import caption, edge_type_name
from graphcrm.picture.palette import node_style, rgb
from graphcrm.words import Language

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold."""

_TAKEN = frozenset(
    {"id", "key", "pid", "start", "end", "parents", "slices", "spells", "viz", "weight"}
)
"""Names that networkx takes for parts of the format."""

_RENAMED = {"label": "node_type", "id": "node_id", "type": "edge_type"}


def write_graphml(graph: "nx.MultiDiGraph[Any]", path: Path, lang: Language) -> None:
    """Write GraphML. Node ids are `Label:id`; values are text, numbers or truth values."""
    nx.write_graphml(_plain(graph, lang), path, encoding="utf-8")


def write_gexf(graph: "nx.MultiDiGraph[Any]", path: Path, lang: Language) -> None:
    """Write GEXF 1.2, the nodes in the colours of the palette."""
    plain = _plain(graph, lang)
    for _, attributes in plain.nodes(data=True):
        red, green, blue = rgb(node_style(attributes["node_type"]).colour)
        attributes["viz"] = {"color": {"r": red, "g": green, "b": blue, "a": 1.0}}
    nx.write_gexf(plain, path, encoding="utf-8", version="1.2draft")


def _plain(graph: "nx.MultiDiGraph[Any]", lang: Language) -> "nx.MultiDiGraph[str]":
    """The graph with text for nodes and nothing that the formats can't hold."""
    names: dict[Any, str] = {}
    uses: Counter[str] = Counter()
    for label, id_ in graph:
        name = _text(f"{label}:{id_}")
        uses[name] += 1
        # Two ids that differ in forbidden characters only stay two nodes.
        names[label, id_] = name if uses[name] == 1 else f"{name}~{uses[name]}"
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        shown = _text(caption(node[0], node[1], attributes, lang))
        full = {**attributes, "label": node[0], "id": node[1]}
        plain.add_node(names[node], label=shown, **_attributes(full))
    for number, (start, end, attributes) in enumerate(graph.edges(data=True)):
        shown = _text(edge_type_name(str(attributes.get("type", "")), lang))
        plain.add_edge(
            names[start], names[end], key=f"e{number}", label=shown, **_attributes(attributes)
        )
    _agree(attributes for _, attributes in plain.nodes(data=True))
    _agree(attributes for _, _, attributes in plain.edges(data=True))
    return plain


def _attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What is known, as plain values; empty text counts as unknown."""
    plain: dict[str, Any] = {}
    for name, value in attributes.items():
        name = _RENAMED.get(name, f"{name}_" if name in _TAKEN else name)
        value = _scalar(value)
        if value not in (None, ""):
            plain[_text(name)] = value
    return plain


def _scalar(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "item") and not isinstance(value, str):
        return _scalar(value.item())
    if isinstance(value, list | tuple | dict | set | frozenset):
        listed = sorted(value) if isinstance(value, set | frozenset) else value
        return _text(json.dumps(listed, ensure_ascii=False, default=str))
    return _text(str(value))


def _text(text: str) -> str:
    """Text as XML gives it back: nothing forbidden, line ends as line feeds."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _agree(rows: Iterable[dict[str, Any]]) -> None:
    """One type for each attribute, as GEXF wants it: mixed numbers as float, else text."""
    listed = list(rows)
    types: dict[str, set[type]] = {}
    for row in listed:
        for name, value in row.items():
            types.setdefault(name, set()).add(type(value))
    mixed: dict[str, type] = {
        name: float if found == {int, float} else str
        for name, found in types.items()
        if len(found) > 1
    }
    for row in listed:
        for name in mixed.keys() & row.keys():
            row[name] = mixed[name](row[name])
