"""Edges whose end is not in the graph yet: kept, and made when the missing node arrives."""

from graphcrm.model import VOCABULARY, EdgeType, Link
from graphcrm.store.sqlite.links import CANDIDATES, resolve
from graphcrm.store.sqlite.nodes import KEYED
from graphcrm.store.sqlite.schema import quoted
from graphcrm.store.sqlite.transaction import Transaction
from graphcrm.store.staging import ID_SEPARATOR, StagedFile

_COLUMNS = {
    "rowid": "BIGINT", "origin": "BIGINT", "type": "VARCHAR", "anchor": "BIGINT",
    "anchor_label": "VARCHAR", "anchor_own": "VARCHAR", "anchor_ref": "VARCHAR",
    "other_label": "VARCHAR", "other_own": "VARCHAR", "other_ref": "VARCHAR", "d": "VARCHAR",
    "inward": "BIGINT", "source": "VARCHAR", "file": "BIGINT", "properties": "VARCHAR",
}  # fmt: skip
_KNOWN_BY = "anchor_label, anchor_own, other_label, other_own, d"


def forget_pending(
    transaction: Transaction, staged: StagedFile, origin: int, edge: EdgeType
) -> None:
    """Remove what waited for rows that the file brings again."""
    if not transaction.bulk.rows(f"SELECT 1 FROM pending WHERE origin = {origin} LIMIT 1"):
        return
    if staged.table.node:
        transaction.bulk.ingest(
            "again", f"SELECT key FROM {KEYED} WHERE NOT is_new", temporary=True
        )
        transaction.bulk.execute(
            f"DELETE FROM pending WHERE origin = {origin} "
            "AND anchor_key IN (SELECT key FROM temp.again)"
        )
        return
    if transaction.complete:
        transaction.bulk.execute(
            f"DELETE FROM pending WHERE origin = {origin} AND type = '{edge.name}' "
            "AND coalesce((SELECT s.source FROM source s WHERE s.name = pending.source), 0) "
            f"IN ({transaction.scope})"
        )
        return
    transaction.bulk.ingest("again", f"SELECT {_KNOWN_BY} FROM {CANDIDATES}", temporary=True)
    transaction.bulk.execute(
        f"DELETE FROM pending WHERE origin = {origin} AND type = '{edge.name}' "
        f"AND ({_KNOWN_BY}) IN (SELECT {_KNOWN_BY} FROM temp.again)"
    )


def keep_pending(
    transaction: Transaction,
    staged: StagedFile,
    origin: int,
    link: Link,
    edge: EdgeType,
    properties: list[str],
) -> int:
    """Keep the candidates one of whose ends is unknown; returns how many."""
    unknown = "(anchor IS NULL OR other IS NULL) AND dropped IS NULL"
    count = transaction.one(f"SELECT count(*) FROM {CANDIDATES} WHERE {unknown}")
    if count == 0:
        return 0
    pairs = ", ".join(f"'{name}', {quoted(name)}" for name in properties)
    label, id_, beside = "anchor_label", "anchor_own", ""
    if staged.table.node:  # candidates don't repeat what their row is known by
        label, id_ = f"'{staged.table.node.label}'", "a.id"
        beside = f"JOIN {transaction.keys.table(staged.table.node.label)} a ON a.key = c.anchor"
    transaction.bulk.ingest(
        "pending",
        f"SELECT {origin}::BIGINT AS origin, '{edge.name}' AS type, "
        f"{label} AS anchor_label, {id_} AS anchor_own, coalesce(anchor_ref, {id_}) AS anchor_ref, "
        f"other_label, other_own, other_ref, d, {int(link.inward)}::BIGINT AS inward, "
        f"anchor AS anchor_key, source, {transaction.file}::BIGINT AS file, at_line AS line, "
        f"json_object({pairs})::VARCHAR AS properties, {_detail(transaction, link)} AS detail "
        f"FROM {CANDIDATES} c {beside} WHERE {unknown} ORDER BY at_line",
    )
    return count


