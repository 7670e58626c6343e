"""Showing decisions in a graph file.

It takes SQLite's own write lock only, not the lock of loads (`graphcrm.store.lock`), which these
hold from their first file to their last. Loads have the keys of the nodes that they will make in
memory meanwhile: so decisions take keys below zero, which no load gives out.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from graphcrm.errors import StoreError
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import DECIDED, quoted
from graphcrm.store.projection import (
    APART,
    NO_FILE,
    EdgeEffect,
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
from graphcrm.store.writing.keys import KEY_STEP

_LAST = "projected"
"""The entry of `meta` that tells which decision was shown last."""


def last_shown(connection: sqlite3.Connection) -> int:
    """The number of the decision that was shown last; 0 where none was."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (_LAST,)).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def writing_soon(
    connection: sqlite3.Connection, title: str, patience: float
) -> Iterator[sqlite3.Connection]:
    """A transaction that writes; StoreError where somebody else still does after `patience`."""
    (usual,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
    try:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise StoreError(f"{title}: can't be written ({error})") from error
            raise StoreError(f"{title}: is being written by another process; try again") from error
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {usual}")


def show(connection: sqlite3.Connection, decisions: Sequence[Shown], title: str) -> int:
    """Show those decisions that are not shown yet, within a transaction that writes; how many.

    Raises UsageError and StoreError; then the transaction must be undone.
    """
    assert connection.in_transaction
    new = unshown(decisions, last_shown(connection))
    if not new:
        return 0
    copy_of = connection.execute("SELECT value FROM meta WHERE name = 'copy_of'").fetchone()
    require_whole(title, copy_of[0] if copy_of else None)
    projection = _Projection(connection, title)
    for decision in new:
        projection.show(decision)
    projection.finish(new[-1].seq)
    return len(new)


class _Projection:
    """Some decisions that are being shown."""

    def __init__(self, connection: sqlite3.Connection, title: str) -> None:
        self._db, self._title = connection, title
        self._tally: Counter[tuple[str, str]] = Counter()
        connection.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", (DECIDED,))
        self._source = self._one("SELECT source FROM source WHERE name = ?", DECIDED)

    def show(self, decision: Shown) -> None:
        effects = read_effects(decision.effects)
        for node in effects.nodes:
            self._make(decision, node)
        for label, id_ in effects.closed_nodes:
            self._close_node(decision, VOCABULARY.nodes[label], id_)
        for edge in effects.closed_edges:
            self._close_edge(decision, edge)
        for edge in effects.edges:
            self._connect(decision, edge)

    def finish(self, seq: int) -> None:
        """Write what tells that the graph is another one."""
        self._db.executemany(
            "INSERT INTO tally (kind, name, n) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n",
            [(*of, change) for of, change in sorted(self._tally.items())],
        )
        self._db.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_LAST, str(seq)),
        )
        self._db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'change'")
        self._db.execute(
            "UPDATE meta SET value = hex(randomblob(16)) WHERE name IN ('state', 'facts')"
        )

    def _make(self, decision: Shown, effect: NodeEffect) -> None:
        """Add a node, or let it be as the decision says."""
        node = VOCABULARY.nodes[effect.label]
        names = [p.name for p in node.properties]
        values = [effect.values.get(name) for name in names]
        row = self._row(node, effect.id)
        if row is None:
            columns = ", ".join(quoted(n) for n in ("key", "id", "source", "file", *names))
            places = ", ".join("?" * (len(names) + 4))
            self._db.execute(
                f"INSERT INTO {quoted(node.table)} ({columns}) VALUES ({places})",
                (self._new_key(node), effect.id, self._source, NO_FILE, *values),
            )
            self._tally["node", node.label] += 1
            return
        self._require_decided(decision, node, row)
        if values == [row[name] for name in names] and row["deleted_on"] is None:
            return
        self._keep_history(decision, node, row)
        assigned = ", ".join(f"{quoted(name)} = ?" for name in names)
        self._db.execute(
            f"UPDATE {quoted(node.table)} SET {assigned}, deleted_on = NULL WHERE key = ?",
            (*values, row["key"]),
        )
        self._tally["node", node.label] += row["deleted_on"] is not None

    def _close_node(self, decision: Shown, node: NodeType, id_: str) -> None:
        row = self._row(node, id_)
        if row is None:
            raise not_there(self._title, decision.seq, (node.label, id_))
        self._require_decided(decision, node, row)
        if row["deleted_on"] is not None:
            return
        self._keep_history(decision, node, row)
        self._db.execute(
            f"UPDATE {quoted(node.table)} SET deleted_on = ? WHERE key = ?",
            (decision.at.date().isoformat(), row["key"]),
        )
        self._tally["node", node.label] -= 1

    def _connect(self, decision: Shown, effect: EdgeEffect) -> None:
        """Add an edge, or open it again, as the decision says."""
        edge = VOCABULARY.edges[effect.type]
        where = self._place(decision, effect)
        closed = self._closed(edge, where)
        names = [p.name for p in edge.properties]
        columns = ("src", "dst", "origin", "d", "source", "file", *names)
        self._db.execute(
            f"INSERT OR REPLACE INTO {quoted(edge.table)} ({', '.join(map(quoted, columns))}) "
            f"VALUES ({', '.join('?' * len(columns))})",
            (*where, self._source, NO_FILE, *(effect.values.get(name) for name in names)),
        )
        self._tally["edge", edge.name] += closed != (None,)
        self._tally["origin", f"{where[2]}:{edge.name}"] += closed is None

    def _close_edge(self, decision: Shown, effect: EdgeEffect) -> None:
        edge = VOCABULARY.edges[effect.type]
        where = self._place(decision, effect)
        if self._closed(edge, where) == (None,):
            self._db.execute(
                f"UPDATE {quoted(edge.table)} SET closed = ? "
                "WHERE src = ? AND dst = ? AND origin = ? AND d = ?",
                (-decision.seq, *where),
            )
            self._tally["edge", edge.name] -= 1

    def _place(self, decision: Shown, effect: EdgeEffect) -> tuple[int, int, int, str]:
        """The primary key of an edge."""
        origin = self._one("SELECT origin FROM origin WHERE name = ?", effect.origin)
        return self._key(decision, effect.start), self._key(decision, effect.end), origin, APART

    def _closed(self, edge: EdgeType, where: tuple[int, int, int, str]) -> tuple[int | None] | None:
        """The column `closed` of an edge, or None where there is no such edge."""
        found: tuple[int | None] | None = self._db.execute(
            f"SELECT closed FROM {quoted(edge.table)} "
            "WHERE src = ? AND dst = ? AND origin = ? AND d = ?",
            where,
        ).fetchone()
        return found

    def _key(self, decision: Shown, named: Node) -> int:
        label, id_ = named
        table = quoted(VOCABULARY.nodes[label].table)
        row = self._db.execute(f"SELECT key FROM {table} WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise not_there(self._title, decision.seq, named)
        return int(row[0])

    def _new_key(self, node: NodeType) -> int:
        """The next key below zero; its low bits are the label's number, as in all keys."""
        (lowest,) = self._db.execute(f"SELECT min(key) FROM {quoted(node.table)}").fetchone()
        last = lowest if lowest is not None and lowest < 0 else node.number
        return int(last) - KEY_STEP

    def _row(self, node: NodeType, id_: str) -> dict[str, Any] | None:
        cursor = self._db.execute(f"SELECT * FROM {quoted(node.table)} WHERE id = ?", (id_,))
        row = cursor.fetchone()
        return row and dict(zip([d[0] for d in cursor.description], row, strict=True))

    def _require_decided(self, decision: Shown, node: NodeType, row: dict[str, Any]) -> None:
        if (row["source"], row["file"]) != (self._source, NO_FILE):
            raise not_decided(self._title, decision.seq, f"the {node.label} {row['id']!r}")

    def _keep_history(self, decision: Shown, node: NodeType, row: dict[str, Any]) -> None:
        self._db.execute(
            "INSERT INTO history (key, load, previous) VALUES (?, ?, ?)",
            (row["key"], -decision.seq, earlier(node, row, row["at_line"], decision.at)),
        )

    def _one(self, sql: str, name: str) -> int:
        return int(self._db.execute(sql, (name,)).fetchone()[0])
