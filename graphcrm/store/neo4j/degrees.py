"""How many neighbours a node of a server's graph has of each kind."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from graphcrm.store.degrees import Counted, far_labels, told
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.neighbourhood import NodeReader
from graphcrm.store.neo4j.visibility import visible_nodes
from graphcrm.store.surroundings import require_there, ways

_EVERY = ways(())


def count_neighbours(
    server: Server, label: str, id: str, branches: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The open neighbours of each kind, as `Store.degrees` tells them."""
    require_there(NodeReader(server, branches), [(label, id)])
    return told(_counted(server, label, id, branches))


def _counted(
    server: Server, label: str, id: str, branches: Sequence[str] | None
) -> Iterator[Counted]:
    rows = server.read(_statement(label), id=id)
    if branches is None:
        yield from ((type_, outward, far, count, False) for type_, outward, far, count in rows)
        return
    for type_, outward, far, count in rows:
        ends = [(far, end) for (end,) in server.read(_ends(label, type_, outward, far), id=id)]
        seen = visible_nodes(server, set(ends), branches)
        visible = sum(end in seen for end in ends)
        yield type_, outward, far, visible, visible < count


@cache
def _statement(label: str) -> str:
    parts = [
        f"MATCH (a:{label} {{id: $id}}){_pattern(edge.name, outward)}(n:{far}) "
        f"WHERE r.closed IS NULL AND n.deleted_on IS NULL WITH count(r) AS count WHERE count > 0 "
        f"RETURN '{edge.name}' AS type, {str(outward).lower()} AS outward, '{far}' AS far, count"
        for edge, outward in _EVERY.of(label)
        for far in far_labels((edge, outward))
    ]
    return " UNION ALL ".join(parts)


@cache
def _ends(label: str, type_: str, outward: bool, far: str) -> str:
    return (
        f"MATCH (a:{label} {{id: $id}}){_pattern(type_, outward)}(n:{far}) "
        "WHERE r.closed IS NULL AND n.deleted_on IS NULL RETURN n.id"
    )


def _pattern(type_: str, outward: bool) -> str:
    return f"-[r:{type_}]->" if outward else f"<-[r:{type_}]-"