def _detail(transaction: Transaction, link: Link) -> str:
    """SQL that recognises a reference whose leading zeros a spreadsheet took away."""
    maps = " UNION ALL ".join(
        f"SELECT split_part(id, '{ID_SEPARATOR}', -1) AS own FROM {transaction.keys.table(label)} "
        f"WHERE regexp_matches(id, '(^|{ID_SEPARATOR})0')"
        for label in link.to
    )
    return (
        "CASE WHEN other IS NULL AND regexp_matches(other_ref, '^[1-9][0-9]*$') THEN "
        f"(SELECT 'leading_zeros:' || min(z.own) FROM ({maps}) z "
        "WHERE ltrim(z.own, '0') = c.other_ref) END"
    )


def heal(transaction: Transaction) -> int:
    """Make the edges that waited and whose ends are there now; returns how many."""
    if not transaction.bulk.rows("SELECT 1 FROM pending LIMIT 1"):
        return 0
    transaction.bulk.fetch(
        CANDIDATES, "SELECT rowid, *, anchor_key AS anchor FROM pending", _COLUMNS
    )
    work = transaction.work
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS "
        f"SELECT *, NULL::BIGINT AS other, coalesce(d, '') AS apart FROM {CANDIDATES}"
    )
    for end in ("other", "anchor"):
        labels = work.execute(f"SELECT DISTINCT {end}_label FROM {CANDIDATES}").fetchall()
        resolve(transaction, end, tuple(sorted(label for (label,) in labels)))
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE healed AS SELECT * FROM {CANDIDATES} "
        "WHERE anchor IS NOT NULL AND other IS NOT NULL"
    )
    healed = transaction.one("SELECT count(*) FROM healed")
    if healed:
        for (name,) in work.execute("SELECT DISTINCT type FROM healed ORDER BY type").fetchall():
            _make_edges(transaction, VOCABULARY.edges[name])
        transaction.bulk.ingest("healed", "SELECT rowid AS id FROM healed", temporary=True)
        transaction.bulk.execute("DELETE FROM pending WHERE rowid IN (SELECT id FROM temp.healed)")
    return healed


def _make_edges(transaction: Transaction, edge: EdgeType) -> None:
    """Write healed edges of one type; one that is there already stays as it is."""
    properties = "".join(
        f", (properties->>'$.{p.name}')::{p.kind.duckdb if p.kind.sqlite != 'TEXT' else 'VARCHAR'} "
        f"AS {quoted(p.name)}"
        for p in edge.properties
    )
    names = ["src", "dst", "origin", "d", "source", "file", *(p.name for p in edge.properties)]
    transaction.bulk.ingest(
        "healed_edges",
        "SELECT CASE WHEN inward = 1 THEN other ELSE anchor END AS src, "
        "CASE WHEN inward = 1 THEN anchor ELSE other END AS dst, origin, apart AS d, "
        f"{transaction.source_code('source')} AS source, file{properties} "
        f"FROM healed WHERE type = '{edge.name}' ORDER BY ALL",
        temporary=True,
    )
    columns = ", ".join(quoted(name) for name in names)
    before = _count(transaction, edge)
    transaction.bulk.execute(
        f"INSERT OR IGNORE INTO {quoted(edge.table)} ({columns}) "
        f"SELECT {columns} FROM temp.healed_edges"
    )
    transaction.count("edge", edge.name, _count(transaction, edge) - before)
    for origin, healed in transaction.work.execute(
        f"SELECT origin, count(*) FROM healed WHERE type = '{edge.name}' GROUP BY origin"
    ).fetchall():
        transaction.count("origin", f"{origin}:{edge.name}", healed)


def _count(transaction: Transaction, edge: EdgeType) -> int:
    sql = f"SELECT count(*) FROM {quoted(edge.table)} WHERE closed IS NULL"
    return int(transaction.bulk.rows(sql)[0][0])
