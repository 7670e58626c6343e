"""How many nodes and edges are open: all of a type, which the server counts as it goes, less those
that are closed, which an index holds."""

from graphcrm.model import VOCABULARY, EdgeType
from graphcrm.store.neo4j.connection import Server


def count_nodes(server: Server) -> dict[str, int]:
    """The open nodes of each label that has some."""
    counted: dict[str, int] = {}
    for label, node in VOCABULARY.nodes.items():
        ((every,),) = server.read(f"MATCH (n:{label}) RETURN count(n)")
        if every and node.recorded:
            ((closed,),) = server.read(
                f"MATCH (n:{label}) WHERE n.deleted_on IS NOT NULL RETURN count(n)"
            )
            every -= closed
        if every:
            counted[label] = every
    return counted


def count_edges(server: Server) -> dict[str, int]:
    """The open edges between open nodes, of each type that has some."""
    counted: dict[str, int] = {}
    for name, edge in VOCABULARY.edges.items():
        ((every,),) = server.read(f"MATCH ()-[r:{name}]->() RETURN count(r)")
        if every:
            ((closed,),) = server.read(
                f"MATCH ()-[r:{name}]->() WHERE r.closed IS NOT NULL RETURN count(r)"
            )
            every -= closed + _hidden(server, edge)
        if every:
            counted[name] = every
    return counted


def _hidden(server: Server, edge: EdgeType) -> int:
    """How many open edges hang on closed nodes, counted from these."""
    labels = [
        (label, pattern)
        for ends, pattern in ((edge.start, "(n)-[r:{0}]->()"), (edge.end, "(n)<-[r:{0}]-()"))
        for label in ends
        if VOCABULARY.nodes[label].recorded
    ]
    parts = " UNION ALL ".join(
        f"MATCH (n:{label}) WHERE n.deleted_on IS NOT NULL MATCH {pattern.format(edge.name)} "
        "WHERE r.closed IS NULL RETURN elementId(r) AS id"
        for label, pattern in labels
    )
    ((hidden,),) = server.read(f"CALL () {{ {parts} }} RETURN count(DISTINCT id)")
    return int(hidden)
