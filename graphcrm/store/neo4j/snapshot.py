"""The whole graph as a DuckDB file, for analyses: the same tables as the embedded store's snapshot.

Nodes and edges come in pages, by ranges of ids, two types at a time, so that memory stays the same
whatever the size. Keys are given out anew: they hold for this snapshot only.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from graphcrm.duck import engine
from graphcrm.errors import StoreError
from graphcrm.model import LABEL_BITS, VOCABULARY, EdgeType, NodeType
from graphcrm.settings import settings
from graphcrm.store.contract import Say
from graphcrm.store.forms import code_of, quoted, stored_type
from graphcrm.store.neo4j.channel import Channel, Row
from graphcrm.store.neo4j.connection import ReadOnlyError, Server
from graphcrm.store.neo4j.lock import writing
from graphcrm.store.neo4j.rows import listed, put
from graphcrm.store.renewal import Mark, begin_from, mark_of, take_over

_MEMORY = "1500MB"
_READERS = 2

Copy = Callable[[duckdb.DuckDBPyConnection], None]


def snapshot(server: Server, say: Say) -> Path:
    """Bring the snapshot up to date in the folder that the settings name; returns its file.

    Loads wait meanwhile, so that it shows one state of the graph. Raises StoreError.
    """
    folder = settings().cache.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds personal data
    except OSError as error:
        raise StoreError(f"{folder}: can't be used for snapshots ({error})") from error
    name = hashlib.sha256(server.address.url.encode()).hexdigest()[:16]
    target = folder / f"{name}.snapshot"
    present = mark_of(target)
    if present is not None and present.state == _mark(server).state:
        return target
    with _alone(server, say):
        mark = _mark(server)
        part = Path(f"{target}.{os.getpid()}.part")
        try:
            begin_from(target, part, mark)
            with engine(part) as work:
                lacking = take_over(work, mark)
                work.execute(f"SET memory_limit = '{_MEMORY}'")
                _copy_all(server, work, lacking, say)
                mark.write(work)
            part.replace(target)
        except (duckdb.Error, OSError) as error:
            raise StoreError(f"{target}: the snapshot could not be made ({error})") from error
        finally:
            part.unlink(missing_ok=True)
    return target


@contextmanager
def _alone(server: Server, say: Say) -> Iterator[None]:
    """Keep loads out; where one may only read, nothing does."""
    with ExitStack() as held:
        with suppress(ReadOnlyError):
            held.enter_context(writing(server, "a snapshot", lambda who: say(f"waiting for {who}")))
        yield


def _mark(server: Server) -> Mark:
    """The mark of the graph's present state; one of its own while something is unfinished."""
    ((state, facts),) = server.read(
        "MATCH (g:_Graph) RETURN CASE WHEN g.writing THEN randomUUID() ELSE g.state END, "
        "coalesce(g.facts, randomUUID())"
    )
    return Mark(state, facts)


def _copy_all(
    server: Server,
    work: duckdb.DuckDBPyConnection,
    types: list[NodeType | EdgeType],
    say: Say,
) -> None:
    channel = Channel(server)
    ((names,),) = channel.read("MATCH (g:_Graph) RETURN coalesce(g.sources, [])")
    codes = {name: code for code, name in enumerate(names, 1)}
    nodes = [_node_copy(channel, type_, codes) for type_ in types if isinstance(type_, NodeType)]
    _side_by_side(work, nodes, say)
    rest = [_edge_copy(channel, type_) for type_ in types if isinstance(type_, EdgeType)]
    if any(not type_.derived for type_ in types):
        rest.append(_waiting_copy(channel))
    _side_by_side(work, rest, say)


def _side_by_side(
    work: duckdb.DuckDBPyConnection, copies: list[tuple[str, Copy]], say: Say
) -> None:
    def run(one: tuple[str, Copy]) -> None:
        name, copy = one
        with work.cursor() as connection:
            copy(connection)
        say(name)

    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        list(pool.map(run, copies))


