"""From a staged file's columns to candidates for edges, their ends resolved to keys.

A candidate is a row of the DuckDB table `candidates`: `at_line`, `source`, for either end the key
(NULL where the id is unknown), label, id in its own source and reference as written, `d`, `type`,
`dropped` (the day on which the row was closed) and the properties of the edge.
"""

from dataclasses import dataclass

from graphcrm.model import VOCABULARY, EdgeType, Link, Property
from graphcrm.store.forms import as_stored, quoted
from graphcrm.store.staging import ID_SEPARATOR, StagedFile, label_sql, own_id
from graphcrm.store.writing.nodes import KEYED
from graphcrm.store.writing.transaction import Transaction

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
    ends = {"anchor": _anchor(staged), "other": _other(staged, column, link)}
    dispatch = "true"
    if link.edge_by and not isinstance(link.edge, str) and link.edge is not None:
        roles = [role for role, name in link.edge.items() if name == edge.name]
        dispatch = f"r.{quoted(link.edge_by)} IN ({', '.join(repr(r) for r in roles)})"
    dropped = "strftime(r.deleted_on, '%Y-%m-%d')" if _drops(staged) else "NULL::VARCHAR"
    properties = "".join(
        f", {sql} AS {quoted(name)}" for name, sql in carried(staged, link, edge).items()
    )
    joins, selected = "", ""
    for name, end in ends.items():
        joined, key = _look_up(transaction, name, end)
        joins += joined
        selected += f", {key} AS {name}" + "".join(
            f", {_unless_known(staged, key, sql)} AS {name}_{part}"
            for part, sql in (("label", end.label), ("own", end.own), ("ref", end.reference))
        )
    keyed = "" if staged.table.edge else f"POSITIONAL JOIN {KEYED} k"
    extra = ", r.extra" if staged.table.edge and staged.has_extra else ""
    transaction.work.execute(
        f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS "
        f"SELECT r.at_line, r.source{selected}, {_parallel(staged)} AS d, {dropped} AS dropped"
        f"{properties}{extra} FROM {staged.rows} r {keyed}{joins} "
        f"WHERE {_usable(column, link, reference)} AND {dispatch}"
    )
    for name, end in ends.items():
        _look_up_as_written(transaction, name, end.labels)
    if staged.table.edge:
        _one_of_each(transaction, staged)


@dataclass(frozen=True)
class _End:
    """One end of an edge, as SQL over the rows: its key where known, else how to find it."""

    key: str | None
    label: str
    own: str
    reference: str
    labels: tuple[str, ...]
    told: bool = True
    """Whether the rows tell the label; where they lack the column, the first that has the id."""


def _look_up(transaction: Transaction, name: str, end: _End) -> tuple[str, str]:
    """The joins that find an end's key by the id in its own source, and SQL for the key."""
    if end.key is not None:
        return "", end.key
    maps = [(label, transaction.keys.table(label)) for label in end.labels]
    joins = "".join(
        f" LEFT JOIN {table} {name}{n} ON {name}{n}.id = {end.own}"
        + ("" if len(maps) == 1 or not end.told else f" AND {end.label} = '{label}'")
        for n, (label, table) in enumerate(maps)
    )
    keys = [f"{name}{n}.key" for n in range(len(maps))]
    return joins, keys[0] if len(keys) == 1 else f"coalesce({', '.join(keys)})"


def _unless_known(staged: StagedFile, key: str, sql: str) -> str:
    """Text that only an unresolved end needs; rows that are edges need it to find equal ones."""
    return sql if staged.table.edge else f"CASE WHEN {key} IS NULL THEN {sql} END"


def _look_up_as_written(transaction: Transaction, end: str, labels: tuple[str, ...]) -> None:
    """Find the ends that name another source, as `source:id`."""
    names_source = f"contains({end}_ref, '{ID_SEPARATOR}')"
    open_ends = f"{end} IS NULL AND {end}_ref <> {end}_own AND {names_source}"
    if not transaction.one(f"SELECT count(*) FROM {CANDIDATES} WHERE {open_ends}"):
        return
    for label in labels:
        transaction.work.execute(
            f"UPDATE {CANDIDATES} AS c SET {end} = i.key FROM {transaction.keys.table(label)} i "
            f"WHERE c.{end} IS NULL AND c.{end}_label = '{label}' AND i.id = c.{end}_ref "
            f"AND {names_source}"
        )


