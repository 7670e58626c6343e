"""The vocabulary as documents: `docs/model.md` and a JSON Schema, made from the declarations."""

from collections.abc import Iterable
from typing import Any

from graphcrm.model import codes
from graphcrm.model.codes import Code
from graphcrm.model.vocabulary import VOCABULARY, EdgeType, NodeType, Property, Table, Vocabulary

_HEAD = """# The model
Made by `python -m graphcrm.model` from the declarations in `graphcrm/model/`; don't edit it here.

A file of the interchange format holds one table, is named after it and has the columns below;
`*` = required. Every table may also carry `source` (the system a row came from) and `deleted_on`
(the day the source closed it). Unknown columns are kept and count as personal data.

Sensitivity: *general*, *personal*, or *sensitive* (handle with the greatest care).
"""

_DERIVED = """## Derived types
What analyses make of the graph. No file brings it and no load changes it: it holds until the
analysis is run again. See [decision 8](adr/0008-results-of-analyses-are-derived-nodes.md).
"""


def markdown(vocabulary: Vocabulary = VOCABULARY) -> str:
    """The text of `docs/model.md`: tables, node types, edge types and code lists."""
    parts = [_HEAD, "## Tables\n"]
    parts += [_table(table) for table in vocabulary.tables.values()]
    parts.append("## Node types\n")
    parts += [_node(node) for node in vocabulary.nodes.values() if not node.derived]
    edges = vocabulary.edges.values()
    parts.append("## Edge types\n" + _edges(edge for edge in edges if not edge.derived))
    parts.append(_DERIVED)
    parts += [_derived(node, node.label) for node in vocabulary.nodes.values() if node.derived]
    parts += [_derived(edge, edge.name) for edge in edges if edge.derived]
    parts.append("## Codes\n" + _codes())
    return "\n".join(parts)


def json_schema(vocabulary: Vocabulary = VOCABULARY) -> dict[str, Any]:
    """A JSON Schema (2020-12) with a definition for each table, identifier and edge type.

    Properties carry `x-zh`, `x-sensitivity` and, where they have one, `x-unit`.
    """
    definitions: dict[str, Any] = {}
    for name, table in vocabulary.tables.items():
        definitions[f"table:{name}"] = _definition(table.model.model_json_schema(), table.columns)
    for label, node in vocabulary.nodes.items():
        if not node.recorded:
            schema = node.model.model_json_schema()
            definitions[f"node:{label}"] = _definition(schema, node.properties)
    for type_, edge in vocabulary.edges.items():
        definitions[f"edge:{type_}"] = _definition(edge.model.model_json_schema(), edge.properties)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions}


def _definition(schema: dict[str, Any], properties: Iterable[Property]) -> dict[str, Any]:
    """A schema that holds nothing but the given properties, with what we know of them."""
    named = {p.name: p for p in properties}
    described = schema.get("properties", {})
    kept = {}
    for name, prop in named.items():
        extra = {"x-zh": prop.traits.zh, "x-sensitivity": prop.traits.sensitivity.value}
        if prop.traits.unit:
            extra["x-unit"] = prop.traits.unit
        kept[name] = described[name] | extra
    return schema | {"properties": kept}


def _table(table: Table) -> str:
    columns = [p for p in table.columns if p.name not in ("source", "deleted_on")]
    summary = " ".join((table.model.__doc__ or "").split())
    return f"### `{table.name}`\n{summary}\n\n{_columns('column', columns)}"


def _columns(what: str, columns: Iterable[Property]) -> str:
    rows = [
        [
            f"`{p.name}`{'*' if p.required else ''}",
            p.traits.zh,
            p.kind.name,
            p.traits.unit or "",
            p.traits.sensitivity.value,
            p.description + _makes(p),
        ]
        for p in columns
    ]
    return _grid([what, "中文", "type", "unit", "sensitivity", "meaning"], rows)


def _derived(type_: NodeType | EdgeType, name: str) -> str:
    summary = " ".join(type_.doc.split())
    if isinstance(type_, EdgeType):
        summary += f" From {'/'.join(type_.start)} to {'/'.join(type_.end)}."
    return f"### `{name}` {type_.zh}\n{summary}\n\n{_columns('property', type_.properties)}"


def _makes(prop: Property) -> str:
    """Which edge a column makes, in words."""
    if prop.link is None or not prop.link.edges:
        return ""
    edges = ", ".join(f"`{edge}`" for edge in prop.link.edges)
    return f" → {edges} ({'/'.join(prop.link.to)})"


def _node(node: NodeType) -> str:
    derived = [f"`{p.name}` ({p.description})" for p in node.properties if p.traits.derived]
    carried = [f"`{p.name}`" for p in node.properties if not p.traits.derived]
    lines = [f"### `{node.label}` {node.zh}", " ".join(node.doc.split())]
    lines.append(f"Carries {', '.join(carried)}.")
    if derived:
        lines.append(f"Derived when loading: {'; '.join(derived)}.")
    if node.shared and not node.plain:
        lines.append("Its id is a keyed hash of its value, so that ids tell nothing.")
    return "\n".join([lines[0], " ".join(lines[1:]), ""])


def _edges(edges: Iterable[EdgeType]) -> str:
    rows = [
        [
            f"`{edge.name}`",
            edge.zh,
            "/".join(edge.start),
            "/".join(edge.end),
            ", ".join(f"`{p.name}`" for p in edge.properties),
            " ".join(edge.doc.split()),
        ]
        for edge in edges
    ]
    return _grid(["type", "中文", "from", "to", "carries", "meaning"], rows)


def _codes() -> str:
    lists = [c for c in vars(codes).values() if isinstance(c, type) and issubclass(c, Code)]
    rows = [
        [code_list.__name__, f"`{code.value}`", code.en, code.zh]
        for code_list in lists
        if code_list is not Code
        for code in code_list
    ]
    return _grid(["list", "code", "English", "中文"], rows)


def _grid(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
