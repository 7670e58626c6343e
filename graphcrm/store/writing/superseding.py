"""Which earlier refusals a file makes void."""

from graphcrm.model import Property, Table
from graphcrm.store.forms import quoted, sql_text
from graphcrm.store.staging import StagedFile, row_key
from graphcrm.store.writing.transaction import SKIPPED, Transaction

OPEN = "open_refusals"
"""DuckDB table (id, file, line, column_name, node_id, record, path, load, source) of refusals of
the file's table that nothing has superseded yet; `source` is that of their load."""

_TOLD_APART = "told_apart"


def find_superseded(transaction: Transaction, staged: StagedFile) -> str:
    """SQL for the `id` of the refusals that a file supersedes.

    Those of rows that arrive right, or are refused once more (the newer refusal takes their place);
    of rows that a quarantine export brought back; where the file is said to be the whole of its
    source, of all rows of that source; and, where it has the name and source of the file they stood
    in, of rows that lack their id, since these can't be recognised.
    """
    same_source = f"o.source IS NOT DISTINCT FROM {_text(transaction.source)}"
    found = [
        _arrived(transaction, staged),
        _refused_again(staged, same_source),
        _of_the_same_name(staged, same_source),
    ]
    if staged.mended:
        found.append(
            f"SELECT o.id FROM {OPEN} o JOIN {staged.mended} m "
            "ON m.load = o.load AND m.file = o.path AND m.line = o.line"
        )
    if transaction.said_complete:
        own = "if(json_valid(o.record), o.record->>'source', NULL)"
        found.append(
            f"SELECT o.id FROM {OPEN} o WHERE coalesce({own}, o.source, '') IN ("
            f"SELECT coalesce(source, '') FROM {staged.rows} UNION "
            f"SELECT coalesce(source, '') FROM {SKIPPED} UNION "
            f"SELECT coalesce({_text(transaction.source)}, ''))"
        )
    return f"SELECT DISTINCT id::BIGINT AS id FROM ({' UNION ALL '.join(found)})"


def _arrived(transaction: Transaction, staged: StagedFile) -> str:
    if staged.table.node:
        return (
            f"SELECT o.id FROM {OPEN} o WHERE o.node_id IN ("
            f"SELECT id FROM {staged.rows} UNION ALL SELECT id FROM {SKIPPED} UNION ALL "
            f"SELECT node_id FROM {staged.refused} WHERE node_id IS NOT NULL)"
        )
    columns = _identity(staged.table)
    stood = {c.name: _as_text(c, f"(record->>'{c.name}')", staged.table) for c in columns}
    kept = "".join(
        f", CASE WHEN NOT json_valid(record) OR list_contains(wrong, '{name}') THEN NULL "
        f"ELSE {text} END AS {quoted(name)}"
        for name, text in stood.items()
    )
    transaction.work.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TOLD_APART} AS SELECT id, node_id{kept} FROM "
        f"(SELECT *, list(column_name) OVER (PARTITION BY file, line) AS wrong FROM {OPEN})"
    )
    present = {c.name: f"r.{quoted(c.name)}" for c in columns if c.name in staged.columns}
    arriving = "".join(
        f", {_as_text(c, present.get(c.name, 'NULL'), staged.table)} AS {quoted(c.name)}"
        for c in columns
    )
    again = "".join(f", {text}" for text in stood.values())
    key = row_key(staged.table, staged.columns, "r", "r.source")
    same = "".join(
        f" AND (o.{quoted(c.name)} IS NULL OR o.{quoted(c.name)} = r.{quoted(c.name)})"
        for c in columns
    )
    return (
        f"SELECT o.id FROM {_TOLD_APART} o JOIN (SELECT {key} AS key{arriving} "
        f"FROM {staged.rows} r UNION ALL SELECT node_id{again} FROM {staged.refused} "
        f"WHERE node_id IS NOT NULL AND json_valid(record)) r ON r.key = o.node_id{same}"
    )


def _identity(table: Table) -> list[Property]:
    """The columns beside its ids that tell an edge row from others: all but what it says of it."""
    assert table.edge is not None
    links = [column.link for column in table.columns if column.link]
    names = {*table.edge.identity, *(x.edge_by for x in links), *(x.kind_field for x in links)}
    return [column for column in table.columns if column.name in names]


def _as_text(column: Property, value: str, table: Table) -> str:
    """SQL for a value, typed or as it stood in the file, as text that can be compared."""
    default = "''"
    for other in table.columns:
        if other.link and other.link.kind_field == column.name:
            default = f"'{other.link.to[0].lower()}'"
    cast = "DOUBLE" if column.kind.duckdb == "DOUBLE" else "VARCHAR"
    return f"coalesce(TRY_CAST({value} AS {cast})::VARCHAR, {default})"


def _refused_again(staged: StagedFile, same_source: str) -> str:
    return (
        f"SELECT o.id FROM {OPEN} o WHERE (o.node_id IS NOT NULL OR {same_source}) "
        "AND coalesce(o.node_id, '') || o.record IN "
        f"(SELECT coalesce(node_id, '') || record FROM {staged.refused})"
    )


def _of_the_same_name(staged: StagedFile, same_source: str) -> str:
    table = staged.table
    known_by = table.node.id_fields if table.node else [p.name for p in table.columns if p.link]
    ids = ", ".join(f"'{name}'" for name in known_by)
    name = f"parse_filename({_text(staged.path)}, false, 'both_slash')"
    return (
        f"SELECT id FROM (SELECT *, bool_or(node_id IS NULL OR column_name IN ({ids})) "
        f"OVER (PARTITION BY file, line) AS lacks_id FROM {OPEN}) o WHERE o.lacks_id "
        f"AND parse_filename(o.path, false, 'both_slash') = {name} "
        f"AND {same_source}"
    )


def _text(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else sql_text(value)