def resolve(transaction: Transaction, end: str, labels: tuple[str, ...]) -> None:
    """Fill the key of one end of the candidates anew."""
    found = _End(None, f"c.{end}_label", f"c.{end}_own", f"c.{end}_ref", labels)
    joins, key = _look_up(transaction, "i", found)
    transaction.work.execute(
        f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS "
        f"SELECT c.* REPLACE ({key} AS {end}) FROM {CANDIDATES} c{joins}"
    )
    _look_up_as_written(transaction, end, labels)


def _anchor(staged: StagedFile) -> _End:
    if staged.anchor is None:
        assert staged.table.node is not None
        label = staged.table.node.label
        return _End("k.key", f"'{label}'", "r.id", "r.id", ())
    assert staged.anchor.link is not None
    reference = f"r.{quoted(staged.anchor.name)}"
    link = staged.anchor.link
    own = own_id(reference, "r.source")
    return _End(None, label_sql(link, staged.columns), own, reference, link.to, _told(staged, link))


def _other(staged: StagedFile, column: Property, link: Link) -> _End:
    reference = f"r.{quoted(column.name)}"
    own = own_id(reference, "r.source")
    if link.shared:
        own = reference = f"r.{quoted(column.name + '__id')}"
    return _End(None, label_sql(link, staged.columns), own, reference, link.to, _told(staged, link))


def _told(staged: StagedFile, link: Link) -> bool:
    return link.kind_field is None or link.kind_field in staged.columns


def _usable(column: Property, link: Link, reference: str) -> str:
    return (
        f"r.{quoted(column.name + '__id')} IS NOT NULL"
        if link.shared
        else f"{reference} IS NOT NULL"
    )


def _drops(staged: StagedFile) -> bool:
    return staged.table.edge is not None and "deleted_on" in staged.columns


def _parallel(staged: StagedFile) -> str:
    """SQL for what tells parallel edges apart: the values of the row type's identity, the source.

    A column that the file lacks counts as empty, so that a file with more columns finds the edges
    of one with fewer. Two sources that state the same have an edge each, so that one of them can
    take its own back.
    """
    edge = staged.table.edge
    if edge is None:
        return "''"
    columns = {p.name: p for p in staged.table.columns}
    parts = [
        f"coalesce({as_stored(columns[c], 'r.' + quoted(c))}::VARCHAR, '')"
        if c in staged.columns
        else "''"
        for c in edge.identity
    ]
    joined = " || '|' || ".join(parts) or "''"
    return f"rtrim({joined}, '|') || coalesce('@' || r.source, '')"


def _one_of_each(transaction: Transaction, staged: StagedFile) -> None:
    """Of rows that are the same edge keep the last, or number them where they may repeat."""
    assert staged.table.edge is not None
    # two ways to write a reference are one node; the unknown are told apart as they were written
    same = ", ".join(
        f"{end}, if({end} IS NULL, {end}_label || '|' || {end}_own, NULL)"
        for end in ("anchor", "other")
    )
    same += ", d"
    nth = f"row_number() OVER (PARTITION BY {same} ORDER BY at_line"
    if staged.table.edge.repeatable:
        sql = (
            "SELECT * EXCLUDE nth REPLACE (if(nth > 1, d || '#' || nth, d) AS d) "
            f"FROM (SELECT *, {nth}) AS nth FROM {CANDIDATES})"
        )
    else:
        sql = f"SELECT * FROM {CANDIDATES} QUALIFY {nth} DESC) = 1"
    transaction.work.execute(f"CREATE OR REPLACE TEMP TABLE {CANDIDATES} AS {sql}")


def edge_types(link: Link) -> tuple[EdgeType, ...]:
    """The edge types that a link can make."""
    return tuple(VOCABULARY.edges[name] for name in dict.fromkeys(link.edges))
