"""Edges whose end is not in the graph yet: kept, and made when the missing node arrives."""

from graphcrm.model import VOCABULARY, EdgeType, Link
from graphcrm.store.forms import quoted, stored_type
from graphcrm.store.staging import ID_SEPARATOR, StagedFile
from graphcrm.store.writing.links import CANDIDATES, resolve
from graphcrm.store.writing.nodes import KEYED
from graphcrm.store.writing.transaction import Transaction

_KNOWN_BY = ("anchor_label", "anchor_own", "other_label", "other_own", "d")


def forget_pending(
    transaction: Transaction, staged: StagedFile, origin: int, edge: EdgeType
) -> None:
    """Remove what waited for rows that the file brings again."""
    keeper = transaction.keeper
    keeper.fetch_waiting("waits", origin)
    if not transaction.one("SELECT count(*) FROM waits"):
        return
    if staged.table.node:
        again = f"anchor IN (SELECT key FROM {KEYED} WHERE NOT is_new)"
    elif transaction.complete:
        source = f"coalesce({transaction.source_code('source')}, 0)"
        again = f"type = '{edge.name}' AND {source} IN ({transaction.scope})"
    else:
        known = ", ".join(_KNOWN_BY)
        again = f"type = '{edge.name}' AND ({known}) IN (SELECT ({known}) FROM {CANDIDATES})"
    if transaction.table("again", f"SELECT id FROM waits WHERE {again}"):
        keeper.drop_waiting("again")


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
    transaction.keeper.add_waiting(
        f"SELECT {origin}::BIGINT AS origin, '{edge.name}' AS type, "
        f"{label} AS anchor_label, {id_} AS anchor_own, coalesce(anchor_ref, {id_}) AS anchor_ref, "
        f"other_label, other_own, other_ref, d, {int(link.inward)}::BIGINT AS inward, "
        f"anchor, c.source, {transaction.file}::BIGINT AS file, at_line AS line, "
        f"json_object({pairs})::VARCHAR AS properties, {_detail(transaction, link)} AS detail "
        f"FROM {CANDIDATES} c {beside} WHERE {unknown} ORDER BY at_line"
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
    keeper, work = transaction.keeper, transaction.work
    keeper.fetch_waiting("waits")
    if not transaction.one("SELECT count(*) FROM waits"):
        return 0
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS "
        "SELECT *, NULL::BIGINT AS other, coalesce(d, '') AS apart FROM waits"
    )
    for end in ("other", "anchor"):
        labels = work.execute(f"SELECT DISTINCT {end}_label FROM {CANDIDATES}").fetchall()
        resolve(transaction, end, tuple(sorted(label for (label,) in labels)))
    healed = transaction.table(
        "healed", f"SELECT * FROM {CANDIDATES} WHERE anchor IS NOT NULL AND other IS NOT NULL"
    )
    if healed:
        for (name,) in work.execute("SELECT DISTINCT type FROM healed ORDER BY type").fetchall():
            _make_edges(transaction, VOCABULARY.edges[name])
        keeper.drop_waiting("healed")
    return healed


def _make_edges(transaction: Transaction, edge: EdgeType) -> None:
    """Write healed edges of one type; one that is there already stays as it is."""
    properties = "".join(
        f", (properties->>'$.{p.name}')::{stored_type(p.kind)} AS {quoted(p.name)}"
        for p in edge.properties
    )
    transaction.keeper.insert_missing_edges(
        edge,
        "SELECT CASE WHEN inward = 1 THEN other ELSE anchor END AS src, "
        "CASE WHEN inward = 1 THEN anchor ELSE other END AS dst, apart AS d, origin, "
        f"{transaction.source_code('source')} AS source, file{properties} "
        f"FROM healed WHERE type = '{edge.name}' ORDER BY ALL",
    )
