"""Writing the nodes of a staged file: new ones, changed ones, closed ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphcrm.model import VOCABULARY, NodeType, Property
from graphcrm.store.sqlite.bulk import as_stored, stored_type
from graphcrm.store.sqlite.indexes import rebuilt
from graphcrm.store.sqlite.renaming import ask_before_renaming
from graphcrm.store.sqlite.schema import node_indexes, quoted
from graphcrm.store.sqlite.searching import index_nodes
from graphcrm.store.sqlite.transaction import SKIPPED, Transaction
from graphcrm.store.staging import StagedFile, merged_extra

KEYED = "keyed"
"""DuckDB table (at_line, key, is_new) of the nodes of the file that is being written."""

_FEW = 10


@dataclass
class NodeCounts:
    """What became of the rows of a file, in rows."""

    new: int = 0
    changed: int = 0
    same: int = 0
    closed: int = 0


def write_nodes(transaction: Transaction, staged: StagedFile) -> NodeCounts:
    """Write the nodes that the rows are, and leave their keys in the table `keyed`."""
    assert staged.table.node is not None
    node = VOCABULARY.nodes[staged.table.node.label]
    before = transaction.keys.count(node.label)
    counts = NodeCounts(new=transaction.keys.assign(node.label, staged.rows, "at_line", KEYED))
    total = transaction.one(f"SELECT count(*) FROM {KEYED}")
    if counts.new:
        with rebuilt(transaction.bulk, node_indexes(node), before, counts.new):
            transaction.bulk.ingest(node.table, _new_rows(transaction, staged, node))
    if total > counts.new:
        counts.changed = _update(transaction, staged, node, total - counts.new, before)
    if transaction.complete:
        counts.closed = _close_missing(transaction, staged, node)
    skipped = transaction.one(f"SELECT count(*) FROM {SKIPPED}")
    counts.same = total - counts.new - counts.changed + skipped
    if counts.new or counts.changed:
        index_nodes(transaction, staged, node, counts.changed > 0)
    return counts


def write_identifiers(transaction: Transaction, label: str, rows: str) -> int:
    """Write the identifier nodes (id, position, value, …) that aren't there; returns how many."""
    node = VOCABULARY.nodes[label]
    before = transaction.keys.count(label)
    added = transaction.keys.assign(label, rows, "position", "keyed_identifiers")
    if added:
        columns = ", ".join(f"r.{quoted(p.name)}" for p in node.properties)
        with rebuilt(transaction.bulk, node_indexes(node), before, added):
            transaction.bulk.ingest(
                node.table,
                f"SELECT k.key, r.id, {transaction.file}::BIGINT AS file, {columns} FROM {rows} r "
                "JOIN keyed_identifiers k ON k.position = r.position WHERE k.is_new ORDER BY k.key",
            )
        transaction.count("node", label, added)
    return added


def _deleted(staged: StagedFile) -> str:
    return "r.deleted_on" if "deleted_on" in staged.columns else "NULL::DATE"


def _new_rows(transaction: Transaction, staged: StagedFile, node: NodeType) -> str:
    columns = ", ".join(
        f"{as_stored(p, 'r.' + quoted(p.name))} AS {quoted(p.name)}" for p in staged.stored
    )
    extra = ", r.extra" if staged.has_extra else ""
    deleted = f"strftime({_deleted(staged)}, '%Y-%m-%d')"
    open_rows = transaction.one(
        f"SELECT count(*) FROM {staged.rows} r JOIN {KEYED} k USING (at_line) "
        f"WHERE k.is_new AND {_deleted(staged)} IS NULL"
    )
    transaction.count("node", node.label, open_rows)
    return (
        f"SELECT k.key, r.id, {transaction.source_code('r.source')} AS source, "
        f"{transaction.file}::BIGINT AS file, r.at_line, r.fingerprint, {deleted} AS deleted_on, "
        f"{columns}{extra} "
        f"FROM {staged.rows} r POSITIONAL JOIN {KEYED} k WHERE k.is_new"
    )


