"""From a staged file's columns to candidates for edges, their ends resolved to keys.

A candidate is a row of the DuckDB table `candidates`: `at_line`, `source`, for either end the key
(NULL where the id is unknown), label, id in its own source and reference as written, `d`, `type`,
`dropped` (the row was closed) and the properties of the edge.
"""

from graphcrm.model import VOCABULARY, EdgeType, Link, Property
from graphcrm.store.sqlite.bulk import as_stored
from graphcrm.store.sqlite.nodes import KEYED
from graphcrm.store.sqlite.schema import quoted
from graphcrm.store.sqlite.transaction import Transaction
from graphcrm.store.staging import StagedFile, label_sql, own_id

CANDIDATES = "candidates"


def carried(staged: StagedFile, link: Link, edge: EdgeType) -> dict[str, str]:
    """What the link writes on edges of the type: property → SQL over the row `r`."""
    columns = {p.name: p for p in staged.table.columns if p.name in staged.columns}
    if staged.table.edge:
        named = {p.name: p.name for p in edge.properties}
    else:
        named = dict(link.properties or {})
    return {
        target: as_stored(columns[column], f"r.{quoted(column)}")
        for target, column in named.items()
        if column in columns
    }


def make_candidates(
    transaction: Transaction, staged: StagedFile, column: Property, link: Link, edge: EdgeType
) -> None:
    """Make the table `candidates` for one column and one type of edge."""
    reference = f"r.{quoted(column.name)}"
    ends = _anchor(transaction, staged) | _other(transaction, column, link)
    dispatch = "true"
    if link.edge_by and not isinstance(link.edge, str) and link.edge is not None:
        roles = [role for role, name in link.edge.items() if name == edge.name]
        dispatch = f"r.{quoted(link.edge_by)} IN ({', '.join(repr(r) for r in roles)})"
    dropped = "r.deleted_on IS NOT NULL" if _drops(staged) else "false"
    properties = "".join(
        f", {sql} AS {quoted(name)}" for name, sql in carried(staged, link, edge).items()
    )
    selected = ", ".join(f"{sql} AS {name}" for name, sql in ends.items())
    keyed = "" if staged.table.edge else f"POSITIONAL JOIN {KEYED} k"
    extra = ", r.extra" if staged.table.edge and staged.has_extra else ""
    base = (
        f"SELECT r.at_line, r.source, {selected}, {_parallel(staged)} AS d, {dropped} AS dropped"
        f"{properties}{extra} FROM {staged.rows} r {keyed} "
        f"WHERE {_usable(column, link, reference)} AND {dispatch}"
    )
    transaction.work.execute(f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS {base}")
    for end in ("anchor", "other"):
        labels = _labels(staged, link, end)
        if labels:
            resolve(transaction, end, labels)
    if staged.table.edge:
        _one_of_each(transaction, staged)


def resolve(transaction: Transaction, end: str, labels: tuple[str, ...]) -> None:
    """Fill the key of one end: by the id in its own source, else by the reference as written."""
    work = transaction.work
    maps = [(label, transaction.keys.table(label)) for label in labels]
    one = len(maps) == 1
    joins = " ".join(
        f"LEFT JOIN {name} i{n} ON i{n}.id = c.{end}_own"
        + ("" if one else f" AND c.{end}_label = '{label}'")
        for n, (label, name) in enumerate(maps)
    )
    key = "coalesce(" + ", ".join(f"i{n}.key" for n in range(len(maps))) + ", NULL)"
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS "
        f"SELECT c.* REPLACE ({key} AS {end}) FROM {CANDIDATES} c {joins}"
    )
    for label, name in maps:
        work.execute(
            f"UPDATE {CANDIDATES} AS c SET {end} = i.key FROM {name} i WHERE c.{end} IS NULL "
            f"AND c.{end}_label = '{label}' AND c.{end}_ref <> c.{end}_own AND i.id = c.{end}_ref"
        )


def _anchor(transaction: Transaction, staged: StagedFile) -> dict[str, str]:
    if staged.anchor is None:
        node = staged.table.node
        assert node is not None
        return {
            "anchor": "k.key",
            "anchor_label": f"'{node.label}'",
            "anchor_own": "r.id",
            "anchor_ref": "r.id",
        }
    assert staged.anchor.link is not None
    reference = f"r.{quoted(staged.anchor.name)}"
    return {
        "anchor": "NULL::BIGINT",
        "anchor_label": label_sql(staged.anchor.link),
        "anchor_own": own_id(reference, "r.source"),
        "anchor_ref": reference,
    }


def _other(transaction: Transaction, column: Property, link: Link) -> dict[str, str]:
    reference = f"r.{quoted(column.name)}"
    own = own_id(reference, "r.source")
    if link.shared:
        own = reference = f"r.{quoted(column.name + '__id')}"
    return {
        "other": "NULL::BIGINT",
        "other_label": label_sql(link),
        "other_own": own,
        "other_ref": reference,
    }


def _usable(column: Property, link: Link, reference: str) -> str:
    return f"r.{quoted(column.name + '__id')} IS NOT NULL" if link.shared else f"{reference} IS NOT NULL"


def _labels(staged: StagedFile, link: Link, end: str) -> tuple[str, ...]:
    if end == "other":
        return link.to
    if staged.anchor is None:
        return ()
    assert staged.anchor.link is not None
    return staged.anchor.link.to


def _drops(staged: StagedFile) -> bool:
    return staged.table.edge is not None and "deleted_on" in staged.columns


def _parallel(staged: StagedFile) -> str:
    """SQL for what tells parallel edges apart: the values of the row type's identity."""
    edge = staged.table.edge
    present = [c for c in edge.identity if c in staged.columns] if edge else []
    if not present:
        return "''"
    columns = {p.name: p for p in staged.table.columns}
    parts = [f"coalesce({as_stored(columns[c], 'r.' + quoted(c))}::VARCHAR, '')" for c in present]
    return "(" + " || '|' || ".join(parts) + ")"


def _one_of_each(transaction: Transaction, staged: StagedFile) -> None:
    """Of rows that are the same edge keep the last, or number them where they may repeat."""
    assert staged.table.edge is not None
    same = "anchor_label, anchor_own, other_label, other_own, d"
    nth = f"row_number() OVER (PARTITION BY {same} ORDER BY at_line"
    if staged.table.edge.repeatable:
        sql = (
            f"SELECT * EXCLUDE nth REPLACE (CASE WHEN nth > 1 THEN d || '#' || nth ELSE d END AS d) "
            f"FROM (SELECT *, {nth}) AS nth FROM {CANDIDATES})"
        )
    else:
        sql = f"SELECT * FROM {CANDIDATES} QUALIFY {nth} DESC) = 1"
    transaction.work.execute(f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS {sql}")


def edge_types(link: Link) -> tuple[EdgeType, ...]:
    """The edge types that a link can make."""
    return tuple(VOCABULARY.edges[name] for name in dict.fromkeys(link.edges))
