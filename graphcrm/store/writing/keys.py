"""Business ids to integer keys, for the time of a load."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphcrm.duck import number
from graphcrm.model import LABEL_BITS, VOCABULARY

if TYPE_CHECKING:
    from graphcrm.store.writing.keeper import Keeper

KEY_STEP = 1 << LABEL_BITS


class KeyMap:
    """Per label a DuckDB table `ids_<label>` (id, key, fingerprint), read when first needed."""

    def __init__(self, keeper: "Keeper") -> None:
        """Start with nothing read."""
        self._keeper = keeper
        self._next: dict[str, int] = {}

    def table(self, label: str) -> str:
        """The name of the map of a label, complete for the graph and this load."""
        node = VOCABULARY.nodes[label]
        name = f"ids_{node.table}"
        if label not in self._next:
            self._keeper.fetch_ids(node, name)
            # what is below zero was given out by decisions, which don't wait for loads
            highest = max(number(self._keeper.work, f"SELECT max(key) FROM {name}"), node.number)
            self._next[label] = (highest - node.number) // KEY_STEP + 1
        return name

    def tables(self, labels: Iterable[str]) -> str:
        """SQL for the maps of some labels together: label, id and key."""
        none = "SELECT NULL::VARCHAR AS label, NULL::VARCHAR AS id, NULL::BIGINT AS key WHERE false"
        return (
            " UNION ALL ".join(
                f"SELECT '{label}' AS label, id, key FROM {self.table(label)}" for label in labels
            )
            or none
        )

    def count(self, label: str) -> int:
        """How many nodes the label has had, open or closed."""
        self.table(label)
        return self._next[label] - 1

    def assign(self, label: str, rows: str, position: str, into: str) -> int:
        """Make the DuckDB table `into` (position, key, is_new) for the ids of `rows`.

        Known ids keep their keys, new ones get the next in the order of the column `position`, so
        that the same file always gives the same keys. Returns the number of new ones.
        """
        name, first = self.table(label), self._next[label]
        code = VOCABULARY.nodes[label].number
        fresh = (
            f"(row_number() OVER (PARTITION BY i.key IS NULL ORDER BY r.{position}) "
            f"+ {first - 1}) * {KEY_STEP} + {code}"
        )
        work = self._keeper.work
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS "
            f"SELECT r.{position}, coalesce(i.key, {fresh}) AS key, i.key IS NULL AS is_new "
            f"FROM {rows} r LEFT JOIN {name} i ON i.id = r.id ORDER BY r.{position}"
        )
        work.execute(
            f"INSERT INTO {name} SELECT r.id, k.key, NULL FROM {rows} r "
            f"JOIN {into} k ON k.{position} = r.{position} WHERE k.is_new"
        )
        added = number(work, f"SELECT count(*) FROM {into} WHERE is_new")
        self._next[label] = first + added
        return added

    def outdate(self, label: str, rows: str) -> None:
        """Forget the fingerprints of nodes that this load has changed; `rows` has their `key`."""
        self._keeper.work.execute(
            f"UPDATE {self.table(label)} SET fingerprint = NULL "
            f"WHERE key IN (SELECT key FROM {rows})"
        )

    def forget(self) -> None:
        """Drop all maps: after a rollback they hold keys that don't exist."""
        self._next.clear()
