"""Writing the nodes of a staged file: new ones, changed ones, closed ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphcrm.model import VOCABULARY, NodeType, Property
from graphcrm.store.forms import as_stored, quoted, stored_type
from graphcrm.store.staging import StagedFile, merged_extra
from graphcrm.store.writing.renaming import ask_before_renaming
from graphcrm.store.writing.transaction import SKIPPED, Transaction

KEYED = "keyed"
"""DuckDB table (at_line, key, is_new) of the nodes of the file that is being written."""

FEW = 10
"""Where less than one in so many is wanted, only those are fetched."""


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
    keeper = transaction.keeper
    node = VOCABULARY.nodes[staged.table.node.label]
    before = keeper.keys.count(node.label)
    counts = NodeCounts(new=keeper.keys.assign(node.label, staged.rows, "at_line", KEYED))
    total = transaction.one(f"SELECT count(*) FROM {KEYED}")
    if counts.new:
        keeper.insert_nodes(node, _new_rows(transaction, staged, node))
    if total > counts.new:
        counts.changed = _update(transaction, staged, node, total - counts.new, before)
    if transaction.complete:
        counts.closed = _close_missing(transaction, staged, node)
    skipped = transaction.one(f"SELECT count(*) FROM {SKIPPED}")
    counts.same = total - counts.new - counts.changed + skipped
    return counts


def write_identifiers(transaction: Transaction, label: str, rows: str) -> None:
    """Write the identifier nodes (id, position, value, …) that aren't there."""
    node, keeper = VOCABULARY.nodes[label], transaction.keeper
    added = keeper.keys.assign(label, rows, "position", "keyed_identifiers")
    if added:
        columns = ", ".join(f"r.{quoted(p.name)}" for p in node.properties)
        keeper.insert_nodes(
            node,
            f"SELECT k.key, r.id, {transaction.file}::BIGINT AS file, {columns} FROM {rows} r "
            "JOIN keyed_identifiers k ON k.position = r.position WHERE k.is_new ORDER BY k.key",
        )
        keeper.count("node", label, added)


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
    transaction.keeper.count("node", node.label, open_rows)
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
    types = {p.name: stored_type(p.kind) for p in columns}
    types |= dict.fromkeys(names[len(columns) :], "VARCHAR") | {"at_line": "BIGINT"}
    wanted = f"SELECT key FROM {KEYED} WHERE NOT is_new" if known * FEW < before else None
    transaction.keeper.fetch_nodes(node, "present", types, wanted)
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
        transaction.keys.outdate(node.label, "changed")
        transaction.keeper.replace_nodes(node, "changed", names, transaction.load, transaction.file)
        _forget_waiting(transaction, "SELECT key FROM changed WHERE deleted_on IS NOT NULL")
        reopened = transaction.one(
            "SELECT count(*) FILTER (deleted_on IS NULL AND was_deleted_on IS NOT NULL) "
            "- count(*) FILTER (deleted_on IS NOT NULL AND was_deleted_on IS NULL) FROM changed"
        )
        transaction.keeper.count("node", node.label, reopened)
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
    if transaction.table(
        "same",
        f"SELECT k.key, r.fingerprint FROM {staged.rows} r POSITIONAL JOIN {KEYED} k "
        "WHERE NOT k.is_new AND k.key NOT IN (SELECT key FROM changed)",
    ):
        transaction.keys.outdate(node.label, "same")
        transaction.keeper.note_fingerprints(node, "same", transaction.file)


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


def _close_missing(transaction: Transaction, staged: StagedFile, node: NodeType) -> int:
    """Close the open nodes of the load's sources that the file doesn't bring.

    A row that was refused is there all the same: its node stays as it is.
    """
    keeper = transaction.keeper
    keeper.fetch_nodes(node, "present", {"source": "BIGINT", "deleted_on": "VARCHAR"}, None)
    closed = transaction.table(
        "missing",
        "SELECT p.key FROM present p WHERE p.deleted_on IS NULL "
        f"AND coalesce(p.source, 0) IN ({transaction.scope}) AND p.key NOT IN ("
        f"SELECT key FROM {KEYED} UNION ALL SELECT key FROM {SKIPPED} UNION ALL SELECT i.key "
        f"FROM {keeper.keys.table(node.label)} i JOIN {staged.refused} f ON f.node_id = i.id)",
    )
    if closed:
        keeper.keys.outdate(node.label, "missing")
        keeper.close_nodes(node, "missing", transaction.as_of, transaction.load, transaction.file)
        keeper.count("node", node.label, -closed)
        _forget_waiting(transaction, "SELECT key FROM missing")
    return closed


def _forget_waiting(transaction: Transaction, keys: str) -> None:
    """What is closed waits for nothing."""
    if transaction.one(f"SELECT count(*) FROM ({keys})"):
        transaction.keeper.fetch_waiting("waits")
        if transaction.table("waited", f"SELECT id FROM waits WHERE anchor IN ({keys})"):
            transaction.keeper.drop_waiting("waited")
