"""Showing decisions in a Neo4j database: all that are given, and the number of the last of them, in
one transaction.

It waits for others that show decisions, and for what single transactions of a load hold, not for
the load as a whole.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import neo4j

from graphcrm.errors import NoGraphError, StoreError
from graphcrm.model import VOCABULARY
from graphcrm.store.forms import DECIDED
from graphcrm.store.neo4j.connection import Server, server_errors
from graphcrm.store.neo4j.edges import NOTE_ORIGINS
from graphcrm.store.neo4j.lock import WAITED
from graphcrm.store.neo4j.rows import pairs
from graphcrm.store.projection import (
    APART,
    NO_FILE,
    EdgeEffect,
    Effects,
    Node,
    NodeEffect,
    Shown,
    earlier,
    not_decided,
    not_there,
    read_effects,
    require_whole,
    unshown,
)

_BEGIN = "MATCH (g:_Graph) SET g.projected = coalesce(g.projected, 0) RETURN g.projected, g.copy_of"
"""It also waits until no other transaction shows decisions."""

_END = (
    "MATCH (g:_Graph) SET g.projected = $seq, g.change = g.change + 1, g.state = randomUUID(), "
    "g.facts = randomUUID(), g.sources = coalesce(g.sources, []) + "
    "CASE WHEN $source IN coalesce(g.sources, []) THEN [] ELSE [$source] END, "
    f"{NOTE_ORIGINS}"
)
_EARLIER = (
    "UNWIND $batch.rows AS row MERGE (h:_Earlier {key: row[0]}) "
    "SET h += {label: row[1], id: row[2], load: row[3], previous: row[4]}"
)

Said = tuple[Shown, Effects]

_turn = threading.Lock()
"""Threads that show decisions queue here: where many wait for one lock, the server takes some for
deadlocked, and the driver rests for a second before it tries again."""


def last_shown(server: Server) -> int:
    """The number of the decision that was shown last; 0 where none was."""
    rows = server.read("MATCH (g:_Graph) RETURN coalesce(g.projected, 0)")
    return int(rows[0][0]) if rows else 0


def show(server: Server, decisions: Sequence[Shown], patience: float) -> int:
    """Show those decisions that are not shown yet; how many. Raises UsageError, StoreError."""
    work = neo4j.unit_of_work(timeout=patience)(_show)
    title = server.address.url
    busy = StoreError(f"{title}: is being written by another process; try again")
    if not _turn.acquire(timeout=patience):
        raise busy
    try:
        with server_errors(server.address), server.session(write=True) as session:
            return session.execute_write(work, list(decisions), title)
    except StoreError as error:
        if any(part in str(getattr(error.__cause__, "code", "")) for part in WAITED):
            raise busy from error
        raise
    finally:
        _turn.release()


def _show(transaction: neo4j.ManagedTransaction, decisions: list[Shown], title: str) -> int:
    found = transaction.run(_BEGIN).values()
    if not found:
        raise NoGraphError(f"{title}: there is no graph here yet; `graphcrm load` makes one")
    ((last, copy_of),) = found
    new = unshown(decisions, last)
    if not new:
        return 0
    require_whole(title, copy_of)
    projection = _Projection(transaction, title)
    for some in _apart(new):
        projection.show(some)
    transaction.run(
        _END, seq=new[-1].seq, source=DECIDED, made=sorted(projection.origins)
    ).consume()
    return len(new)


def _apart(decisions: Sequence[Shown]) -> Iterator[list[Said]]:
    """Decisions in groups within which none says anything of what another one does."""
    group: list[Said] = []
    touched: set[Any] = set()
    for decision in decisions:
        effects = read_effects(decision.effects)
        touches = {(node.label, node.id) for node in effects.nodes} | {*effects.closed_nodes}
        edges = {edge.identity for edge in (*effects.edges, *effects.closed_edges)}
        if group and touched & (touches | edges):
            yield group
            group, touched = [], set()
        group.append((decision, effects))
        touched |= touches | edges
    yield group


class _Projection:
    """A transaction in which decisions are shown."""

    def __init__(self, transaction: neo4j.ManagedTransaction, title: str) -> None:
        self._transaction, self._title = transaction, title
        self.origins: set[str] = set()

    def show(self, group: Sequence[Said]) -> None:
        """Show decisions that don't touch one another: the like of each kind at once."""
        made: dict[str, list[tuple[Shown, NodeEffect]]] = defaultdict(list)
        gone: dict[str, list[tuple[Shown, Node]]] = defaultdict(list)
        ended: dict[tuple[str, str, str], list[tuple[Shown, EdgeEffect]]] = defaultdict(list)
        added: dict[tuple[str, str, str], list[tuple[Shown, EdgeEffect]]] = defaultdict(list)
        for decision, effects in group:
            for node in effects.nodes:
                made[node.label].append((decision, node))
            for closed in effects.closed_nodes:
                gone[closed[0]].append((decision, closed))
            for edges, kind in ((effects.closed_edges, ended), (effects.edges, added)):
                for edge in edges:
                    kind[edge.type, edge.start[0], edge.end[0]].append((decision, edge))
        for label, nodes in made.items():
            self._make(label, nodes)
        for label, closed_nodes in gone.items():
            self._close_nodes(label, closed_nodes)
        for which, some in ended.items():
            self._close_edges(which, some)
        for which, some in added.items():
            self._connect(which, some)

    def _make(self, label: str, effects: Sequence[tuple[Shown, NodeEffect]]) -> None:
        """Add nodes, or let them be as the decisions say."""
        names = [p.name for p in VOCABULARY.nodes[label].properties]
        said = f"{{{pairs(names, 1)}, source: $source, _file: $file, deleted_on: null}}"
        rows = {
            effect.id: [effect.id, *(effect.values.get(name) for name in names)]
            for _, effect in effects
        }
        found = self._run(
            f"UNWIND $batch.rows AS row MERGE (n:{label} {{id: row[0]}}) ON CREATE SET n += {said} "
            "RETURN n.id, properties(n)",
            list(rows.values()),
            source=DECIDED,
            file=NO_FILE,
        )
        present = dict(map(tuple, found))
        changed: list[tuple[Shown, str]] = []
        for decision, effect in effects:
            there = present[effect.id]
            self._require_decided(decision, label, there)
            same = [effect.id, *(there.get(name) for name in names)] == rows[effect.id]
            if not same or there.get("deleted_on") is not None:
                changed.append((decision, effect.id))
        self._keep_history(label, changed, present)
        self._run(
            f"UNWIND $batch.rows AS row MATCH (n:{label} {{id: row[0]}}) SET n += {said}",
            [rows[id_] for _, id_ in changed],
            source=DECIDED,
            file=NO_FILE,
        )

    def _close_nodes(self, label: str, closed: Sequence[tuple[Shown, Node]]) -> None:
        present = self._present(label, [id_ for _, (_, id_) in closed])
        going: list[tuple[Shown, str]] = []
        for decision, node in closed:
            there = present.get(node[1])
            if there is None:
                raise not_there(self._title, decision.seq, node)
            self._require_decided(decision, label, there)
            if there.get("deleted_on") is None:
                going.append((decision, node[1]))
        self._keep_history(label, going, present)
        self._run(
            f"UNWIND $batch.rows AS row MATCH (n:{label} {{id: row[0]}}) SET n.deleted_on = row[1]",
            [[id_, decision.at.date().isoformat()] for decision, id_ in going],
        )

    def _present(self, label: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        rows = self._run(
            f"UNWIND $batch.rows AS id MATCH (n:{label} {{id: id}}) RETURN n.id, properties(n)", ids
        )
        return dict(map(tuple, rows))

    def _require_decided(self, decision: Shown, label: str, there: dict[str, Any]) -> None:
        if (there.get("source"), there.get("_file")) != (DECIDED, NO_FILE):
            raise not_decided(self._title, decision.seq, f"the {label} {there['id']!r}")

    def _keep_history(
        self,
        label: str,
        changed: Sequence[tuple[Shown, str]],
        present: dict[str, dict[str, Any]],
    ) -> None:
        node = VOCABULARY.nodes[label]
        self._run(
            _EARLIER,
            [
                [
                    f"decision {decision.seq} {label} {id_}", label, id_, -decision.seq,
                    earlier(node, present[id_], present[id_].get("_line"), decision.at),
                ]
                for decision, id_ in changed
            ],
        )  # fmt: skip

    def _connect(
        self, which: tuple[str, str, str], effects: Sequence[tuple[Shown, EdgeEffect]]
    ) -> None:
        """Add edges, or open them again, as the decisions say."""
        type_, start, end = which
        names = [p.name for p in VOCABULARY.edges[type_].properties]
        rows = [
            [e.start[1], e.end[1], e.origin, *(e.values.get(name) for name in names)]
            for _, e in effects
        ]
        carried = "".join(f", {pairs([name], n)}" for n, name in enumerate(names, 3))
        ((connected,),) = self._run(
            f"UNWIND $batch.rows AS row MATCH (a:{start} {{id: row[0]}}) "
            f"MATCH (b:{end} {{id: row[1]}}) "
            f"MERGE (a)-[r:{type_} {{_origin: row[2], _d: $apart}}]->(b) SET r += "
            f"{{source: $source, _file: $file, closed: null{carried}}} RETURN count(*)",
            rows,
            apart=APART,
            source=DECIDED,
            file=NO_FILE,
        )
        if connected < len(rows):
            raise self._what_lacks(effects)
        self.origins |= {f"{effect.origin}:{type_}" for _, effect in effects}

    def _close_edges(
        self, which: tuple[str, str, str], effects: Sequence[tuple[Shown, EdgeEffect]]
    ) -> None:
        type_, start, end = which
        rows = [[e.start[1], e.end[1], e.origin, -decision.seq] for decision, e in effects]
        self._run(
            f"UNWIND $batch.rows AS row MATCH (a:{start} {{id: row[0]}})"
            f"-[r:{type_} {{_origin: row[2], _d: $apart}}]->(b:{end} {{id: row[1]}}) "
            "SET r.closed = coalesce(r.closed, row[3])",
            rows,
            apart=APART,
        )

    def _what_lacks(self, effects: Sequence[tuple[Shown, EdgeEffect]]) -> StoreError:
        """The error for the first end of edges that is not there."""
        return next(
            not_there(self._title, decision.seq, node)
            for decision, effect in effects
            for node in (effect.start, effect.end)
            if not self._present(node[0], [node[1]])
        )

    def _run(self, cypher: str, rows: Sequence[Any], **parameters: Any) -> list[list[Any]]:
        """Run a query over rows; nothing where there are none."""
        if not rows:
            return []
        return self._transaction.run(cypher, batch={"rows": rows}, **parameters).values()