def _update(
    transaction: Transaction, staged: StagedFile, node: NodeType, known: int, before: int
) -> int:
    """Find the known rows whose values differ and update them, with history."""
    columns = [*staged.stored]
    names = [p.name for p in columns] + ["deleted_on"] + (["extra"] if staged.has_extra else [])
    types = {"key": "BIGINT"} | {p.name: stored_type(p.kind) for p in columns}
    types |= dict.fromkeys(names[len(columns) :], "VARCHAR") | {"at_line": "BIGINT"}
    source = f"SELECT * FROM {quoted(node.table)}"
    if known * _FEW < before:
        transaction.bulk.ingest(
            "wanted", f"SELECT key FROM {KEYED} WHERE NOT is_new", temporary=True
        )
        source = f"SELECT n.* FROM temp.wanted w JOIN {quoted(node.table)} n ON n.key = w.key"
    transaction.bulk.fetch("present", source, types)
    incoming = ", ".join(
        [f"{as_stored(p, 'r.' + quoted(p.name))} AS {quoted(p.name)}" for p in columns]
        + [f"strftime({_deleted(staged)}, '%Y-%m-%d') AS deleted_on"]
        + (["r.extra"] if staged.has_extra else [])
    )
    merged = _merged(staged, {p.name for p in columns if p.traits.derived})
    differs = " OR ".join(
        f"{merged.get(n, f'i.{quoted(n)}')} IS DISTINCT FROM p.{quoted(n)}" for n in names
    )
    kept = "".join(f", {sql} AS {quoted(n)}" for n, sql in merged.items())
    replaced = f"REPLACE ({kept[2:]})" if kept else ""
    transaction.work.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT i.* {replaced}, "
        f"p.deleted_on AS was_deleted_on, "
        f"{_name_differs(columns)} AS renamed FROM (SELECT k.key, r.at_line, r.fingerprint, "
        f"r.source IS NULL AS nameless, {incoming} "
        f"FROM {staged.rows} r POSITIONAL JOIN {KEYED} k WHERE NOT k.is_new) i "
        f"JOIN present p ON p.key = i.key WHERE {differs}"
    )
    _confirm_renaming(transaction, known)
    changed = transaction.one("SELECT count(*) FROM changed")
    _note_fingerprints(transaction, staged, node)
    if changed:
        transaction.bulk.ingest(
            "changed",
            "SELECT * EXCLUDE (was_deleted_on, renamed, nameless) FROM changed",
            temporary=True,
        )
        transaction.keys.outdate(node.label, "changed")
        _keep_history(transaction, node, "temp.changed")
        assigned = ", ".join(f"{quoted(n)} = c.{quoted(n)}" for n in names)
        transaction.bulk.execute(
            f"UPDATE {quoted(node.table)} AS n SET {assigned}, file = {transaction.file}, "
            "at_line = c.at_line, fingerprint = c.fingerprint "
            "FROM temp.changed c WHERE n.key = c.key"
        )
        _forget_waiting(transaction, "temp.changed WHERE deleted_on IS NOT NULL")
        reopened = transaction.one(
            "SELECT count(*) FILTER (deleted_on IS NULL AND was_deleted_on IS NOT NULL) "
            "- count(*) FILTER (deleted_on IS NOT NULL AND was_deleted_on IS NULL) FROM changed"
        )
        transaction.count("node", node.label, reopened)
    return changed


def _merged(staged: StagedFile, derived: set[str]) -> dict[str, str]:
    """SQL for values that a file with a part of the columns must not wipe out.

    Over `i`, the incoming row, and `p`, what is there: property → value.
    """
    merged: dict[str, str] = {}
    if "deleted_on" not in staged.columns:
        # it reopens what was closed for being missing, not what its source had closed
        merged["deleted_on"] = "CASE WHEN p.at_line IS NOT NULL THEN p.deleted_on END"
    if staged.has_extra:
        merged["extra"] = merged_extra(staged, "i.extra", "p.extra")
    if "flaws" in derived:
        brought = ", ".join(f"'{name}'" for name in staged.columns)
        others = (
            "list_filter(string_split(coalesce(p.flaws, ''), ';'), lambda flaw: flaw <> '' "
            f"AND split_part(flaw, ':', 1) NOT IN ({brought}))"
        )
        own = "list_filter(string_split(coalesce(i.flaws, ''), ';'), lambda flaw: flaw <> '')"
        merged["flaws"] = f"nullif(array_to_string(list_sort({own} || {others}), ';'), '')"
    if "core_region" in derived and not {"region_code", "address"} <= set(staged.columns):
        merged["core_region"] = "coalesce(i.core_region, p.core_region)"
    return merged


