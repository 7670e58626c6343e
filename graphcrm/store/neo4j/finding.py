"""The full-text index of a Neo4j database, as a search asks it."""

from collections.abc import Callable, Sequence
from typing import Any

from graphcrm.model import VOCABULARY
from graphcrm.store.finding import Index
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.schema import FULL_TEXT
from graphcrm.store.neo4j.searching import fits, full_text_query, own_tokens
from graphcrm.store.paging import Node
from graphcrm.store.search import CANDIDATES, SEARCHED, Candidate
from graphcrm.store.sought import Sought
from graphcrm.store.staging import ID_SEPARATOR, escaped_id

_FOUND = (
    f"CALL db.index.fulltext.queryNodes('{FULL_TEXT}', $query, {{limit: $limit}}) YIELD node "
    "WITH node WHERE node.deleted_on IS NULL "
    "RETURN head(labels(node)), node.id, properties(node)"
)
_SAME_NAME = (
    "MATCH (n:Person {name_key: $name}) WHERE n.deleted_on IS NULL "
    "RETURN 'Person', n.id, properties(n) LIMIT $limit"
)
_WITH_IDS = " UNION ALL ".join(
    f"UNWIND $batch.ids AS id MATCH (n:{label} {{id: id}}) "
    f"RETURN '{label}' AS label, n.id AS id, n.name AS name"
    for label in VOCABULARY.nodes
)

_LOOKED_THROUGH = 5_000
"""So many matches are looked through for those that may be seen."""

See = Callable[[Sequence[Node]], set[Node]]


class Neo4jIndex(Index):
    """The index of a database; `see` tells which of some nodes may be seen, None sees all."""

    def __init__(self, server: Server, see: See | None) -> None:
        """As somebody sees it."""
        self._server, self._see = server, see
        self.limited = see is not None

    def query(self, sought: Sought) -> str | None:
        """Lucene's query for what is sought."""
        return full_text_query(sought)

    def matching(self, query: str, sought: Sought) -> list[Candidate]:
        """Open nodes that match; of very many those that may be seen."""
        most = _LOOKED_THROUGH if self.limited else CANDIDATES
        rows = self._server.read(_FOUND, query=query, limit=most)
        found = _named([row for row in rows if fits(sought, row[2].get("_tokens", ""))])
        return self._seen(found)

    def of_same_name(self, name: str) -> list[Candidate]:
        """Open persons of just this name; of very many those that may be seen."""
        most = _LOOKED_THROUGH if self.limited else CANDIDATES
        return self._seen(_named(self._server.read(_SAME_NAME, name=name, limit=most)))

    def _seen(self, found: list[Candidate]) -> list[Candidate]:
        """Some candidates as they are, or of many those that may be seen."""
        if len(found) <= CANDIDATES:
            return found
        seen: list[Candidate] = []
        for at in range(0, len(found), CANDIDATES):
            some = found[at : at + CANDIDATES]
            visible = self.visible([candidate.node for candidate in some])
            seen += [candidate for candidate in some if candidate.node in visible]
            if len(seen) >= CANDIDATES:
                break
        return seen

    def with_id(self, ids: Sequence[str]) -> list[Candidate]:
        """The nodes that have the first of some ids that there is."""
        ((sources,),) = self._server.read("MATCH (g:_Graph) RETURN coalesce(g.sources, [])")
        groups: list[list[str]] = []
        for id_ in ids:
            own = escaped_id(id_)
            in_sources = [f"{escaped_id(name)}{ID_SEPARATOR}{own}" for name in sorted(sources)]
            groups += [[id_], [own], in_sources]
        every = list(dict.fromkeys(id_ for group in groups for id_ in group))
        rows = self._server.read(_WITH_IDS, batch={"ids": every})
        for group in groups:
            found = [
                Candidate(label, id_, name or "", "") for label, id_, name in rows if id_ in group
            ]
            if found:
                return found
        return []

    def visible(self, nodes: Sequence[Node]) -> set[Node]:
        """Which of some nodes may be seen."""
        return self._see(nodes) if self._see else set(nodes)


def _named(rows: Sequence[Sequence[Any]]) -> list[Candidate]:
    found: list[Candidate] = []
    for label, id_, values in rows:
        _, name, *numbers = SEARCHED[label]
        tokens = own_tokens(values.get("_tokens", ""))
        recorded = tuple(values.get(number) for number in numbers)
        found.append(Candidate(label, id_, values.get(name) or "", tokens, recorded))
    return found