def _node_copy(channel: Channel, node: NodeType, codes: dict[str, int]) -> tuple[str, Copy]:
    def copy(work: duckdb.DuckDBPyConnection) -> None:
        columns = {"source": "VARCHAR", "deleted_on": "VARCHAR"}
        columns |= {p.name: stored_type(p.kind) for p in node.properties}
        pages = channel.pages(
            f"MATCH (n:{node.label}) WHERE true", f"WITH [n.id, {listed('n', columns)}] AS row"
        )
        raw = f"raw_{node.table}"
        put(work, raw, {"id": "VARCHAR", **columns}, pages, temporary=False)
        typed = "".join(f", {quoted(p.name)}::{p.kind.duckdb} AS {quoted(p.name)}"
                        for p in node.properties)  # fmt: skip
        work.execute(
            f"CREATE TABLE {quoted(node.table)} AS SELECT "
            f"(row_number() OVER (ORDER BY id) << {LABEL_BITS}) + {node.number} AS key, id, "
            f"{code_of('source', codes)} AS source, deleted_on::DATE AS deleted_on{typed} "
            f"FROM {raw}"
        )
        work.execute(f"DROP TABLE {raw}")

    return node.table, copy


def _edge_copy(channel: Channel, edge: EdgeType) -> tuple[str, Copy]:
    def copy(work: duckdb.DuckDBPyConnection) -> None:
        columns = {p.name: stored_type(p.kind) for p in edge.properties}
        ends = {"a": "VARCHAR", "src": "VARCHAR", "b": "VARCHAR", "dst": "VARCHAR"}
        raw = f"raw_{edge.table}"
        put(work, raw, ends | columns, _edge_pages(channel, edge, columns), temporary=False)
        typed = "".join(f", r.{quoted(p.name)}::{p.kind.duckdb} AS {quoted(p.name)}"
                        for p in edge.properties)  # fmt: skip
        work.execute(
            f"CREATE TABLE {quoted(edge.table)} AS SELECT s.key AS src, t.key AS dst{typed} "
            f"FROM {raw} r JOIN ({_keys(edge.start)}) s ON s.label = r.a AND s.id = r.src "
            f"JOIN ({_keys(edge.end)}) t ON t.label = r.b AND t.id = r.dst"
        )
        work.execute(f"DROP TABLE {raw}")

    return edge.table, copy


def _edge_pages(channel: Channel, edge: EdgeType, columns: dict[str, str]) -> Iterator[list[Row]]:
    ((count,),) = channel.read(f"MATCH ()-[r:{edge.name}]->() RETURN count(r)")
    properties = "".join(f", r.{name}" for name in columns)
    for label in edge.start if count else ():
        yield from channel.pages(
            f"MATCH (n:{label}) WHERE true",
            f"MATCH (n)-[r:{edge.name}]->(m) WHERE r.closed IS NULL "
            f"WITH ['{label}', n.id, head(labels(m)), m.id{properties}] AS row",
        )


def _keys(labels: tuple[str, ...]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{label}' AS label, id, key FROM {quoted(VOCABULARY.nodes[label].table)}"
        for label in labels
    )


def _waiting_copy(channel: Channel) -> tuple[str, Copy]:
    def copy(work: duckdb.DuckDBPyConnection) -> None:
        columns = dict.fromkeys(("origin", "type", "label", "anchor", "other_ref"), "VARCHAR")
        pages = channel.pages(
            "MATCH (n:_Waiting) WHERE true",
            "WITH [n.origin, n.type, n.anchor_label, n.anchor_id, n.other_ref] AS row",
            by="key",
            first=-1,
        )
        put(work, "raw_pending", columns, pages, temporary=False)
        anchors = _keys(tuple(node.label for node in VOCABULARY.nodes.values()))
        work.execute(
            "CREATE TABLE pending AS SELECT r.origin, r.type, a.key AS anchor_key, r.other_ref "
            f"FROM raw_pending r LEFT JOIN ({anchors}) a ON a.label = r.label AND a.id = r.anchor"
        )
        work.execute("DROP TABLE raw_pending")

    return "pending", copy
