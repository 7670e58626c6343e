"""A file that has been read and validated, ready to be written to any store."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from graphcrm.model import VOCABULARY, Link, Property, Table

ID_SEPARATOR = ":"


@dataclass(frozen=True)
class StagedFile:
    """One validated file, as tables in a DuckDB connection.

    `rows` is a table with the columns
    - `at_line` (BIGINT, unique): the line in the file;
    - `id` (VARCHAR): the node's id in the graph, for tables whose rows are nodes;
    - `fingerprint` (BIGINT), beside `id`: the same for a row of the same columns and values;
    - `source` (VARCHAR): the system the row came from, or NULL;
    - each present column of the interchange table, typed, references as they were written;
    - for an identifier column `c`: `c__id` (VARCHAR), the id of its node, NULL where unusable;
    - each present derived property, and `extra` (VARCHAR, JSON) if the file has unknown columns,
      whose names are `extra_names`.

    `identifiers` names, for a label, a table (id, value, and the label's other properties) of the
    identifier nodes the rows refer to. `refused` names a table (line, column_name, value, reason,
    detail, record), one row for each refusal. `mended` names a table (load, file, line,
    at_line) of rows that were refused before, and stand in this file again, on the line `at_line`,
    because it is an exported quarantine.
    `watermark` (what was read, how far) is remembered when the rows are written.
    """

    connection: duckdb.DuckDBPyConnection
    path: str
    table: Table
    rows: str
    refused: str
    columns: tuple[str, ...]
    derived: tuple[str, ...] = ()
    has_extra: bool = False
    extra_names: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict)
    watermark: tuple[str, str] | None = None
    mended: str | None = None

    @property
    def stored(self) -> tuple[Property, ...]:
        """The properties of the node that this file brings."""
        node = self.table.node
        assert node is not None
        present = {*self.columns, *self.derived}
        return tuple(p for p in VOCABULARY.nodes[node.label].properties if p.name in present)

    @property
    def links(self) -> tuple[tuple[Property, Link], ...]:
        """The present columns that make edges, with the edges they make."""
        return tuple(
            (column, column.link)
            for column in self.table.links
            if column.name in self.columns and column.link is not None
        )

    @property
    def anchor(self) -> Property | None:
        """The column that names the start of an edge row; None where the row is the node."""
        edge = self.table.edge
        return self.table.column(edge.anchor) if edge else None


_ESCAPES = (("%25", "%2525"), ("%3A", "%253A"), (ID_SEPARATOR, "%3A"))
"""So a separator inside an id is no separator, and no other id looks the same."""


def escaped_id(id: str) -> str:
    """An id as a source has it, in the form in which it is a part of an id in the graph."""
    for plain, escaped in _ESCAPES:
        id = id.replace(plain, escaped)
    return id


def _escaped(reference: str) -> str:
    """The same as SQL; most ids need nothing."""
    escaped = reference
    for plain, written in _ESCAPES:
        escaped = f"replace({escaped}, '{plain}', '{written}')"
    odd = f"contains({reference}, '{ID_SEPARATOR}') OR contains({reference}, '%')"
    return f"CASE WHEN {odd} THEN {escaped} ELSE {reference} END"


def own_id(reference: str, source: str) -> str:
    """SQL for the id that a reference means in its row's own source."""
    own = _escaped(reference)
    return (
        f"CASE WHEN {source} IS NULL THEN {own} "
        f"ELSE {_escaped(source)} || '{ID_SEPARATOR}' || {own} END"
    )


def merged_extra(staged: StagedFile, incoming: str, stored: str) -> str:
    """SQL for unknown columns of which a file brings some: the others stay, blank ones go."""
    blank = json.dumps(dict.fromkeys(staged.extra_names), ensure_ascii=False).replace("'", "''")
    patched = f"json_merge_patch({stored}, '{blank}', coalesce({incoming}, '{{}}'))"
    entries = f"map_entries(from_json({patched}, '\"MAP(VARCHAR, VARCHAR)\"'))"
    in_order = f"to_json(map_from_entries(list_sort({entries})))::VARCHAR"
    return (
        f"CASE WHEN {stored} IS NULL OR {stored} = {incoming} THEN {incoming} "
        f"ELSE nullif({in_order}, '{{}}') END"
    )


def label_sql(link: Link, present: tuple[str, ...]) -> str:
    """SQL for the label a link's reference has: by its kind column, else the first of `to`."""
    if link.kind_field not in present:
        return f"'{link.to[0]}'"
    cases = " ".join(f"WHEN '{label.lower()}' THEN '{label}'" for label in link.to)
    return f"CASE coalesce({link.kind_field}, '{link.to[0].lower()}') {cases} END"


def row_key(table: Table, present: Collection[str], row: str, source: str) -> str:
    """SQL for what a row is known by: its id in the graph, or for an edge row the ids it joins.

    `present` are the columns that the relation `row` has, `source` is SQL for the row's source.
    """
    if table.node:
        names = list(table.node.id_fields)
    else:
        links = [p.name for p in table.columns if p.link]
        names = [name for name in links if name in present]
    columns = [f'{row}."{name}"::VARCHAR' for name in names]
    if len(columns) == 1:
        return own_id(columns[0], source)
    if table.edge:
        columns = [f"coalesce({column}, '')" for column in columns]
    joined = " || '|' || ".join(columns)
    return own_id(f"({joined})", source)
