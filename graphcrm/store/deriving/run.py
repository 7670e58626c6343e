"""What an analysis found, from the check of its tables to the last row that is written."""

import hashlib
import time
from dataclasses import dataclass

import duckdb

from graphcrm.duck import number
from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.contract import DerivedType, DeriveReport, LoadPlan
from graphcrm.store.deriving.request import Derivation
from graphcrm.store.deriving.tables import ONLY, find_beyond, first, name_of, take, take_only
from graphcrm.store.forms import quoted, sql_text
from graphcrm.store.writing.derived import ENDS
from graphcrm.store.writing.keeper import Keeper


@dataclass
class _Change:
    """A type, the table of its rows, and the tables of what is new, changed and removed."""

    type: NodeType | EdgeType
    rows: str
    report: DerivedType

    def table(self, kind: str) -> str:
        return f"{self.rows}_{kind}"


def run(keeper: Keeper, derivation: Derivation) -> DeriveReport:
    """Let the graph hold what was derived, as `Store.derive` describes it."""
    started, work = time.monotonic(), keeper.work
    types: list[NodeType | EdgeType] = [VOCABULARY.nodes[label] for label in derivation.nodes]
    types += [VOCABULARY.edges[name] for name in derivation.edges]
    only = ONLY if derivation.only is not None else None
    if derivation.only is not None:
        take_only(work, derivation.only)
    for type_ in types:
        table = {**derivation.nodes, **derivation.edges}[name_of(type_)]
        take(work, type_, table, _rows(type_))
        if only:
            find_beyond(work, type_, _rows(type_))
    with keeper.open(LoadPlan(), "an analysis"):
        changes = [_compare(keeper, type_, only) for type_ in types]
        for type_ in types:
            if isinstance(type_, EdgeType):
                _require_ends(keeper, type_, changes)
        held = keeper.kept()
        kept = {n: text for n, text in derivation.kept.items() if held.get(n) != text}
        report = DeriveReport(types=[c.report for c in changes], kept=sorted(kept))
        if report.changed or keeper.half_derived():
            with keeper.deriving([name_of(type_) for type_ in types], _scope(work, only)):
                _write(keeper, changes)
                keeper.keep(kept)
            if only is None:
                keeper.tidy()
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _rows(type_: NodeType | EdgeType) -> str:
    return f"derived_{type_.table}"


def _scope(work: duckdb.DuckDBPyConnection, only: str | None) -> str:
    """By what a derivation that is confined is known to be the same; empty for one that isn't."""
    if only is None:
        return ""
    rows = work.execute(f"SELECT label, id FROM {only} ORDER BY label, id").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def _compare(keeper: Keeper, type_: NodeType | EdgeType, only: str | None) -> _Change:
    """Find out what of a type is new, changed and gone."""
    work, rows = keeper.work, _rows(type_)
    change = _Change(type_, rows, DerivedType(name=name_of(type_)))
    if isinstance(type_, NodeType):
        keeper.fetch_derived_nodes(type_, "held", only)
        identity = ["id"]
    else:
        keeper.fetch_derived_edges(type_, "held", only)
        identity = list(ENDS)
    using = ", ".join(map(quoted, identity))
    differs = " OR ".join(
        f"r.{quoted(p.name)} IS DISTINCT FROM h.{quoted(p.name)}" for p in type_.properties
    )
    for kind, sql in (
        ("new", f"SELECT r.* FROM {rows} r ANTI JOIN held h USING ({using})"),
        ("changed", f"SELECT r.* FROM {rows} r JOIN held h USING ({using}) WHERE {differs}"),
        ("removed", f"SELECT {using} FROM held h ANTI JOIN {rows} r USING ({using})"),
    ):
        work.execute(f"CREATE OR REPLACE TABLE {change.table(kind)} AS {sql}")
        setattr(change.report, kind, number(work, f"SELECT count(*) FROM {change.table(kind)}"))
    total = number(work, f"SELECT count(*) FROM {rows}")
    change.report.same = total - change.report.new - change.report.changed
    work.execute("DROP TABLE held")
    return change


def _require_ends(keeper: Keeper, edge: EdgeType, changes: list[_Change]) -> None:
    """Raise UsageError for an edge to a node that is not there, or will not be."""
    work, rows = keeper.work, f"{_rows(edge)}_new"
    nodes = {name_of(c.type): c for c in changes if isinstance(c.type, NodeType)}
    for end, labels in (("start", edge.start), ("end", edge.end)):
        for label in labels:
            ids = f"SELECT {quoted(end)} AS id FROM {rows} WHERE {end}_label = {sql_text(label)}"
            if label in nodes:
                ids += f" AND {quoted(end)} NOT IN (SELECT id FROM {nodes[label].table('new')})"
            work.execute(f"CREATE OR REPLACE TABLE ends_named AS SELECT DISTINCT id FROM ({ids})")
            keeper.fetch_absent(label, "ends_named", "ends_absent")
            gone = "SELECT id FROM ends_absent"
            if label in nodes:
                gone += f" UNION ALL SELECT id FROM {nodes[label].table('removed')}"
            found = first(
                work,
                edge,
                f"(SELECT * FROM {_rows(edge)} WHERE {end}_label = {sql_text(label)})",
                f"{quoted(end)} IN ({gone})",
                quoted(end),
            )
            if found:
                raise UsageError(f"{edge.name}: {found[0]!r} needs a {label} {found[1]!r}")


def _write(keeper: Keeper, changes: list[_Change]) -> None:
    """Nodes that come before their edges, nodes that go after theirs."""
    nodes = [(c, c.type) for c in changes if isinstance(c.type, NodeType)]
    edges = [(c, c.type) for c in changes if isinstance(c.type, EdgeType)]
    for change, node in nodes:
        if change.report.new:
            keeper.add_derived_nodes(node, change.table("new"))
        if change.report.changed:
            keeper.change_derived_nodes(node, change.table("changed"))
    for change, edge in edges:
        if change.report.removed:
            keeper.remove_derived_edges(edge, change.table("removed"))
        if change.report.new:
            keeper.add_derived_edges(edge, change.table("new"))
        if change.report.changed:
            keeper.change_derived_edges(edge, change.table("changed"))
    for change, node in nodes:
        if change.report.removed:
            keeper.remove_derived_nodes(node, change.table("removed"))