def _note_fingerprints(transaction: Transaction, staged: StagedFile, node: NodeType) -> None:
    """Known rows that turned out the same are passed over the next time."""
    transaction.work.execute(
        "CREATE OR REPLACE TEMP TABLE same AS "
        f"SELECT k.key, r.fingerprint FROM {staged.rows} r POSITIONAL JOIN {KEYED} k "
        "WHERE NOT k.is_new AND k.key NOT IN (SELECT key FROM changed)"
    )
    if transaction.bulk.ingest("same", "SELECT * FROM same", temporary=True):
        transaction.keys.outdate(node.label, "same")
        transaction.bulk.execute(
            f"UPDATE {quoted(node.table)} AS n SET fingerprint = s.fingerprint "
            "FROM temp.same s WHERE n.key = s.key"
        )


def _name_differs(columns: Sequence[Property]) -> str:
    if any(p.name == "name" for p in columns):
        return "i.nameless AND i.name IS DISTINCT FROM p.name"
    return "false"


def _confirm_renaming(transaction: Transaction, known: int) -> None:
    """Ask before a load without a source renames more than 5 % of the known rows."""
    if transaction.confirmed or transaction.source is not None:
        return
    if transaction.one("SELECT count(*) FROM changed WHERE renamed"):
        ask_before_renaming(
            transaction.work,
            "SELECT c.key, p.name AS before, c.name AS after FROM changed c "
            "JOIN present p USING (key) WHERE c.renamed",
            known + transaction.one(f"SELECT count(*) FROM {SKIPPED}"),
        )


def _keep_history(transaction: Transaction, node: NodeType, keys: str) -> None:
    pairs = ", ".join(f"'{p.name}', n.{quoted(p.name)}" for p in node.properties)
    transaction.bulk.execute(
        "INSERT OR IGNORE INTO history (key, load, previous) "
        f"SELECT n.key, {transaction.load}, json_object({pairs}, 'deleted_on', n.deleted_on, "
        "'extra', n.extra, 'file', n.file, 'line', n.at_line) "
        f"FROM {keys} c JOIN {quoted(node.table)} n ON n.key = c.key"
    )


def _close_missing(transaction: Transaction, staged: StagedFile, node: NodeType) -> int:
    """Close the open nodes of the load's sources that the file doesn't bring.

    A row that was refused is there all the same: its node stays as it is.
    """
    transaction.bulk.fetch(
        "present",
        f"SELECT key, coalesce(source, 0) AS source FROM {quoted(node.table)} "
        "WHERE deleted_on IS NULL",
        {"key": "BIGINT", "source": "BIGINT"},
    )
    transaction.work.execute(
        f"CREATE OR REPLACE TEMP TABLE missing AS SELECT p.key FROM present p "
        f"WHERE p.source IN ({transaction.scope}) AND p.key NOT IN ("
        f"SELECT key FROM {KEYED} UNION ALL SELECT key FROM {SKIPPED} UNION ALL SELECT i.key "
        f"FROM {transaction.keys.table(node.label)} i JOIN {staged.refused} f ON f.node_id = i.id)"
    )
    closed = transaction.one("SELECT count(*) FROM missing")
    if closed:
        transaction.bulk.ingest("missing", "SELECT key FROM missing", temporary=True)
        transaction.keys.outdate(node.label, "missing")
        _keep_history(transaction, node, "temp.missing")
        transaction.bulk.execute(
            f"UPDATE {quoted(node.table)} SET deleted_on = '{transaction.as_of}', "
            f"file = {transaction.file}, at_line = NULL, fingerprint = NULL "
            "WHERE key IN (SELECT key FROM temp.missing)"
        )
        transaction.count("node", node.label, -closed)
        _forget_waiting(transaction, "temp.missing")
    return closed


def _forget_waiting(transaction: Transaction, keys: str) -> None:
    """What is closed waits for nothing."""
    transaction.bulk.execute(f"DELETE FROM pending WHERE anchor_key IN (SELECT key FROM {keys})")
